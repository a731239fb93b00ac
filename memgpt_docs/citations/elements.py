"""Where a quotation stands in a document without printed pages: the cells of a sheet, the row of a
table, the paragraph."""

from __future__ import annotations

import re

from memgpt_docs.storage.schema import Page

# Between cells; one within a cell would be counted too.
_BAR = re.compile(r"(?:(?<=\s)|^)\|(?=\s|$)", re.MULTILINE)
_BLANK_LINE = re.compile(r"\n\s*\n")


def element_of(page: Page, kind: str, start: int, end: int) -> str:
    """What holds the stretch from `start` to `end` of a page's text in a document of that kind:
    "cells B7:D7", "table 2, row 3", "paragraph 4". Empty for a PDF, which has rectangles."""
    if kind == "pdf" or not 0 <= start < end <= len(page.text):
        return ""
    if page.cells:
        return _cells(page, start, end)
    first, table, row = _block(page.text, start)
    last, _, last_row = _block(page.text, end - 1)
    if table and first == last:
        rows = f"row {row}" if row == last_row else f"rows {row}–{last_row}"
        return f"table {table}, {rows}"
    return f"paragraph {first}" if first == last else f"paragraphs {first}–{last}"


def _block(text: str, at: int) -> tuple[int, int, int]:
    """The number of the paragraph at a place; and of the table, and the row of it, where it is one;
    all 1-based, 0 for none."""
    begins = [0, *(match.end() for match in _BLANK_LINE.finditer(text))]
    blocks = list(zip(begins, [*begins[1:], len(text)], strict=True))
    tables = 0
    for number, (begin, end) in enumerate(blocks, start=1):
        is_table = _BAR.search(text, begin, end) is not None
        tables += is_table
        if at < end:
            row = text.count("\n", begin, at) + 1
            return (number, tables, row) if is_table else (number, 0, 0)
    return len(blocks), 0, 0


def _cells(page: Page, start: int, end: int) -> str:
    first, last = _cell(page, start), _cell(page, end - 1)
    if not first or not last:
        return ""
    return f"cell {first}" if first == last else f"cells {first}:{last}"


def _cell(page: Page, at: int) -> str:
    """The name of the cell at a place of the text; empty where it is not known."""
    begins = page.cells.split()
    line = page.text.count("\n", 0, at)
    if line >= len(begins):
        return ""
    match = re.fullmatch(r"([A-Z]+)(\d+)", begins[line])
    if match is None:
        return ""
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    column += len(_BAR.findall(page.text, page.text.rfind("\n", 0, at) + 1, at))
    name = ""
    while column:
        column, digit = divmod(column - 1, 26)
        name = chr(ord("A") + digit) + name
    return f"{name}{match[2]}"
