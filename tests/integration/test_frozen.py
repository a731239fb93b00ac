"""Rankings of a session: frozen while documents come and go, and restored in another process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memgpt_docs import Library
from memgpt_docs.errors import StorageError, UnknownDocument
from memgpt_docs.storage.archival import REMEMBERED_RANKINGS, ArchivalStorage
from memgpt_docs.storage.filters import Filters
from memgpt_docs.storage.frozen import FrozenRanking
from memgpt_docs.storage.ranking import Ranking, Scored
from tests.conftest import Files, add_file

MakeLibrary = Callable[[Files], Library]
ROOT = Path(__file__).resolve().parents[2]

words = st.text(max_size=12)
names = st.none() | words
frozen_rankings = st.builds(
    FrozenRanking,
    st.builds(
        Filters, st.lists(words, max_size=3).map(tuple), names, names, st.none() | st.integers(),
        names, names,
    ),
    st.builds(
        Ranking,
        words,
        st.lists(words, max_size=3).map(tuple),
        st.integers(0, 2**40),
        st.lists(
            st.builds(
                Scored, words, st.floats(allow_nan=False), st.lists(words, max_size=3).map(tuple)
            ),
            max_size=6,
        ).map(tuple),
        words,
        words,
    ),
    st.integers(0, 50),
)  # fmt: skip


@given(frozen_rankings)
def test_a_ranking_survives_a_trip_through_json(frozen: FrozenRanking) -> None:
    assert FrozenRanking.from_json(json.loads(json.dumps(frozen.to_json()))) == frozen


def test_a_ranking_kept_before_rankings_had_a_page_size_is_read() -> None:
    frozen = FrozenRanking(Filters(), Ranking("a", (), 1, (Scored("b", 1.0),)))
    kept = frozen.to_json()
    del kept["page_size"]
    assert FrozenRanking.from_json(kept) == frozen


@pytest.mark.parametrize(
    "saved", [{}, {"query": "a"}, {"filters": 1}, {"filters": {"documents": [], "what": 1}}]
)
def test_what_is_no_ranking_is_refused(saved: dict[str, object]) -> None:
    with pytest.raises(StorageError):
        FrozenRanking.from_json(saved)


IN_ANOTHER_PROCESS = """
import json, sys
from memgpt_docs import Library
from memgpt_docs.storage.archival import ArchivalStorage
from memgpt_docs.storage.frozen import FrozenRanking

archival = ArchivalStorage(Library(sys.argv[1]))
archival.restore(map(FrozenRanking.from_json, json.load(sys.stdin)))
pages = [archival.search("turbine", n, 7) for n in range(2, 6)]
print(json.dumps([[r.passage.passage_id for r in page.results] for page in pages]))
print(pages[0].total, pages[0].library_version)
"""


def test_a_session_resumed_in_another_process_turns_the_same_pages(
    make_library: MakeLibrary,
) -> None:
    library = make_library({"a.txt": [f"turbine number {n}" for n in range(30)]})
    archival = ArchivalStorage(library)
    first = archival.search("turbine", 1, 7)
    saved = json.dumps([frozen.to_json() for frozen in archival.rankings()])
    expected = [
        [result.passage.passage_id for result in archival.search("turbine", n, 7).results]
        for n in range(2, 6)
    ]
    add_file(library, "b.txt", [f"turbine turbine {n}" for n in range(30)])
    library.refresh()
    done = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS, library.uri],
        input=saved, capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    pages, about = done.stdout.splitlines()
    assert json.loads(pages) == expected
    assert about == f"30 {first.library_version}"


def test_the_next_page_is_of_the_ranking_whose_first_page_was_shown(
    make_library: MakeLibrary,
) -> None:
    library = make_library({"a.txt": [f"turbine number {n}" for n in range(30)]})
    one, other = ArchivalStorage(library), ArchivalStorage(library)
    shown = one.search("turbine", 1, 10)
    add_file(library, "b.txt", [f"turbine turbine {n}" for n in range(30)])
    # Another session that starts now sees both files, and does not disturb the first.
    assert other.search("turbine", 1, 10).total == 60
    pages = [one.search("turbine", n, 10) for n in (2, 3, 4)]
    ids = [r.passage.passage_id for page in (shown, *pages) for r in page.results]
    assert len(ids) == len(set(ids)) == 30 == shown.total
    assert pages[-1].past_end
    assert {page.library_version for page in pages} == {shown.library_version}
    # Its first page, asked for again, is of the library as it is.
    assert one.search("turbine", 1, 10).total == 60


def test_filters_are_remembered_as_they_were_given(make_library: MakeLibrary) -> None:
    library = make_library({"a.txt": ["turbine one", "turbine two"], "b.txt": ["turbine three"]})
    archival = ArchivalStorage(library)
    archival.search("turbine", 1, 1, documents=["a.txt"])
    (frozen,) = archival.rankings()
    assert frozen.filters == Filters(documents=("a.txt",))
    restored = ArchivalStorage(library)
    restored.restore([frozen])
    assert restored.search("turbine", 2, 1, ["a.txt"]) == archival.search(
        "turbine", 2, 1, filters=Filters(documents=("a.txt",))
    )


@settings(max_examples=20)
@given(st.integers(0, 2 * REMEMBERED_RANKINGS))
def test_only_the_last_rankings_are_kept(count: int) -> None:
    archival = ArchivalStorage(None)  # type: ignore[arg-type]
    made = [FrozenRanking(Filters(), Ranking(str(n), (), 1, ())) for n in range(count)]
    archival.restore(made)
    assert archival.rankings() == made[-REMEMBERED_RANKINGS:]
    archival.restore(made[:1])
    assert archival.rankings()[-1:] == made[:1]


happenings = st.lists(
    st.sampled_from(["add", "delete", "refresh", "restart", "reopen", "search"]), max_size=5
)
limits = st.sampled_from(
    [Filters(), Filters(kind="prose"), Filters(documents=("0.txt", "1.txt")), Filters(section="")]
)


@settings(max_examples=12)
@given(happenings, limits, st.integers(1, 40), st.data())
def test_pages_are_exact_whatever_happens_between_them(
    tmp_path_factory: pytest.TempPathFactory,
    between: list[str],
    filters: Filters,
    page_size: int,
    data: st.DataObject,
) -> None:
    """Pages are disjoint, their union is the ranking, and the total is constant; of passages whose
    document was deleted the page says how many there were."""
    library = Library(tmp_path_factory.mktemp("exact") / "library")
    for number in range(3):  # hundreds of ties
        add_file(library, f"{number}.txt", [f"valve of kind {n % 2}" for n in range(25)])
    archival = ArchivalStorage(library)
    first = archival.search("valve", 1, page_size, filters=filters)
    frozen = archival.rankings()[0].ranking
    shown = [result.passage.passage_id for result in first.results]
    gone = 0
    for page in range(2, first.pages + 2):
        for happening in between if page == data.draw(st.integers(2, 3)) else ():
            if happening == "add":
                add_file(library, f"new{library.version}.txt", ["valve valve"] * 3)
            elif happening == "delete" and len(library.documents()) > 1:
                library.delete(library.documents()[0].doc_id)
            elif happening == "refresh":
                library.refresh()
            elif happening == "restart":
                saved = json.loads(json.dumps([one.to_json() for one in archival.rankings()]))
                archival = ArchivalStorage(Library(library.uri))
                archival.restore(map(FrozenRanking.from_json, saved))
            elif happening == "reopen":
                library = Library(library.uri)
            elif happening == "search":
                ArchivalStorage(library).search("valve", 1, page_size)
                with suppress(UnknownDocument):  # a new search may name one that was deleted
                    archival.search("kind 1", 1, page_size, filters=filters)
        turned = archival.search("valve", page, page_size, filters=filters)
        assert (turned.total, turned.pages) == (frozen.total, first.pages)
        assert turned.library_version == frozen.library_version
        shown += [result.passage.passage_id for result in turned.results]
        gone += turned.gone
        expected = frozen.page(page, page_size)
        kept = [result.passage.passage_id for result in turned.results]
        assert kept == [e.passage_id for e in expected if e.passage_id in set(kept)]
        assert turned.past_end == (page > first.pages)
    assert len(shown) == len(set(shown)) and len(shown) + gone == frozen.total
    assert set(shown) <= {entry.passage_id for entry in frozen.entries}


WRITER = """
import sys
from memgpt_docs import Library
from tests.conftest import add_file

library = Library(sys.argv[1])
for n in range(6):
    add_file(library, f"late{n}.txt", [f"turbine turbine {n}"] * 5)
library.refresh()
library.delete("late0.txt")
"""


def test_a_ranking_stays_frozen_while_another_process_writes(make_library: MakeLibrary) -> None:
    library = make_library({"a.txt": [f"turbine number {n}" for n in range(30)]})
    archival = ArchivalStorage(library)
    first = archival.search("turbine", 1, 4)
    ids = [entry.passage_id for entry in archival.rankings()[0].ranking.entries]
    writer = subprocess.Popen([sys.executable, "-c", WRITER, library.uri], cwd=ROOT)
    turns = 0
    while writer.poll() is None or turns == 0:
        for page in range(2, first.pages + 1):
            found = archival.search("turbine", page, 4)
            shown = [result.passage.passage_id for result in found.results]
            assert shown == ids[4 * (page - 1) : 4 * page] and found.total == 30
        turns += 1
    assert writer.returncode == 0
    assert archival.search("turbine", 1, 4).total == 55
