"""What a document is called."""

from __future__ import annotations

import pytest

from ingest.metadata import Metadata
from ingest.title import header_of, title_of, words_of_name

NOTHING = Metadata()
FILING = Metadata(
    company="3M COMPANY", form_type="10-K", fiscal_year=2018, fiscal_period="FY",
    period_end="2018-12-31",
)  # fmt: skip


def test_a_filing_is_named_by_what_it_says_of_itself() -> None:
    assert title_of("a.pdf", "0000764478-17-000008", FILING) == "3M COMPANY 10-K FY2018"
    quarter = Metadata("BEST BUY CO., INC.", "10-Q", 2024, "Q2", "2023-07-29")
    assert title_of("a.pdf", "", quarter) == "BEST BUY CO., INC. 10-Q Q2 FY2024"
    assert header_of("x.pdf", "", quarter) == "BEST BUY CO., INC. · 10-Q Q2 FY2024 · x"
    event = Metadata("AMCOR PLC", "8-K", period_end="2022-07-01")
    assert title_of("a.pdf", "", event) == "AMCOR PLC 8-K 2022-07-01"


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("Supply Agreement", "Supply Agreement"),
        ("10-K - 02/07/2019 - 3M Company", "10-K - 02/07/2019 - 3M Company"),
        ("年度报告", "年度报告"),
        ("0000764478-17-000008", "my file 2024"),
        ("Microsoft Word - final2.doc", "my file 2024"),
        ("aapl-20240928", "my file 2024"),
        ("tm245193-3_424b2 - none - 7.2656533s", "my file 2024"),
        ("", "my file 2024"),
    ],
)
def test_junk_titles_give_way_to_the_file_name(given: str, title: str) -> None:
    assert title_of("my_file_2024.pdf", given, NOTHING) == title


def test_a_header_has_what_the_file_name_adds() -> None:
    assert header_of("3M_2018_10K.pdf", "any", FILING) == "3M COMPANY · 10-K FY2018"
    assert header_of("3M_2018_10K_draft.pdf", "any", FILING) == "3M COMPANY · 10-K FY2018 · draft"
    best_buy = Metadata("BEST BUY CO., INC.", "10-K", 2019)
    assert header_of("BESTBUY_2019_10K.pdf", "", best_buy) == "BEST BUY CO., INC. · 10-K FY2019"
    apple = Metadata("Apple Inc.", "10-K", 2024, "FY")
    assert header_of("AAPL_0000320193-24-000123.html", "", apple) == (
        "Apple Inc. · 10-K FY2024 · AAPL"
    )
    assert header_of("Supply_Agreement.docx", "Supply Agreement", NOTHING) == "Supply Agreement"
    assert header_of("2024_Supply.docx", "Supply Agreement", NOTHING) == "Supply Agreement · 2024"
    assert words_of_name(".pdf") == ".pdf"
