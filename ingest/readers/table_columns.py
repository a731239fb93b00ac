"""A table of which each number stays in its column: empty cells are kept, as in a sheet.

For tables of which the columns are known, as those of Word are; those of web pages lay out as much
as they tabulate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from lxml import html

from ingest.readers.sheet_pages import line_of
from ingest.readers.table_rows import BULLET, CLOSING, OPENING

# The texts of a column by the number of their row.
_Column = dict[int, str]


def rows_in_columns(table: html.HtmlElement) -> str:
    """The rows of an HTML table as lines. Columns without a text are left out, and one of signs,
    brackets or bullets is put together with what they belong to."""
    rows: dict[int, dict[int, str]] = defaultdict(dict)
    for number, column in enumerate(_joined(_columns(table))):
        for row, text in column.items():
            rows[row][number] = text
    lines = (
        line_of([cells.get(number, "") for number in range(max(cells) + 1)])
        for _, cells in sorted(rows.items())
    )
    return "\n".join(lines)


def _columns(table: html.HtmlElement) -> list[_Column]:
    cells = [cell for cell in _cells(table) if cell[-1]]
    held = {begin for _, begin, end, _ in cells if end - begin == 1}
    columns: dict[int, _Column] = defaultdict(dict)
    for row, begin, end, text in cells:
        # A head over several columns may begin with one that only sets them apart.
        columns[next((one for one in range(begin, end) if one in held), begin)][row] = text
    return [column for _, column in sorted(columns.items())]


def _cells(table: html.HtmlElement) -> Iterator[tuple[int, int, int, str]]:
    """For each cell its row, the columns it begins and ends with (half-open), and its text."""
    taken: set[tuple[int, int]] = set()  # by cells of rows above
    for row, line in enumerate(table.iter("tr")):
        begin = 0
        for cell in line:
            while (row, begin) in taken:
                begin += 1
            end = begin + int(cell.get("colspan", 1))
            below = range(row + 1, row + int(cell.get("rowspan", 1)))
            taken.update((other, column) for other in below for column in range(begin, end))
            yield row, begin, end, " ".join(cell.text_content().split())
            begin = end


def _joined(columns: list[_Column]) -> list[_Column]:
    joined: list[_Column] = []
    for column in columns:
        if joined and _belong_together(joined[-1], column):
            _append(joined[-1], column, "")
        else:
            joined.append(column)
    if len(joined) > 1 and all(map(BULLET.fullmatch, joined[0].values())):
        _append(joined[0], joined.pop(1), " ")
    return joined


def _belong_together(left: _Column, right: _Column) -> bool:
    pairs = [(left[row], text) for row, text in right.items() if row in left]
    return bool(pairs) and all(
        OPENING.fullmatch(one) or CLOSING.fullmatch(other) for one, other in pairs
    )


def _append(left: _Column, right: _Column, between: str) -> None:
    for row, text in right.items():
        left[row] = f"{left[row]}{between}{text}" if row in left else text
