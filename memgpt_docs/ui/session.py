"""A session: one agent with its memory, and the questions it was asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING

from memgpt_docs.citations import Checked
from memgpt_docs.context import AlertEntry, UserEntry
from memgpt_docs.events import Answer, Event, Transcript
from memgpt_docs.export.report import checked_answer
from memgpt_docs.memory_trace import StepMemory, memory_of
from memgpt_docs.records import Record, StepTaken
from memgpt_docs.sessions import SavedTurn, events_of, records_of, turns
from memgpt_docs.storage.library import Library
from memgpt_docs.ui.comparison_job import ComparisonJob
from memgpt_docs.ui.jobs import Cancelled, Failure, Job
from memgpt_docs.ui.steps import Step, StepLog

if TYPE_CHECKING:
    from memgpt_docs.agent import Agent

# Kept to be shown; what was said in older ones stays in recall storage.
MAX_TURNS = 200
TURN_WAIT_S = 0.05
Work = Callable[[Cancelled], Iterable[Event]]


class Turn:
    """One question and what became of it so far.

    Of one that is `saved` the transcript and the steps are read from recall storage, by `records`,
    when they are first asked for.
    """

    def __init__(
        self,
        number: int,
        question: str,
        saved: SavedTurn | None = None,
        records: Callable[[], Iterable[Record]] = tuple,
    ) -> None:
        self.number = number  # 1-based place in the session
        self.first: int | None = saved.first if saved else None  # ordinal of its first entry
        self.question = question
        self._added: list[str] = []
        self._saved = saved
        self._records: Callable[[], Iterable[Record]] | None = records
        self._transcript = Transcript(question=question)
        self._steps = StepLog()
        self._job: Job[Event] | None = None
        self._lock = RLock()

    def start(self, work: Work) -> None:
        """Starts to work on it."""
        self._job = Job(work)

    def add(self, text: str) -> None:
        """Notes what was added to the question while it is worked on."""
        self._added.append(text)

    @property
    def words(self) -> str:
        """What was asked, with what was added to it."""
        self._read()
        return "\n\n".join([self.question, *self._added])

    @property
    def running(self) -> bool:
        """Whether it is worked on or waits for the question before it."""
        return self._job is not None and self._job.running

    @property
    def cancelled(self) -> bool:
        return self._job is not None and self._job.cancelled

    @property
    def failure(self) -> Failure | None:
        return self._job.failure if self._job is not None else None

    @property
    def answer(self) -> Answer | None:
        """What it came to; None while it runs, and where it was cut off."""
        return (self._saved and self._saved.answer) or self._transcript.answer

    @property
    def cut_off(self) -> bool:
        """Whether the process ended while it was worked on."""
        return self._saved is not None and self._job is None and self.answer is None

    @property
    def transcript(self) -> Transcript:
        """What happened, folded for answers and exports."""
        self._read()
        return self._transcript

    @property
    def steps(self) -> list[Step]:
        """A line for each thing the agent did."""
        self._read()
        return self._steps.lines

    @cached_property
    def checked(self) -> Checked:
        """What was found out about the answer, which must be there."""
        return checked_answer(self.transcript)

    def cancel(self) -> None:
        """Stops the run after the step in work; what was found is kept."""
        if self._job is not None:
            self._job.cancel()

    def join(self, timeout_s: float | None = None) -> None:
        """Waits for the end of the run."""
        if self._job is not None:
            self._job.join(timeout_s)

    def refresh(self) -> None:
        """Takes in what has happened since the last call."""
        if self._job is None:
            return
        with self._lock:
            self._read()
            for event in self._job.drain():
                self._take_in(event)

    def _read(self) -> None:
        with self._lock:
            records, self._records = self._records, None
            for record in records() if records else ():
                if isinstance(record, StepTaken):
                    said = [one.text for one in record.before if isinstance(one, UserEntry)]
                    self._added.extend(said)
                for event in events_of(record):
                    self._take_in(event)

    def _take_in(self, event: Event) -> None:
        self._transcript.add(event)
        self._steps.add(event)


class Session:
    """Questions to one agent, one after the other. `make_agent` is called at the first; the
    questions of an earlier process are read from the library."""

    def __init__(
        self, session_id: str, library: Library, make_agent: Callable[[str], Agent]
    ) -> None:
        self.session_id = session_id
        self.turns: list[Turn] = []
        self.comparison: ComparisonJob | None = None
        self.deleted = False
        self._library = library
        self._make_agent = make_agent
        self._agent: Agent | None = None
        self._length = 0  # entries in recall storage as far as the turns know
        self._news: list[tuple[str, int, str]] = []  # uploads that the agent, once made, is told
        self._memory: tuple[tuple[int, int], list[StepMemory]] | None = None
        self._lock = RLock()
        self.catch_up()

    @property
    def unfinished(self) -> list[Turn]:
        """The question being worked on and those that wait, in order."""
        return [turn for turn in self.turns if turn.running]

    def catch_up(self) -> None:
        """Takes over what an earlier process, or another one, did in this session."""
        with self._lock:
            if self.unfinished or self.deleted:
                return
            length = self._library.recall.length(self.session_id)
            if length != self._length:
                saved = turns(self._library, self.session_id)[-MAX_TURNS:]
                self.turns = [self._restored(one) for one in saved]
                self._agent, self._length = None, length

    def ask(self, question: str) -> Turn:
        """Starts to work on a question, or to wait for the one before it to end."""
        with self._lock:
            before = self.turns[-1] if self.turns else None
            turn = Turn(before.number + 1 if before else 1, question)

            def work(cancelled: Cancelled) -> Iterator[Event]:
                while before is not None and before.running:
                    if cancelled():
                        return
                    time.sleep(TURN_WAIT_S)
                agent = self._current_agent()
                turn.first = self._length
                yield from self._counted(agent.run(question, cancelled=cancelled))
                self._ask_what_came_too_late(agent)

            turn.start(work)
            self.turns = [*self.turns[1 - MAX_TURNS :], turn]
            return turn

    def go_on(self) -> None:
        """Works on with the question that was cut off, from its last whole step."""
        with self._lock:
            if not self.turns or not self.turns[-1].cut_off:
                return

            def work(cancelled: Cancelled) -> Iterator[Event]:
                agent = self._current_agent()
                yield from self._counted(agent.go_on(cancelled))
                self._ask_what_came_too_late(agent)

            self.turns[-1].start(work)

    def add_to_running(self, turn: Turn) -> None:
        """Adds the words of a question that waits to the one that is worked on; its agent reads
        them at its next step. Where there is none, they are asked as a question of their own."""
        with self._lock:
            unfinished = self.unfinished
            if turn not in unfinished[1:] or self._agent is None:
                return
            turn.cancel()
            self.turns = [known for known in self.turns if known is not turn]
            unfinished[0].add(turn.question)
            self._agent.inbox.say(turn.question)

    def memory(self, turn: Turn) -> list[StepMemory]:
        """The window at each step of a turn; read anew when there is more."""
        if turn.first is None:
            return []
        key = (turn.number, self._library.recall.length(self.session_id))
        if self._memory is None or self._memory[0] != key:
            later = [one.first for one in self.turns if one.first and one.first > turn.first]
            steps = memory_of(self._library, self.session_id, turn.first, min(later, default=None))
            self._memory = (key, steps)
        return self._memory[1]

    def uploaded(self, file: str, n_pages: int, unit: str) -> None:
        """Tells the agent of a new document; one that is not made yet, when it is."""
        with self._lock:
            if self._agent is not None:
                self._agent.inbox.uploaded(file, n_pages, unit)
            elif self.turns:
                self._news.append((file, n_pages, unit))

    def delete(self) -> None:
        """Deletes the session with all it said and read; a run is stopped first."""
        with self._lock:
            self.deleted = True
            for turn in self.turns:
                turn.cancel()
        for turn in self.turns:
            turn.join()
        self._library.sessions.delete(self.session_id)
        self.turns, self._agent = [], None

    def refresh(self) -> None:
        """Takes in what has happened since the last call."""
        for turn in self.turns:
            turn.refresh()

    def _current_agent(self) -> Agent:
        """The agent, made here because it loads the tokenizer and the embedder; anew where another
        process went on with the session."""
        length = self._library.recall.length(self.session_id)
        with self._lock:
            if self._agent is None or length != self._length:
                self._agent, self._length = self._make_agent(self.session_id), length
            for news in self._news:
                self._agent.inbox.uploaded(*news)
            self._news = []
            return self._agent

    def _counted(self, events: Iterator[Event]) -> Iterator[Event]:
        """`events`, after which the entries that they made are known."""
        try:
            yield from events
        finally:
            self._length = self._library.recall.length(self.session_id)

    def _ask_what_came_too_late(self, agent: Agent) -> None:
        for entry in agent.inbox.take(datetime.now(UTC)):
            if isinstance(entry, UserEntry):
                self.ask(entry.text)
            elif isinstance(entry, AlertEntry):
                agent.inbox.tell(entry.text)

    def _restored(self, saved: SavedTurn) -> Turn:
        def records() -> list[Record]:
            return records_of(self._library, self.session_id, saved)

        return Turn(saved.number, saved.question, saved, records)
