"""Recall storage: what was said is found by words and by date, in its own session only."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs import Library
from memgpt_docs.errors import StorageError, UsageError
from memgpt_docs.storage.recall import RecallEntry

START = datetime(2026, 3, 1, tzinfo=UTC)
ME, OTHER = "a" * 32, "b" * 32


def say(library: Library, session_id: str, texts: list[str], days: int = 0) -> None:
    first = library.recall.length(session_id)
    library.recall.append(
        [
            RecallEntry(
                session_id, first + n, START + timedelta(days=days + n), "user", "", text, 4
            )
            for n, text in enumerate(texts)
        ]
    )


def test_words_are_found_weeks_later_in_their_own_session_only(reports: Library) -> None:
    say(reports, ME, ["the turbine leaks oil", "nothing here", "净利润增长了", "two turbines"])
    say(reports, OTHER, ["my turbine is secret"])
    again = Library(reports.uri).recall
    found = again.search(ME, "turbines", 1, 10)
    assert {entry.text for entry in found.entries if "turbine" in entry.text} == {
        "the turbine leaks oil", "two turbines",
    }  # fmt: skip
    assert all(entry.session_id == ME for entry in found.entries)
    assert again.search(ME, "净利润", 1, 10).entries[0].text == "净利润增长了"
    assert again.search(ME, "zebra", 1, 10).total == 0


def test_a_search_is_frozen_while_its_pages_are_turned(reports: Library) -> None:
    say(reports, ME, [f"turbine number {n}" for n in range(7)])
    first = reports.recall.search(ME, "turbine", 1, 3)
    say(reports, ME, ["turbine turbine turbine"])
    rest = [reports.recall.search(ME, "turbine", page, 3) for page in (2, 3, 4)]
    seen = [entry.ordinal for page in (first, *rest) for entry in page.entries]
    assert len(seen) == len(set(seen)) == first.total and not rest[-1].entries
    assert {page.total for page in rest} == {first.total}
    assert reports.recall.search(ME, "turbine", 1, 3).total == first.total + 1


@given(st.integers(0, 9), st.integers(0, 9), st.integers(1, 4))
def test_dates_are_half_open_and_pages_complete(
    year: Library, start: int, end: int, page_size: int
) -> None:
    first, last = START + timedelta(days=start), START + timedelta(days=end)
    found = year.recall.search_date(ME, first, last, 1, page_size)
    pages = [
        year.recall.search_date(ME, first, last, page, page_size)
        for page in range(1, found.pages + 1)
    ]
    told = [entry.text for page in pages for entry in page.entries]
    assert told == [f"day {n}" for n in range(start, end)]
    assert found.total == max(0, end - start)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library(tmp_path_factory.mktemp("year") / "library")
    say(library, ME, [f"day {n}" for n in range(10)])
    return library


def test_wrong_use_is_refused(reports: Library) -> None:
    for query, page in (("", 1), ("turbine", 0)):
        with pytest.raises(UsageError):
            reports.recall.search(ME, query, page, 5)


def test_storage_that_cannot_be_read_or_written_is_an_error_with_help(reports: Library) -> None:
    say(reports, ME, ["first"])
    shutil.rmtree(Path(reports.uri) / "recall.lance")
    with pytest.raises(StorageError, match="could not be written"):
        reports.recall.append([RecallEntry(ME, 1, START, "user", "", "second", 1)])
