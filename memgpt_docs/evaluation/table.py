"""Measures as a Markdown table."""

from __future__ import annotations

from collections.abc import Mapping

from memgpt_docs.evaluation.retrieval import DEPTHS, Measures


def retrieval_table(rows: Mapping[str, Measures]) -> str:
    """A row for each of `rows`, by what was left out of the search (empty: nothing)."""
    shares = [f"{name}@{depth}" for name in ("hit", "recall") for depth in DEPTHS]
    heads = ["without", *shares, "passages to hit", "tokens to hit", "p50 ms", "p95 ms"]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for left_out, measures in rows.items():
        told = measures.as_json()
        cells = [left_out or "–"]
        cells += [f"{measures.hit(depth):.3f}" for depth in DEPTHS]
        cells += [f"{measures.recall(depth):.3f}" for depth in DEPTHS]
        cells += [f"{told['passages_to_first_hit']:g}", f"{told['tokens_to_first_hit']:g}"]
        cells += [f"{told['p50_ms']:g}", f"{told['p95_ms']:g}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
