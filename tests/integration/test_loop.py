"""What keeps a run going: repeated calls, several at once, evidence after flushes, how a server
counts, and the budget of time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from memgpt_docs import Agent, Library
from memgpt_docs.context import MainContext, StepEntry
from memgpt_docs.events import Flushed, FunctionReturned, ResultsPageRead, Stopped, StopReason
from memgpt_docs.processors.base import Reply
from memgpt_docs.processors.scripted import ScriptedProcessor, Step, call
from memgpt_docs.settings import Settings
from tests.conftest import Files, add_file

DONE = call("send_message", message="Done.", citations=[])


def agent_with(library: Library, *steps: Step, **chosen: object) -> Agent:
    return Agent(library, ScriptedProcessor(steps), settings=Settings(**chosen))  # type: ignore[arg-type]


def turbines(library: Library, count: int = 30) -> Library:
    for number in range(count):
        add_file(library, f"long{number}.txt", [f"turbine {number} " + "blade steel " * 100])
    return library


def test_evidence_survives_three_flushes(reports: Library) -> None:
    """An answer still cites a passage read before the first, with its exact quotation."""
    found = "Revenue of Acme was $1,577 million in fiscal 2023"

    def note(context: MainContext) -> Reply:
        newest = context.queue[-1]
        assert isinstance(newest, StepEntry)
        message = newest.exchanges[0][1].message
        shown = re.search(rf"\[(\d+)\] Acme_2023.pdf p.2\n{re.escape(found)}", message)
        assert shown
        return call("working_context_append", text=f"[{shown[1]}] {found}")

    def answer(context: MainContext) -> Reply:
        assert not any(found in str(entry) for entry in context.queue)
        noted = re.search(r"\[(\d+)\] (.*)", context.working_context.part("findings"))
        assert noted
        citations = [{"handle": int(noted[1]), "quote": noted[2]}]
        return call("send_message", message=f"{noted[2]} [{noted[1]}].", citations=citations)

    search = call("archival_search", query="Acme revenue fiscal 2023")
    steps = [call("archival_search", query="turbine", page=page) for page in range(1, 12)]
    agent = agent_with(turbines(reports), search, note, *steps, answer, context_window=4096)
    events = list(agent.run("What was revenue?"))
    assert len([event for event in events if isinstance(event, Flushed)]) >= 3
    stop = events[-1]
    assert isinstance(stop, Stopped) and stop.answer.stop_reason is StopReason.ANSWERED
    (citation,) = stop.answer.citations
    assert (citation.file, citation.page_no, citation.status) == ("Acme_2023.pdf", 2, "exact")
    assert citation.quote == found


def test_a_repeated_call_is_told_what_comes_next(reports: Library) -> None:
    first = call("archival_search", query="turbine")
    agent = agent_with(turbines(reports), first, first, first, first)
    events = list(agent.run("Q?"))
    returned = [event for event in events if isinstance(event, FunctionReturned)]
    assert returned[0].ok and not returned[1].ok
    assert "made this call already" in returned[1].message and "Page 2 of" in returned[1].message
    stop = events[-1]
    assert isinstance(stop, Stopped) and stop.answer.stop_reason is StopReason.FUNCTION_ERRORS


def test_a_call_may_be_repeated_once_a_document_came_in(reports: Library) -> None:
    search = call("archival_search", query="revenue of Cedar")

    def upload(_: MainContext) -> Reply:
        add_file(reports, "Cedar.pdf", ["Revenue of Cedar was $12 million."])
        agent.inbox.uploaded("Cedar.pdf", 1)
        return call("working_context_append", text="Nothing of Cedar yet.")

    agent = agent_with(reports, search, upload, search, search, DONE, DONE)
    events = list(agent.run("What was the revenue of Cedar?"))
    read = [event for event in events if isinstance(event, ResultsPageRead)]
    assert [any(one.file == "Cedar.pdf" for one in e.page.results) for e in read] == [False, True]
    assert isinstance(events[-1], Stopped)


def test_a_call_may_be_repeated_once_its_result_has_left_the_window(reports: Library) -> None:
    pages = [call("archival_search", query="turbine", page=page) for page in range(1, 6)]
    agent = agent_with(turbines(reports), *pages, pages[0], DONE, DONE, context_window=4096)
    returned = [event for event in agent.run("Q?") if isinstance(event, FunctionReturned)]
    assert all(event.ok for event in returned[:6])


def test_several_searches_in_one_reply_come_back_in_order(reports: Library) -> None:
    queries = ["Acme revenue", "Birch employees", "turbine", "净利润"]
    calls = [call("archival_search", query=query).calls[0] for query in queries]
    together = agent_with(turbines(reports), Reply(tuple(calls)), DONE, DONE)
    one_by_one = agent_with(reports, *(Reply((one,)) for one in calls), DONE, DONE)

    def read(agent: Agent) -> list[tuple[str, tuple[int, ...], list[str]]]:
        return [
            (e.page.query, e.handles, [one.passage.passage_id for one in e.page.results])
            for e in agent.run("Q?")
            if isinstance(e, ResultsPageRead)
        ]

    assert read(together) == read(one_by_one)


@pytest.mark.parametrize("window", [2048, 4096])
def test_what_the_processor_has_not_seen_is_not_evicted(
    make_library: Callable[[Files], Library], window: int
) -> None:
    """A page of results is there at the next step, whatever comes in between, and what came in is
    there in the end."""
    library = make_library(
        {"long.txt": [f"turbine {n} " + "blade steel " * 150 for n in range(30)]}
    )
    agent = agent_with(library, context_window=window)
    note = call("working_context_append", text="blade " * (window // 10))
    steps = [note, *(call("archival_search", query="turbine", page=page) for page in range(1, 12))]

    def watched(before: Reply, reply: Reply) -> Step:
        def decide(context: MainContext) -> Reply:
            steps = [entry for entry in context.queue if isinstance(entry, StepEntry)]
            assert steps[-1].exchanges[0][0] == before.calls[0]
            tokens = context.tokens()
            assert tokens.used + tokens.reserved <= window
            return reply

        return decide

    steps = [steps[0], *(watched(*pair) for pair in pairwise(steps)), DONE, DONE]
    agent.processor = ScriptedProcessor(steps)
    for event in agent.run("Which turbine? " + "Tell me all of it. " * 20):
        if isinstance(event, FunctionReturned):
            agent.inbox.uploaded(f"file{event.step}.pdf", 3)
            agent.inbox.say(f"Also number {event.step}, please.")
    said = [entry.text for entry in agent.library.recall.entries(agent.session_id)]
    told = [text for text in said if text.startswith(("Archive Storage Upload", "Also number"))]
    left = agent.inbox.take(datetime.now(UTC))
    assert len(told) + len(left) == 28 and len(told) > 2


def test_a_server_that_counts_more_tokens_shrinks_what_fits(reports: Library) -> None:
    reading = [call("archival_search", query="turbine", page=page) for page in range(1, 6)]

    def counting(reply: Reply) -> Step:
        # Half as many tokens again as are counted here.
        def decide(context: MainContext) -> Reply:
            tokens = context.tokens()
            assert tokens.used + tokens.reserved <= 8192
            real = sum(context.tokenizer.count(message.content) for message in context.messages())
            assert 1.5 * real <= 8192 or context.scale == 1.0
            return replace(reply, tokens_read=int(1.5 * tokens.used / context.scale))

        return decide

    agent = agent_with(
        turbines(reports), *map(counting, [*reading, DONE, DONE]), context_window=8192
    )
    list(agent.run("Q?"))
    assert 1.45 < agent.context.scale < 1.55


def test_the_budget_of_time_has_its_own_reason(reports: Library) -> None:
    agent = agent_with(reports, call("archival_search", query="Acme"))
    chosen = Settings.model_construct(**{**dict(agent.settings), "max_seconds": 0})
    agent.settings = chosen
    *_, stop = agent.run("Q?")
    assert isinstance(stop, Stopped) and stop.answer.stop_reason is StopReason.TIME_BUDGET
    assert "MEMGPT_DOCS_MAX_SECONDS" in stop.answer.reason
