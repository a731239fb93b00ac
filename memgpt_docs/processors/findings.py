"""Findings: what the extractive processor writes into working context, and reads back from there.
They are those of one question: `forgetting` removes them when the next one begins.

Findings for: <question>
Compare: <file> | <file>
Follow: <identifier> | <identifier>
[7] search 1 page 2 score 9.131 covers 0.83 · report.pdf p.60: "Purchases of property … (1,577)"
[8] search 1 page 2 score 8.402 covers 0.83 · report.pdf p.60: "Revenue 21 19" under "2023 2022"
[9] search 2 page 1 step · parts.pdf p.3: "SKU-10042 was replaced by SKU-10077"
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from memgpt_docs.calls import FunctionCall
from memgpt_docs.context import MainContext
from memgpt_docs.processors.wording import ENGLISH

_LINE = re.compile(
    r"^\[(?P<handle>\d+)\] search (?P<search>\d+) page (?P<page>\d+) "
    r"(?:score (?P<score>-?[\d.]+) covers (?P<covers>[\d.]+)|step)"
    r' · (?P<place>.*?): "(?P<quote>.*?)"(?: under "(?P<head>[^"]*)")?$'
)
_TITLE = "Findings for: "
_COMPARE = "Compare: "
_FOLLOW = "Follow: "
# The score of a step: it is there because a record says so, not because its words fit.
STEP = math.inf
EACH = 2  # quotations of one passage


@dataclass(frozen=True)
class Finding:
    """A noted quotation."""

    handle: int
    search: int  # 1-based number of the search that found it
    page: int  # 1-based page of results
    score: float
    covers: float  # share of the question's words that it has, or words like them
    place: str  # "report.pdf p.60"
    quote: str
    head: str = ""  # of the columns, where it is a row of a table

    @property
    def is_step(self) -> bool:
        """Whether it is a record that points from one identifier to another."""
        return self.score == STEP

    def line(self) -> str:
        why = "step" if self.is_step else f"score {self.score:.3f} covers {self.covers:.2f}"
        under = f' under "{self.head}"' if self.head else ""
        return (
            f"[{self.handle}] search {self.search} page {self.page} {why} "
            f'· {self.place}: "{self.quote}"{under}'
        )


@dataclass(frozen=True)
class Findings:
    """The notes on one question: which documents to ask it one by one, which identifiers to look
    up, and what was found."""

    compare: tuple[str, ...] = ()  # file names
    followed: tuple[str, ...] = ()  # identifiers, in the order in which pages pointed to them
    found: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, context: MainContext) -> Findings:
        """What working context holds for the present question; nothing at its beginning."""
        if not context.coverage:
            return cls()
        compare: tuple[str, ...] = ()
        followed: tuple[str, ...] = ()
        found = []
        for line in context.working_context.part("findings").split("\n"):
            if line.startswith(_COMPARE):
                compare = tuple(line.removeprefix(_COMPARE).split(" | "))
            elif line.startswith(_FOLLOW):
                followed = tuple(line.removeprefix(_FOLLOW).split(" | "))
            elif match := _LINE.match(line):
                found.append(_read(match))
        return cls(compare, followed, tuple(found))

    def text(self, context: MainContext) -> str:
        """The block of working context that holds them."""
        compare = [_COMPARE + " | ".join(self.compare)] if self.compare else []
        follow = [_FOLLOW + " | ".join(self.followed)] if self.followed else []
        lines = [finding.line() for finding in self.found]
        return "\n".join([_title(context), *compare, *follow, *lines])

    def of_search(self, search: int) -> list[Finding]:
        return [finding for finding in self.found if finding.search == search]

    def with_fresh(self, fresh: Sequence[Finding], search: int, most: int) -> Findings:
        """With the best `most` of a search: no quotation twice, each passage `EACH` times."""
        kept: list[Finding] = []
        for finding in sorted([*self.of_search(search), *fresh], key=_best_first):
            same = [other for other in kept if other.handle == finding.handle]
            if len(same) < EACH and all(other.quote != finding.quote for other in same):
                kept.append(finding)
        others = [finding for finding in self.found if finding.search != search]
        return replace(self, found=tuple(sorted([*others, *kept[:most]], key=_in_order)))

    def within_limit(self, context: MainContext) -> Findings:
        """Without what working context has no room for: of several steps the earliest, else the
        weakest finding of the search that has most."""
        kept = list(self.found)
        room = context.working_context.room("findings")
        while kept and (
            context.tokenizer.count(replace(self, found=tuple(kept)).text(context)) > room
        ):
            steps = [finding for finding in kept if finding.is_step]
            others = [finding for finding in kept if not finding.is_step]
            kept.remove(_least(others) if others else min(steps, key=lambda step: step.search))
        return replace(self, found=tuple(kept))


def forgetting(context: MainContext) -> list[FunctionCall]:
    """The call that removes the findings of an earlier question, where there are any. Made with
    the first search of a question: from then on all findings are of that question."""
    old = context.working_context.part("findings")
    if context.coverage or not old:
        return []
    arguments = json.dumps({"old": old, "new": ""}, ensure_ascii=False)
    return [FunctionCall("working_context_replace", arguments, "call_working_context_replace")]


def for_reader(notes: str) -> str:
    """Working context as a reader is shown it: of findings the quotations alone, each once with its
    place; other notes as they are."""
    if _TITLE not in notes:
        return notes
    told: dict[str, None] = {}
    for line in notes.split("\n"):
        if match := _LINE.match(line):
            found = _read(match)
            told[f"{ENGLISH.line(found.quote, found.head, found.handle)} {found.place}"] = None
        elif line != "findings:" and not line.startswith((_TITLE, _COMPARE, _FOLLOW)):
            told[line] = None
    return "\n".join(told)


def _read(match: re.Match[str]) -> Finding:
    handle, search, page = (int(match[name]) for name in ("handle", "search", "page"))
    score, covers = (float(match["score"]), float(match["covers"])) if match["score"] else (STEP, 1)
    place, quote, head = match["place"], match["quote"], match["head"] or ""
    return Finding(handle, search, page, score, covers, place, quote, head)


def _least(found: Sequence[Finding]) -> Finding:
    searches = [finding.search for finding in found]
    crowded = max(set(searches), key=lambda search: (searches.count(search), search))
    return min((f for f in found if f.search == crowded), key=lambda f: f.score)


def _best_first(finding: Finding) -> tuple[float, int, str]:
    return (-finding.score, finding.handle, finding.quote)


def _in_order(finding: Finding) -> tuple[int, float, int, str]:
    return (finding.search, *_best_first(finding))


def _title(context: MainContext) -> str:
    limit = max(8, context.working_context.limit // 8)
    question = " ".join(context.tokenizer.truncate(context.question, limit).split())
    return f"{_TITLE}{question}"
