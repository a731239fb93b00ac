"""Sections of filings, with their contents pages, cross-references and page heads."""

from __future__ import annotations

from ingest.readers.message import Heading, ReadPage
from ingest.sections import MAX_PATH_CHARS, find_sections

WORDS = "The company did business in the year and describes it here at some length.\n" * 6


def pages(*texts: str) -> list[ReadPage]:
    return [ReadPage(number, text, "text") for number, text in enumerate(texts, start=1)]


def paths(*texts: str, headings: list[Heading] | None = None) -> list[tuple[int, str]]:
    return [(one.page_no, one.path) for one in find_sections(pages(*texts), headings or [])]


CONTENTS = """Table of Contents
PART I
Item 1. Business 4
Item 1A. Risk Factors 10
Item 2. Properties 12
PART II
Item 7. Management's Discussion and Analysis 15
Item 8. Financial Statements 52
Item 9A. Controls and Procedures 60
"""
ANNUAL = (
    "ACME CORP\nFORM 10-K\n",
    CONTENTS,
    "PART I\nItem 1. Business\n" + WORDS,
    "Item 1A. Risk Factors\n" + WORDS + "as described in the text of\nItem 8. Financial Statements "
    "of this report, which should be read with it.\n" + WORDS,
    "Item 2. Properties\n" + WORDS,
    "PART II\nItem 7.\nManagement's Discussion and Analysis\n" + WORDS,
    "PART II\nItem 7. Management's Discussion and Analysis (continued)\n" + WORDS,
    "Item 8. Financial Statements\nConsolidated Balance Shee t\n" + WORDS,
    "Notes to Consolidated Financial Statements\nNOTE 1. Basis\n" + WORDS + "see\nNote 2, which\n",
    "Notes to Consolidated Financial Statements (continued)\nNOTE 2. Revenue\n" + WORDS,
    "Item 9A. Controls and Procedures\n" + WORDS,
)


def test_the_items_of_an_annual_report() -> None:
    assert paths(*ANNUAL) == [
        (3, "Part I"),
        (3, "Part I > Item 1. Business"),
        (4, "Part I > Item 1A. Risk Factors"),
        (5, "Part I > Item 2. Properties"),
        (6, "Part II"),
        (6, "Part II > Item 7. Management's Discussion and Analysis"),
        (8, "Part II > Item 8. Financial Statements"),
        (8, "Part II > Item 8. Financial Statements > Consolidated Balance Sheet"),
        (9, "Part II > Item 8. Financial Statements > Notes to Consolidated Financial Statements"),
        (9, "Part II > Item 8. Financial Statements > Notes to Consolidated Financial Statements"
            " > Note 1 Basis"),
        (10, "Part II > Item 8. Financial Statements > Notes to Consolidated Financial Statements"
             " > Note 2 Revenue"),
        (11, "Part II > Item 9A. Controls and Procedures"),
    ]  # fmt: skip


def test_the_items_of_a_foreign_annual_report() -> None:
    found = paths(
        "Item 3. Key Information\n" + WORDS,
        "ITEM 4. INFORMATION ON THE COMPANY\n" + WORDS,
        "ITEM 4A. UNRESOLVED STAFF COMMENTS\n" + WORDS,
        "Item 5. Operating and Financial Review\n" + WORDS,
        "Item 12. Description of Securities\n" + WORDS,
        "PART II\nItem 13. Defaults\n" + WORDS,
        "Item 16G. Corporate Governance\n" + WORDS,
        "Item 18. Financial Statements\n" + WORDS,
    )
    assert [path for _, path in found] == [
        "Part I",
        "Part I > Item 3. Key Information",
        "Part I > Item 4. INFORMATION ON THE COMPANY",
        "Part I > Item 4A. UNRESOLVED STAFF COMMENTS",
        "Part I > Item 5. Operating and Financial Review",
        "Part I > Item 12. Description of Securities",
        "Part II",
        "Part II > Item 13. Defaults",
        "Part II > Item 16G. Corporate Governance",
        "Part III",
        "Part III > Item 18. Financial Statements",
    ]


def test_a_label_says_where_a_part_of_an_older_form_begins() -> None:
    found = paths(
        "PART I\nItem 1. Description of Business\n" + WORDS,
        "PART II\nItem 5. Market\n" + WORDS,
        "Item 8A. Controls\n" + WORDS,
        "PART III\nItem 9. Directors\n" + WORDS,
        "Item 13. Exhibits\n" + WORDS,
    )
    assert [path for _, path in found] == [
        "Part I",
        "Part I > Item 1. Description of Business",
        "Part II",
        "Part II > Item 5. Market",
        "Part II > Item 8A. Controls",
        "Part III",
        "Part III > Item 9. Directors",
        "Part III > Item 13. Exhibits",
    ]


def test_the_items_of_a_quarterly_report_begin_again_in_part_two() -> None:
    found = paths(
        "PART I\nItem 1. Financial Statements\n" + WORDS,
        "Item 2. Management's Discussion\n" + WORDS,
        "PART II\nItem 1. Legal Proceedings\n" + WORDS,
        "Item 1A. Risk Factors\n" + WORDS,
        "Item 6. Exhibits\n" + WORDS,
        "SIGNATURES\nBy: a person",
    )
    assert [path for _, path in found] == [
        "Part I",
        "Part I > Item 1. Financial Statements",
        "Part I > Item 2. Management's Discussion",
        "Part II",
        "Part II > Item 1. Legal Proceedings",
        "Part II > Item 1A. Risk Factors",
        "Part II > Item 6. Exhibits",
        "Signatures",
    ]


def test_items_of_a_current_report() -> None:
    found = paths("Item 8.01. Other Events\n" + WORDS + "Item 9.01. Exhibits\n(d) Exhibits")
    assert [path for _, path in found] == ["Item 8.01. Other Events", "Item 9.01. Exhibits"]


def test_an_outline_is_found_in_the_text_and_nested() -> None:
    headings = [
        Heading(1, None, 1, "1. Definitions"),
        Heading(1, None, 2, "Affiliate"),
        Heading(2, None, 1, "2. Term"),
    ]
    text = "AGREEMENT\n1. Definitions\nAffiliate means a company.\n"
    found = find_sections(pages(text, "2. Term\nTen years."), headings)
    assert [(one.page_no, one.start, one.path) for one in found] == [
        (1, 10, "1. Definitions"),
        (1, 25, "1. Definitions > Affiliate"),
        (2, 0, "2. Term"),
    ]


def test_headings_go_below_items_and_a_cover_has_none() -> None:
    cover = "UNITED STATES\nFORM 10-K\n"
    text = "Item 1. Business\n" + WORDS + "Competition\n" + WORDS
    headings = [Heading(1, 0, 5, "UNITED STATES"), Heading(2, text.index("Comp"), 6, "Competition")]
    assert paths(cover, text, headings=headings) == [
        (2, "Item 1. Business"),
        (2, "Item 1. Business > Competition"),
    ]


def test_chapters_of_a_chinese_report() -> None:
    found = paths("第一节 重要提示\n公司董事会保证。\n第二节 公司简介\n公司在上海。")
    assert [path for _, path in found] == ["第一节 重要提示", "第二节 公司简介"]


def test_paths_are_bounded_whatever_a_document_says() -> None:
    headings = [Heading(1, n, n + 1, f"Heading {n} " + "long " * 60) for n in range(30)]
    assert all(len(path) <= MAX_PATH_CHARS for _, path in paths("x" * 100, headings=headings))
    # Places outside the document are left out.
    assert paths("x", headings=[Heading(9, 0, 1, "A title"), Heading(1, 99, 1, "A title")]) == []


def test_many_lines_that_look_like_items_do_not_take_long() -> None:
    assert len(find_sections(pages("Item 1. Business and more\n" * 20_000), [])) < 50
