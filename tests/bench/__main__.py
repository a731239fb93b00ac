"""Runs measurements and prints Markdown tables for docs/performance.md.

python -m tests.bench          all of them
python -m tests.bench NAME...  those named: samples, scale, recognition, filings,
                               quotations
"""

from __future__ import annotations

import sys

from tests.bench import (
    ingest_scale,
    ingest_speed,
    quotations,
    recognition,
    retrieval,
    sample_answers,
)
from tests.conftest import DATA


def filings() -> None:
    if has_data():
        ingest_speed.measure(DATA / "financebench_dev" / "pdfs")


def search() -> None:
    if has_data():
        retrieval.measure_all(DATA)


def has_data() -> bool:
    if not DATA.exists():
        print("\nThe shared measuring data is not on this machine: what needs it is left out.")
    return DATA.exists()


MEASUREMENTS = {
    "samples": sample_answers.measure,
    "scale": ingest_scale.measure,
    "recognition": recognition.measure,
    "filings": filings,
    "quotations": quoting,
}


def main(names: list[str]) -> None:
    for name in names or MEASUREMENTS:
        (MEASUREMENTS | LONG)[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
