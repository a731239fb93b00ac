"""The trace of a session's memory: what stood in the window at each step, and what left it.

Read from the records in recall storage, without a model. Texts are named by their ordinals there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from memgpt_docs.errors import StorageError
from memgpt_docs.events import ContextTokens
from memgpt_docs.record_json import edited_notes
from memgpt_docs.storage.library import Library
from memgpt_docs.working_context import Part, block


@dataclass(frozen=True)
class Place:
    """Where one text of the queue stands in recall storage, and whose it is."""

    ordinal: int
    role: str  # "user", "assistant", "function" or "system"
    name: str = ""  # of the function


@dataclass(frozen=True)
class StepMemory:
    """Main context as the processor was given it at one step, and what the step did to it."""

    step: int  # 1-based, within its run
    context: ContextTokens
    sent: str  # digest of the messages the processor was given
    before: str  # working context
    after: str
    summary: str
    warned: bool  # whether the warning mark was passed before it
    flushed: tuple[Place, ...]  # what left the window before it
    queue: tuple[Place, ...]  # what stood in the queue
    called: tuple[str, ...]  # names of the functions
    results: tuple[int, ...]  # ordinal of the result of each
    tokens_read: int
    tokens_written: int
    seconds: float


def memory_of(
    library: Library, session_id: str, first: int, end: int | None = None
) -> list[StepMemory]:
    """Each step of the run whose records lie from ordinal `first` up to `end` (None for the last).

    Raises `StorageError` where the records cannot be read.
    """
    steps = []
    fold = _Fold()
    try:
        for ordinal, text in library.recall.records(session_id):
            if end is not None and ordinal >= end:
                break
            step = fold.add(ordinal, json.loads(text))
            if step is not None and ordinal >= first:
                steps.append(step)
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(
            "The session's records cannot be read.", "Start a new session; its entries are kept."
        ) from error
    return steps


class _Fold:
    """Takes in records one after the other and says what each step found and did."""

    def __init__(self) -> None:
        self._queue: list[tuple[Place, ...]] = []  # the texts of each entry
        self._notes: dict[Part, str] = {}
        self._summary = ""

    def add(self, ordinal: int, kept: dict[str, Any]) -> StepMemory | None:
        """The step that a record is about, if any."""
        if kept["is"] != "step":
            self._append(ordinal, kept.get("entries", ()))
            return None
        self._append(ordinal, kept["before"])
        flushed: tuple[Place, ...] = ()
        if kept["flush"]:
            count = kept["flush"]["evicted"]
            gone, self._queue = self._queue[:count], self._queue[count:]
            flushed = tuple(place for entry in gone for place in entry)
            self._summary = kept["flush"]["summary"]
        queue = tuple(place for entry in self._queue for place in entry)
        before = block(self._notes)
        self._append(ordinal, kept["entries"])
        made = [one for entry in kept["entries"] for one in entry.get("exchanges", ())]
        read, written, _ = kept["tokens"]
        return StepMemory(
            step=kept["step"],
            context=ContextTokens(**kept["context"]),
            sent=kept["sent"],
            before=before,
            after=block(self._notes),
            summary=self._summary,
            warned=bool(kept["pressure"]),
            flushed=flushed,
            queue=queue,
            called=tuple(one["name"] for one in made),
            results=tuple(ordinal + one["message"] for one in made),
            tokens_read=read,
            tokens_written=written,
            seconds=kept["seconds"],
        )

    def _append(self, ordinal: int, entries: Any) -> None:
        for entry in entries:
            self._queue.append(tuple(_places(ordinal, entry)))
            for one in entry.get("exchanges", ()):
                if "edited" in one:
                    self._notes = edited_notes(self._notes, one)


ROLES = {"user": "user", "alert": "system", "call": "assistant"}


def _places(ordinal: int, entry: dict[str, Any]) -> Iterator[Place]:
    for one in entry.get("exchanges", ()):
        yield Place(ordinal + one["message"] - 1, "assistant", one["name"])
        yield Place(ordinal + one["message"], "function", one["name"])
    if not entry.get("exchanges"):
        yield Place(ordinal + entry["text"], ROLES[entry["is"]])
