"""Routing prefers the documents that a query names and excludes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs import Library
from memgpt_docs.storage.routing import route
from memgpt_docs.storage.schema import Document
from tests.conftest import add_file


def document(file: str, title: str = "") -> Document:
    return Document(
        file, file, title, "pdf", 1, 1, 1, 1, file, (), "test", datetime(2026, 1, 1, tzinfo=UTC)
    )


def filing(
    file: str, company: str, form: str, year: int | None, period: str, ended: str
) -> Document:
    return replace(
        document(file),
        company=company,
        form_type=form,
        fiscal_year=year,
        fiscal_period=period,
        period_end=ended,
    )


DOCUMENTS = [
    document("BESTBUY_2019_10K.pdf"),
    document("BESTBUY_2023_10K.pdf"),
    document("BESTBUY_2024Q2_10Q.pdf"),
    document("3M_2018_10K.pdf"),
    document("Nordwind_年度报告_2024.pdf"),
    document("random.pdf", title="Amcor plc Annual Report fiscal 2023"),
]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("inventories of Best Buy in FY2019", {"BESTBUY_2019_10K.pdf"}),
        ("Best Buy's sales in Q2 of 2024", {"BESTBUY_2024Q2_10Q.pdf"}),
        ("capital expenditure of 3M", {"3M_2018_10K.pdf"}),
        ("Amcor's restructuring", {"random.pdf"}),
        ("the 10-Q", {"BESTBUY_2024Q2_10Q.pdf"}),
        ("what drove the margin", set()),
        ("", set()),
    ],
)
def test_what_a_query_names(query: str, named: set[str]) -> None:
    assert set(route(query, DOCUMENTS)) == named


# Names that say nothing: what is known of these filings is in their metadata.
FILINGS = [
    filing("a.pdf", "ADOBE SYSTEMS INCORPORATED", "10-K", 2016, "FY", "2016-12-02"),
    filing("b.pdf", "ADOBE INC.", "10-K", 2022, "FY", "2022-12-02"),
    filing("c.pdf", "ADOBE INC.", "10-Q", 2022, "Q2", "2022-06-03"),
    filing("d.pdf", "GENERAL MILLS, INC.", "10-K", 2022, "FY", "2022-05-29"),
    filing("e.pdf", "AMCOR PLC", "8-K", None, "", "2022-07-01"),
    filing("f.pdf", "AMCOR PLC", "10-K", 2023, "FY", "2023-06-30"),
    filing("g.pdf", "贵州茅台酒股份有限公司", "年度报告", 2023, "FY", "2023-12-31"),
]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("Adobe's revenue in FY16", {"a.pdf"}),
        ("adobe operating margin fiscal 2022", {"b.pdf"}),
        ("Adobe Q2 2022", {"c.pdf"}),
        ("Adobe's last annual report", {"b.pdf"}),
        ("revenue of Adobe", {"b.pdf"}),  # no time means the newest year
        ("GeneralMills sales", {"d.pdf"}),
        ("general and administrative expenses of Amcor in fiscal 2023", {"f.pdf"}),
        ("Amcor's 8-K of July 1, 2022", {"e.pdf"}),
        ("What was in AMCOR's 8k filing dated 1st July 2022?", {"e.pdf"}),
        ("贵州茅台酒的净利润", {"g.pdf"}),
        ("Adobe's 10-K for FY2016 and General Mills' for FY2022", {"a.pdf", "b.pdf", "d.pdf"}),
        ("a company that is not here", set()),
        ("What does the company say of its general systems?", set()),
    ],
)
def test_filings_are_named_by_their_metadata(query: str, named: set[str]) -> None:
    assert set(route(query, FILINGS)) == named


# Invented companies of many trades, with names as companies have them.
NAMED = {
    "bank": "HARTWELL & SONS BANCORP, INC.",
    "insurer": "The Meridian Casualty Group, Inc.",
    "chips": "Advanced Quantum Devices, Inc.",
    "retail": "L’ÉCLAIR STORES COMPANY /DE/",
    "brand": "Veltman & Pruitt Co",
    "utility": "AMERICAN HYDRO WORKS COMPANY, INC.",
    "airline": "American Skyways Group Inc.",
    "ships": "Royal Nordkapp Lines N.V.",
    "pharma": "JPMERTON HEALTHCARE SE",
    "games": "MGX Resorts International",
    "target": "TARGET SUPPLY CORP",
    "gap": "Block, Inc.",
    "house": "Bank of Tarland Corp",
    "maker": "Kestrelsoft Corporation",
    "chinese": "海蓝电器股份有限公司",
}
OF_MANY_TRADES = [
    replace(filing(key, name, "10-K", 2023, "FY", ""), file=f"{number}.pdf")
    for number, (key, name) in enumerate(NAMED.items())
]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("net interest margin of Hartwell & Sons", {"bank"}),
        ("Hartwell and Sons' deposits", {"bank"}),
        ("What is the combined ratio of Meridian Casualty?", {"insurer"}),
        ("The Meridian's reserves", {"insurer"}),
        ("AQD gross margin", {"chips"}),
        ("what did aqd spend on r&d", {"chips"}),
        ("same-store sales at L'Eclair", {"retail"}),
        ("V&P organic growth", {"brand"}),
        ("Did Pruitt raise its dividend?", {"brand"}),
        ("rate base of American Hydro", {"utility"}),
        ("American Skyways load factor", {"airline"}),
        ("American customers", set()),
        ("Nordkapp's fuel cost", {"ships"}),
        ("pipeline of JPM", {"pharma"}),
        ("MGX occupancy", {"games"}),
        ("What was the target for leverage?", set()),
        ("What did Target Supply pay?", {"target"}),
        ("a block of shares", set()),
        ("Block's gross profit", {"gap"}),
        ("BoT capital ratio", set()),  # two small letters inside are no initials
        ("BOT capital ratio", {"house"}),
        ("KSFT revenue", {"maker"}),
        ("海蓝电器的净利润", {"chinese"}),
        ("What is EBITDA less CAPEX and SG&A under GAAP?", set()),
        ("Compare American Hydro with American Skyways", {"utility", "airline"}),
        ("EPS of Hartwell & Sons and of MGX Resorts", {"bank", "games"}),
    ],
)
def test_companies_of_all_trades_are_named_as_people_name_them(query: str, named: set[str]) -> None:
    assert set(route(query, OF_MANY_TRADES)) == named


# A retailer whose fiscal year ends in January, named by the year in which it began.
YEARS = [
    filing("2020", "Corran Stores, Inc.", "10-K", 2020, "FY", "2021-01-30"),
    filing("2021", "Corran Stores, Inc.", "10-K", 2021, "FY", "2022-01-29"),
    filing("2022", "Corran Stores, Inc.", "10-K", 2022, "FY", "2023-01-28"),
    filing("2022q1", "Corran Stores, Inc.", "10-Q", 2022, "Q1", "2022-04-30"),
    filing("2022q2", "Corran Stores, Inc.", "10-Q", 2022, "Q2", "2022-07-30"),
    filing("2022q3", "Corran Stores, Inc.", "10-Q", 2022, "Q3", "2022-10-29"),
    filing("other", "Dunmore Mills plc", "Annual report", 2022, "FY", "2022-06-30"),
    filing("interim", "Dunmore Mills plc", "Interim report", 2023, "H1", "2022-12-31"),
]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("Corran's sales in FY2022", {"2022", "2021"}),  # ended in 2022, to some
        ("Corran's sales in fiscal year 2020, compared with before", {"2020"}),
        ("How did Corran's margin change between FY2020 and FY2022?", {"2022", "2021"}),
        ("Corran's capex FY2020 - FY2022", {"2022", "2021"}),
        ("Corran, Q2 FY2022: inventory", {"2022q2"}),
        ("Corran 3Q22 sales", {"2022q3"}),
        ("Corran's profit in the six months ended July 30, 2022", {"2022q2"}),
        ("Corran's first half of fiscal 2022", {"2022q2"}),
        ("Corran in Q4 2022", {"2022", "2021"}),
        ("Corran's balance sheet as of January 28, 2023", {"2022"}),
        ("Dunmore H1 2023", {"interim"}),
        ("Dunmore Mills' annual report for 2022", {"other"}),
    ],
)
def test_times_are_named_as_people_name_them(query: str, named: set[str]) -> None:
    assert set(route(query, YEARS)) == named


@given(st.text(max_size=80))
def test_any_query_names_documents_of_the_library_or_none(query: str) -> None:
    circle = route(query, FILINGS)
    assert list(circle) == sorted(set(circle)) and set(circle) < {d.doc_id for d in FILINGS}
    assert route(query, list(reversed(FILINGS))) == circle


def test_the_reports_of_two_years_are_each_asked() -> None:
    reports = [
        filing(f"{year}.pdf", "Nordwind Plc", "10-K", year, "FY", f"{year}-12-31")
        for year in (2021, 2022, 2023, 2024)
    ]
    both = route("How did Nordwind's headroom change between its 2023 and 2024 reports?", reports)
    assert both == ("2023.pdf", "2024.pdf")
    # The newer report states the year before, too.
    assert route("How did Nordwind's sales change from 2023 to 2024?", reports) == ("2024.pdf",)


def test_a_single_document_needs_no_preference() -> None:
    assert route("3M", [document("3M_2018_10K.pdf")]) == ()


def test_a_wrong_name_excludes_nothing(tmp_path: object) -> None:
    library = Library(f"{tmp_path}/library")
    add_file(library, "Acme_2023.pdf", ["the flywheel patent of the company"])
    add_file(library, "Birch_2023.pdf", ["employees and pensions"])
    found = library.archival.search("flywheel patent of Birch")
    assert "Acme_2023.pdf" in {result.file for result in found.results}
