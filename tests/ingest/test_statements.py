"""Statements are longer than a passage: each number must still be read off the passage it is in,
with the label of its row, the heads of its columns and the unit it is counted in."""

from __future__ import annotations

import re
from functools import lru_cache

import pytest

from ingest.chunk import chunk
from ingest.heads import heads_above
from ingest.intake import Source, admit
from ingest.lines import lines_of
from ingest.sandbox import ReadDocument, read_document
from ingest.sections import find_sections
from memgpt_docs.settings import Settings
from memgpt_docs.storage.schema import Page, PageStatus, Passage
from memgpt_docs.tokens import default_tokenizer
from tests.ingest.conftest import real_files

# file, page, heads of the columns, unit, and rows of every part of the statement, as printed
STATEMENTS = [
    ("3M_2018_10K", 60, "2018 2017 2016", "Millions", [
        "Inventories (509) (387) 57",
        "Purchases of property, plant and equipment (PP&E) (1,577) (1,373) (1,420)",
        "Dividends paid to shareholders (3,193) (2,803) (2,678)",
    ]),
    ("3M_2018_10K", 58, "2018 2017", "millions", [
        "Goodwill 10,051 10,513", "Long-term debt 13,411 12,096", "Total equity $ 9,848 $ 11,622",
    ]),
    ("3M_2018_10K", 56, "2018 2017 2016", "Millions", [
        "Cost of sales 16,682 16,055 15,118", "Provision for income taxes 1,637 2,679 1,995",
    ]),
    ("ADOBE_2015_10K", 59, "November 27, 2015 November 28, 2014", "thousands", [
        "Total assets $ 11,726,472 $ 10,785,829", "Deferred income taxes 208,209 342,315",
        "Retained earnings 7,253,431 6,924,294",
    ]),
    ("ADOBE_2016_10K", 62, "December 2, 2016 November 27, 2015 November 28, 2014", "thousands", [
        "Sales and marketing 1,910,197 1,683,242 1,652,308",
        "Provision for income taxes 266,356 244,230 92,981",
    ]),
    ("AMCOR_2023Q2_10Q", 7, "December 31, 2022 June 30, 2022", "millions", [
        "Cash and cash equivalents $ 837 $ 775", "Trade payables 2,785 3,073",
        "Retained earnings 866 534",
    ]),
    ("BESTBUY_2019_10K", 55, "February 2, 2019 February 3, 2018 January 28, 2017", "millions", [
        "Depreciation and amortization 770 683 654",
        "Repurchase of common stock (1,505) (2,004) (698)",
    ]),
    ("BOEING_2018_10K", 50, "December 31, 2018 2017 2016", "millions", [
        "Sales of products $90,229 $83,740 $83,198", "Earnings from operations 11,987 10,344 6,527",
    ]),
    ("BOEING_2018_10K", 53, "December 31, 2018 2017 2016", "millions", [
        "Accounts payable 2 130 622", "New borrowings 8,548 2,077 1,325",
    ]),
    ("NIKE_2021_10K", 61, "2021 2020", "millions", [
        "Inventories 6,854 7,367", "TOTAL ASSETS $ 37,740 $ 31,342",
        "Retained earnings (deficit) 3,179 (191)",
    ]),
]  # fmt: skip
NUMBERS = re.compile(r"[\d,]*\d(?:\.\d+)?|—")


@lru_cache
def read(name: str) -> ReadDocument:
    path = next(path for path in real_files("financebench_dev/pdfs") if path.stem == name)
    return read_document(admit(Source(path), max_file_mb=100), Settings())


def passages_of(name: str, page_no: int) -> list[Passage]:
    document = read(name)
    pages = [Page(one.page_no, one.text, PageStatus(one.status)) for one in document.pages]
    sections = find_sections(document.pages, document.headings)
    passages = chunk("d", pages, sections, header="", limit=256, tokenizer=default_tokenizer())
    return [one for one in passages if one.page_no == page_no]


def row_of(line: str) -> str:
    return " ".join(re.sub(r"\.{3,}", " ", line).split())


@pytest.mark.parametrize(
    ("name", "page_no", "heads", "unit", "rows"), STATEMENTS, ids=lambda value: str(value)[:20]
)
def test_every_number_of_a_statement_can_be_read_off_its_passage(
    name: str, page_no: int, heads: str, unit: str, rows: list[str]
) -> None:
    passages = passages_of(name, page_no)
    n_columns = len(re.findall(r"\b20\d\d\b", heads))
    found, n_rows = set(), 0
    for passage in passages:
        above = [passage.header]
        for line in passage.text.split("\n"):
            row = row_of(line)
            label = re.match(r"(?!December)[^\d($—]*[A-Za-z][^\d]*?(?=\s[(\d$—])", row)
            numbers = NUMBERS.findall(row[label.end() :]) if label else []
            if label and len(numbers) == n_columns and not re.search(r"\b20\d\d\b", row):
                n_rows += 1
                found.add(row)
                shown = " ".join(" ".join(above).split())
                assert heads in shown, f"{row!r} without the heads of its columns: {shown!r}"
                assert unit in shown, f"{row!r} without its unit: {shown!r}"
            above.append(line)
    assert set(rows) <= found
    assert n_rows >= 12


def heads(text: str, row: str) -> str:
    lines = lines_of(text)
    first = next(i for i, line in enumerate(lines) if line.text.startswith(row))
    return heads_above(lines, first, len(lines) - 1)


ROWS = "\n".join(f"Row {'abcdefgh'[n]} of the table {n}1,577 (31)" for n in range(8))


@pytest.mark.parametrize(
    ("above", "found"),
    [
        ("(In thousands)\nNovember 27,\n2015\nNovember 28,\n2014\nASSETS\nCurrent assets:",
         "(In thousands) November 27, 2015 November 28, 2014"),
        ("(Dollars\nin\nmillions,\nexcept\nper\nshare\ndata)\nYears ended December 31, 2018 2017",
         "(Dollars in millions, except per share data) Years ended December 31, 2018 2017"),
        ("Three Months Ended Nine Months Ended\nMay 31, May 31,\n2024 2023 2024 2023",
         "Three Months Ended Nine Months Ended May 31, May 31, 2024 2023 2024 2023"),
        ("The table shows debt as of the end of each year (in millions):\n2024 2023",
         "The table shows debt as of the end of each year (in millions): 2024 2023"),
        ("(In millions)\nCommon Stock\nRetained\nEarnings\nTotal",
         "(In millions) Common Stock Retained Earnings Total"),
        ("Name | Price | Count", "Name | Price | Count"),
        ("单位：百万元\n项目 本期 上期", "单位：百万元 项目 本期 上期"),
        ("It had 12 plants.", ""),
    ],
)  # fmt: skip
def test_heads_of_columns(above: str, found: str) -> None:
    rows = ROWS.replace(" 1", " | 1").replace(" (", " | (") if "|" in above else ROWS
    assert heads(f"{above}\n{rows}", "Row e") == found


def test_the_nearest_periods_head_a_row() -> None:
    text = f"(In millions) 2024 2023\n{ROWS}\nShares 2022 2021\nBasic 12 13\nDiluted 14 15"
    assert heads(text, "Row c") == "(In millions) 2024 2023"
    assert heads(text, "Diluted") == "(In millions) Shares 2022 2021"
