"""Runs measurements and prints Markdown tables for docs/performance.md.

python -m tests.bench          all of them
python -m tests.bench NAME...  those named: samples, scale, recognition, filings,
                               quotations, evidence, retrieval; search_scale (a million
                               passages), which is too long to be one of all
"""

from __future__ import annotations

import sys

from tests.bench import (
    evidence_view,
    ingest_scale,
    ingest_speed,
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


MEASUREMENTS = {
    "samples": sample_answers.measure,
    "scale": ingest_scale.measure,
    "recognition": recognition.measure,
    "filings": filings,
    "quotations": quoting,
    "evidence": viewing,
    "retrieval": search,
}
LONG = {"search_scale": search_scale.measure}


def main(names: list[str]) -> None:
    for name in names or MEASUREMENTS:
        (MEASUREMENTS | LONG)[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
