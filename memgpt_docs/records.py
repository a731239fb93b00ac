"""Records: what happened in a session, as recall storage keeps it.

Everything a session is - its queue, summary, working context, handles, rankings - follows from its
records, and so do the events of every run: a session is restored, forked and replayed from them
alone, without a model. A record is written with the entries it is about in one transaction, so the
newest step is there whole or not at all.

Texts stand in the entries, where they can be searched; a record refers to them by their place.
Passages are referred to by their ids and read from the library again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from memgpt_docs.calls import PassagesShown, parsed
from memgpt_docs.context import AlertEntry, Entry, StepEntry, UserEntry
from memgpt_docs.events import Answer, ContextTokens
from memgpt_docs.storage.frozen import FrozenRanking


@dataclass(frozen=True)
class Asked:
    """A run began."""

    question: str
    documents: tuple[str, ...]  # doc_ids it is limited to; empty for all
    processor: str
    entries: tuple[Entry, ...]  # what came since the run before, and the question


@dataclass(frozen=True)
class Flush:
    """Entries left the window."""

    evicted: int
    summary: str  # as it is after
    context: ContextTokens  # after


@dataclass(frozen=True)
class StepTaken:
    """One inference: what it was given, what it called and what came of it."""

    step: int  # 1-based, within the run
    context: ContextTokens
    sent: str  # digest of the messages the processor was given
    before: tuple[Entry, ...] = ()  # put into the queue before it: interrupts, memory pressure
    pressure: ContextTokens | None = None  # where the warning mark was passed
    flush: Flush | None = None
    entries: tuple[Entry, ...] = ()  # put into the queue by it
    rankings: tuple[FrozenRanking, ...] = ()  # made by its searches, or cut anew
    scale: float = 1.0  # of main context, after the reply; `before` was put in by the one before
    # Times an answer to the question went back so far: for its problems, and for what is unread.
    returned: tuple[int, int] = (0, 0)
    tokens_read: int = 0
    tokens_written: int = 0
    tokens_cached: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Ended:
    """A run stopped."""

    answer: Answer


Record = Asked | StepTaken | Ended


@dataclass(frozen=True)
class Said:
    """One entry of recall storage to be: who said what."""

    role: str
    name: str
    text: str
    time: datetime
    doc_ids: tuple[str, ...] = ()


def said(entry: Entry) -> list[Said]:
    """The entries of recall storage that hold the texts of an entry of the queue."""
    match entry:
        case UserEntry():
            return [Said("user", "", entry.text, entry.time)]
        case AlertEntry():
            return [Said("system", "", entry.text, entry.time)]
        case StepEntry(exchanges=()):
            return [Said("assistant", "", entry.thought, entry.time)]
        case StepEntry():
            texts = []
            for number, (call, result) in enumerate(entry.exchanges):
                thought = f"{entry.thought}\n" if entry.thought and number == 0 else ""
                texts.append(
                    Said("assistant", call.name, thought + readable(call.arguments), entry.time)
                )
                shown = result.payload
                documents = (
                    tuple(dict.fromkeys(one.passage.doc_id for one in shown.results))
                    if isinstance(shown, PassagesShown)
                    else ()
                )
                texts.append(Said("function", call.name, result.message, entry.time, documents))
            return texts


def readable(arguments: str) -> str:
    """The arguments of a call as words that can be found: no escapes, a line each."""
    try:
        given = parsed(arguments)
    except ValueError:
        return arguments
    if not isinstance(given, dict):
        return arguments
    lines = [
        f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in given.items()
        if name != "request_heartbeat"
    ]
    return "\n".join(lines)
