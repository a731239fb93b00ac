"""CSV and its relatives, through the standard library: a page is a bounded run of rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from ingest.readers import ReadError
from ingest.readers.decoding import decode
from ingest.readers.message import Ended, Message, Opened, ReadPage, clean
from ingest.readers.sheet_pages import parts_of

SAMPLE_CHARS = 16_384
MAX_FIELD_CHARS = 10_000_000
# By which a spreadsheet tells another how the rows are cut; it does not show it.
_SAID = re.compile(r"\s*\"?sep=(.)\"?[ \t]*\n", re.I)


def read(path: Path, max_pages: int) -> Iterator[Message]:
    """Runs of rows of the file at `path`; raises `ReadError`."""
    text = clean(decode(path.read_bytes()))
    said = _SAID.match(text)
    if said:
        text, delimiter = text[said.end() :], said[1]
    else:
        is_tabbed = path.suffix.lower() == ".tsv" and "\t" in text
        delimiter = "\t" if is_tabbed else _delimiter(text)
    yield Opened(None, "csv")
    page_no = 0
    for page_no, part in enumerate(parts_of(_rows(text, delimiter)), start=1):
        if page_no > max_pages:
            raise ReadError("pages")
        label = f"{part.first}–{part.last}"
        yield ReadPage(page_no, part.text, "text", label, unit="rows", cells=part.cells)
    if not page_no:
        raise ReadError("empty")
    yield Ended("", ())


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_FIELD_CHARS)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise ReadError("unreadable", f"its rows cannot be told apart ({error})") from error


def _delimiter(text: str) -> str:
    """The separator by which the first lines fall into columns most evenly; of several the one
    that is less often a part of words and numbers."""
    lines = text[:SAMPLE_CHARS].split("\n")[:50]
    best, best_score = ",", 0.0
    for candidate in "\t;|,":
        widths = [len(row) for row in csv.reader(lines, delimiter=candidate) if row]
        width = max(set(widths), key=widths.count, default=1)
        score = widths.count(width) / max(1, len(widths)) if width > 1 else 0.0
        if score > best_score:
            best, best_score = candidate, score
    return best
