"""Routing prefers the documents that a query names and excludes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from memgpt_docs import Library
from memgpt_docs.storage.routing import route
from memgpt_docs.storage.schema import Document
from tests.conftest import add_file


def document(file: str, title: str = "") -> Document:
    return Document(
        file, file, title, "pdf", 1, 1, 1, 1, file, (), "test", datetime(2026, 1, 1, tzinfo=UTC)
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
    circles = route(query, DOCUMENTS)
    assert set(circles[-1] if circles else ()) == named
    for wide, narrow in pairwise(circles):
        assert set(narrow) <= set(wide)


def test_other_years_of_the_same_company_come_next() -> None:
    files = ["Acme_Corp_10K_2022.pdf", "Acme_Corp_10K_2023.pdf", "Birch_Foods_10K_2023.pdf"]
    wide, narrow = route("revenue of Acme Corp in FY2023", [document(file) for file in files])
    assert narrow == ("Acme_Corp_10K_2023.pdf",)
    assert wide == ("Acme_Corp_10K_2022.pdf", "Acme_Corp_10K_2023.pdf")


def test_a_single_document_needs_no_preference() -> None:
    assert route("3M", [document("3M_2018_10K.pdf")]) == []


def test_a_wrong_name_excludes_nothing(tmp_path: object) -> None:
    library = Library(f"{tmp_path}/library")
    add_file(library, "Acme_2023.pdf", ["the flywheel patent of the company"])
    add_file(library, "Birch_2023.pdf", ["employees and pensions"])
    found = library.archival.search("flywheel patent of Birch")
    assert "Acme_2023.pdf" in {result.file for result in found.results}
