"""A table as a person reads it: one row a line, each number beside the label of its row."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import html

SEPARATOR = " | "
# Filings put a currency sign, a closing bracket or a percent sign in a cell of its own.
OPENING = re.compile(r"[$€£¥(\[][\s$€£¥(\[]*|[A-Z]{0,3}\$|R\$")
CLOSING = re.compile(r"[)\]%]+(?:\s*\(\w{1,3}\))?|\)\s*%")
BULLET = re.compile(r"[•●○▪■◦‣·*–—\-o☐☒☑✓]|\(?[0-9ivxlc]{1,4}[.)]|\(?[a-zA-Z][.)]")


def rows_of(table: html.HtmlElement) -> str:
    """The rows of an HTML table as lines; nested tables become part of their cell."""
    lines = []
    for row in table.iter("tr"):
        # A nested table's rows are read with the cell that holds them.
        if next(row.iterancestors("table"), table) is not table:
            continue
        cells = [_text(cell) for cell in row if cell.tag in ("td", "th")]
        line = join_cells(cells)
        if line:
            lines.append(line)
    return "\n".join(lines)


def join_cells(cells: Iterable[str]) -> str:
    """One row: empty cells dropped, signs and brackets put back on their numbers."""
    joined: list[str] = []
    glue = ""
    for cell in cells:
        text = " ".join(cell.split())
        if not text:
            continue
        if joined and not glue and CLOSING.fullmatch(text):
            joined[-1] += text
        elif OPENING.fullmatch(text):
            glue += text
        else:
            joined.append(glue + text)
            glue = ""
    if glue:
        joined.append(glue)
    if len(joined) > 1 and BULLET.fullmatch(joined[0]):
        joined[:2] = [f"{joined[0]} {joined[1]}"]
    return SEPARATOR.join(joined)


def _text(cell: html.HtmlElement) -> str:
    # Blocks and line breaks inside a cell separate words.
    parts = []
    for node in cell.iter():
        if node.tag in ("br", "p", "div", "tr", "td", "li"):
            parts.append(" ")
        if isinstance(node.tag, str) and node.text:
            parts.append(node.text)
        if node is not cell and node.tail:
            parts.append(node.tail)
    return "".join(parts)
