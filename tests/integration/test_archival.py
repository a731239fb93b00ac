"""Paging in the real database, with many tied scores, filters and changes in between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memgpt_docs import Library
from memgpt_docs.errors import UsageError
from memgpt_docs.storage.archival import ArchivalStorage, ResultsPage
from tests.conftest import Files, add_file

MakeLibrary = Callable[[Files], Library]


@pytest.fixture(scope="module")
def tied(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """600 passages of which hundreds score the same."""
    library = Library(tmp_path_factory.mktemp("tied") / "library")
    for number in range(6):
        texts = [f"revenue of segment {n % 3} was high" for n in range(100)]
        add_file(library, f"file{number}.txt", [f"{text} {number}" for text in texts])
    library.refresh()
    return library


def read_all(archival: ArchivalStorage, query: str, page_size: int) -> list[ResultsPage]:
    first = archival.search(query, 1, page_size)
    return [first, *(archival.search(query, n, page_size) for n in range(2, first.pages + 1))]


@settings(max_examples=40)
@given(
    st.sampled_from(["revenue", "segment 2", "high revenue file3", "净利润", "nothing at all"]),
    st.integers(1, 200),
)
def test_pages_are_disjoint_complete_and_totals_constant(
    tied: Library, query: str, page_size: int
) -> None:
    archival = ArchivalStorage(tied)
    ranking = archival.rank(query)
    pages = read_all(archival, query, page_size)
    seen = [result.passage.passage_id for page in pages for result in page.results]
    assert seen == [entry.passage_id for entry in ranking.entries]
    assert len(seen) == len(set(seen)) == ranking.total
    assert {(page.total, page.pages) for page in pages} == {(ranking.total, len(pages))}
    assert not any(page.past_end for page in pages if page.results)
    past = archival.search(query, len(pages) + 1, page_size)
    assert past.past_end and past.results == () and past.total == ranking.total
    ranks = [result.rank for page in pages for result in page.results]
    assert ranks == list(range(1, len(ranks) + 1))


def test_the_same_query_gives_the_same_ranking_whoever_asks(tied: Library) -> None:
    again = Library(tied.uri)
    for query in ("revenue", "segment 1 high"):
        assert ArchivalStorage(tied).rank(query) == ArchivalStorage(again).rank(query)


def test_a_ranking_stays_frozen_while_documents_come_in(make_library: MakeLibrary) -> None:
    library = make_library({"a.txt": [f"turbine number {n}" for n in range(30)]})
    ranking = library.archival.rank("turbine")
    add_file(library, "b.txt", [f"turbine turbine {n}" for n in range(30)])
    library.refresh()
    pages = [library.archival.page(ranking, n, 7) for n in range(1, ranking.pages(7) + 1)]
    files = {result.file for page in pages for result in page.results}
    assert files == {"a.txt"}
    assert library.archival.rank("turbine").library_version > ranking.library_version
    assert library.archival.search("turbine", page_size=60).total == 60


def test_a_page_says_what_was_deleted_since(make_library: MakeLibrary) -> None:
    library = make_library({"a.txt": ["turbine one"], "b.txt": ["turbine two"]})
    ranking = library.archival.rank("turbine")
    library.delete("a.txt")
    page = library.archival.page(ranking, 1, 5)
    assert (page.total, page.gone, len(page.results)) == (2, 1, 1)


def test_new_documents_are_found_before_the_index_is_refreshed(reports: Library) -> None:
    add_file(reports, "new.txt", ["the flywheel patent 净利润"])
    assert reports.archival.search("flywheel").results[0].file == "new.txt"


def test_an_index_made_on_an_empty_table_still_finds(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    library.refresh()
    add_file(library, "a.txt", ["the flywheel patent"])
    library.refresh()
    assert library.archival.search("flywheel").results[0].passage.text == "the flywheel patent"


def test_the_document_filter(reports: Library) -> None:
    everywhere = reports.archival.search("revenue 2023", page_size=50)
    assert {result.file for result in everywhere.results} == {"Acme_2023.pdf", "Birch_2023.pdf"}
    one = reports.archival.search("revenue 2023", page_size=50, documents=["Birch_2023.pdf"])
    assert {result.file for result in one.results} == {"Birch_2023.pdf"}
    by_id = reports.document("Birch_2023.pdf").doc_id
    assert reports.archival.search("revenue 2023", page_size=50, documents=[by_id]) == one


def test_words_match_in_english_forms_and_in_chinese(reports: Library) -> None:
    assert reports.archival.search("revenues").results[0].passage.text.count("evenue")
    assert "净利润" in reports.archival.search("净利润").results[0].passage.text


@pytest.mark.parametrize("query", ['"unclosed (', "a AND OR", "???", "x' OR '1'='1", "%_\\"])
def test_any_text_is_a_query(reports: Library, query: str) -> None:
    assert reports.archival.search(query).page == 1


@pytest.mark.parametrize(("query", "page", "size"), [(" ", 1, 5), ("a", 0, 5), ("a", 1, 0)])
def test_wrong_use_is_refused(reports: Library, query: str, page: int, size: int) -> None:
    with pytest.raises(UsageError):
        reports.archival.search(query, page, size)
