"""The columns of an HTML table, so that an empty cell does not move a number under another head."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.readers.cell_signs import with_signs
from ingest.readers.sheet_pages import SEPARATOR, line_of

# A table wider than this, or emptier, is not one that a person reads; a label longer than this is
# prose.
MAX_COLUMNS = 250
MAX_EMPTY = 0.9
MAX_LABEL_CHARS = 200
# More than any table has of columns and rows that one cell takes.
MAX_TAKEN = 100_000
_FOOTNOTE = re.compile(r"[(\[]?(?:\d{1,2}|[a-z])[)\]]?(?:,(?:\d{1,2}|[a-z]))*")

# The columns that a cell takes, first and last.
_Place = tuple[int, int]


@dataclass(frozen=True)
class Cell:
    """A cell and how many columns and rows it takes."""

    text: str
    columns: int = 1
    rows: int = 1


def lines_in_columns(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """The rows as lines with their empty cells, so that each text stands under its head.

    Filings set signs, gaps and numbers of footnotes in columns of their own and let heads span
    them; such columns do not count. Where no row fills all that do, the cells of the source are
    not those of the table, and there are no lines.
    """
    placed = [with_signs(row) for row in _placed(rows)]
    if len(placed) < len(rows):
        return []
    # A cell that spans columns belongs to one that another row has for itself.
    columns: list[int] = []
    places = {place for row in placed for place, _ in row}
    for first, last in sorted(places, key=lambda place: place[1] - place[0]):
        if _column(columns, first) > last:
            insort(columns, first)
    n_filled = sum(len(row) for row in placed)
    if n_filled < (1 - MAX_EMPTY) * len(columns) * len(placed):
        return []
    by_column = [{_column(columns, first): text for (first, _), text in row} for row in placed]
    counted = {
        column for row in by_column for column, text in row.items() if not _FOOTNOTE.fullmatch(text)
    }
    is_table = n_filled == sum(len(row) for row in by_column) and any(
        counted <= row.keys() for row in by_column
    )
    if not is_table:
        return []
    lines = [
        _line([row.get(column, "") for column in columns if column in counted or column in row])
        for row in by_column
    ]
    return [line for line in lines if line]


def _placed(rows: Sequence[Sequence[Cell]]) -> Iterator[list[tuple[_Place, str]]]:
    """The cells of each row, each with its place, up to where a table is too wide. A label
    beside several rows is read with each."""
    held: dict[int, int] = {}  # columns that a cell above takes, with the number of rows it does
    label = ""
    n_taken = 0
    for row in rows:
        has_text = any(cell.text.strip() for cell in row)
        placed = [((0, 0), label)] if 0 in held and has_text else []
        below = {column: left - 1 for column, left in held.items() if left > 1}
        column = 0
        for cell in row:
            while column in held:
                column += 1
            last = column + cell.columns - 1
            placed.append(((column, last), cell.text))
            if cell.rows > 1:
                below |= dict.fromkeys(range(column, last + 1), cell.rows - 1)
                if column == 0:
                    label = cell.text if _is_label(cell, row) else ""
            column = last + 1
        n_taken += len(below)
        if column > MAX_COLUMNS or n_taken > MAX_TAKEN:
            return
        held = below
        yield placed


def _is_label(cell: Cell, row: Sequence[Cell]) -> bool:
    """Whether `cell`, the first of `row`, says what the numbers beside it are; a head does not."""
    beside = (other for other in row if other is not cell)
    return len(cell.text) <= MAX_LABEL_CHARS and any(re.search(r"\d", one.text) for one in beside)


def _column(columns: Sequence[int], first: int) -> int:
    """The first of `columns` from `first` on."""
    at = bisect_left(columns, first)
    return columns[at] if at < len(columns) else 2 * MAX_COLUMNS


def _line(texts: Sequence[str]) -> str:
    filled = [text for text in texts if text]
    # A lone text is a title. Where only a label is missing, nothing stands under a wrong head.
    return SEPARATOR.join(filled) if len(filled) == 1 or all(texts[1:]) else line_of(texts)
