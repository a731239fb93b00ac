"""A table as a person reads it: one row a line, each number beside the label of its row."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from lxml import etree, html

SEPARATOR = " | "
# Filings put a currency sign, a closing bracket or a percent sign in a cell of its own.
_OPENING = re.compile(r"[$€£¥(\[][\s$€£¥(\[]*|[A-Z]{0,3}\$|R\$")
_CLOSING = re.compile(r"[)\]%]+(?:\s*\(\w{1,3}\))?|\)\s*%")
_BULLET = re.compile(r"[•●○▪■◦‣·*–—\-o☐☒☑✓]|\(?[0-9ivxlc]{1,4}[.)]|\(?[a-zA-Z][.)]")


def rows_of(table: html.HtmlElement) -> str:
    """The rows of an HTML table as lines, after what stands outside its cells, as its caption does;
    nested tables become part of their cell."""
    lines = []
    for row in table.iter("tr"):
        # A nested table's rows are read with the cell that holds them.
        if next(row.iterancestors("table"), table) is not table:
            continue
        line = row_of(row)
        if line:
            lines.append(line)
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
    joined: list[str] = []
    glue = ""
    for cell in cells:
        text = " ".join(cell.split())
        if not text:
            continue
        if joined and not glue and _CLOSING.fullmatch(text):
            joined[-1] += text
        elif _OPENING.fullmatch(text):
            glue += text
        else:
            joined.append(glue + text)
            glue = ""
    if glue:
        joined.append(glue)
    if len(joined) > 1 and _BULLET.fullmatch(joined[0]):
        joined[:2] = [f"{joined[0]} {joined[1]}"]
    return SEPARATOR.join(joined)


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
