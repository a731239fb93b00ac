"""Recall storage: everything that was said, read or done in a session, for good.

What leaves the window stays here and can be paged back in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from memgpt_docs.errors import UsageError
from memgpt_docs.storage.schema import RECALL


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


@dataclass(frozen=True)
class RecallPage:
    """One page of a search in recall storage; empty past the end."""

    page: int  # 1-based
    pages: int
    total: int
    entries: tuple[RecallEntry, ...]


class RecallStorage:
    """Appends and searches the messages and events of sessions."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def append(self, entries: Sequence[RecallEntry]) -> None:
        """Stores entries in one transaction."""
        if entries:
            self._table.add(pa.Table.from_pylist([asdict(e) for e in entries], schema=RECALL))

    def entries(self, session_id: str) -> list[RecallEntry]:
        """Everything of a session, oldest first."""
        from lancedb.expr import col, lit

        rows = self._table.search().where(col("session_id") == lit(session_id)).to_arrow()
        entries = [RecallEntry(**row) for row in rows.to_pylist()]
        return sorted(entries, key=lambda entry: entry.ordinal)

    def search(self, session_id: str, query: str, page: int, page_size: int) -> RecallPage:
        """Entries that hold words of `query`: most distinct words first, newest first."""
        words = set(re.findall(r"\w+", query.casefold()))
        if not words:
            raise UsageError("The query is empty.", "Give the words to look for.")
        matched = [
            (len(words & set(re.findall(r"\w+", entry.text.casefold()))), entry)
            for entry in self.entries(session_id)
        ]
        ordered = sorted(
            ((count, entry) for count, entry in matched if count),
            key=lambda pair: (-pair[0], -pair[1].ordinal),
        )
        return _page([entry for _, entry in ordered], page, page_size)

    def search_date(
        self, session_id: str, start: datetime, end: datetime, page: int, page_size: int
    ) -> RecallPage:
        """Entries with start <= time < end, oldest first."""
        entries = [entry for entry in self.entries(session_id) if start <= entry.time < end]
        return _page(entries, page, page_size)


def _page(entries: list[RecallEntry], page: int, page_size: int) -> RecallPage:
    if page < 1:
        raise UsageError(f"There is no page {page}.", "Pages are counted from 1.")
    first = (page - 1) * page_size
    return RecallPage(
        page=page,
        pages=-(-len(entries) // page_size),
        total=len(entries),
        entries=tuple(entries[first : first + page_size]),
    )
