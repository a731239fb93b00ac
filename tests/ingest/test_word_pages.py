"""The pages of a Word document are those on which Word, or a person, began a new one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
from docx.enum.section import WD_SECTION
from docx.oxml import OxmlElement

from tests.ingest.test_word_markup import read


def mark(paragraph: Any, at: int = 0) -> None:
    """Word's mark of a page that begins before the run `at` of a paragraph."""
    paragraph.runs[at]._r.insert(0, OxmlElement("w:lastRenderedPageBreak"))


def with_table(path: Path, rows: list[str], marked: list[int], repeated: bool = False) -> Path:
    """A document with a table of `rows`, of which those in `marked` begin a page."""
    document = docx.Document()
    document.add_paragraph("Before the table.")
    table = document.add_table(rows=len(rows), cols=2)
    for number, (line, row) in enumerate(zip(rows, table.rows, strict=True)):
        for text, cell in zip(line.split("|"), row.cells, strict=True):
            cell.text = text
            if number in marked:
                mark(cell.paragraphs[0])
    if repeated:
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    document.add_paragraph("After the table.")
    last = document.add_paragraph("The last page.")
    mark(last)
    document.save(str(path))
    return path


def texts(path: Path) -> list[str]:
    return [page.text for page in read(path).pages]


def test_a_table_goes_on_over_pages_under_its_heads(tmp_path: Path) -> None:
    rows = ["Item|2024", "Arms|10", "Carts|20", "Grips|30"]
    assert texts(with_table(tmp_path / "a.docx", rows, [2, 3])) == [
        "Before the table.\n\nItem | 2024\nArms | 10",
        "Item | 2024\nCarts | 20",
        "Item | 2024\nGrips | 30\n\nAfter the table.",
        "The last page.",
    ]


def test_only_heads_are_read_again(tmp_path: Path) -> None:
    rows = ["Buyer|who buys", "Seller|who sells", "Term|of two years"]
    assert texts(with_table(tmp_path / "a.docx", rows, [2]))[1].startswith("Term | of two years\n")
    shown = texts(with_table(tmp_path / "b.docx", rows, [2], repeated=True))[1]
    assert shown.startswith("Buyer | who buys\nTerm | of two years\n")


def test_a_table_that_begins_a_page_stands_on_it(tmp_path: Path) -> None:
    pages = texts(with_table(tmp_path / "a.docx", ["Arms|10", "Carts|20"], [0]))
    assert pages[:2] == ["Before the table.", "Arms | 10\nCarts | 20\n\nAfter the table."]


def test_a_row_over_the_end_of_a_page_stands_where_it_begins(tmp_path: Path) -> None:
    path = with_table(tmp_path / "a.docx", ["Arms|10", "Carts|20"], [])
    document = docx.Document(str(path))
    cell = document.tables[0].cell(1, 1)
    cell.paragraphs[0].add_run(" and more")
    mark(cell.paragraphs[0], at=1)
    document.save(str(path))
    assert texts(path) == [
        "Before the table.\n\nArms | 10\nCarts | 20 and more", "After the table.", "The last page.",
    ]  # fmt: skip


def test_a_merged_cell_over_the_end_of_a_page_costs_no_row(tmp_path: Path) -> None:
    path = with_table(tmp_path / "a.docx", ["Arms|10", "|20", "|30"], [])
    document = docx.Document(str(path))
    table = document.tables[0]
    table.cell(0, 0).merge(table.cell(2, 0)).text = "Arms"
    mark(table.cell(1, 1).paragraphs[0])
    document.save(str(path))
    first, second, _ = texts(path)
    assert first.endswith("Arms | 10")
    assert second.startswith("20\n30\n")


def test_a_section_on_a_new_page_begins_one(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("The first page.")
    for kind in (WD_SECTION.NEW_PAGE, WD_SECTION.CONTINUOUS, WD_SECTION.ODD_PAGE):
        document.add_section(kind)
        document.add_paragraph(f"Of a section {kind.name}.")
    document.save(str(tmp_path / "a.docx"))
    assert texts(tmp_path / "a.docx") == [
        "The first page.",
        "Of a section NEW_PAGE.\n\nOf a section CONTINUOUS.",
        "Of a section ODD_PAGE.",
    ]
    # Where Word left its marks they count, and no others.
    mark(document.paragraphs[-1])
    document.save(str(tmp_path / "b.docx"))
    assert len(texts(tmp_path / "b.docx")) == 2
