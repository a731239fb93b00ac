"""The queue manager: puts events into the FIFO queue and recall storage, and keeps main context
within its window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from memgpt_docs.context import (
    SUMMARY_SHARE,
    AlertEntry,
    Entry,
    MainContext,
    StepEntry,
    UserEntry,
)
from memgpt_docs.events import Event, Flushed, MemoryPressure
from memgpt_docs.storage.recall import RecallEntry, RecallStorage
from memgpt_docs.summary import summarise

# The paper's marks (MemGPT, section 2.1): warn at 70 % of the window; a flush evicts half.
WARNING_SHARE = 0.7
EVICTED_SHARE = 0.5

PRESSURE = (
    "Memory pressure: the window is more than 70 % full and its oldest part will soon be evicted. "
    "Note what you still need in working context, with its [handle]."
)


class QueueManager:
    """Owns the order of events of one session.

    Every entry is in recall storage before it can leave the window; main context never exceeds
    the window; the warning comes once between two flushes.
    """

    def __init__(
        self,
        context: MainContext,
        recall: RecallStorage,
        session_id: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._context = context
        self._recall = recall
        self._session_id = session_id
        self._ordinal = len(recall.entries(session_id))
        self._warned = False
        self.now = now

    def append(self, entry: Entry) -> None:
        """Stores an entry in recall storage and puts it at the end of the queue."""
        self._recall.append(self._recall_entries(entry))
        self._context.append(entry)

    def make_room(self, step: int) -> Iterator[Event]:
        """Warns once at the warning mark and flushes before the window is full."""
        context = self._context
        tokens = context.tokens()
        if not self._warned and tokens.used > WARNING_SHARE * context.window:
            self._warned = True
            self.append(AlertEntry(PRESSURE, self.now()))
            tokens = context.tokens()
            yield MemoryPressure(step, tokens)
        if tokens.used + tokens.reserved > context.window:
            evicted = self._flush()
            self._warned = False
            yield Flushed(step, evicted, context.tokens())

    def _flush(self) -> int:
        """Evicts the oldest half of the queue, or more if that is not enough; at least the newest
        entry stays. Returns how many entries left."""
        context = self._context
        sizes = [context.entry_tokens(entry) for entry in context.queue]
        to_free = EVICTED_SHARE * sum(sizes)
        count, freed = 0, 0
        while count < len(sizes) - 1 and freed < to_free:
            freed += sizes[count]
            count += 1
        evicted = context.evict(count)
        self._summarise(evicted)
        # A small window may still be over: the newest entries are large beside it.
        while len(context.queue) > 1 and self._over():
            self._summarise(context.evict(1))
            count += 1
        return count

    def _over(self) -> bool:
        tokens = self._context.tokens()
        return tokens.used + tokens.reserved > self._context.window

    def _summarise(self, evicted: list[Entry]) -> None:
        context = self._context
        limit = int(context.window * SUMMARY_SHARE) - 16
        context.summary = summarise(context.summary, evicted, limit, context.tokenizer)

    def _recall_entries(self, entry: Entry) -> list[RecallEntry]:
        texts: list[tuple[str, str, str]] = []
        match entry:
            case UserEntry():
                texts.append(("user", "", entry.text))
            case AlertEntry():
                texts.append(("system", "", entry.text))
            case StepEntry():
                for call, result in entry.exchanges:
                    said = f"{entry.thought}\n{call.arguments}".strip()
                    texts.append(("assistant", call.name, said))
                    texts.append(("function", call.name, result.message))
        entries = [
            RecallEntry(
                session_id=self._session_id,
                ordinal=self._ordinal + position,
                time=entry.time,
                role=role,
                name=name,
                text=text,
                n_tokens=self._context.tokenizer.count(text),
            )
            for position, (role, name, text) in enumerate(texts)
        ]
        self._ordinal += len(entries)
        return entries
