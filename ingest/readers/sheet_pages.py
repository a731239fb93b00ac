"""Rows of cells as pages: a sheet, or a part of it short enough to be shown and cited.

A part after the first begins with the title and the column heads of its sheet, as a printed one
would, so that each of its numbers can be read off it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.readers.units import UNIT_WEIGHT, pieces_of, weight

SEPARATOR = " | "
# A title, a line of units and the heads of the columns stand among the first rows of a sheet.
TOP_ROWS = 10
MAX_TOP_CHARS = 600
_NUMBER = re.compile(r"[($€£¥+-]*\d[\d,.]*(?:[eE][+-]?\d+)?\s?%?\)?")
_YEAR = re.compile(r"(?:FY\s?)?(?:19|20)\d\d[AEF]?")


@dataclass(frozen=True)
class Part:
    """Rows `first` to `last` of a sheet (1-based, both included) as text."""

    first: int
    last: int
    text: str


def parts_of(rows: Iterable[Sequence[str]]) -> Iterator[Part]:
    """The rows of a sheet, a line each, in parts of bounded length; empty rows are left out."""
    top: list[Sequence[str]] = []
    heads = ""
    lines: list[str] = []
    total = first = last = 0
    for number, cells in enumerate(rows, start=1):
        line = line_of(cells)
        if not line:
            continue
        size = weight(line) + 1
        if lines and total + size > UNIT_WEIGHT:
            yield Part(first, last, "\n".join(lines))
            heads = heads or _heads(top)
            lines, total = [heads] if heads else [], weight(heads)
            first = number
        if size > UNIT_WEIGHT:
            # A cell may hold a whole document.
            *pieces, line = pieces_of(line, UNIT_WEIGHT)
            for piece in pieces:
                yield Part(number, number, "\n".join([*lines, piece]))
                lines, total = [], 0
            size = weight(line) + 1
        if len(top) < TOP_ROWS:
            top.append(cells)
        lines.append(line)
        total, first, last = total + size, first or number, number
    if lines:
        yield Part(first, last, "\n".join(lines))


def line_of(cells: Sequence[str]) -> str:
    """A row as one line. Empty cells between others are kept, so that each stays in its column;
    those before a label are not."""
    texts = [" ".join(cell.split()) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    begin = next((i for i, text in enumerate(texts) if text), 0)
    if texts and not _is_number(texts[begin]):
        texts = texts[begin:]
    # A lone word in a wide sheet is a title.
    return SEPARATOR.join(texts).strip(" ") if any(texts) else ""


def _heads(top: Sequence[Sequence[str]]) -> str:
    """The rows above the first row of numbers that end in the heads of the columns; empty where
    nothing heads the columns."""
    for index, cells in enumerate(top):
        filled = [cell for cell in cells if cell.strip()]
        if any(_is_number(cell) and not _YEAR.fullmatch(cell.strip()) for cell in filled):
            # Rows of words above the first numbers; a label of a group may be among them.
            widths = [sum(bool(cell.strip()) for cell in row) for row in top[:index]]
            last = next((i for i in range(index - 1, -1, -1) if widths[i] >= 2), -1)
            return _joined(top[: last + 1]) if last >= 0 else ""
    # All words: the first full row names the columns.
    return _joined(top[:1]) if top and sum(bool(cell.strip()) for cell in top[0]) >= 2 else ""


def _joined(rows: Sequence[Sequence[str]]) -> str:
    lines = [line_of(cells) for cells in rows]
    while len(lines) > 1 and len("\n".join(lines)) > MAX_TOP_CHARS:
        lines.pop(0)
    text = "\n".join(lines)
    return text if len(text) <= MAX_TOP_CHARS else ""


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell.strip()) is not None
