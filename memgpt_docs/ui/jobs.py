"""Jobs: work outside the script thread, which the page may be reloaded under."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

from memgpt_docs.errors import MemGPTDocsError

E = TypeVar("E")
Cancelled = Callable[[], bool]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """Why a job failed, as it may be shown."""

    message: str
    help: str = ""


class Job(Generic[E]):
    """Runs `work` in a thread of its own and keeps the events it yields until they are drained.

    `work` is given a function that says whether it was cancelled, and is expected to end soon
    after. The thread never raises: an error becomes `failure`.
    """

    def __init__(self, work: Callable[[Cancelled], Iterable[E]]) -> None:
        self._work = work
        self._events: list[E] = []
        self._lock = Lock()
        self._cancelled = Event()
        self._failure: Failure | None = None
        self._thread = Thread(target=self._run, name="memgpt-docs-job", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether events may still come. Once false, `drain` gives the last of them."""
        return self._thread.is_alive()

    @property
    def cancelled(self) -> bool:
        """Whether the job was told to stop; it may still be running."""
        return self._cancelled.is_set()

    @property
    def failure(self) -> Failure | None:
        """Why the job failed, or None."""
        return self._failure

    def cancel(self) -> None:
        """Tells the work to stop; returns at once."""
        self._cancelled.set()

    def drain(self) -> list[E]:
        """The events since the last call, oldest first."""
        with self._lock:
            events, self._events = self._events, []
        return events

    def join(self, timeout_s: float | None = None) -> None:
        """Waits for the end of the job."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            for event in self._work(self._cancelled.is_set):
                with self._lock:
                    self._events.append(event)
        except Exception as error:
            self._failure = explain(error)


def explain(error: Exception) -> Failure:
    """What may be shown of an error; the traceback of an unexpected one goes to the log only."""
    if isinstance(error, MemGPTDocsError):
        return Failure(error.message, error.help)
    _log.error("Unexpected error", exc_info=error)
    return Failure(
        f"Something went wrong inside the app ({type(error).__name__}).",
        "The terminal in which the app runs shows the details.",
    )
