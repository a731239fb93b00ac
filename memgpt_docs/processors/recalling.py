"""Recalling: questions about the session itself, answered from recall storage.

"What did you tell me about the lease?" is looked for in what was said, page by page, until an
answer or a question of the reader is found. What is found is repeated as it was said, with its
time: it was checked then, and cites nothing anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from memgpt_docs.context import MainContext, StepEntry, UserEntry
from memgpt_docs.processors.wording import CHINESE, ENGLISH, wording

MOST_PAGES = 6
MOST_TOLD = 3
# How an answer begins that repeats what was said.
_REPEATS = (ENGLISH.said_before, CHINESE.said_before)
_TOLD = (
    r"(?:said|say|told|tell|asked|ask|found|find|discussed|discuss|mentioned|mention|quoted|quote"
)
_ASKS_BACK = re.compile(
    rf"\b(?:did|have|had) (?:you|we|i) (?:\w+ )?{_TOLD}|answered|answer|talked|talk|read)\b"
    rf"|\b(?:you|we) (?:just |already )?{_TOLD})\b|你(?:刚才|之前|先前)|我们?(?:刚才|之前|先前)",
    re.IGNORECASE,
)
_ASKED_ONLY = re.compile(r"\bi (?:\w+ )?ask", re.IGNORECASE)
_ENTRY = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d) (user|assistant|function|system) (\w*): ", re.M)
_PAGES = re.compile(r"\(page \d+ of (\d+)\)")
_MESSAGE = re.compile(r"^message: (.*?)(?=^citations: |\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Said:
    """Something that was said in the session."""

    time: str
    text: str


@dataclass(frozen=True)
class Recalled:
    """What recall storage has shown for the present question so far."""

    said: tuple[Said, ...]
    pages_read: int
    pages: int

    @property
    def is_done(self) -> bool:
        return bool(self.said) or self.pages_read >= min(self.pages, MOST_PAGES)


def asks_back(question: str) -> bool:
    """Whether a question is about what was said in the session."""
    return _ASKS_BACK.search(question) is not None


def recalled(context: MainContext) -> Recalled:
    """What the queue shows of recall storage since the present question was asked."""
    said: list[Said] = []
    read, pages = 0, 1
    for entry in reversed(context.queue):
        if isinstance(entry, UserEntry):
            break
        if not isinstance(entry, StepEntry):
            continue
        for call, result in entry.exchanges:
            if call.name != "recall_search":
                continue
            read = max(read, int(json.loads(call.arguments).get("page", 1)))
            if match := _PAGES.search(result.message):
                pages = int(match[1])
            said += _said(result.message, context.question)
    return Recalled(tuple(dict.fromkeys(said)), read, pages)


def told_again(question: str, found: Recalled) -> str:
    """The message that repeats what was said."""
    blocks = [f"{one.time}\n{one.text}" for one in found.said[:MOST_TOLD]]
    return "\n\n".join([wording(question).said_before, *blocks])


def _said(message: str, question: str) -> Iterator[Said]:
    """The answers on a page of recall storage, or the questions where those are asked for; never
    the present question itself, nor an answer that only repeats another."""
    own_questions = _ASKED_ONLY.search(question) is not None
    starts = list(_ENTRY.finditer(message))
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        time, role, name = start.groups()
        text = message[start.end() : following.start() if following else len(message)].strip()
        if own_questions and role == "user" and text != question:
            yield Said(time, text)
        if not own_questions and role == "assistant" and name == "send_message":
            match = _MESSAGE.search(text)
            words = match[1].strip() if match else text
            if not words.startswith(_REPEATS):
                yield Said(time, words)
