"""Pages of results as a session is shown them: exact whatever happens to the window meanwhile."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memgpt_docs import Agent, Library
from memgpt_docs.calls import FunctionCall, FunctionResult, PassagesShown
from memgpt_docs.context import MainContext
from memgpt_docs.executor import Executor
from memgpt_docs.functions import Functions
from memgpt_docs.processors.base import Reply
from memgpt_docs.processors.scripted import ScriptedProcessor, Step, call
from memgpt_docs.settings import Settings
from memgpt_docs.storage.archival import ResultsPage
from memgpt_docs.storage.frozen import FrozenRanking
from tests.conftest import add_file

DONE = call("send_message", message="Done.", citations=[])


@pytest.fixture(scope="module")
def divisions(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library(tmp_path_factory.mktemp("paging") / "library")
    rows = [f"Revenue of division {n} was ${n * 13} million. " * (n % 9 + 1) for n in range(30)]
    add_file(library, "a.txt", rows)
    return library


def counting(ratio: float, step: Reply) -> Step:
    """A reply of a server that reads `ratio` tokens for each that is counted here."""

    def decide(context: MainContext) -> Reply:
        read = int(context.tokens().used / context.scale * ratio)
        return Reply(step.calls, tokens_read=read, tokens_written=5)

    return decide


def turned(library: Library, session_id: str | None, pages: range, **chosen: int) -> Agent:
    """The agent of a session that was shown some pages, by a server that counts more tokens."""
    reading = [call("archival_search", query="division revenue", page=page) for page in pages]
    steps = [counting(1.4, step) for step in [*reading, DONE, DONE]]
    chosen = {"context_window": 8192} | chosen
    processor = ScriptedProcessor(steps)
    agent = Agent(library, processor, settings=Settings(**chosen), session_id=session_id)
    agent.ask("Which division?")
    return agent


def ranks_shown(agent: Agent) -> list[int]:
    shown = [
        result.payload
        for entry in agent.context.queue
        for _, result in getattr(entry, "exchanges", ())
    ]
    return [r.rank for one in shown if isinstance(one, PassagesShown) for r in one.results]


def test_pages_go_on_where_the_last_one_ended_when_a_server_counts_more(
    divisions: Library,
) -> None:
    agent = turned(divisions, None, range(1, 3))
    size = len(ranks_shown(agent)) // 2
    again = turned(Library(divisions.uri), agent.session_id, range(3, 4), page_size=1)
    assert ranks_shown(again) == list(range(1, 3 * size + 1))


def test_what_is_counted_as_shown_is_shown_where_passages_are_long(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    texts = [f"Part {n}. " + f"Revenue of part {n} was ${n} million. " * 140 for n in range(12)]
    add_file(library, "long.txt", texts)
    functions = Agent(library, ScriptedProcessor([]))._functions
    result = functions.archival_search("revenue of a part")
    handles = [int(one) for one in re.findall(r"^\[(\d+)\]", result.message, re.M)]
    assert isinstance(result.payload, PassagesShown)
    assert sorted(result.payload.handles) == handles
    assert functions.tokenizer.count(result.message) <= functions.page_tokens
    page = functions.read_document("long.txt", 1)
    assert functions.tokenizer.count(page.message) <= functions.page_tokens


def read(functions: Functions, page: int) -> tuple[FunctionResult, ResultsPage]:
    arguments = json.dumps({"query": "division revenue", "page": page})
    result = Executor(functions).run(FunctionCall("archival_search", arguments))
    assert isinstance(result.payload, PassagesShown) and result.payload.page is not None
    return result, result.payload.page


def restarted(library: Library, functions: Functions, pages: list[ResultsPage]) -> Functions:
    kept = json.dumps([frozen.to_json() for frozen in functions.archival.rankings()])
    again = Agent(library, ScriptedProcessor([]))._functions
    again.archival.restore(map(FrozenRanking.from_json, json.loads(kept)))
    for page in pages:
        again.coverage.read(page)
    return again


happenings = st.sampled_from(["next", "next", "next", "again", "ahead", "restart", "largest"])


@settings(max_examples=20)
@given(st.lists(st.tuples(happenings, st.integers(350, 4096)), max_size=12))
def test_pages_are_exact_whatever_the_window_has_room_for(
    divisions: Library, between: list[tuple[str, int]]
) -> None:
    """Pages of one size are disjoint and their union is the ranking; the size changes only where
    the page would not fit, which is told; the total is constant; what counts as read was shown."""
    functions = Agent(divisions, ScriptedProcessor([]))._functions
    result, newest = read(functions, 1)
    pages, total = [newest], newest.total
    shown = {one.rank for one in newest.results}
    for what, room in [*between, *[("next", 2048)] * total]:
        asked = min(newest.page + 1, newest.pages)
        if what == "restart":
            functions = restarted(divisions, functions, pages)
        elif what == "largest":
            functions.largest_page = room % 9 + 1
        elif what == "again":
            asked = 1
        elif what == "ahead":
            asked = newest.pages
        functions.page_tokens = room
        before = newest
        result, newest = read(functions, asked)
        pages.append(newest)
        shown |= {one.rank for one in newest.results}
        first = (newest.page - 1) * newest.page_size + 1
        last = min(first + newest.page_size - 1, total)
        assert [one.rank for one in newest.results] == list(range(first, last + 1))
        assert newest.total == total
        assert ("do not fit" in result.message) == (newest.page_size != before.page_size)
        if newest.page_size == before.page_size:
            assert newest.page == asked
        else:
            assert newest.page_size < before.page_size
            assert first <= (asked - 1) * before.page_size + 1 <= last
        assert newest.page_size == 1 or functions.tokenizer.count(result.message) <= room
        (coverage,) = functions.coverage.searches()
        assert (coverage.pages, coverage.total) == (newest.pages, total)
        whole = {
            number
            for number in range(1, newest.pages + 1)
            if shown.issuperset(
                range(
                    (number - 1) * newest.page_size + 1,
                    min(number * newest.page_size, total) + 1,
                )
            )
        }
        assert newest.page in coverage.pages_read and whole.issuperset(coverage.pages_read)


def test_reading_on_to_the_end_shows_the_whole_ranking(divisions: Library) -> None:
    functions = Agent(divisions, ScriptedProcessor([]))._functions
    _, newest = read(functions, 1)
    ranks, total = [one.rank for one in newest.results], newest.total
    for room in [2048, 600, 4096] * total:
        if newest.page == newest.pages:
            break
        functions.page_tokens = room
        _, newest = read(functions, newest.page + 1)
        ranks += [one.rank for one in newest.results]
    assert set(ranks) == set(range(1, total + 1))
    (coverage,) = functions.coverage.searches()
    assert coverage.unread == 0
