"""Tables as XLSX and CSV. No cell does anything: text that a spreadsheet would take for a formula
is kept as text."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from memgpt_docs.citations.statements import LIST_MARK
from memgpt_docs.export.report import Report, checked_answer, doubts, numbered, printable

Cell = str | int | float | None
Table = Sequence[Sequence[Cell]]
# What spreadsheets begin a formula with; a tab or line break before it does not help them.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MAX_CELL = 32_000  # characters; XLSX takes 32,767
WIDEST = 70  # characters

HEAD = (
    "question", "statement", "supported", "citation", "file", "page", "element", "section",
    "quotation", "state", "source words", "note", "company", "fiscal year", "chunk",
)  # fmt: skip


def evidence(report: Report) -> Table:
    """A row for each statement that claims something and each of its citations, under a head. The
    numbers in a statement are those of the column of citations."""
    rows: list[Sequence[Cell]] = [HEAD]
    for transcript in report.transcripts:
        answer = transcript.answer
        assert answer is not None
        for statement in checked_answer(transcript).statements:
            if not statement.is_claim and not statement.citations:
                continue  # a heading
            why = "; ".join(doubts(statement)) or ("yes" if statement.is_claim else "")
            text = numbered(LIST_MARK.sub("", statement.text), answer.citations)
            said = (answer.question, text, why)
            for number in statement.citations or (0,):
                if number == 0:
                    rows.append((*said, *[None] * (len(HEAD) - len(said))))
                    continue
                one = answer.citations[number - 1]
                rows.append(
                    (
                        *said, number, one.file, one.page_no, one.element, one.section,
                        one.quote, str(one.status), one.source_text, one.note, one.company,
                        one.fiscal_year, one.passage_text,
                    )
                )  # fmt: skip
    return rows


def to_xlsx(sheets: Mapping[str, Table]) -> bytes:
    """Tables by the names of their sheets, the first row of each a head, as the bytes of an
    XLSX."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        _fill(book.create_sheet(name), rows)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _fill(sheet: Any, table: Table) -> None:
    for row, values in enumerate(table, start=1):
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row, column)
            if isinstance(value, str):
                cell.value = printable(value)[:MAX_CELL]
                # A string whatever it begins with, and shown as one when it is edited.
                cell.data_type = "s"
                cell.quotePrefix = value.startswith(_FORMULA)
            else:
                cell.value = value
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if row == 1:
                cell.font = Font(bold=True)
    for column in range(1, len(table[0]) + 1):
        longest = max(len(str(row[column - 1] or "")) for row in table)
        sheet.column_dimensions[get_column_letter(column)].width = min(WIDEST, longest + 2)
    sheet.freeze_panes = "A2"


def to_csv(table: Table) -> str:
    """`table` as CSV. A cell that a spreadsheet would take for a formula begins with an
    apostrophe."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    for row in table:
        writer.writerow([inert(value) if isinstance(value, str) else value for value in row])
    return stream.getvalue()


def inert(text: str) -> str:
    """`text` as a cell of a CSV that no spreadsheet takes for a formula."""
    text = printable(text)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
