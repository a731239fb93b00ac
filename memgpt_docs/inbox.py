"""The inbox: what happens while the agent is busy or asleep, until its next step.

In the paper events interrupt the processor. Here they wait for the end of the step in work and are
seen at the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Lock

from memgpt_docs.context import UPLOADED, AlertEntry, Entry, UserEntry

# A pause after which the processor is told that the user came back.
PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class _Waiting:
    entry_of: Callable[[datetime], Entry]
    due: datetime | None  # None for at once


class Inbox:
    """Holds messages and alerts for a session. Safe to share between threads; what is taken is in
    the order in which it came, and nothing is taken before it is due."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._lock = Lock()

    def say(self, text: str) -> None:
        """The user said something while a question is worked on."""
        self._put(_Waiting(lambda now: UserEntry(text, now), None))

    def tell(self, text: str, at: datetime | None = None) -> None:
        """The system tells the processor something: at once, or from a time (with zone) on."""
        self._put(_Waiting(lambda now: AlertEntry(text, now), at))

    def uploaded(self, file: str, n_pages: int, unit: str = "page") -> None:
        """A document came in."""
        pages = f"{n_pages} {unit}{'' if n_pages == 1 else 's'}"
        self.tell(
            f"{UPLOADED}: {file} ({pages}) can be searched now. "
            "Rankings made before do not hold it: search again from page 1."
        )

    def take(self, now: datetime) -> list[Entry]:
        """What is due, oldest first; it is then gone from here."""
        with self._lock:
            due = [one for one in self._waiting if one.due is None or one.due <= now]
            self._waiting = [one for one in self._waiting if one not in due]
        return [one.entry_of(now) for one in due]

    def put_back(self, entries: Sequence[Entry]) -> None:
        """Puts back what was taken and found no room: it comes before all else that waits."""
        with self._lock:
            self._waiting[:0] = [_Waiting(partial(_as_it_was, one), None) for one in entries]

    def _put(self, waiting: _Waiting) -> None:
        with self._lock:
            self._waiting.append(waiting)


def _as_it_was(entry: Entry, _: datetime) -> Entry:
    return entry


def login(last_at: datetime | None, now: datetime) -> list[Entry]:
    """The alert that the user came back, where the pause was long enough to matter."""
    if last_at is None or now - last_at < PAUSE:
        return []
    return [AlertEntry(f"The user came back after {_pause(now - last_at)}.", now)]


def _pause(time: timedelta) -> str:
    hours = time // timedelta(hours=1)
    if hours < 48:
        return "an hour" if hours == 1 else f"{hours} hours"
    return f"{time.days} days"
