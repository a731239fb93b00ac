"""A session: one agent with its memory, and the questions it was asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from memgpt_docs.citations import Checked
from memgpt_docs.events import Event, Transcript
from memgpt_docs.export.report import checked_answer
from memgpt_docs.ui.comparison_job import ComparisonJob
from memgpt_docs.ui.jobs import Cancelled, Failure, Job
from memgpt_docs.ui.steps import Step, StepLog

if TYPE_CHECKING:
    from memgpt_docs.agent import Agent

# Kept to be shown; what was said in older ones stays in recall storage.
MAX_TURNS = 200
TURN_WAIT_S = 0.05


class Turn:
    """One question and what became of it so far."""

    def __init__(self, number: int, question: str, job: Job[Event]) -> None:
        self.number = number  # 1-based place in the session
        self.question = question
        self.transcript = Transcript(question=question)
        self._steps = StepLog()
        self._job = job
        self._lock = Lock()

    @property
    def running(self) -> bool:
        """Whether it is worked on or waits for the question before it."""
        return self._job.running

    @property
    def cancelled(self) -> bool:
        return self._job.cancelled

    @property
    def failure(self) -> Failure | None:
        return self._job.failure

    @property
    def steps(self) -> list[Step]:
        """A line for each thing the agent did."""
        return self._steps.lines

    @cached_property
    def checked(self) -> Checked:
        """What was found out about the answer, which must be there."""
        return checked_answer(self.transcript)

    def cancel(self) -> None:
        """Stops the run after the step in work; what was found is kept."""
        self._job.cancel()

    def join(self, timeout_s: float | None = None) -> None:
        """Waits for the end of the run."""
        self._job.join(timeout_s)

    def refresh(self) -> None:
        """Takes in what has happened since the last call."""
        with self._lock:
            for event in self._job.drain():
                self.transcript.add(event)
                self._steps.add(event)


class Session:
    """Questions to one agent, one after the other. `make_agent` is called at the first."""

    def __init__(self, session_id: str, make_agent: Callable[[str], Agent]) -> None:
        self.session_id = session_id
        self.turns: list[Turn] = []
        self.comparison: ComparisonJob | None = None
        self._make_agent = make_agent
        self._agent: Agent | None = None
        self._lock = Lock()

    @property
    def unfinished(self) -> list[Turn]:
        """The question being worked on and those that wait, in order."""
        return [turn for turn in self.turns if turn.running]

    def ask(self, question: str) -> Turn:
        """Starts to work on a question, or to wait for the one before it to end."""
        with self._lock:
            before = self.turns[-1] if self.turns else None

            def work(cancelled: Cancelled) -> Iterator[Event]:
                while before is not None and before.running:
                    if cancelled():
                        return
                    time.sleep(TURN_WAIT_S)
                # Made here because it loads the tokenizer and the embedder.
                self._agent = self._agent or self._make_agent(self.session_id)
                yield from self._agent.run(question, cancelled=cancelled)

            turn = Turn(before.number + 1 if before else 1, question, Job(work))
            self.turns = [*self.turns[1 - MAX_TURNS :], turn]
            return turn

    def refresh(self) -> None:
        """Takes in what has happened since the last call."""
        for turn in self.turns:
            turn.refresh()
