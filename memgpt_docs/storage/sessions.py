"""Sessions: what is kept of each beside its entries in recall storage, and how they are copied."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pydantic import TypeAdapter, ValidationError

from memgpt_docs.errors import MemGPTDocsError, UsageError
from memgpt_docs.storage.recall import RecallEntry, RecallStorage, entry_to_json
from memgpt_docs.storage.schema import SESSIONS
from memgpt_docs.storage.tables import forget_recall

if TYPE_CHECKING:
    from memgpt_docs.storage.library import Library

LONGEST_NAME = 120
FORMAT = "memgpt-docs session"
FORMAT_VERSION = 1
_ENTRY = TypeAdapter(RecallEntry)


@dataclass(frozen=True)
class SessionInfo:
    """One session, as a list shows it."""

    session_id: str
    name: str
    created_at: datetime
    forked_from: str = ""  # id of the session it was forked from
    last_at: datetime | None = None  # time of its newest entry
    entries: int = 0


class SessionStorage:
    """Lists, names, forks, exports and deletes the sessions of a library."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._table: Any = library.tables.sessions
        self._recall: RecallStorage = library.recall

    def list(self) -> list[SessionInfo]:
        """All sessions, the one used last first."""
        last = self._recall.last_times()
        known = []
        for row in self._table.search().to_arrow().to_pylist():
            time, count = last.get(row["session_id"], (None, 0))
            known.append(SessionInfo(**row, last_at=time, entries=count))
        return sorted(
            known, key=lambda one: (one.last_at or one.created_at, one.session_id), reverse=True
        )

    def get(self, session_id: str) -> SessionInfo:
        """One session; raises `UsageError` where there is none of that id."""
        for info in self.list():
            if info.session_id == session_id:
                return info
        raise _no_session(session_id)

    def create(self, session_id: str, name: str, forked_from: str = "") -> SessionInfo:
        """Notes a new session."""
        info = SessionInfo(session_id, shortened(name), datetime.now(UTC), forked_from)
        row = {name: value for name, value in asdict(info).items() if name in SESSIONS.names}
        self._table.merge_insert("session_id").when_not_matched_insert_all().execute(
            pa.Table.from_pylist([row], schema=SESSIONS)
        )
        return info

    def rename(self, session_id: str, name: str) -> None:
        """Gives a session another name. Raises `UsageError` for an empty one."""
        from lancedb.expr import col, lit

        if not name.strip():
            raise UsageError("The name is empty.", "Give the session a name.")
        info = self.get(session_id)
        where = (col("session_id") == lit(info.session_id)).to_sql()
        self._table.update(where=where, values={"name": shortened(name)})

    def delete(self, *session_ids: str) -> None:
        """Deletes sessions with all they said, read and noted, from disk too. Raises `UsageError`
        where there is none of such an id."""
        from lancedb.expr import col, lit

        known = {one.session_id for one in self.list()}
        for unknown in set(session_ids) - known:
            raise _no_session(unknown)
        for session_id in session_ids:
            for document in self._library.notes(session_id):
                self._library.delete(document.doc_id)
            self._recall.forget(session_id)
            self._table.delete(col("session_id") == lit(session_id))
        forget_recall(self._library.tables)

    def fork(self, session_id: str, entries: int | None = None, name: str = "") -> SessionInfo:
        """A new session with the first `entries` entries of another (None for all of them).

        They must end where a record ends, so that no step is split; raises `UsageError` if not.
        Notes in archival storage stay the other session's.
        """
        info = self.get(session_id)
        whole = self._recall.entries(session_id)
        count = len(whole) if entries is None else entries
        if not 0 <= count <= len(whole) or (count < len(whole) and not whole[count].record):
            raise UsageError(
                f"{info.name} cannot be forked after {count} entries.", "Choose the end of a step."
            )
        forked = self.create(uuid.uuid4().hex, name or f"{info.name} (fork)", session_id)
        self._recall.append(
            [replace(entry, session_id=forked.session_id) for entry in whole[:count]]
        )
        return self.get(forked.session_id)

    def export(self, session_id: str) -> Iterator[str]:
        """The session as lines of JSON: its name, then every entry, oldest first."""
        info = self.get(session_id)
        yield json.dumps({"format": FORMAT, "version": FORMAT_VERSION, "name": info.name})
        for entry in self._recall.entries(session_id):
            yield entry_to_json(entry)

    def import_(self, lines: Iterator[str]) -> SessionInfo:
        """A new session from what `export` gave; raises `UsageError` where it is not that."""
        try:
            head = json.loads(next(lines, ""))
            if head["format"] != FORMAT or head["version"] != FORMAT_VERSION:
                raise ValueError("not a session of this version")
            entries = [_ENTRY.validate_json(line) for line in lines if line.strip()]
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            raise UsageError(
                "This is not an exported session.", "Choose a file that `sessions export` wrote."
            ) from error
        if [entry.ordinal for entry in entries] != list(range(len(entries))):
            raise UsageError("Entries of the session are missing.", "Export it again.")
        session_id = uuid.uuid4().hex
        self.create(session_id, str(head.get("name") or "Imported session"))
        try:
            self._recall.append([replace(entry, session_id=session_id) for entry in entries])
        except (ValueError, OverflowError, MemGPTDocsError) as error:
            self.delete(session_id)
            raise UsageError(
                "Entries of the session cannot be stored.", "Export it again."
            ) from error
        return self.get(session_id)


def _no_session(session_id: str) -> UsageError:
    return UsageError(
        f"There is no session {session_id!r}.", "`memgpt-docs sessions` lists those there are."
    )


def shortened(name: str) -> str:
    """A name in one line, of at most `LONGEST_NAME` characters."""
    line = " ".join(name.split())
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"
