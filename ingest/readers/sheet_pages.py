"""Rows of cells as pages: a sheet, or a part of it short enough to be shown and cited.

A part after the first begins with the title and the column heads of its sheet, as a printed one
would, so that each of its numbers can be read off it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from ingest.readers.units import UNIT_WEIGHT, pieces_of, weight

SEPARATOR = " | "
# A title, a line of units and the heads of the columns stand among the first rows of a sheet.
TOP_ROWS = 10
MAX_TOP_CHARS = 600
_NUMBER = re.compile(r"[($€£¥+-]*\d[\d,.]*(?:[eE][+-]?\d+)?\s?[%x€]?\)?")
_YEAR = re.compile(r"(?:FY\s?)?(?:19|20)\d\d[AEF]?")


@dataclass(frozen=True)
class Part:
    """Rows `first` to `last` of a sheet (1-based, both included) as text."""

    first: int
    last: int
    text: str
    cells: str = ""  # the first cell of each line, parted by blanks: "A1 B3 A4"


def parts_of(rows: Iterable[Sequence[str]]) -> Iterator[Part]:
    """The rows of a sheet, a line each, in parts of bounded length; empty rows are left out."""
    top: list[_Row] = []
    heads: list[_Row] = []
    held: list[_Row] = []
    total = first = last = 0
    for number, cells in enumerate(rows, start=1):
        line = line_of(cells)
        if not line:
            continue
        row = _Row(number, _begin(cells), cells, line)
        size = weight(line) + 1
        if held and total + size > UNIT_WEIGHT:
            yield _part(first, last, held)
            heads = heads or _heads(top)
            held, total = list(heads), sum(weight(head.line) + 1 for head in heads)
            first = number
        if size > UNIT_WEIGHT:
            # A cell may hold a whole document.
            *pieces, rest = pieces_of(line, UNIT_WEIGHT)
            for piece in pieces:
                yield _part(number, number, [*held, replace(row, line=piece)])
                held, total = [], 0
                row = replace(row, column=row.column + piece.count(SEPARATOR))
            row = replace(row, line=rest)
            size = weight(rest) + 1
        if len(top) < TOP_ROWS:
            top.append(row)
        held.append(row)
        total, first, last = total + size, first or number, number
    if held:
        yield _part(first, last, held)


@dataclass(frozen=True)
class _Row:
    """A row of a sheet as a line, or what is left of it."""

    number: int  # 1-based
    column: int  # with which the line begins, 0-based
    cells: Sequence[str]
    line: str


def _part(first: int, last: int, rows: Sequence[_Row]) -> Part:
    cells = " ".join(f"{_letters(row.column)}{row.number}" for row in rows)
    return Part(first, last, "\n".join(row.line for row in rows), cells)


def _letters(column: int) -> str:
    """The name of a column, counted from 0: A to Z, AA and so on."""
    name = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def line_of(cells: Sequence[str]) -> str:
    """A row as one line. Empty cells between others are kept, so that each stays in its column;
    those before a label are not."""
    texts = [" ".join(cell.split()) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    texts = texts[_begin(texts) :]
    # A lone word in a wide sheet is a title.
    return SEPARATOR.join(texts).strip(" ") if any(texts) else ""


def rows_that_head(rows: Iterable[Sequence[str]]) -> list[int]:
    """Which of the first rows of a table (0-based) head its columns of numbers; none where it has
    no numbers, or nothing heads them."""
    top = [
        _Row(number, 0, cells, line_of(cells))
        for number, cells in enumerate(islice(rows, TOP_ROWS))
    ]
    has_numbers = any(_is_figure(cell) for row in top for cell in row.cells)
    return [row.number for row in _heads(top)] if has_numbers else []


def _begin(cells: Sequence[str]) -> int:
    """The column with which the line of a row begins, counted from 0."""
    begin = next((i for i, text in enumerate(cells) if text.strip()), 0)
    return begin if cells and not _is_number(cells[begin]) else 0


def _heads(top: Sequence[_Row]) -> list[_Row]:
    """The rows above the first row of numbers that end in the heads of the columns; none where
    nothing heads the columns."""
    for index, row in enumerate(top):
        if any(map(_is_figure, row.cells)):
            # Rows of words above the first numbers; a label of a group may be among them.
            widths = [sum(bool(cell.strip()) for cell in one.cells) for one in top[:index]]
            last = next((i for i in range(index - 1, -1, -1) if widths[i] >= 2), -1)
            return _shortened(top[: last + 1]) if last >= 0 else []
    # All words: the first full row names the columns.
    names = top and sum(bool(cell.strip()) for cell in top[0].cells) >= 2
    return _shortened(top[:1]) if names else []


def _shortened(rows: Sequence[_Row]) -> list[_Row]:
    kept = list(rows)
    while kept and len("\n".join(row.line for row in kept)) > MAX_TOP_CHARS:
        kept.pop(0)
    return kept


def _is_figure(cell: str) -> bool:
    return _is_number(cell) and not _YEAR.fullmatch(cell.strip())


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell.strip()) is not None
