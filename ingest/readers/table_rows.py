"""A table as a person reads it: one row a line, each number beside the label of its row."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from lxml import etree, html

from ingest.readers.cell_signs import with_signs
from ingest.readers.sheet_pages import SEPARATOR
from ingest.readers.table_columns import MAX_COLUMNS, Cell, lines_in_columns


def rows_of(table: html.HtmlElement) -> str:
    """The rows of an HTML table as lines, after what stands outside its cells, as its caption does;
    nested tables become part of their cell. Empty cells are kept where they tell under which head a
    text stands."""
    # A nested table's rows are read with the cell that holds them.
    rows = [row for row in table.iter("tr") if next(row.iterancestors("table"), table) is table]
    lines = lines_in_columns([_spanning(row) for row in rows])
    lines = lines or [line for line in map(row_of, rows) if line]
    outside = _text(table, without=("td", "th"))
    if not lines:
        # Between the tags of an old filing rows are set in spaces.
        return outside.strip("\n")
    return "\n".join([" ".join(outside.split()), *lines]).strip()


def row_of(row: html.HtmlElement) -> str:
    """A row of an HTML table as a line."""
    return join_cells(_text(cell) for cell in cells_of(row))


def cells_of(row: html.HtmlElement) -> list[html.HtmlElement]:
    """The cells of a row, in their order."""
    return [cell for cell in row if cell.tag in ("td", "th")]


def join_cells(cells: Iterable[str]) -> str:
    """One row: empty cells dropped, signs and brackets put back on their numbers."""
    return SEPARATOR.join(text for _, text in with_signs((None, cell) for cell in cells))


def _spanning(row: html.HtmlElement) -> list[Cell]:
    return [
        Cell(_text(cell), _span(cell, "colspan"), _span(cell, "rowspan")) for cell in cells_of(row)
    ]


def _span(cell: html.HtmlElement, name: str) -> int:
    given = cell.get(name, "").strip()
    return min(max(int(given), 1), MAX_COLUMNS) if re.fullmatch(r"[0-9]{1,6}", given) else 1


def _text(element: html.HtmlElement, without: Collection[str] = ()) -> str:
    """The text of an element, but for that of its descendants with a tag in `without`."""
    parts = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        if event == "end":
            parts.append((node.tail or "") if node is not element else "")
            continue
        # Blocks and line breaks inside a cell separate words.
        if node.tag in ("br", "p", "div", "tr", "td", "li"):
            parts.append(" ")
        if node.tag in without:
            walk.skip_subtree()
        else:
            parts.append(node.text or "")
    return "".join(parts)
