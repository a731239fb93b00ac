"""Random events, sizes and failures: what must hold of a session's memory after every step.

A model of the session (what was said, which passages were shown under which handle) is kept beside
the real one, and the two are compared.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from memgpt_docs import Agent, Library
from memgpt_docs.calls import FunctionCall
from memgpt_docs.context import MainContext, StepEntry
from memgpt_docs.errors import ProcessorError
from memgpt_docs.events import Event, FunctionReturned, Stopped
from memgpt_docs.processors.base import Reply
from memgpt_docs.processors.scripted import ScriptedProcessor, Step, call
from memgpt_docs.settings import Settings
from tests.conftest import add_file

WINDOW = 2800
TEXTS = st.text("ab 净\n", min_size=1, max_size=12).map(lambda text: f"word {text * 40}")
REPLIES = st.one_of(
    st.builds(
        lambda page, query: call("archival_search", query=query, page=page),
        st.integers(1, 6),
        st.sampled_from(["turbine", "revenue", "净利润"]),
    ),
    st.builds(
        lambda text, part: call("working_context_append", text=text, part=part),
        TEXTS,
        st.sampled_from(["findings", "plan", "nowhere"]),
    ),
    st.builds(lambda text: call("working_context_replace", old="word", new=text), TEXTS),
    st.builds(lambda text: call("recall_search", query=text), TEXTS),
    st.builds(lambda n: call("neighbours", handle=n), st.integers(0, 9)),
    st.builds(lambda text: Reply((), text), TEXTS),
    st.builds(lambda text: Reply((FunctionCall("archival_search", text, "x"),)), TEXTS),
    st.builds(
        lambda n, cited: call(
            "send_message",
            message="It turns.",
            citations=[{"handle": n, "quote": "blade steel"}] if cited else [],
        ),
        st.integers(1, 9),
        st.booleans(),
    ),
    st.builds(
        lambda n: Reply(tuple([call("archival_search", query=f"steel {n}").calls[0]] * n)),
        st.integers(2, 40),
    ),
    st.just("fail"),
)


@pytest.fixture(scope="module", autouse=True)
def library() -> Iterator[Library]:
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder) / "library")
        for number in range(10):
            text = f"turbine {number} revenue 净利润 " + "blade steel " * 70
            add_file(library, f"long{number}.txt", [text, text.upper()])
        library.refresh()
        Memory.library = library
        yield library


class Memory(RuleBasedStateMachine):
    library: Library

    def __init__(self) -> None:
        super().__init__()
        self.agent = self.made(None)
        self.said: list[str] = []  # every text that must be in recall storage, in order
        self.handles: dict[int, str] = {}  # handle: passage id
        self.returned: list[str] = []  # by the step before

    def made(self, session_id: str | None, *steps: Step) -> Agent:
        chosen = Settings(context_window=WINDOW, max_steps=8)
        processor = ScriptedProcessor(steps)
        return Agent(self.library, processor, settings=chosen, session_id=session_id)

    @rule(question=TEXTS, replies=st.lists(REPLIES, max_size=7), cancel_at=st.integers(0, 40))
    def ask(self, question: str, replies: list[Reply | str], cancel_at: int) -> None:
        self.agent.processor = ScriptedProcessor([self.checked(reply) for reply in replies])
        events: list[Event] = []
        self.returned = []
        self.said.append(question.strip())
        for event in self.agent.run(question, cancelled=lambda: len(events) >= cancel_at):
            events.append(event)
            if isinstance(event, FunctionReturned):
                self.said.append(event.message)
                self.returned.append(event.message)
        (stop,) = [event for event in events if isinstance(event, Stopped)]
        assert events[-1] is stop and stop.answer.peak_context <= WINDOW

    def checked(self, reply: Reply | str) -> Step:
        def decide(context: MainContext) -> Reply:
            tokens = context.tokens()
            assert tokens.used + tokens.reserved <= WINDOW
            self.sees_what_returned(context)
            if reply == "fail":
                raise ProcessorError("It failed.")
            assert isinstance(reply, Reply)
            return reply

        return decide

    def sees_what_returned(self, context: MainContext) -> None:
        """What the processor has not seen is not evicted."""
        if self.returned:
            newest = [entry for entry in context.queue if isinstance(entry, StepEntry)][-1]
            shown = [result.message for _, result in newest.exchanges]
            assert [text[:4] for text in shown] == [text[:4] for text in self.returned]
        self.returned = []

    @rule(text=TEXTS)
    def interrupt(self, text: str) -> None:
        self.agent.inbox.say(text)
        self.agent.inbox.uploaded("report.pdf", 3)

    @rule()
    def restart(self) -> None:
        waiting = self.agent.inbox
        before = self.agent.context.messages()
        self.agent = self.made(self.agent.session_id)
        assert self.agent.context.messages() == before
        self.agent.inbox = waiting

    @invariant()
    def nothing_is_lost_from_recall(self) -> None:
        entries = self.library.recall.entries(self.agent.session_id)
        assert [entry.ordinal for entry in entries] == list(range(len(entries)))
        texts = [entry.text for entry in entries]
        place = 0
        for said in self.said:
            place = texts.index(said, place) + 1  # there, and in order

    @invariant()
    def every_handle_still_resolves(self) -> None:
        known = self.agent._functions.handles
        for handle, passage_id in self.handles.items():
            assert known.passage_id(handle) == passage_id
        self.handles = {n: str(known.passage_id(n)) for n in range(1, len(known) + 1)}
        there = self.library.passages(list(self.handles.values()))
        assert set(self.handles.values()) == set(there)

    @invariant()
    def main_context_is_within_the_window(self) -> None:
        # Between runs the queue may hold the last step's result; the next step makes room first.
        tokens = self.agent.context.tokens()
        assert tokens.used <= WINDOW + tokens.reserved


Memory.TestCase.settings = settings(max_examples=12, stateful_step_count=6, deadline=None)
TestMemory: Callable[[], None] = Memory.TestCase
