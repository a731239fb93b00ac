"""Citations of sheets name their cells, those of HTML and Word their paragraph or row."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from ingest import ingest
from memgpt_docs import Library
from memgpt_docs.citations import Claim, QuoteStatus, find_quote, resolve
from memgpt_docs.citations.elements import element_of
from memgpt_docs.storage.schema import Page, PageStatus

SAMPLES = Path(__file__).resolve().parents[2] / "sample_docs"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("files")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Income"
    sheet["B2"] = "In millions"
    sheet["C3"], sheet["D3"] = 2023, 2022
    for row in range(4, 900):
        sheet.cell(row, 2, f"Revenue of site {row}")
        sheet.cell(row, 3, 1000 + row)
        sheet.cell(row, 5, 3000 + row)
    book.save(folder / "book.xlsx")
    rows = ["site,revenue", *(f"Site {n},{n * 7}" for n in range(1, 5))]
    (folder / "table.csv").write_text("\n".join(rows), "utf-8")
    made = Library(folder / "library")
    paths = [SAMPLES / "Halden_Brightmoor_Master_Supply_Agreement.docx",
             SAMPLES / "Ardenne_Photonics_10Q_2024Q3.html"]  # fmt: skip
    for _ in ingest(made, [folder / "book.xlsx", folder / "table.csv", *paths]):
        pass
    return made


def cited(library: Library, file: str, quote: str) -> tuple[str, str]:
    """The element of a quotation, and the text of the page's line it stands in."""
    document = library.document(file)
    first = library.document_passages(document.doc_id)[0]
    citation = resolve(Claim(1, quote), first, library)
    assert citation.status is QuoteStatus.EXACT
    text = library.page(document.doc_id, citation.page_no).text
    begin = text.rfind("\n", 0, citation.start) + 1
    return citation.element, text[begin : text.find("\n", citation.end)]


@pytest.mark.parametrize("row", [4, 99, 899])
def test_a_quotation_of_a_sheet_names_its_cells(row: int, library: Library) -> None:
    quote = f"Revenue of site {row} | {1000 + row} |  | {3000 + row}"
    assert cited(library, "book.xlsx", quote)[0] == f"cells B{row}:E{row}"
    assert cited(library, "book.xlsx", f"Revenue of site {row} |")[0].startswith(f"cell B{row}")
    # A figure by itself is short: it is looked for in its own passage only.
    document = library.document("book.xlsx")
    holding = [one for one in library.document_passages(document.doc_id) if quote in one.text]
    figure = resolve(Claim(1, str(3000 + row)), holding[0], library)
    assert figure.element == f"cell E{row}"


def test_a_quotation_of_delimited_rows_names_its_cells(library: Library) -> None:
    assert cited(library, "table.csv", "Site 3 | 21\nSite 4 | 28")[0] == "cells A4:B5"


def test_quotations_of_word_and_html_name_their_paragraph_or_row(library: Library) -> None:
    element, line = cited(
        library, "Halden_Brightmoor_Master_Supply_Agreement.docx",
        "Type | Up to 2,000 units | 2,001 to 6,000 units",
    )  # fmt: skip
    assert element.startswith("table ") and element.endswith(", row 1") and "Spare part" in line
    element, _ = cited(
        library, "Halden_Brightmoor_Master_Supply_Agreement.docx",
        "Brightmoor Actuation GmbH, a German limited liability company",
    )  # fmt: skip
    assert element.startswith("paragraph ")


@pytest.mark.parametrize(
    ("quote", "element"),
    [
        ("First.", "paragraph 1"),
        ("First. Second one.", "paragraphs 1–2"),
        ("b | 2", "table 1, row 2"),
        ("a | 1 b | 2", "table 1, rows 1–2"),
        ("Third.", "paragraph 4"),
        ("d | 4", "table 2, row 1"),
    ],
)
def test_paragraphs_and_tables_are_counted_by_themselves(quote: str, element: str) -> None:
    text = "First.\n\nSecond one.\n\na | 1\nb | 2\n\nThird.\n\nd | 4"
    span = find_quote(quote, text)
    assert span is not None
    page = Page(1, text, PageStatus.TEXT)
    assert element_of(page, "html", *span) == element
    assert element_of(page, "pdf", *span) == ""


def test_what_is_not_known_is_not_named() -> None:
    page = Page(1, "a | 1\nb | 2", PageStatus.TEXT, unit="sheet", cells="AA7 oops")
    assert element_of(page, "xlsx", 4, 5) == "cell AB7"
    assert element_of(page, "xlsx", 6, 7) == ""
    assert element_of(page, "xlsx", -1, -1) == ""
