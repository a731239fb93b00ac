"""Sheets, rows and books, read in their child process as in the pipeline."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ingest.chunk import chunk
from ingest.readers.cell_text import cell_text
from ingest.readers.sheet_pages import line_of, parts_of
from ingest.readers.units import UNIT_WEIGHT, pieces_of, weight
from ingest.sections import find_sections
from memgpt_docs.errors import EmptyFile, LimitExceeded, UnreadableFile
from memgpt_docs.settings import Settings
from memgpt_docs.storage.schema import Page, PageStatus
from memgpt_docs.tokens import default_tokenizer
from tests.ingest.test_readers import read, read_text
from tests.ingest.test_slides import make_pptx

# -- XLSX, CSV ----------------------------------------------------------------------------------


def make_xlsx(path: Path, *, rows: int = 3) -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    income = book.active
    assert income is not None
    income.title = "Income"
    income.append(["Halden Robotics (in millions)"])
    income.append([None, 2024, 2023, "Change"])
    for number in range(rows):
        income.append([f"Line {number}", 1577.4 + number, -31, 0.125])
        for column, shown in (("B", "#,##0.0"), ("C", "#,##0;(#,##0)"), ("D", "0.0%")):
            income[f"{column}{number + 3}"].number_format = shown
    book.create_sheet("Empty")
    notes = book.create_sheet("Notes")
    notes["A1"], notes["B1"], notes["D1"] = "Total", "=SUM(Income!B3:B5)", "after a gap"
    notes.sheet_state = "hidden"
    book.save(path)
    return path


def test_a_sheet_is_a_page(tmp_path: Path) -> None:
    document = read(make_xlsx(tmp_path / "book.xlsx"))
    assert [(page.label, page.unit) for page in document.pages] == [
        ("Income", "sheet"), ("Notes", "sheet"),
    ]  # fmt: skip
    assert document.pages[0].text.split("\n")[:3] == [
        "Halden Robotics (in millions)",
        "| 2024 | 2023 | Change",
        "Line 0 | 1,577.4 | (31) | 12.5%",
    ]
    # No value was ever calculated: the formula is what there is to read.
    assert document.pages[1].text == "Total | =SUM(Income!B3:B5) |  | after a gap"
    assert [one.title for one in document.headings] == ["Income", "Notes"]


def test_later_parts_of_a_sheet_begin_with_its_heads(tmp_path: Path) -> None:
    document = read(make_xlsx(tmp_path / "book.xlsx", rows=1_000))
    parts = document.pages[:-1]
    assert len(parts) > 3
    heads = "Halden Robotics (in millions)\n| 2024 | 2023 | Change\n"
    assert all(page.text.startswith(heads) for page in parts)
    assert all(len(page.text) <= UNIT_WEIGHT + len(heads) for page in parts)
    assert parts[1].label.startswith("Income from row ")
    lines = [line for page in parts for line in page.text.split("\n")[2:]]
    assert [line.split(" | ")[0] for line in lines] == [f"Line {n}" for n in range(1_000)]


def test_passages_of_a_sheet_carry_its_heads_and_name(tmp_path: Path) -> None:
    document = read(make_xlsx(tmp_path / "book.xlsx", rows=200))
    pages = [Page(one.page_no, one.text, PageStatus.TEXT) for one in document.pages]
    sections = find_sections(document.pages, document.headings)
    passages = chunk("d", pages, sections, header="H", limit=128, tokenizer=default_tokenizer())
    rows = [one for one in passages if "Line" in one.text]
    assert len(rows) > 10
    for passage in rows:
        assert passage.section == "Income"
        assert "| 2024 | 2023 | Change" in f"{passage.header}\n{passage.text}"
        assert "(in millions)" in f"{passage.header}\n{passage.text}"


def test_csv(tmp_path: Path) -> None:
    text = 'date;region;"units; all"\n2024-01-02;"North\nEast";1.5\n\n2024-01-03;;7\n'
    document = read_text(tmp_path, "rows.csv", text)
    assert [(page.text, page.label, page.unit) for page in document.pages] == [
        ("date | region | units; all\n2024-01-02 | North East | 1.5\n2024-01-03 |  | 7", "1–4",
         "rows")
    ]  # fmt: skip
    with pytest.raises(EmptyFile):
        read_text(tmp_path, "empty.csv", ";;;\n;;\n")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "Jahr;Umsatz, Mio.;Gewinn, Mio.\n2022;1,5;0,2\n2023;2,5;0,3\n",
         "Jahr | Umsatz, Mio. | Gewinn, Mio.\n2022 | 1,5 | 0,2\n2023 | 2,5 | 0,3"),
        ("a.tsv", "Name\tRevenue, USD\nA\t1,234\nB\t5,678\n",
         "Name | Revenue, USD\nA | 1,234\nB | 5,678"),
        ("b.tsv", "Halden, Inc.\nName\tRevenue, USD\nA\t1,234\n",
         "Halden, Inc.\nName | Revenue, USD\nA | 1,234"),
        ("a.csv", "Name, first;Value\nA, B;1,5;x\nC, D;2,5;y\n",
         "Name, first | Value\nA, B | 1,5 | x\nC, D | 2,5 | y"),
        ("a.csv", "sep=,\nA;B,C;D\n1;2,3;4\n", "A;B | C;D\n1;2 | 3;4"),
        ("a.csv", 'id,text\n1,"a; b"\n2,"c; d"\n', "id | text\n1 | a; b\n2 | c; d"),
    ],
)  # fmt: skip
def test_rows_are_cut_where_a_spreadsheet_cuts_them(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    assert read_text(tmp_path, name, text).pages[0].text == told


def test_a_long_csv_is_cut_between_rows(tmp_path: Path) -> None:
    rows = [f"{number},North,{number * 3}" for number in range(2_000)]
    document = read_text(tmp_path, "rows.csv", "\n".join(["id,region,units", *rows]))
    assert len(document.pages) > 3
    assert all(page.text.startswith("id | region | units\n") for page in document.pages)
    assert (
        document.pages[1].label
        == f"{document.pages[0].text.count(chr(10)) + 2}–" + (document.pages[1].label.split("–")[1])
    )
    with pytest.raises(LimitExceeded, match="MEMGPT_DOCS_MAX_PAGES"):
        read(tmp_path / "rows.csv", Settings(max_pages=2))


cells = st.lists(st.text(alphabet="ab 12%.-", max_size=30), max_size=6)


@given(rows=st.lists(cells, max_size=400), repeat=st.integers(1, 40))
@hypothesis_settings(max_examples=40, deadline=None)
def test_no_row_is_lost_and_parts_are_bounded(rows: list[list[str]], repeat: int) -> None:
    rows = rows * repeat
    parts = list(parts_of(rows))
    lines = [line for line in map(line_of, rows) if line]
    found: list[str] = []
    for part in parts:
        here = [line for line in map(line_of, rows[part.first - 1 : part.last]) if line]
        assert part.text.split("\n")[-len(here) :] == here
        assert len(part.text) <= 2 * UNIT_WEIGHT
        found += here
    assert found == lines


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (1234567.0, "#,##0", "1,234,567"),
        (-1234.5, "#,##0.00_);(#,##0.00)", "(1,234.50)"),
        (-5, "0.0", "-5.0"),
        (0.12345, "0.0%", "12.3%"),
        (1577, '"$"#,##0', "$1,577"),
        (1577, "[$€-407] #,##0", "€1,577"),
        (0.1 + 0.2, "General", "0.3"),
        (0.125, "0%", "13%"),
        (2.5, "0", "3"),
        (-1234.5, "#,##0", "-1,235"),
        (1.005, "0.00", "1.01"),
        (0.285, "0%", "29%"),
        (320193, "0000000000", "0000320193"),
        (-12, "0000", "-0012"),
        (5, "0,000", "0,005"),
        (0.5, "#.00", "0.50"),
        (12.3, '0.0"%"', "12.3%"),
        (12.3, "0.0\\%", "12.3%"),
        (12.3, '0.0"x"', "12.3x"),
        (25, '0" bps"', "25 bps"),
        (1234, '#,##0 "EUR"', "1,234 EUR"),
        (3, "[$CHF] 0.00", "CHF 3.00"),
        (2023, '"FY"0', "FY2023"),
        (-1234, "#,##0_);\\(#,##0\\)", "(1,234)"),
        (5.5, '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\)', "$5.50"),
        (-5.5, '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\)', "($5.50)"),
        (1.5e9, '0.0,,"M"', "1,500,000,000.0"),
        (10**400, "0.00", str(10**400)),
        (-5, '0;"below"', "-5"),
        (float("inf"), "0.00", "inf"),
        (7, "@", "7"),
        (True, "General", "TRUE"),
        (None, "General", ""),
        ("words", "0.0", "words"),
    ],
)
def test_a_cell_reads_as_it_is_shown(value: object, number_format: str, shown: str) -> None:
    assert cell_text(value, number_format) == shown


def test_a_formula_that_came_to_nothing_is_blank(tmp_path: Path) -> None:
    whole = make_xlsx(tmp_path / "whole.xlsx")
    blank = b'<c r="B1" t="str"><f>SUM(Income!B3:B5)</f><v></v></c>'
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as new:
        for name in old.namelist():
            part = re.sub(rb'<c r="B1"><f>.*?</c>', blank, old.read(name))
            new.writestr(name, part)
    assert read(tmp_path / "a.xlsx").pages[1].text == "Total |  |  | after a gap"


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {after} "{f"&{before};" * 40}">'
        for before, after in ("ab", "bc", "cd", "de", "ef")
    )
    + "]><worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData><row><c><v>&f;</v></c></row></sheetData></worksheet>"
)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_an_xml_bomb_in_a_workbook_is_refused(tmp_path: Path, part: str) -> None:
    whole = make_xlsx(tmp_path / "whole.xlsx")
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / "bomb.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, BOMB if name == part else old.read(name))
    with pytest.raises((UnreadableFile, LimitExceeded), match=r"bomb\.xlsx"):
        read(tmp_path / "bomb.xlsx", Settings(max_read_memory_mb=1024, max_read_seconds=20))


def test_a_packed_bomb_is_refused(tmp_path: Path) -> None:
    whole = make_xlsx(tmp_path / "whole.xlsx")
    row = b"<row><c t='inlineStr'><is><t>" + b"a" * 1_000 + b"</t></is></c></row>"
    names = b"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>"
    sheet = names + b"<sheetData>" + row * 50_000 + b"</sheetData></worksheet>"
    with (
        zipfile.ZipFile(whole) as old,
        zipfile.ZipFile(tmp_path / "big.xlsx", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else old.read(name))
    assert (tmp_path / "big.xlsx").stat().st_size < 2_000_000
    with pytest.raises(LimitExceeded):
        read(tmp_path / "big.xlsx", Settings(max_read_seconds=20, max_pages=500))


# -- EPUB -----------------------------------------------------------------------------------------


def make_epub(path: Path) -> Path:
    chapter = (
        "<html xmlns='http://www.w3.org/1999/xhtml'><body><h1>{0}</h1><p>{1}</p></body></html>"
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr(
            "META-INF/container.xml",
            "<container><rootfiles><rootfile full-path='OPS/book.opf'/></rootfiles></container>",
        )
        book.writestr(
            "OPS/book.opf",
            "<package><metadata><title xmlns='x'>Robots</title></metadata><manifest>"
            "<item id='b' href='b%20b.xhtml'/><item id='a' href='a.xhtml'/><item id='c' href='no'/>"
            "</manifest><spine><itemref idref='a'/><itemref idref='b'/><itemref idref='c'/></spine>"
            "</package>",
        )
        # Some programs that write books do not tell capital letters from small ones.
        book.writestr("OPS/B b.xhtml", chapter.format("Second", "More words."))
        book.writestr("OPS/a.xhtml", chapter.format("First", "Words."))
    return path


def test_a_book_in_its_reading_order(tmp_path: Path) -> None:
    document = read(make_epub(tmp_path / "robots.epub"))
    assert document.title == "Robots"
    assert [(page.text, page.unit) for page in document.pages[:2]] == [
        ("First\n\nWords.", "section"), ("Second\n\nMore words.", "section"),
    ]  # fmt: skip


def test_a_chapter_that_is_not_in_the_book_is_a_page_that_was_not_read(tmp_path: Path) -> None:
    missing = read(make_epub(tmp_path / "robots.epub")).pages[2]
    assert (missing.text, missing.status, missing.unit, missing.reason) == (
        "", "failed", "section", "OPS/no is not in the file",
    )  # fmt: skip


@pytest.mark.parametrize("ending", ["pptx", "xlsx", "epub"])
def test_damaged_packages_are_refused(tmp_path: Path, ending: str) -> None:
    make = {"pptx": make_pptx, "xlsx": make_xlsx, "epub": make_epub}[ending]
    whole = make(tmp_path / f"whole.{ending}").read_bytes()
    broken = tmp_path / f"broken.{ending}"
    for at in range(60, len(whole) - 300, len(whole) // 5):
        broken.write_bytes(whole[:at] + bytes(200) + whole[at + 200 :])
        try:
            assert read(broken).pages
        except (UnreadableFile, EmptyFile) as error:
            assert "broken" in error.message


# -- what must not be lost -------------------------------------------------------------------------


def test_a_cell_is_never_cut_short(tmp_path: Path) -> None:
    words = " ".join(f"word{number}" for number in range(4_000))
    document = read_text(tmp_path, "cells.csv", f"id,text\n1,{words}\n2,short\n")
    text = " ".join(page.text for page in document.pages)
    assert [f"word{number}" in text for number in (0, 1999, 3999)] == [True] * 3
    assert all(len(page.text) <= 2 * UNIT_WEIGHT for page in document.pages)
    assert document.pages[-1].text.endswith("2 | short")


@given(text=st.text(alphabet="ab \n。中", max_size=400), limit=st.integers(4, 60))
@hypothesis_settings(max_examples=200, deadline=None)
def test_pieces_hold_every_character(text: str, limit: int) -> None:
    pieces = list(pieces_of(text, limit))
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(weight(piece) <= max(limit, 4) for piece in pieces)


def test_a_damaged_package_is_refused_in_words(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", "<a/>")
    with pytest.raises(UnreadableFile, match="its parts do not fit together") as caught:
        read(tmp_path / "a.docx")
    assert "Error" not in caught.value.message
