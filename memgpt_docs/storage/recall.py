"""Recall storage: everything that was said, read or done in a session, for good.

What leaves the window stays here and can be paged back in. Rows that belong together (a step with
its calls and results) are written in one transaction, so after a crash a step is here whole or not
at all; the first row of each transaction carries the record from which the session is restored.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from threading import Lock, Thread
from typing import Any

import pyarrow as pa

from memgpt_docs.errors import StorageError, UsageError
from memgpt_docs.storage.schema import RECALL, Passage

# Transactions, of all processes, between compactions: small files and old versions make every write
# slower, and a compaction takes as long as thirty writes.
COMPACT_EVERY = 256
KEPT_VERSIONS = timedelta(seconds=10)  # for who is reading in another process
RETRY_AFTER_S = (0.05, 0.1, 0.2, 0.4, 0.8)
REMEMBERED_RANKINGS = 64
MOST_FOUND = 10_000
# The part of its neighbours' scores that counts for an entry; between .2 and .5 it hardly matters.
BESIDE = 0.3
# A search does not find earlier searches: they hold its words, and nothing else of worth.
NOT_SEARCHED = ("recall_search", "recall_search_date")
DELETED = "[the text of this passage was deleted with its document]"


@dataclass(frozen=True)
class RecallEntry:
    """One message or event of a session."""

    session_id: str
    ordinal: int  # 0-based position in the session
    time: datetime
    role: str  # "user", "assistant", "function" or "system"
    name: str  # function name, or empty
    text: str
    n_tokens: int
    record: str = ""  # JSON of what was written with it; on the first row of a transaction only
    doc_ids: tuple[str, ...] = ()  # documents whose passages the text shows


@dataclass(frozen=True)
class RecallPage:
    """One page of a search in recall storage; empty past the end."""

    page: int  # 1-based
    pages: int
    total: int
    entries: tuple[RecallEntry, ...]


class RecallStorage:
    """Appends and searches the messages and events of sessions. Safe to share between threads.

    No search crosses from one session to another. A search is frozen at its first page, so that
    what is said while its pages are turned moves nothing between them.
    """

    def __init__(self, open_table: Callable[[], Any]) -> None:
        self._open_table = open_table
        self._table = open_table()
        self._lock = Lock()
        # The version of the table right after the last append to each session, if no one else
        # wrote in between.
        self._written: dict[str, int] = {}
        self._rankings: OrderedDict[tuple[str, str], tuple[int, ...]] = OrderedDict()

    # -- writing ------------------------------------------------------------------------------

    def append(self, entries: Sequence[RecallEntry]) -> None:
        """Stores entries of one session in one transaction, after those it has. Raises
        `StorageError` where that is not possible, and where the session has others by now."""
        if not entries:
            return
        rows = [{**asdict(entry), "doc_ids": list(entry.doc_ids)} for entry in entries]
        table = pa.Table.from_pylist(rows, schema=RECALL)
        with self._lock:
            for wait_s in (*RETRY_AFTER_S, None):
                try:
                    version = self._add(table, entries[0])
                    break
                except StorageError:
                    raise
                except Exception as error:
                    if wait_s is None:
                        raise StorageError(
                            f"Recall storage could not be written: {error}.",
                            "Check that the library's disk has space and can be written, then ask "
                            "again.",
                        ) from error
                    time.sleep(wait_s)  # others write too, in other processes
        if version % COMPACT_EVERY == 0:
            Thread(target=self._compact, name="memgpt-docs-recall", daemon=True).start()

    def _add(self, table: pa.Table, first: RecallEntry) -> int:
        """Writes rows that begin with `first`, the next of its session, and gives the version of
        the table after it. Raises `StorageError` where the session has another entry there."""
        version = int(self._table.version)
        # Counted only where something was written since this session was written to here.
        is_next = self._written.get(first.session_id) == version
        if not is_next and self.length(first.session_id) != first.ordinal:
            raise StorageError(
                "This session was gone on with elsewhere, in another window or process.",
                "Open it again, and ask again.",
            )
        self._table.add(table)
        self._written[first.session_id] = version + 1
        return version + 1

    def _compact(self) -> None:
        """Joins small files, beside the work that goes on."""
        # Another process may be doing the same: then this one does it next time.
        with suppress(Exception):
            self._table.optimize(cleanup_older_than=KEPT_VERSIONS)
            fresh = self._open_table()
            with self._lock:
                self._table = fresh

    def forget(self, session_id: str) -> None:
        """Deletes everything of a session."""
        from lancedb.expr import col, lit

        with self._lock:
            self._table.delete(col("session_id") == lit(session_id))
            self._written.pop(session_id, None)
            for key in [key for key in self._rankings if key[0] == session_id]:
                del self._rankings[key]

    def strike(self, doc_id: str, passages: Callable[[str], Iterable[Passage]]) -> bool:
        """Strikes the texts of `passages(doc_id)`, a document that is being deleted, out of what
        sessions were shown; whether there were any. What a processor or a user wrote stays."""
        showing = self._showing(doc_id)
        texts = {passage.text for passage in (passages(doc_id) if showing else ())}
        for entry in showing:
            text = entry.text
            for passage in sorted(texts, key=len, reverse=True):
                text = text.replace(passage, DELETED)
            self._rewrite(entry.session_id, entry.ordinal, text=text)
        begun = [" ".join(text.split()) for text in texts]
        for session_id in {entry.session_id for entry in showing}:
            for ordinal, record in self.records(session_id):
                struck = _without_quoted(record, begun)
                if struck != record:
                    self._rewrite(session_id, ordinal, record=struck)
        return bool(showing)

    def _rewrite(self, session_id: str, ordinal: int, **values: str) -> None:
        where = self._at(session_id, [ordinal]).to_sql()
        with self._lock:
            self._table.update(where=where, values=values)

    # -- reading ------------------------------------------------------------------------------

    def entries(self, session_id: str) -> list[RecallEntry]:
        """Everything of a session, oldest first."""
        from lancedb.expr import col, lit

        where = col("session_id") == lit(session_id)
        return _in_order(self._table.search().where(where).to_arrow())

    def records(self, session_id: str) -> list[tuple[int, str]]:
        """Ordinal and JSON of each record of a session, oldest first."""
        from lancedb.expr import col, lit

        where = (col("session_id") == lit(session_id)) & (col("record") != lit(""))
        found = self._table.search().where(where).select(["ordinal", "record"]).to_arrow()
        return sorted(
            zip(*(found[name].to_pylist() for name in ("ordinal", "record")), strict=True)
        )

    def texts(self, session_id: str, ordinals: Sequence[int]) -> dict[int, str]:
        """The texts at some ordinals of a session."""
        if not ordinals:
            return {}
        found = self._table.search().where(self._at(session_id, ordinals))
        rows = found.select(["ordinal", "text"]).to_arrow()
        return dict(zip(rows["ordinal"].to_pylist(), rows["text"].to_pylist(), strict=True))

    def length(self, session_id: str) -> int:
        """How many entries a session has: the ordinal of the next one."""
        from lancedb.expr import col, lit

        return int(self._table.count_rows((col("session_id") == lit(session_id)).to_sql()))

    def last_times(self) -> dict[str, tuple[datetime, int]]:
        """For each session, the time of its newest entry and how many it has."""
        rows = self._table.search().select(["session_id", "time"]).to_arrow()
        grouped = rows.group_by("session_id").aggregate([("time", "max"), ("time", "count")])
        columns = (grouped[name].to_pylist() for name in ("session_id", "time_max", "time_count"))
        return {session_id: (time, count) for session_id, time, count in zip(*columns, strict=True)}

    def search(self, session_id: str, query: str, page: int, page_size: int) -> RecallPage:
        """Entries that hold words of `query`, by BM25 with a part of that of the entries just
        before and after added: what answers often stands beside what asks. Ties newest first.

        The first page makes a ranking, the others are cut from it. Raises `UsageError` for an
        empty query and a page below 1.
        """
        if not query.strip():
            raise UsageError("The query is empty.", "Give the words to look for.")
        key = (session_id, query.strip())
        with self._lock:
            ranking = self._rankings.get(key) if page > 1 else None
        if ranking is None:
            ranking = self._rank(session_id, query.strip())
            with self._lock:
                self._rankings[key] = ranking
                while len(self._rankings) > REMEMBERED_RANKINGS:
                    self._rankings.popitem(last=False)
        return self._page(session_id, ranking, page, page_size)

    def search_date(
        self, session_id: str, start: datetime, end: datetime, page: int, page_size: int
    ) -> RecallPage:
        """Entries with start <= time < end, oldest first."""
        from lancedb.expr import col, lit

        where = (
            (col("session_id") == lit(session_id))
            & (col("time") >= lit(start))
            & (col("time") < lit(end))
        )
        found = self._table.search().where(where).select(["ordinal"]).to_arrow()
        return self._page(session_id, sorted(found["ordinal"].to_pylist()), page, page_size)

    # -- helpers ------------------------------------------------------------------------------

    def _rank(self, session_id: str, query: str) -> tuple[int, ...]:
        from lancedb import query as ask
        from lancedb.expr import col, lit

        match: Any = ask.MatchQuery  # typed as if all its arguments were needed
        where = (col("session_id") == lit(session_id)) & ~col("name").isin(list(NOT_SEARCHED))
        found = (
            self._table.search(match(query, "text"), query_type="fts")
            .where(where)
            .select(["ordinal", "_score"])
            .limit(MOST_FOUND)
            .to_arrow()
        )
        own = dict(zip(found["ordinal"].to_pylist(), found["_score"].to_pylist(), strict=True))
        scores = {
            ordinal: score + BESIDE * (own.get(ordinal - 1, 0.0) + own.get(ordinal + 1, 0.0))
            for ordinal, score in own.items()
        }
        return tuple(sorted(scores, key=lambda ordinal: (-round(scores[ordinal], 6), -ordinal)))

    def _page(
        self, session_id: str, ordinals: Sequence[int], page: int, page_size: int
    ) -> RecallPage:
        if page < 1:
            raise UsageError(f"There is no page {page}.", "Pages are counted from 1.")
        wanted = ordinals[(page - 1) * page_size : page * page_size]
        found = self._table.search().where(self._at(session_id, wanted)) if wanted else None
        entries = {one.ordinal: one for one in _in_order(found.to_arrow())} if found else {}
        return RecallPage(
            page=page,
            pages=-(-len(ordinals) // page_size),
            total=len(ordinals),
            entries=tuple(entries[ordinal] for ordinal in wanted if ordinal in entries),
        )

    def _showing(self, doc_id: str) -> list[RecallEntry]:
        # A document id is 16 hex digits, so nothing in it could end the string.
        where = f"array_has(doc_ids, '{int(doc_id, 16):016x}')"
        return _in_order(self._table.search().where(where).to_arrow())

    @staticmethod
    def _at(session_id: str, ordinals: Sequence[int]) -> Any:
        from lancedb.expr import col, lit

        return (col("session_id") == lit(session_id)) & col("ordinal").isin(list(ordinals))


def _without_quoted(record: str, passages: Sequence[str]) -> str:
    """A record of a step whose summary quotes no beginning of `passages`, texts of one line."""
    kept = json.loads(record)
    flush = kept.get("flush")
    if not flush:
        return record
    lines = flush["summary"].split("\n")
    for number, line in enumerate(lines):
        place, _, quoted = line.partition(": ")
        if quoted and place.startswith("[") and any(p.startswith(quoted) for p in passages):
            lines[number] = f"{place}: {DELETED}"
    flush["summary"] = "\n".join(lines)
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _in_order(rows: pa.Table) -> list[RecallEntry]:
    return sorted((_entry(row) for row in rows.to_pylist()), key=lambda entry: entry.ordinal)


def _entry(row: Mapping[str, Any]) -> RecallEntry:
    fields = {**row, "record": row["record"] or "", "doc_ids": tuple(row["doc_ids"] or ())}
    return RecallEntry(**fields)


def entry_to_json(entry: RecallEntry) -> str:
    """An entry as a line of an exported session."""
    row = {**asdict(entry), "time": entry.time.isoformat()}
    return json.dumps(row, ensure_ascii=False)
