"""Findings: what the extractive processor writes into working context, and reads back from there.

Findings for: <question>
Compare: <file> | <file>
[7] search 1 page 2 score 0.913 · report.pdf p.60: "Purchases of property … (1,577)"
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from memgpt_docs.context import MainContext

_LINE = re.compile(
    r"^\[(?P<handle>\d+)\] search (?P<search>\d+) page (?P<page>\d+) score (?P<score>-?[\d.]+)"
    r' · (?P<place>.*?): "(?P<quote>.*)"$'
)
_COMPARE = "Compare: "


@dataclass(frozen=True)
class Finding:
    """A noted quotation."""

    handle: int
    search: int  # 1-based number of the search that found it
    page: int  # 1-based page of results
    score: float
    place: str  # "report.pdf p.60"
    quote: str

    def line(self) -> str:
        return (
            f"[{self.handle}] search {self.search} page {self.page} score {self.score:.3f} "
            f'· {self.place}: "{self.quote}"'
        )


@dataclass(frozen=True)
class Findings:
    """The notes on one question: which documents to ask it one by one, and what was found."""

    compare: tuple[str, ...] = ()  # file names
    found: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, context: MainContext) -> Findings:
        """What working context holds for the present question; nothing at its beginning."""
        text = context.working_context.part("findings")
        if not text.startswith(_title(context)):
            return cls()
        compare: tuple[str, ...] = ()
        found = []
        for line in text.split("\n"):
            if line.startswith(_COMPARE):
                compare = tuple(line.removeprefix(_COMPARE).split(" | "))
            elif match := _LINE.match(line):
                handle, search, page = (int(match[n]) for n in ("handle", "search", "page"))
                score = float(match["score"])
                found.append(Finding(handle, search, page, score, match["place"], match["quote"]))
        return cls(compare, tuple(found))

    def text(self, context: MainContext) -> str:
        """The block of working context that holds them."""
        compare = [_COMPARE + " | ".join(self.compare)] if self.compare else []
        return "\n".join([_title(context), *compare, *(finding.line() for finding in self.found)])

    def of_search(self, search: int) -> list[Finding]:
        return [finding for finding in self.found if finding.search == search]

    def with_fresh(self, fresh: Sequence[Finding], search: int, most: int) -> Findings:
        """With the best `most` of a search: no quotation twice, each passage once."""
        kept: list[Finding] = []
        for finding in sorted([*self.of_search(search), *fresh], key=_best_first):
            if all(other.handle != finding.handle for other in kept):
                kept.append(finding)
        others = [finding for finding in self.found if finding.search != search]
        return replace(self, found=tuple(sorted([*others, *kept[:most]], key=_in_order)))

    def within_limit(self, context: MainContext) -> Findings:
        """Without the weakest of the search that has most, as far as working context needs it."""
        kept = list(self.found)
        room = context.working_context.room("findings")
        while kept and (
            context.tokenizer.count(replace(self, found=tuple(kept)).text(context)) > room
        ):
            searches = [finding.search for finding in kept]
            crowded = max(set(searches), key=lambda search: (searches.count(search), search))
            kept.remove(min((f for f in kept if f.search == crowded), key=lambda f: f.score))
        return replace(self, found=tuple(kept))


def _best_first(finding: Finding) -> tuple[float, int, str]:
    return (-finding.score, finding.handle, finding.quote)


def _in_order(finding: Finding) -> tuple[int, float, int, str]:
    return (finding.search, *_best_first(finding))


def _title(context: MainContext) -> str:
    limit = max(8, context.working_context.limit // 8)
    question = " ".join(context.tokenizer.truncate(context.question, limit).split())
    return f"Findings for: {question}"
