"""Records as JSON text and back. What stands in recall entries is left out and put in again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from memgpt_docs.calls import (
    FunctionCall,
    FunctionResult,
    PassagesShown,
    Payload,
    WorkingContextEdited,
)
from memgpt_docs.context import AlertEntry, Entry, StepEntry, UserEntry
from memgpt_docs.errors import FunctionError
from memgpt_docs.events import Answer, ContextTokens
from memgpt_docs.records import Asked, Ended, Flush, Record, StepTaken, said
from memgpt_docs.storage.archival import Result, ResultsPage, Twin
from memgpt_docs.storage.frozen import FrozenRanking
from memgpt_docs.storage.schema import Passage
from memgpt_docs.working_context import Part, block, edited

_ANSWER = TypeAdapter(Answer)
_PAGE_FIELDS = (
    "query", "page", "pages", "total", "page_size", "library_version", "gone", "section", "kind",
)  # fmt: skip

Json = dict[str, Any]


def encode(record: Record) -> str:
    """A record as JSON text. Its entries refer to their texts by place: those of `said`, entry
    after entry, counted from 0."""
    places = _Places()
    match record:
        case Asked():
            kept: Json = {
                "is": "asked",
                "question": record.question,
                "documents": list(record.documents),
                "processor": record.processor,
                "entries": [_entry(entry, places) for entry in record.entries],
            }
        case StepTaken():
            kept = {
                "is": "step",
                "step": record.step,
                "context": asdict(record.context),
                "sent": record.sent,
                "before": [_entry(entry, places) for entry in record.before],
                "pressure": asdict(record.pressure) if record.pressure else None,
                "flush": asdict(record.flush) if record.flush else None,
                "entries": [_entry(entry, places) for entry in record.entries],
                "rankings": [json.dumps(frozen.to_json()) for frozen in record.rankings],
                "scale": record.scale,
                "returned": list(record.returned),
                "tokens": [record.tokens_read, record.tokens_written, record.tokens_cached],
                "seconds": round(record.seconds, 4),
            }
        case Ended():
            kept = {"is": "ended", "answer": _ANSWER.dump_python(record.answer, mode="json")}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


class _Places:
    """Counts the texts that entries take in recall storage."""

    def __init__(self) -> None:
        self._next = 0

    def take(self, count: int) -> int:
        first, self._next = self._next, self._next + count
        return first


def _entry(entry: Entry, places: _Places) -> Json:
    first = places.take(len(said(entry)))
    kept: Json = {"time": entry.time.isoformat(), "text": first}
    match entry:
        case UserEntry():
            return {"is": "user", **kept}
        case AlertEntry():
            return {"is": "alert", **kept}
        case StepEntry():
            exchanges = [
                {
                    "name": call.name,
                    "arguments": call.arguments,
                    "call_id": call.call_id,
                    "ok": result.ok,
                    "heartbeat": result.heartbeat,
                    "given": result.arguments,
                    "message": first + 2 * number + 1,
                    **_payload(result.payload),
                }
                for number, (call, result) in enumerate(entry.exchanges)
            ]
            return {"is": "call", **kept, "thought": entry.thought, "exchanges": exchanges}


def _payload(payload: Payload) -> Json:
    match payload:
        case PassagesShown():
            page = payload.page
            return {
                "shown": [
                    [handle, one.passage.passage_id, one.rank, one.score, one.file]
                    + [[twin.passage_id, twin.file, twin.page_no] for twin in one.twins]
                    for handle, one in zip(payload.handles, payload.results, strict=True)
                ],
                "page": page
                and {
                    "documents": list(page.documents),
                    **{name: getattr(page, name) for name in _PAGE_FIELDS},
                },
            }
        case WorkingContextEdited():
            return {"edited": True}
        case _:
            return {}


def passage_ids(kept: Json) -> Iterator[str]:
    """The ids of the passages that a record, or one entry of it, refers to."""
    for entry in [kept, *kept.get("before", ()), *kept.get("entries", ())]:
        for exchange in entry.get("exchanges", ()):
            for shown in exchange.get("shown", ()):
                yield shown[1]


@dataclass
class Decoder:
    """Makes records and entries from JSON again.

    `texts` are those of recall storage by ordinal, `passages` those of the library by id: one that
    is gone is left out of the page it was on, and counted there. `notes` is working context as it
    was before the next record; edits take it along.
    """

    texts: Mapping[int, str]
    passages: Mapping[str, Passage]
    notes: dict[Part, str] = field(default_factory=dict)

    def record(self, ordinal: int, kept: Json) -> Record:
        """The record that was written at `ordinal`."""

        def entries(name: str) -> tuple[Entry, ...]:
            return tuple(self.entry(ordinal, entry) for entry in kept[name])

        match kept["is"]:
            case "asked":
                return Asked(
                    kept["question"],
                    tuple(kept["documents"]),
                    kept["processor"],
                    entries("entries"),
                )
            case "step":
                read, written, cached = kept["tokens"]
                return StepTaken(
                    step=kept["step"],
                    context=ContextTokens(**kept["context"]),
                    sent=kept["sent"],
                    before=entries("before"),
                    pressure=ContextTokens(**kept["pressure"]) if kept["pressure"] else None,
                    flush=_flush(kept["flush"]),
                    entries=entries("entries"),
                    rankings=tuple(
                        FrozenRanking.from_json(json.loads(one)) for one in kept["rankings"]
                    ),
                    scale=scale_of(kept),
                    returned=returned_of(kept),
                    tokens_read=read,
                    tokens_written=written,
                    tokens_cached=cached,
                    seconds=kept["seconds"],
                )
            case _:
                return Ended(_ANSWER.validate_python(kept["answer"]))

    def entry(self, ordinal: int, kept: Json) -> Entry:
        """An entry of the queue, of the record written at `ordinal`."""
        time = datetime.fromisoformat(kept["time"])
        match kept["is"]:
            case "user":
                return UserEntry(self._text(ordinal, kept["text"]), time)
            case "alert":
                return AlertEntry(self._text(ordinal, kept["text"]), time)
            case _:
                exchanges = tuple(self._exchange(ordinal, one) for one in kept["exchanges"])
                return StepEntry(kept["thought"], exchanges, time)

    def _exchange(self, ordinal: int, kept: Json) -> tuple[FunctionCall, FunctionResult]:
        payload: Payload = None
        if "shown" in kept:
            payload = self._shown(kept)
        elif "edited" in kept:
            before, after = block(self.notes), edited_notes(self.notes, kept)
            self.notes = after
            payload = WorkingContextEdited(before, block(after))
        call = FunctionCall(kept["name"], kept["arguments"], kept["call_id"])
        message = self._text(ordinal, kept["message"])
        return call, FunctionResult(
            kept["ok"], message, payload, kept["heartbeat"], dict(kept["given"])
        )

    def _shown(self, kept: Json) -> PassagesShown:
        there = [one for one in kept["shown"] if one[1] in self.passages]
        results = tuple(
            Result(rank, score, file, self.passages[passage_id], tuple(Twin(*t) for t in twins))
            for _, passage_id, rank, score, file, *twins in there
        )
        page = None
        if kept["page"] is not None:
            lost = len(kept["shown"]) - len(there)
            page = results_page({**kept["page"], "gone": kept["page"]["gone"] + lost}, results)
        return PassagesShown(results, tuple(one[0] for one in there), page)

    def _text(self, ordinal: int, place: int) -> str:
        return self.texts[ordinal + place]


def scale_of(kept: Json) -> float:
    """The scale of main context after a step; records had none once."""
    return float(kept.get("scale", 1.0))


def returned_of(kept: Json) -> tuple[int, int]:
    """How often an answer went back up to a step; records did not say so once."""
    problems, unread = kept.get("returned", (0, 0))
    return int(problems), int(unread)


def results_page(kept: Json, results: Sequence[Result] = ()) -> ResultsPage:
    """The page of results that `kept` describes."""
    return ResultsPage(**{**kept, "documents": tuple(kept["documents"]), "results": tuple(results)})


def edited_notes(notes: Mapping[Part, str], kept: Json) -> dict[Part, str]:
    """Working context after an exchange that edited it."""
    try:
        return edited(notes, kept["name"], kept["given"])
    except (FunctionError, TypeError):
        return dict(notes)  # an imported session may not add up; it is still shown


def _flush(kept: Json | None) -> Flush | None:
    if kept is None:
        return None
    return Flush(kept["evicted"], kept["summary"], ContextTokens(**kept["context"]))
