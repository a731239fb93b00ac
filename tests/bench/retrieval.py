"""Whether a passage from an evidence page is among the first k, all filings in one store."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from time import perf_counter

from memgpt_docs import Library
from memgpt_docs.evaluation.questions import Evidence, Question

DEPTHS = (5, 10, 20, 50, 100)


def financebench(path: Path) -> list[Question]:
    """FinanceBench's own lines as questions."""
    questions = []
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        evidence = tuple(Evidence(f"{e['doc']}.pdf", e["page_no"], "") for e in row["evidence"])
        questions.append(Question(row["id"], row["question"], row["answer"], "", evidence))
    return questions


def measure(library: Library, path: Path) -> None:
    questions = financebench(path)
    hits: Counter[int] = Counter()
    started = perf_counter()
    for question in questions:
        page = library.archival.search(question.question, page_size=max(DEPTHS))
        rank = question.first_hit(page.results)
        for depth in DEPTHS:
            hits[depth] += rank is not None and rank <= depth
    seconds = perf_counter() - started
    print("\n## Retrieval, FinanceBench development half\n")
    print("| " + " | ".join(f"hit@{depth}" for depth in DEPTHS) + " |")
    print("|" + "---|" * len(DEPTHS))
    print("| " + " | ".join(f"{hits[depth] / len(questions):.2f}" for depth in DEPTHS) + " |")
    print(f"\n{len(questions)} questions, {1000 * seconds / len(questions):.0f} ms a search.")
