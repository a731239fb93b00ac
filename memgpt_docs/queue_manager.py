"""The queue manager: puts events into the FIFO queue and recall storage, and keeps main context
within its window."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from memgpt_docs.context import SUMMARY_SHARE, AlertEntry, Entry, MainContext
from memgpt_docs.events import ContextTokens, Event, Flushed, MemoryPressure
from memgpt_docs.record_json import encode
from memgpt_docs.records import Asked, Ended, Flush, Record, Said, said
from memgpt_docs.storage.recall import RecallEntry, RecallStorage
from memgpt_docs.summary import summarise

# The paper's marks (MemGPT, section 2.1): warn at 70 % of the window; a flush evicts half.
WARNING_SHARE = 0.7
EVICTED_SHARE = 0.5

# A `Writer` of summaries that is also given whether the run was cancelled; by then it gives none.
CancellableWriter = Callable[[Callable[[], bool], str, int], str]

PRESSURE = (
    "Memory pressure: the window is more than 70 % full and its oldest part will soon be evicted. "
    "Note what you still need in working context, with its [handle]."
)


@dataclass(frozen=True)
class Room:
    """What was done to make room for a step."""

    alerts: tuple[Entry, ...] = ()
    pressure: ContextTokens | None = None
    flush: Flush | None = None


class QueueManager:
    """Owns the order of events of one session.

    Main context never exceeds the window; what the processor has not seen is not evicted; the
    warning comes at most once between two flushes; what is in the queue is in recall storage at the
    latest when its step ends, and stays there for good. `length` is the number of entries that
    recall storage has of the session, `unseen` how many at the end of the queue the processor has
    not seen; `writer` may word the summary of what a flush evicts.
    """

    def __init__(
        self,
        context: MainContext,
        recall: RecallStorage,
        session_id: str,
        length: int = 0,
        writer: CancellableWriter | None = None,
        unseen: int = 0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._context = context
        self._recall = recall
        self._session_id = session_id
        self._length = length
        self._writer = writer
        self._unseen = unseen
        self._warned = False
        self.now = now

    @property
    def length(self) -> int:
        """Entries that recall storage has of the session."""
        return self._length

    def append(self, entry: Entry) -> None:
        """Puts an entry at the end of the queue; `commit` stores it."""
        self._context.append(entry)
        self._unseen += 1

    def commit(self, record: Record, entries: Sequence[Entry] = ()) -> None:
        """Stores a record with the texts of its entries, in one transaction. What it is about is
        over: the processor has seen what is in the queue by now."""
        texts = [text for entry in entries for text in said(entry)]
        if isinstance(record, Ended):
            ended = record.answer.reason or record.answer.stop_reason
            texts = [Said("system", "stopped", ended, self.now())]
        if isinstance(record, Asked):
            assert texts, "a run begins with something that was said"
        rows = texts or [Said("system", "step", "", self.now())]
        self._recall.append(
            [
                RecallEntry(
                    session_id=self._session_id,
                    ordinal=self._length + place,
                    time=row.time,
                    role=row.role,
                    name=row.name,
                    text=row.text,
                    n_tokens=self._context.tokenizer.count(row.text),
                    record=encode(record) if place == 0 else "",
                    doc_ids=row.doc_ids,
                )
                for place, row in enumerate(rows)
            ]
        )
        self._length += len(rows)
        self._unseen = 0

    def has_room(self, entry: Entry) -> bool:
        """Whether an entry fits beside what the processor has not seen, with all else evicted."""
        context = self._context
        unseen = context.queue[len(context.queue) - self._unseen :]
        return self._free(unseen) >= context.added_by(entry)

    def make_room(self, step: int, cancelled: Callable[[], bool]) -> Generator[Event, None, Room]:
        """Flushes before the window is full; else warns once at the warning mark."""
        context = self._context
        tokens = context.tokens()
        free = context.window - tokens.used - tokens.reserved
        if free < 0:
            evicted = self._flush(cancelled)
            self._warned = False
            flush = Flush(evicted, context.summary, context.tokens())
            yield Flushed(step, evicted, flush.context)
            return Room(flush=flush)
        warning = AlertEntry(PRESSURE, self.now())
        is_due = not self._warned and tokens.used > WARNING_SHARE * context.window
        if is_due and context.added_by(warning) <= free:
            self._warned = True
            self.append(warning)
            pressure = context.tokens()
            yield MemoryPressure(step, pressure)
            return Room((warning,), pressure)
        return Room()

    def _flush(self, cancelled: Callable[[], bool]) -> int:
        """Evicts the oldest half of the queue, or more if that is not enough; what the processor
        has not seen stays. Returns how many entries left."""
        context = self._context
        sizes = [context.entry_tokens(entry) for entry in context.queue]
        to_free = EVICTED_SHARE * sum(sizes)
        count, freed = 0, 0
        while count < len(sizes) - self._unseen and freed < to_free:
            freed += sizes[count]
            count += 1
        evicted = context.evict(count)
        # A small window may still be over: the newest entries are large beside it. Room for the
        # summary is kept free. What was not seen is reached only in a session that was opened with
        # a smaller window than it had.
        while len(context.queue) > 1 and self._free(context.queue) < 0:
            evicted += context.evict(1)
        limit = int(context.window * SUMMARY_SHARE / context.scale) - 16
        writer = partial(self._writer, cancelled) if self._writer else None
        context.summary = summarise(context.summary, evicted, limit, context.tokenizer, writer)
        return len(evicted)

    def _free(self, queue: Sequence[Entry]) -> int:
        """Tokens that are free where the queue is `queue`, with the longest summary."""
        context = self._context
        tokens = context.tokens()
        summary = max(tokens.summary, int(SUMMARY_SHARE * context.window))
        fixed = tokens.system + tokens.working_context + summary + tokens.reserved
        return context.window - fixed - context.queue_tokens(queue)
