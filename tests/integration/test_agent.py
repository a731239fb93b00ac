"""The loop: what the processor is shown, what its calls do, and why a run ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memgpt_docs import Agent, Library
from memgpt_docs.calls import FunctionCall
from memgpt_docs.context import MainContext
from memgpt_docs.errors import ContextTooSmall, UnknownDocument, UsageError
from memgpt_docs.events import (
    Event,
    Flushed,
    FunctionReturned,
    MemoryPressure,
    ResultsPageRead,
    RunStarted,
    StepStarted,
    Stopped,
    StopReason,
    TextStreamed,
    Transcript,
    WorkingContextChanged,
)
from memgpt_docs.processors.base import Reply
from memgpt_docs.processors.prices import Price
from memgpt_docs.processors.scripted import ScriptedProcessor, Step, call
from memgpt_docs.settings import Settings
from tests.conftest import add_file

ANSWER = call("send_message", message="Done.", citations=[])


def agent_with(library: Library, *steps: Step, **chosen: object) -> Agent:
    return Agent(library, ScriptedProcessor(steps), settings=Settings(**chosen))  # type: ignore[arg-type]


def run(agent: Agent, question: str = "What was revenue?") -> list[Event]:
    return list(agent.run(question))


def stopped(events: list[Event]) -> Stopped:
    assert isinstance(events[0], RunStarted)
    ends = [event for event in events if isinstance(event, Stopped)]
    assert len(ends) == 1 and events[-1] is ends[0]
    return ends[0]


def test_one_question_from_event_to_checked_answer(reports: Library) -> None:
    agent = agent_with(
        reports,
        call("archival_search", query="Acme revenue fiscal 2023"),
        call("working_context_append", text="[1] revenue $1,577 million"),
        call(
            "send_message",
            message="Revenue was $1,577 million [1].",
            citations=[{"handle": 1, "quote": "Revenue of Acme was $1,577 million"}],
        ),
    )
    events = run(agent)
    answer = stopped(events).answer
    assert answer.stop_reason is StopReason.ANSWERED
    assert [(c.file, c.page_no, c.status) for c in answer.citations] == [
        ("Acme_2023.pdf", 2, "exact")
    ]
    assert [type(event).__name__ for event in events] == [
        "RunStarted",
        *("StepStarted", "FunctionCalled", "ResultsPageRead", "FunctionReturned", "StepEnded"),
        *("StepStarted", "FunctionCalled", "WorkingContextChanged", "FunctionReturned"),
        "StepEnded",
        *("StepStarted", "FunctionCalled", "FunctionReturned", "StepEnded"),
        "Stopped",
    ]
    assert answer.coverage[0].pages_read == (1,) and answer.coverage[0].unread == 1
    assert answer.working_context == "findings:\n[1] revenue $1,577 million"
    assert isinstance(agent.processor, ScriptedProcessor)
    shown = agent.processor.seen[-1]
    assert shown[0].role == "system"
    assert "[question]\nWhat was revenue?" in shown[-1].content  # again, after the evidence
    assert "read page 1 of 2" in shown[-1].content
    assert "[1] revenue $1,577 million" in shown[-1].content


def test_an_answer_that_fails_its_checks_goes_back_and_is_sent_with_its_marks(
    reports: Library,
) -> None:
    search = call("archival_search", query="Acme revenue fiscal 2023")
    quote = "Revenue of Acme was $1,577 million"
    wrong, right = (
        call(
            "send_message",
            message=f"Revenue was ${amount} million [1].",
            citations=[{"handle": 1, "quote": quote.replace("1,577", amount)}],
        )
        for amount in ("1,578", "1,577")
    )
    events = run(agent_with(reports, search, wrong, right))
    returned = [e for e in events if isinstance(e, FunctionReturned) and not e.ok]
    assert len(returned) == 1 and "$1,578 million" in returned[0].message
    assert stopped(events).answer.citations[0].status == "exact"
    stubborn = stopped(run(agent_with(reports, search, wrong, wrong, wrong))).answer
    assert stubborn.text == "Revenue was $1,578 million [1]."
    assert stubborn.citations[0].status == "not_found"


def test_a_derived_figure_is_worked_out_by_a_function(reports: Library) -> None:
    events = run(
        agent_with(
            reports,
            call("archival_search", query="Acme revenue fiscal 2023"),
            call("calculate", expression="1,577 / 1.04"),
            call(
                "send_message",
                message="The year before, revenue was $1,516 million [1].",
                citations=[{"handle": 1, "quote": "Revenue of Acme was $1,577 million"}],
            ),
        )
    )
    told = [e.message for e in events if isinstance(e, FunctionReturned)]
    assert told[1] == "1,577 / 1.04 = 1,516.346154"
    # 1.04 is no figure of the page, so the answer went back; nothing else was prepared.
    assert "not in the cited passages: 1.04" in told[2]


def test_a_transcript_folds_the_events(reports: Library) -> None:
    transcript = Transcript()
    for event in agent_with(reports, call("archival_search", query="Acme"), ANSWER).run("Q?"):
        transcript.add(event)
    assert transcript.question == "Q?" and transcript.answer is not None
    assert [read.page.page for read in transcript.pages] == [1]
    assert [step.name for step in transcript.steps] == ["archival_search", "send_message"]


def test_an_answer_without_evidence_after_searching_says_so(reports: Library) -> None:
    events = run(agent_with(reports, call("archival_search", query="zebra"), ANSWER, ANSWER))
    (_, returned, sent) = [event for event in events if isinstance(event, FunctionReturned)]
    assert not returned.ok and "page=2" in returned.message and sent.ok  # the exit gate, once
    answer = stopped(events).answer
    assert answer.stop_reason is StopReason.NO_EVIDENCE
    assert "Searched 2 documents; pages of results unread: 1." in answer.reason
    assert "“zebra”: read page 1 of 2" in answer.reason


def test_a_failed_call_goes_back_to_the_processor(reports: Library) -> None:
    events = run(agent_with(reports, call("archival_find", query="x"), ANSWER))
    (failed, _) = [event for event in events if isinstance(event, FunctionReturned)]
    assert not failed.ok and "archival_search" in failed.message
    assert stopped(events).answer.stop_reason is StopReason.ANSWERED


def test_three_failures_in_a_row_end_with_what_was_found(reports: Library) -> None:
    note = call("working_context_append", text="[1] a finding")
    wrong = call("archival_search")
    events = run(agent_with(reports, note, wrong, wrong, wrong))
    answer = stopped(events).answer
    assert answer.stop_reason is StopReason.FUNCTION_ERRORS
    assert "[1] a finding" in answer.text and "query" in answer.reason


def test_a_processor_that_yields_without_an_answer_is_asked_twice(reports: Library) -> None:
    quiet = call("working_context_append", text="Acme", request_heartbeat=False)
    events = run(agent_with(reports, quiet, quiet, quiet))
    assert stopped(events).answer.stop_reason is StopReason.NO_ANSWER
    events = run(agent_with(reports, quiet, ANSWER))
    assert stopped(events).answer.text == "Done."


def test_words_instead_of_a_call_are_taken_at_last(reports: Library) -> None:
    words = Reply((), "It was 1,577.")
    answer = stopped(run(agent_with(reports, words, words, words))).answer
    assert answer.stop_reason is StopReason.NO_EVIDENCE and answer.text == "It was 1,577."


def test_budgets_stop_a_run_with_their_own_reason(reports: Library) -> None:
    def searches() -> Iterator[Step]:
        while True:
            yield call("archival_search", query="Acme")

    steps = Agent(reports, ScriptedProcessor(searches()), settings=Settings(max_steps=3))
    answer = stopped(run(steps)).answer
    assert (answer.stop_reason, answer.steps) == (StopReason.STEP_BUDGET, 3)
    assert "MEMGPT_DOCS_MAX_STEPS" in answer.reason
    tokens = Agent(reports, ScriptedProcessor(searches()), settings=Settings(max_tokens=2000))
    assert stopped(run(tokens)).answer.stop_reason is StopReason.TOKEN_BUDGET


@settings(max_examples=25)
@given(st.floats(0.0001, 0.02), st.floats(0.8, 1.2), st.integers(0, 500))
def test_a_run_stops_before_it_costs_more_than_its_budget(
    big_library: Library, most: float, ratio: float, written: int
) -> None:
    def search(context: MainContext) -> Reply:
        read = int(context.tokens().used * ratio)
        reply = call("archival_search", query="turbine")
        return replace(reply, tokens_read=read, tokens_written=written, tokens_cached=read // 2)

    processor = ScriptedProcessor([search] * 20 + [ANSWER], Price(2.5, 10.0, 1.25))
    answer = Agent(big_library, processor, settings=Settings(max_cost=most)).ask("Turbine?")
    assert answer.cost is not None and answer.cost <= most
    if answer.stop_reason is StopReason.MONEY_BUDGET:
        assert "MEMGPT_DOCS_MAX_COST" in answer.reason
    else:
        assert answer.steps == 21


def test_what_arrives_of_a_reply_is_an_event(reports: Library) -> None:
    thinking = replace(call("archival_search", query="Acme"), thought="Search first.")
    events = run(agent_with(reports, thinking, ANSWER))
    assert TextStreamed(1, "Search first.", "") in events


def test_a_processor_is_told_why_its_reply_was_no_call(reports: Library) -> None:
    agent = agent_with(reports, Reply((), "", problem="The reply was cut."), ANSWER)
    run(agent)
    assert isinstance(agent.processor, ScriptedProcessor)
    assert any("The reply was cut." in message.content for message in agent.processor.seen[1])


def test_a_processor_that_fails_ends_the_run_with_its_message(reports: Library) -> None:
    answer = stopped(run(agent_with(reports, call("archival_search", query="Acme")))).answer
    assert answer.stop_reason is StopReason.PROCESSOR_FAILURE
    assert answer.reason == "The script has no more replies."


def test_what_nobody_foresaw_ends_the_run_with_a_reason(reports: Library) -> None:
    def broken(_: MainContext) -> Reply:
        raise ZeroDivisionError

    note = call("working_context_append", text="[1] a finding")
    answer = stopped(run(agent_with(reports, note, broken))).answer
    assert answer.stop_reason is StopReason.PROCESSOR_FAILURE
    assert "[1] a finding" in answer.text and "ZeroDivisionError" in answer.reason


@pytest.mark.parametrize(("window", "count"), [(2048, 12), (4096, 25), (16384, 64)])
def test_calls_are_run_as_long_as_their_results_have_room(
    reports: Library, window: int, count: int
) -> None:
    odd = FunctionCall("净" * 999, '"' * 999, "odd")
    queries = [call("archival_search", query=f"revenue {n}").calls[0] for n in range(count)]
    replies = [Reply((*queries, odd)), Reply((odd,) * count)]
    agent = agent_with(reports, *replies, ANSWER, ANSWER, context_window=window)
    events = run(agent)
    assert stopped(events).answer.stop_reason is StopReason.NO_EVIDENCE
    returned = [event for event in events if isinstance(event, FunctionReturned)]
    refused = [event.message for event in returned if event.message.startswith("Not run")]
    assert len(refused) == 2 and len([event for event in returned if event.ok]) > 1
    again = Agent(
        reports, ScriptedProcessor(()), settings=agent.settings, session_id=agent.session_id
    )
    assert again.context.messages() == agent.context.messages()


def test_a_cancelled_run_keeps_what_was_found(reports: Library) -> None:
    agent = agent_with(
        reports,
        call("working_context_append", text="[1] found"),
        call("archival_search", query="x"),
    )
    seen: list[Event] = []
    for event in agent.run("Q?", cancelled=lambda: len(seen) > 4):
        seen.append(event)
    answer = stopped(seen).answer
    assert answer.stop_reason is StopReason.CANCELLED and "[1] found" in answer.text


def test_a_question_can_be_limited_to_documents(reports: Library) -> None:
    agent = agent_with(
        reports,
        call("archival_search", query="revenue"),
        call("archival_search", query="revenue", document="Acme_2023.pdf"),
        call("list_documents"),
        ANSWER,
    )
    events = list(agent.run("Q?", documents=["Birch_2023.pdf"]))
    (read,) = [event for event in events if isinstance(event, ResultsPageRead)]
    assert {result.file for result in read.page.results} == {"Birch_2023.pdf"}
    refused, listed = [event for event in events if isinstance(event, FunctionReturned)][1:3]
    assert not refused.ok and "limited to other documents" in refused.message
    assert "Acme" not in listed.message
    with pytest.raises(UnknownDocument):
        agent.run("Q?", documents=["absent.pdf"])
    with pytest.raises(UsageError):
        agent.run("  ")


def test_memory_lasts_from_question_to_question(reports: Library) -> None:
    agent = agent_with(
        reports,
        call("working_context_append", text="The reader wants figures in euro."),
        call("archival_search", query="Acme revenue"),
        ANSWER,
        ANSWER,  # the exit gate returned the first
        call("recall_search", query="first question"),
        ANSWER,
    )
    run(agent, "The first question?")
    events = run(agent, "The second question?")
    recalled = next(event for event in events if isinstance(event, FunctionReturned))
    assert "The first question?" in recalled.message
    assert "in euro" in stopped(events).answer.working_context


def test_pressure_is_told_once_and_a_flush_leaves_the_evidence(reports: Library) -> None:
    for number in range(30):
        add_file(reports, f"long{number}.txt", [f"turbine {number} " + "blade steel " * 100])
    steps = [call("archival_search", query="turbine", page=page) for page in range(1, 12)]
    agent = agent_with(reports, *steps, ANSWER, context_window=4096)
    events = run(agent)
    pressures = [n for n, event in enumerate(events) if isinstance(event, MemoryPressure)]
    flushes = [n for n, event in enumerate(events) if isinstance(event, Flushed)]
    assert len(flushes) >= 3
    for first, second in pairwise(pressures):
        assert any(first < flush < second for flush in flushes)  # once per period
    assert re.search(r"\[\d+\] long\d+\.txt p\.1: turbine", agent.context.summary)
    recalled = reports.recall.search(agent.session_id, "turbine", 1, 100)
    assert recalled.total >= 22  # calls and results of every step
    assert isinstance(agent.processor, ScriptedProcessor)
    for messages in agent.processor.seen:
        calls = [call.call_id for message in messages for call in message.calls]
        results = [message.call_id for message in messages if message.role == "tool"]
        assert calls == results  # never split


WORDS = st.text("ab 净\n", max_size=30).map(lambda text: text * 200)
STEPS = st.lists(
    st.one_of(
        st.builds(
            lambda page: call("archival_search", query="turbine revenue", page=page),
            st.integers(1, 9),
        ),
        st.builds(lambda text: call("working_context_append", text=text), WORDS),
        st.builds(lambda text: call("archival_search", query=text), WORDS),
        st.builds(lambda text: Reply((FunctionCall("archival_search", text, "x"),), text), WORDS),
        st.builds(lambda text: Reply((), text), WORDS),
        st.builds(
            lambda n: Reply(tuple([call("archival_search", query="turbine").calls[0]] * n)),
            st.integers(1, 4),
        ),
        st.just(call("recall_search", query="turbine")),
    ),
    max_size=12,
)


@settings(max_examples=40)
@given(STEPS, st.sampled_from([2048, 3000, 4096, 8192]), WORDS)
def test_main_context_never_exceeds_the_window(
    big_library: Library, steps: list[Reply], window: int, question: str
) -> None:
    def checked(reply: Reply) -> Step:
        def decide(context: MainContext) -> Reply:
            tokens = context.tokens()
            assert tokens.used + tokens.reserved <= window
            counted = sum(
                context.tokenizer.count(message.content)
                + sum(context.tokenizer.count(c.name + c.arguments) for c in message.calls)
                for message in context.messages()
            )
            assert counted <= tokens.used
            return reply

        return decide

    agent = agent_with(big_library, *map(checked, steps), context_window=window)
    events = run(agent, question.strip() + " turbine?")
    stop = stopped(events)
    assert stop.answer.peak_context <= window
    assert not [e for e in events if isinstance(e, StepStarted) and e.context.used > window]
    assert "window" not in stop.answer.reason or stop.answer.stop_reason != "processor_failure"


@pytest.fixture(scope="module")
def big_library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library(tmp_path_factory.mktemp("big") / "library")
    for number in range(12):
        text = f"turbine {number} revenue 净利润 " + "blade steel " * 110
        add_file(library, f"long{number}.txt", [text, text.upper()])
    library.refresh()
    return library


def test_a_window_that_holds_nothing_is_refused(reports: Library) -> None:
    with pytest.raises(ContextTooSmall, match="MEMGPT_DOCS_CONTEXT_WINDOW"):
        Agent(reports, settings=Settings.model_construct(context_window=1024))


def test_an_edit_of_working_context_is_an_event(reports: Library) -> None:
    steps = [
        call("working_context_append", text="one"),
        call("working_context_replace", old="one", new="two"),
        ANSWER,
    ]
    edits = [e for e in run(agent_with(reports, *steps)) if isinstance(e, WorkingContextChanged)]
    one, two = "findings:\none", "findings:\ntwo"
    assert [(edit.before, edit.after) for edit in edits] == [("", one), (one, two)]
