"""Runs measurements and prints Markdown tables for docs/performance.md.

python -m tests.bench          all of them
python -m tests.bench NAME...  those named: samples, scale, recognition, filings,
                               quotations, evidence, retrieval, nested_kv, recall, sessions; and
                               what is too long to be one of all: answers, search_scale (a million
                               passages)
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from memgpt_docs import Library
from memgpt_docs.evaluation.recall import measure_recall, recall_table
from tests.bench import (
    answers,
    evidence_view,
    ingest_scale,
    ingest_speed,
    long_session,
    nested_kv,
    quotations,
    recognition,
    retrieval,
    sample_answers,
    search_scale,
)
from tests.conftest import DATA


def filings() -> None:
    if not DATA.exists():
        print("\nThe shared measuring data is not on this machine: filings are left out.")
        return
    ingest_speed.measure(DATA / "financebench_dev" / "pdfs")


def search() -> None:
    if not DATA.exists():
        print("\nThe shared measuring data is not on this machine: retrieval is left out.")
        return
    retrieval.measure_all(DATA)


def quoting() -> None:
    if not DATA.exists():
        print("\nThe shared measuring data is not on this machine: quotations are left out.")
        return
    print("\n## Quotations")
    folder = DATA / "financebench_dev"
    quotations.measure(folder / "pdfs", folder / "questions.jsonl")


def viewing() -> None:
    if not DATA.exists():
        print("\nThe shared measuring data is not on this machine: the view is left out.")
        return
    print("\n## The evidence view")
    evidence_view.measure(DATA / "financebench_dev" / "pdfs")


def of_data(name: str, measure: Callable[[Path], None]) -> Callable[[], None]:
    """A measurement of a folder of the shared data, left out where that is absent."""

    def run() -> None:
        if not DATA.exists():
            print(f"\nThe shared measuring data is not on this machine: {name} is left out.")
            return
        measure(DATA / name)

    return run


def recalling(folder: Path) -> None:
    print("\n## Recall of what was said\n")
    with tempfile.TemporaryDirectory() as path:
        print(recall_table(measure_recall(Library(path), folder)))


MEASUREMENTS: dict[str, Callable[[], None]] = {
    "samples": sample_answers.measure,
    "scale": ingest_scale.measure,
    "recognition": recognition.measure,
    "filings": filings,
    "quotations": quoting,
    "evidence": viewing,
    "retrieval": search,
    "sessions": long_session.measure,
    "nested_kv": of_data("nested_kv", nested_kv.measure),
    "recall": of_data("locomo_dev", recalling),
}
LONG: dict[str, Callable[[], None]] = {
    "answers": of_data("nq", answers.measure),
    "search_scale": search_scale.measure,
}


def main(names: list[str]) -> None:
    for name in names or MEASUREMENTS:
        (MEASUREMENTS | LONG)[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
