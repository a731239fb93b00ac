"""Where the pages of a Word document begin, marked where its reader looks.

Word leaves a mark where each page began when it saved. unstructured goes by the marks in paragraphs
and passes over those in tables.
"""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise, takewhile
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from ingest.readers.sheet_pages import TOP_ROWS, rows_that_head

_MARK = "w:lastRenderedPageBreak"
# Rows of more elements than this do not head a table.
MAX_IN_HEADS = 500


def mark_pages(document: Any) -> None:
    """Changes a document of python-docx so that a mark in a paragraph of its own, or in one of its
    text, stands where each page begins. A table that goes on over pages is taken apart."""
    body = document.element.body
    if next(body.iter(qn(_MARK)), None) is None:
        _mark_made_breaks(document)
    for table in list(body.iterchildren(qn("w:tbl"))):
        _take_apart(table)


def _mark_made_breaks(document: Any) -> None:
    """Marks the breaks that a person made: other programs leave no others."""
    body = document.element.body
    for made in list(body.iter(qn("w:br"))):
        if made.get(qn("w:type")) == "page":
            made.addprevious(OxmlElement(_MARK))
    for paragraph in document.paragraphs:
        if paragraph.paragraph_format.page_break_before and paragraph.runs:
            paragraph.runs[0]._r.insert(0, OxmlElement(_MARK))
    # The properties of a section stand in its last paragraph and say how it begins.
    sections = [*body.iterfind(f"{qn('w:p')}/{qn('w:pPr')}/{qn('w:sectPr')}")]
    for ended, begun in pairwise([*sections, *body.iterchildren(qn("w:sectPr"))]):
        kind = begun.find(qn("w:type"))
        if kind is None or kind.get(qn("w:val")) not in ("continuous", "nextColumn"):
            ended.getparent().getparent().addnext(_paragraph_with_mark())


def _take_apart(table: Any) -> None:
    """Makes a table of the rows on each page, under the heads of its columns."""
    rows = list(table.iterchildren(qn("w:tr")))
    if next(table.iter(qn(_MARK)), None) is None:
        return
    heads = _heads(rows)
    part, is_begun, is_over = table, False, False
    for number, row in enumerate(rows):
        first = next(row.iter(qn("w:t"), qn(_MARK)), None)
        begins_page = first is not None and first.tag == qn(_MARK)
        if is_begun and (is_over or begins_page):
            mark = _paragraph_with_mark()
            part.addnext(mark)
            part = _part([head for head in heads if head < number], rows)
            mark.addnext(part)
            _end_merged_cells(row)
        elif begins_page:
            table.addprevious(_paragraph_with_mark())
        if part is not table:
            part.append(row)
        # A row that goes on over the end of its page stands where it begins.
        is_over = not begins_page and next(row.iter(qn(_MARK)), None) is not None
        is_begun = True
    if is_over:
        part.addnext(_paragraph_with_mark())


def _heads(rows: list[Any]) -> list[int]:
    """Which rows (0-based) are read again on each page: those that Word shows again, else those
    that head columns of numbers."""
    shown = takewhile(lambda row: row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None, rows)
    heads = list(range(len(list(shown)))) or rows_that_head(map(_texts, rows[:TOP_ROWS]))
    size = sum(1 for head in heads for _ in rows[head].iter())
    return heads if size <= MAX_IN_HEADS else []


def _texts(row: Any) -> list[str]:
    return [
        "".join(run.text or "" for run in cell.iter(qn("w:t")))
        for cell in row.iterchildren(qn("w:tc"))
    ]


def _part(heads: list[int], rows: list[Any]) -> Any:
    part = OxmlElement("w:tbl")
    part.append(OxmlElement("w:tblPr"))
    part.append(OxmlElement("w:tblGrid"))
    part.extend([deepcopy(rows[head]) for head in heads])
    for first in part.findall(qn("w:tr"))[:1]:
        _end_merged_cells(first)
    return part


def _end_merged_cells(row: Any) -> None:
    """Makes cells of their own of those that go on from the row above."""
    for merged in list(row.iterfind(f"{qn('w:tc')}/{qn('w:tcPr')}/{qn('w:vMerge')}")):
        if merged.get(qn("w:val")) != "restart":
            merged.getparent().remove(merged)


def _paragraph_with_mark() -> Any:
    paragraph, run = OxmlElement("w:p"), OxmlElement("w:r")
    run.append(OxmlElement(_MARK))
    paragraph.append(run)
    return paragraph
