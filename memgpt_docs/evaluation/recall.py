"""How well recall storage finds what was said: measured on conversations with known evidence.

The turns of a conversation become the entries of a session, one by one; each question is searched
in its own session. *Recall* at k is the share of a question's evidence turns among the first k
entries; questions without evidence are left out. Beside it stands plain BM25 over the same turns.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

from memgpt_docs.errors import UsageError
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.recall import RecallEntry

DEPTHS = (1, 5, 10, 20)
_K1, _B = 1.5, 0.75  # of BM25, as usual
# "4:04 pm on 20 January, 2023", as LoCoMo writes it; else ISO 8601.
_SPOKEN_TIME = "%I:%M %p on %d %B, %Y"


@dataclass(frozen=True)
class Turn:
    """Something that was said."""

    conversation: str
    id: str
    time: datetime
    speaker: str
    text: str

    @property
    def said(self) -> str:
        return f"{self.speaker}: {self.text}" if self.speaker else self.text


@dataclass(frozen=True)
class AskedBack:
    """A question about a conversation, and the turns that answer it."""

    conversation: str
    question: str
    evidence: frozenset[str]
    kind: str = ""


@dataclass(frozen=True)
class RecallMeasures:
    """Recall at each depth, over all questions and over those of each kind."""

    by_kind: Mapping[str, Mapping[int, float]]
    questions: Mapping[str, int] = field(default_factory=dict)

    def at(self, depth: int, kind: str = "all") -> float:
        return self.by_kind[kind][depth]


def load_conversations(folder: Path) -> tuple[list[Turn], list[AskedBack]]:
    """Reads `turns.jsonl` (conv, dia_id, session_datetime, speaker, text and where there is one
    image_caption) and `questions.jsonl` (conv, question, evidence). Raises `UsageError`."""
    turns = [_turn(row) for row in _rows(folder / "turns.jsonl")]
    known = {(turn.conversation, turn.id) for turn in turns}
    asked = []
    for row in _rows(folder / "questions.jsonl"):
        evidence = frozenset(one for one in row["evidence"] if (row["conv"], one) in known)
        kind = str(row.get("category_name", ""))
        asked.append(AskedBack(row["conv"], row["question"], evidence, kind))
    return turns, asked


def fill(library: Library, turns: Sequence[Turn]) -> dict[tuple[str, int], Turn]:
    """Puts the turns into recall storage, a session for each conversation; gives back which turn
    stands at which ordinal of which session."""
    at: dict[tuple[str, int], Turn] = {}
    lengths: Counter[str] = Counter()
    entries = defaultdict(list)
    for turn in turns:
        ordinal = lengths[turn.conversation]
        lengths[turn.conversation] += 1
        at[turn.conversation, ordinal] = turn
        entries[turn.conversation].append(
            RecallEntry(
                turn.conversation, ordinal, turn.time, "user", "", turn.said, len(turn.said) // 4
            )
        )
    for found in entries.values():
        library.recall.append(found)
    return at


def measure_recall(library: Library, folder: Path) -> dict[str, RecallMeasures]:
    """The measures of recall storage and of plain BM25, on the conversations of `folder`."""
    turns, asked = load_conversations(folder)
    questions = [one for one in asked if one.evidence]
    if not questions:
        raise UsageError("No question names evidence.", "Add the ids of the turns that answer.")
    at = fill(library, turns)
    found = {}
    for one in questions:
        page = library.recall.search(one.conversation, one.question, 1, max(DEPTHS))
        found[one] = [at[one.conversation, entry.ordinal].id for entry in page.entries]
    plain = {
        name: PlainBM25({turn.id: turn.said for turn in turns if turn.conversation == name})
        for name in {turn.conversation for turn in turns}
    }
    baseline = {one: plain[one.conversation].best(one.question, max(DEPTHS)) for one in questions}
    return {"recall storage": _measures(found), "plain BM25": _measures(baseline)}


def recall_table(measured: Mapping[str, RecallMeasures]) -> str:
    """A row for each kind of question and way of searching."""
    heads = ["questions", "number", "search", *(f"recall@{depth}" for depth in DEPTHS)]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    kinds = next(iter(measured.values())).questions
    for kind, number in kinds.items():
        for name, measures in measured.items():
            cells = [f"{measures.at(depth, kind):.3f}" for depth in DEPTHS]
            lines.append("| " + " | ".join([kind, str(number), name, *cells]) + " |")
    return "\n".join(lines)


class PlainBM25:
    """BM25 over whole words, for comparison."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._counts = {name: Counter(_words(text)) for name, text in texts.items()}
        self._lengths = {name: counts.total() for name, counts in self._counts.items()}
        self._mean = mean(self._lengths.values())
        self._in = Counter(word for counts in self._counts.values() for word in counts)

    def best(self, query: str, count: int) -> list[str]:
        """The names of the best texts, best first."""
        scores = {name: self._score(name, set(_words(query))) for name in self._counts}
        return sorted((n for n in scores if scores[n] > 0), key=lambda n: -scores[n])[:count]

    def _score(self, name: str, query: set[str]) -> float:
        counts, total = self._counts[name], len(self._counts)
        norm = _K1 * (1 - _B + _B * self._lengths[name] / self._mean)
        return sum(
            math.log(1 + (total - self._in[word] + 0.5) / (self._in[word] + 0.5))
            * counts[word] * (_K1 + 1) / (counts[word] + norm)
            for word in query
            if word in counts
        )  # fmt: skip


def _measures(found: Mapping[AskedBack, Sequence[str]]) -> RecallMeasures:
    kinds = ["all", *sorted({one.kind for one in found if one.kind})]
    by_kind, numbers = {}, {}
    for kind in kinds:
        own = [one for one in found if kind in ("all", one.kind)]
        numbers[kind] = len(own)
        by_kind[kind] = {
            depth: mean(
                len(one.evidence & set(found[one][:depth])) / len(one.evidence) for one in own
            )
            for depth in DEPTHS
        }
    return RecallMeasures(by_kind, numbers)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _rows(path: Path) -> Iterable[dict[str, Any]]:
    if not path.is_file():
        raise UsageError(
            f"There is no {path}.", "Give a folder with turns.jsonl and questions.jsonl."
        )
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def _turn(row: Mapping[str, Any]) -> Turn:
    caption = f" [{row['image_caption']}]" if row.get("image_caption") else ""
    return Turn(
        row["conv"],
        row["dia_id"],
        _time(row["session_datetime"]),
        row.get("speaker", ""),
        row["text"] + caption,
    )


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = datetime.strptime(text, _SPOKEN_TIME)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
