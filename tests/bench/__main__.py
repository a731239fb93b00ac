"""Runs every measurement and prints Markdown tables for docs/performance.md."""

from __future__ import annotations

from tests.bench import ingest_scale, ingest_speed, quotations, retrieval, sample_answers
from tests.conftest import DATA


def main() -> None:
    sample_answers.measure()
    ingest_scale.measure()
    if not DATA.exists():
        print("\nThe shared measuring data is not on this machine: the rest is left out.")
        return
    library = ingest_speed.measure(DATA / "financebench_dev" / "pdfs")
    retrieval.measure(library, DATA / "financebench_dev" / "questions.jsonl")
    print("\n## Quotations")
    quotations.measure(
        DATA / "financebench_dev" / "pdfs", DATA / "financebench_dev" / "questions.jsonl"
    )


main()
