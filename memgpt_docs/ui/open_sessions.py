"""The sessions of a library: those that pages are open on, and the list of all there are."""

from __future__ import annotations

import re
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

from memgpt_docs.errors import UsageError
from memgpt_docs.sessions import turns
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.sessions import SessionInfo
from memgpt_docs.ui.jobs import Cancelled, Job
from memgpt_docs.ui.session import Session, Turn

if TYPE_CHECKING:
    from memgpt_docs.agent import Agent

# Kept in memory; the oldest idle ones are dropped. They are read again when they are opened.
MAX_SESSIONS = 64

_SESSION_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Listed:
    """A session, as the list shows it."""

    session_id: str
    name: str
    last_at: datetime
    stored: bool = True  # False until its first question is stored


class OpenSessions:
    """Opens, lists, forks and deletes sessions. Safe to share between threads."""

    def __init__(self, library: Library, make_agent: Callable[[str], Agent]) -> None:
        self._library = library
        self._make_agent = make_agent
        self._open: OrderedDict[str, Session] = OrderedDict()
        self._deletions: dict[str, Job[None]] = {}
        self._lock = Lock()

    def get(self, session_id: str | None = None) -> Session:
        """The session of that id; a new one where there is none, it was deleted, or the id is
        malformed."""
        if session_id is None or not _SESSION_ID.fullmatch(session_id):
            session_id = uuid.uuid4().hex
        with self._lock:
            if session_id in self._deletions:
                session_id = uuid.uuid4().hex
            session = self._open.get(session_id)
        if session is None:
            made = Session(session_id, self._library, self._make_agent)
            with self._lock:
                session = self._open.setdefault(session_id, made)
        else:
            session.catch_up()
        with self._lock:
            self._open.move_to_end(session_id)
            idle = [known for known, one in self._open.items() if not one.unfinished]
            for known in idle[: max(0, len(self._open) - MAX_SESSIONS)]:
                if known != session_id:
                    del self._open[known]
        return session

    def listed(self, current: Session) -> list[Listed]:
        """All sessions, the one used last first; the current one is among them once it was asked
        something."""
        with self._lock:
            deleted = set(self._deletions)
        known = [
            Listed(one.session_id, one.name, one.last_at or one.created_at)
            for one in self._library.sessions.list()
            if one.session_id not in deleted
        ]
        if current.turns and all(one.session_id != current.session_id for one in known):
            name = current.turns[0].question
            known.insert(0, Listed(current.session_id, name, datetime.now(UTC), stored=False))
        return known

    def fork(self, session: Session, turn: Turn) -> SessionInfo:
        """A new session with what was said up to the end of `turn`. Raises `UsageError` where it
        is not stored."""
        for saved in turns(self._library, session.session_id):
            if saved.first == turn.first:
                return self._library.sessions.fork(session.session_id, saved.end)
        raise UsageError("Nothing of this question is stored.", "Fork from another one.")

    def delete(self, session_id: str) -> Job[None]:
        """Starts to delete a session; from now on it is not listed."""
        session = self.get(session_id)

        def work(_: Cancelled) -> Iterator[None]:
            session.delete()
            yield from ()

        with self._lock:
            job = self._deletions.get(session_id)
            if job is None:
                job = self._deletions[session_id] = Job(work)
                self._open.pop(session_id, None)
            return job

    def failed_deletions(self) -> list[str]:
        """What went wrong with deletions since the last call; those sessions are listed again."""
        with self._lock:
            failed = {known: job for known, job in self._deletions.items() if job.failure}
            for session_id in failed:
                del self._deletions[session_id]
        failures = (job.failure for job in failed.values())
        return [f"{failure.message} {failure.help}" for failure in failures if failure]

    def uploaded(self, file: str, n_pages: int, unit: str) -> None:
        """Tells every open session's agent of a new document."""
        with self._lock:
            sessions = list(self._open.values())
        for session in sessions:
            session.uploaded(file, n_pages, unit)
