"""Every way to decide keeps the same promises: the same scenarios over the scripted, the
extractive, the native-tools and the JSON-schema path, the last two through a real HTTP server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from memgpt_docs import Agent, Library
from memgpt_docs.calls import FunctionCall
from memgpt_docs.events import (
    Answer,
    Event,
    Flushed,
    FunctionReturned,
    StepStarted,
    Stopped,
    StopReason,
    TextStreamed,
)
from memgpt_docs.processors.base import Processor, Reply
from memgpt_docs.processors.extractive import ExtractiveProcessor
from memgpt_docs.processors.openai_compat import OpenAICompatProcessor
from memgpt_docs.processors.scripted import ScriptedProcessor
from memgpt_docs.prompts import prompt
from memgpt_docs.settings import Settings
from tests.conftest import add_file
from tests.model_server import Chat, Said, calling, serving

QUESTION = "What was the revenue of Acme in fiscal 2023?"
QUOTE = "Revenue of Acme was $1,577 million"
ANSWER = calling(
    "send_message", message="1,577 million [1].", citations=[{"handle": 1, "quote": QUOTE}]
)
SORRY = calling("send_message", message="The documents do not answer this.", citations=[])
SEARCH = calling("archival_search", query="Acme revenue fiscal 2023", document="Acme_2023.pdf")
OK = (StopReason.ANSWERED, StopReason.NO_EVIDENCE)
LONE = "half \ud83d of a pair, \u202e turned, 净利润 \U0001f600 \x00"


@dataclass(frozen=True)
class Scenario:
    """What the model says, and what must come of it."""

    name: str
    says: Sequence[Said]  # the last for ever
    reasons: Sequence[StopReason] = (StopReason.ANSWERED,)
    question: str = QUESTION
    chosen: dict[str, Any] = field(default_factory=dict)
    cancel_at: int | None = None  # events
    flushes: bool = False
    failed: str = ""  # part of a result that the model was told of


def pages(*numbers: int) -> list[Said]:
    return [calling("archival_search", query="turbine revenue", page=n) for n in numbers]


CITING_7 = calling(
    "send_message", message="Seven [1].", citations=[{"handle": 1, "quote": "turbine"}]
)
SCENARIOS = [
    Scenario("answer", [SEARCH, ANSWER]),
    Scenario("page_on", [*pages(1, 2, 3), CITING_7], question="Which turbine?"),
    Scenario(
        "multi_hop",
        [
            SEARCH,
            calling("archival_search", query="Birch revenue", document="Birch_2023.pdf"),
            calling("working_context_append", text="[1] Acme 1,577; Birch 890"),
            ANSWER,
        ],
    ),
    Scenario(
        "unknown_function", [calling("search", query="x"), SEARCH, ANSWER], failed="no function"
    ),
    Scenario(
        "malformed_arguments",
        [Said("", [("archival_search", '{"query": ')]), SEARCH, ANSWER],
    ),
    Scenario("missing_argument", [calling("archival_search"), SEARCH, ANSWER], failed="query"),
    Scenario(
        "handle_never_shown",
        [
            SEARCH,
            calling("send_message", message="[99]", citations=[{"handle": 99, "quote": "x"}]),
            ANSWER,
        ],
        failed="99",
    ),
    Scenario(
        "flush_in_the_middle",
        [*pages(1, 2, 3, 4, 5, 6), CITING_7],
        question="Which turbine?",
        chosen={"context_window": 2560},
        flushes=True,
    ),
    Scenario("cancel", [SEARCH] * 3, [StopReason.CANCELLED], cancel_at=4),
    Scenario("nonsense_then_sense", [Said("I will look."), SEARCH, ANSWER]),
    Scenario("nonsense_for_ever", [Said("I will look.")], [StopReason.NO_EVIDENCE]),
    Scenario("empty_reply", [Said(""), SEARCH, ANSWER]),
    Scenario("empty_for_ever", [Said("")], [StopReason.NO_ANSWER]),
    Scenario("huge_thought", [Said("why " * 50_000, SEARCH.calls), ANSWER]),
    Scenario(
        "huge_argument",
        [calling("working_context_append", text="note " * 20_000), SEARCH, ANSWER],
        failed="tokens",
    ),
    Scenario("duplicate_calls", [Said("", [*SEARCH.calls, *SEARCH.calls]), ANSWER]),
    Scenario(
        "several_calls",
        [Said("", [*SEARCH.calls, ("working_context_append", {"text": "[1] 1,577"})]), ANSWER],
    ),
    Scenario(
        "unicode",
        [
            Said(LONE, [("archival_search", {"query": "净利润 \ud83d"})]),
            Said("想一想", [("working_context_append", {"text": "净利润为三亿元 ✓"})]),
            calling("send_message", message="三亿元。", citations=[]),
        ],
        OK,
        question="净利润是多少?",
    ),
    Scenario(
        "step_budget",
        [calling("archival_search", query=f"revenue {n}") for n in range(9)],
        [StopReason.STEP_BUDGET],
        chosen={"max_steps": 4},
    ),
    Scenario("the_same_for_ever", [SEARCH], [StopReason.FUNCTION_ERRORS], failed="already"),
    Scenario("no_evidence", [calling("archival_search", query="zebra"), SORRY], OK),
    Scenario("cut_reply", [Said("So long that it", finish="length"), SEARCH, ANSWER]),
]
assert len(SCENARIOS) >= 20

PATHS = ("scripted", "extractive", "tools", "json_schema")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    from tests.conftest import REPORTS

    library = Library(tmp_path_factory.mktemp("conformance") / "library")
    for file, texts in REPORTS.items():
        add_file(library, file, texts)
    for number in range(8):
        words = f"turbine {number} revenue " + "blade steel " * 60
        add_file(library, f"long{number}.txt", [words, words.upper()])
    library.refresh()
    return library


def script(says: Sequence[Said]) -> Callable[[Chat], Said]:
    said = 0

    def model(_: Chat) -> Said:
        nonlocal said
        said += 1
        return says[min(said, len(says)) - 1]

    return model


def as_replies(says: Sequence[Said]) -> Iterator[Reply]:
    number = 0
    while True:
        said = says[min(number, len(says) - 1)]
        number += 1
        calls = tuple(
            FunctionCall(
                name,
                given if isinstance(given, str) else json.dumps(given, ensure_ascii=False),
                f"call_{number}_{position}",
            )
            for position, (name, given) in enumerate(said.calls)
        )
        yield Reply(calls, said.content.encode("utf-8", "replace").decode()[:2000])


def run(library: Library, processor: Processor, scenario: Scenario) -> list[Event]:
    agent = Agent(
        library, processor, settings=Settings(**{"max_steps": 20, "page_size": 2} | scenario.chosen)
    )
    events: list[Event] = []
    cancelled = (
        (lambda: False)
        if scenario.cancel_at is None
        else (lambda: len(events) >= (scenario.cancel_at or 0))
    )
    for event in agent.run(scenario.question, cancelled=cancelled):
        events.append(event)
    keeps_its_promises(library, agent, events)
    return events


def keeps_its_promises(library: Library, agent: Agent, events: Sequence[Event]) -> None:
    """What holds of every run, whoever decides."""
    ends = [event for event in events if isinstance(event, Stopped)]
    assert len(ends) == 1 and events[-1] is ends[0]
    answer = ends[0].answer
    assert answer.stop_reason in StopReason and (answer.text or answer.reason)
    for event in events:
        if isinstance(event, StepStarted):
            assert event.context.used + event.context.reserved <= event.context.window
    # A message is sent once, and stored once.
    sent = [e for e in events if isinstance(e, FunctionReturned) and e.name == "send_message"]
    assert sum(event.ok for event in sent) <= 1
    stored = [
        entry
        for entry in library.recall.entries(agent.session_id)
        if entry.name == "send_message" and entry.role == "assistant"
    ]
    assert len(stored) == len(sent)
    for citation in answer.citations:
        assert citation.status in ("exact", "near", "not_found")


def ended(events: Sequence[Event]) -> Answer:
    last = events[-1]
    assert isinstance(last, Stopped)
    return last.answer


def summarises(request: dict[str, Any]) -> bool:
    return bool(request["messages"][0]["content"] == prompt("summary.txt"))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_scenario(library: Library, scenario: Scenario, path: str) -> None:
    match path:
        case "scripted":
            events = run(library, ScriptedProcessor(as_replies(scenario.says)), scenario)
        case "extractive":
            events = run(library, ExtractiveProcessor(), scenario)
            # It follows its own policy; what the model of the scenario says is not heard.
            assert ended(events).stop_reason in (
                (StopReason.CANCELLED,)
                if scenario.cancel_at is not None
                else (*OK, StopReason.STEP_BUDGET)
            )
            return
        case _:
            with serving(script(scenario.says)) as server:
                settings = Settings(
                    openai_base_url=server.url, openai_model="scripted", openai_dialect=path
                )  # type: ignore[call-arg]
                events = run(library, OpenAICompatProcessor(settings), scenario)
                asked = "tools" if path == "tools" else "response_format"
                deciding = [r for r in server.requests if not summarises(r)]
                assert all(asked in request for request in deciding)
                # What is flushed is summarised by the model, which is asked for plain words.
                assert scenario.flushes or len(deciding) == len(server.requests)
    answer = ended(events)
    assert answer.stop_reason in scenario.reasons, (answer.stop_reason, answer.reason)
    if scenario.flushes:
        assert any(isinstance(event, Flushed) for event in events)
    if scenario.failed:
        told = [e.message for e in events if isinstance(e, FunctionReturned) and not e.ok]
        assert any(scenario.failed in message for message in told), told
    if scenario.says[-1] is ANSWER:
        assert [citation.status for citation in answer.citations] == ["exact"]


@pytest.mark.parametrize("path", ["tools", "json_schema"])
def test_what_arrives_is_shown_before_the_reply_is_whole(library: Library, path: str) -> None:
    with serving(script([SEARCH, ANSWER]), drip_s=0.02, drip_bytes=200) as server:
        settings = Settings(
            openai_base_url=server.url, openai_model="scripted", openai_dialect=path
        )  # type: ignore[call-arg]
        events = run(library, OpenAICompatProcessor(settings), SCENARIOS[0])
    arrived = [event for event in events if isinstance(event, TextStreamed)]
    assert any(event.thought == "Because." for event in arrived)
    messages = [event.message for event in arrived if event.message]
    assert messages and all("1,577 million [1].".startswith(message) for message in messages)
