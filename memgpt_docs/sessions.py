"""Sessions: a conversation survives a restart.

All of a session follows from its records, in order. `restore` folds them into the memory of an
agent; `turns` and `replay` give the runs and their events again, without a model.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from memgpt_docs.calls import FunctionResult, PassagesShown, WorkingContextEdited
from memgpt_docs.context import Entry, StepEntry
from memgpt_docs.errors import StorageError
from memgpt_docs.events import (
    Answer,
    Event,
    Flushed,
    FunctionCalled,
    FunctionReturned,
    MemoryPressure,
    ResultsPageRead,
    RunStarted,
    StepEnded,
    StepStarted,
    Stopped,
    WorkingContextChanged,
)
from memgpt_docs.record_json import (
    Decoder,
    Json,
    edited_notes,
    passage_ids,
    results_page,
    returned_of,
    scale_of,
)
from memgpt_docs.records import Asked, Ended, Record, StepTaken
from memgpt_docs.storage.archival import REMEMBERED_RANKINGS, ResultsPage
from memgpt_docs.storage.frozen import FrozenRanking
from memgpt_docs.storage.library import Library
from memgpt_docs.working_context import Part

Waiting = tuple[int, Json, float]  # an entry of the queue, its record's ordinal and the scale


@dataclass
class Saved:
    """The memory of a session as its records leave it."""

    length: int = 0  # entries in recall storage
    queue: list[tuple[Entry, float]] = field(default_factory=list)  # with the scale of its time
    scale: float = 1.0  # of main context
    summary: str = ""
    notes: dict[Part, str] = field(default_factory=dict)
    handles: dict[int, str] = field(default_factory=dict)  # passage ids
    rankings: list[FrozenRanking] = field(default_factory=list)
    # Of the newest run: whether it ended, what was asked and added to it, its steps, the pages of
    # results it read, without their texts, what it worked out, and how often its answer went back.
    is_over: bool = True
    asked: str = ""
    question: str = ""
    said: list[int] = field(default_factory=list)  # ordinals of what the user said in it
    documents: tuple[str, ...] = ()
    steps: list[Json] = field(default_factory=list)
    pages: list[ResultsPage] = field(default_factory=list)
    expressions: list[str] = field(default_factory=list)
    returned: tuple[int, int] = (0, 0)
    last_at: datetime | None = None


@dataclass(frozen=True)
class SavedTurn:
    """One run of a session: what was asked and what came of it."""

    number: int  # 1-based
    question: str
    answer: Answer | None  # None where the run was cut off
    first: int  # ordinal of its first entry in recall storage
    end: int  # ordinal after its last entry


def restore(library: Library, session_id: str) -> Saved:
    """The memory of a session; empty for one that has none yet.

    Raises `StorageError` where its records cannot be read.
    """
    saved = Saved(length=library.recall.length(session_id))
    queue: deque[Waiting] = deque()
    rankings: deque[str] = deque(maxlen=REMEMBERED_RANKINGS)
    for ordinal, kept in _records(library, session_id):
        _fold(saved, queue, rankings, ordinal, kept)
    saved.rankings = [FrozenRanking.from_json(json.loads(text)) for text in rankings]
    saved.question = _question(library, session_id, saved)
    decoder = _decoder(library, session_id, [(ordinal, entry) for ordinal, entry, _ in queue])
    saved.queue = [(decoder.entry(ordinal, entry), scale) for ordinal, entry, scale in queue]
    saved.last_at = saved.queue[-1][0].time if saved.queue else None
    return saved


def _question(library: Library, session_id: str, saved: Saved) -> str:
    """The question of the newest run, with what the user added to it."""
    texts = library.recall.texts(session_id, saved.said)
    return "\n\n".join(texts[ordinal] for ordinal in saved.said)


def _fold(
    saved: Saved,
    queue: deque[Waiting],
    rankings: deque[str],
    ordinal: int,
    kept: Json,
) -> None:
    match kept["is"]:
        case "asked":
            saved.is_over, saved.asked = False, kept["question"]
            saved.documents, saved.steps, saved.pages = tuple(kept["documents"]), [], []
            saved.expressions, saved.returned = [], (0, 0)
            saved.said = [ordinal + e["text"] for e in kept["entries"] if e["is"] == "user"][-1:]
        case "step":
            saved.steps.append(kept)
            saved.said += [ordinal + e["text"] for e in kept["before"] if e["is"] == "user"]
            rankings.extend(kept["rankings"])
            queue.extend((ordinal, entry, saved.scale) for entry in kept["before"])
            saved.scale, saved.returned = scale_of(kept), returned_of(kept)
            if kept["flush"]:
                saved.summary = kept["flush"]["summary"]
                for _ in range(min(kept["flush"]["evicted"], len(queue))):
                    queue.popleft()
        case "ended":
            saved.is_over = True
    for entry in kept.get("entries", ()):
        queue.append((ordinal, entry, saved.scale))
        for exchange in entry.get("exchanges", ()):
            _fold_exchange(saved, exchange)


def _fold_exchange(saved: Saved, exchange: Json) -> None:
    if "edited" in exchange:
        saved.notes = edited_notes(saved.notes, exchange)
    for shown in exchange.get("shown", ()):
        handle, passage_id = shown[0], shown[1]
        saved.handles[int(handle)] = passage_id
    if exchange["name"] == "calculate" and exchange["ok"]:
        saved.expressions.append(str(exchange["given"]["expression"]))
    if exchange.get("page"):
        saved.pages.append(results_page(exchange["page"]))


def turns(library: Library, session_id: str) -> list[SavedTurn]:
    """The runs of a session, oldest first."""
    found: list[SavedTurn] = []
    length = library.recall.length(session_id)
    records = _records(library, session_id)
    starts = [at for at, kept in records if kept["is"] == "asked"]
    ends = [*starts[1:], length]
    for number, (first, end) in enumerate(zip(starts, ends, strict=True), start=1):
        own = [kept for at, kept in records if first <= at < end]
        ended = Decoder({}, {}).record(first, own[-1]) if own[-1]["is"] == "ended" else None
        answer = ended.answer if isinstance(ended, Ended) else None
        found.append(SavedTurn(number, own[0]["question"], answer, first, end))
    return found


def records_of(library: Library, session_id: str, turn: SavedTurn) -> list[Record]:
    """The records of one run, whole: the trace of what was sent, called and returned."""
    before = [(at, kept) for at, kept in _records(library, session_id) if at < turn.first]
    own = [(at, kept) for at, kept in _records(library, session_id) if turn.first <= at < turn.end]
    decoder = _decoder(library, session_id, own)
    for _, kept in before:
        for entry in kept.get("entries", ()):
            for exchange in entry.get("exchanges", ()):
                if "edited" in exchange:
                    decoder.notes = edited_notes(decoder.notes, exchange)
    return [decoder.record(at, kept) for at, kept in own]


def replay(library: Library, session_id: str, turn: SavedTurn) -> Iterator[Event]:
    """The events of one run again, as they were when it ran (text as it streamed left out)."""
    for record in records_of(library, session_id, turn):
        yield from events_of(record)


def events_of(record: Record) -> Iterator[Event]:
    """The events that a record stands for."""
    match record:
        case Asked():
            yield RunStarted(record.question, record.processor)
        case StepTaken():
            if record.pressure is not None:
                yield MemoryPressure(record.step, record.pressure)
            if record.flush is not None:
                yield Flushed(record.step, record.flush.evicted, record.flush.context)
            yield StepStarted(record.step, record.context)
            for entry in record.entries:
                if isinstance(entry, StepEntry):
                    for call, result in entry.exchanges:
                        yield from events_of_call(record.step, call.name, entry.thought, result)
            tokens = (record.tokens_read, record.tokens_written, record.tokens_cached)
            yield StepEnded(record.step, *tokens, record.seconds)
        case Ended():
            yield Stopped(record.answer)


def events_of_call(step: int, name: str, thought: str, result: FunctionResult) -> Iterator[Event]:
    """The events of one call: made, what it did to memory, returned."""
    yield FunctionCalled(step, name, result.arguments, thought)
    match result.payload:
        case PassagesShown(page=page) if page is not None:
            yield ResultsPageRead(step, page, result.payload.handles)
        case WorkingContextEdited():
            yield WorkingContextChanged(step, result.payload.before, result.payload.after)
        case _:
            pass
    yield FunctionReturned(step, name, result.ok, result.message)


def _records(library: Library, session_id: str) -> list[tuple[int, Json]]:
    try:
        return [(at, json.loads(text)) for at, text in library.recall.records(session_id)]
    except ValueError as error:
        raise StorageError(
            "The session's records cannot be read.", "Start a new session; its entries are kept."
        ) from error


def _decoder(library: Library, session_id: str, records: Sequence[tuple[int, Json]]) -> Decoder:
    """A decoder with the texts and passages that some records or entries refer to."""
    wanted: list[int] = []
    for ordinal, kept in records:
        for entry in [kept, *kept.get("before", ()), *kept.get("entries", ())]:
            wanted += [ordinal + place for place in _places(entry)]
    ids = sorted({one for _, kept in records for one in passage_ids(kept)})
    return Decoder(library.recall.texts(session_id, wanted), library.passages(ids))


def _places(entry: dict[str, Any]) -> list[int]:
    if "text" not in entry:
        return []
    return [entry["text"], *(exchange["message"] for exchange in entry.get("exchanges", ()))]
