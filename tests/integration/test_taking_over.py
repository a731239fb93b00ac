"""What an agent in another process takes over of a session: how a server counts, what was worked
out, and no more than a file of it says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from memgpt_docs import Library
from memgpt_docs.context import MainContext
from memgpt_docs.events import Answer, StepStarted, Stopped
from memgpt_docs.processors.base import Reply
from memgpt_docs.processors.scripted import Step, call
from memgpt_docs.session_import import import_session
from tests.conftest import add_file
from tests.integration.test_sessions import CITED, DONE, agent_of, memory


def counting(ratio: float, *steps: Reply) -> list[Step]:
    """Replies of a server that reads `ratio` tokens for each that is counted here."""

    def counted(step: Reply) -> Step:
        def decide(context: MainContext) -> Reply:
            read = int(context.tokens().used / context.scale * ratio)
            return replace(step, tokens_read=read, tokens_written=5)

        return decide

    return [counted(step) for step in steps]


@pytest.mark.parametrize("pages", [2, 5, 8])
def test_a_session_with_a_server_that_counts_more_is_the_same_after_a_restart(
    reports: Library, pages: int
) -> None:
    for number in range(24):
        add_file(reports, f"long{number}.txt", [f"turbine {number} " + "blade steel " * 100])
    reading = [call("archival_search", query="turbine", page=page + 1) for page in range(pages)]
    # What is added while the server has not said yet how it counts is clipped to more.
    long = call("working_context_append", text="turbine " * 300, part="findings")
    agent = agent_of(reports, None, long, *counting(1.4, *reading), DONE, context_window=4096)
    agent.ask("Which turbine?")
    again = agent_of(Library(reports.uri), agent.session_id, context_window=4096)
    assert again.context.scale == agent.context.scale > 1.0
    assert again.context.digest() == agent.context.digest()
    assert again.context.tokens() == agent.context.tokens()


def test_records_from_before_they_had_a_scale_are_read(reports: Library) -> None:
    agent = agent_of(reports, None, call("archival_search", query="Acme revenue"), CITED)
    agent.ask("First?")
    lines = []
    for line in reports.sessions.export(agent.session_id):
        kept = json.loads(line)
        record = json.loads(kept["record"]) if kept.get("record") else {}
        for name in ("scale", "returned"):
            record.pop(name, None)
        lines.append(json.dumps({**kept, "record": json.dumps(record)} if record else kept))
    info = import_session(reports, iter(lines))
    assert memory(agent_of(reports, info.session_id))[:5] == memory(agent)[:5]


def test_a_run_that_goes_on_knows_what_it_worked_out_and_how_often_it_was_sent_back(
    reports: Library,
) -> None:
    derived = call(
        "send_message",
        message="Twice the revenue of $1,577 million is $3,154 million [1].",
        citations=[{"handle": 1, "quote": "Revenue of Acme was $1,577 million"}],
    )
    found = call("archival_search", query="Acme revenue")
    nothing = call("send_message", message="It is not there.", citations=[])

    def gone_on(*steps: Reply) -> tuple[Answer, Answer]:
        """The answer of a whole run, and of one that is cut off before its last step."""
        whole = agent_of(reports, None, *steps, DONE, DONE, page_size=1).ask("Twice?")
        cut = agent_of(reports, None, *steps, page_size=1)
        for event in cut.run("Twice?"):
            if isinstance(event, StepStarted) and event.step == len(steps):
                break
        again = agent_of(reports, cut.session_id, steps[-1], DONE, DONE, page_size=1)
        *_, stop = again.go_on()
        assert isinstance(stop, Stopped)
        return whole, stop.answer

    for steps in (
        [found, call("calculate", expression="1577 * 2"), derived],
        [found, *[nothing] * 2],
    ):
        whole, cut = gone_on(*steps)
        assert (cut.text, cut.steps) == (whole.text, whole.steps) and whole.steps == 3


def test_handles_of_a_file_may_be_any_numbers(reports: Library) -> None:
    look = call("archival_search", query="Acme revenue")
    agent = agent_of(reports, None, look, DONE, DONE)
    agent.ask("First?")
    lines = []
    for line in reports.sessions.export(agent.session_id):
        kept = json.loads(line)
        record = json.loads(kept["record"]) if kept.get("record") else {}
        for entry in record.get("entries", ()):
            for exchange in entry.get("exchanges", ()):
                for shown in exchange.get("shown", ()):
                    shown[0] += 10**15  # a list as long as that fits into no memory
        lines.append(json.dumps({**kept, "record": json.dumps(record)} if record else kept))
    info = import_session(reports, iter(lines))
    handles = agent_of(reports, info.session_id)._functions.handles
    assert handles.passage_id(10**15 + 1) == agent._functions.handles.passage_id(1)
    assert handles.passage_id(1) is None
