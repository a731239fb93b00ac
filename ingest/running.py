"""Running heads and feet: lines that stand at the edge of most pages, alike up to their numbers
("Table of Contents", "3M Company 2018 Form 10-K", "56").

They stay in the text of a page and in the spans of its passages, at the edge of the first and the
last, because a person sees them there. What is searched has each of them once, on the first page
that bears it, so that its words are found but do not weigh in every passage.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from memgpt_docs.storage.schema import Page, Passage

EDGE_LINES = 3
MAX_CHARS = 120
# More numbers than a date and a page number are data, which differs though it looks alike.
MAX_NUMBERS = 3
MIN_PAGES = 4
# Left and right pages may differ, and chapters begin without a head.
SHARE = 0.4


@dataclass(frozen=True)
class Body:
    """What a page has between the running head and foot that it repeats: code points of its
    text, half-open."""

    start: int
    end: int

    def text_of(self, passage: Passage) -> str:
        """The text of a passage of this page without running lines; all of it where it has
        nothing else."""
        start = max(0, self.start - passage.start)
        end = max(0, self.end - passage.start)
        return passage.text[start:end].strip() or passage.text


def bodies(pages: Sequence[Page]) -> dict[int, Body]:
    """The body of each page, by its number."""
    edges = {page.page_no: _edges(page.text) for page in pages}
    tops: Counter[str] = Counter()
    feet: Counter[str] = Counter()
    for top, foot in edges.values():
        tops.update({alike for alike, _, _ in top})
        feet.update({alike for alike, _, _ in foot})
    with_text = sum(bool(top) for top, _ in edges.values())
    least = max(MIN_PAGES, SHARE * with_text)
    found = {}
    seen: set[str] = set()
    for page in pages:
        top, foot = edges[page.page_no]
        start, end = 0, len(page.text)
        for alike, _, line_end in top:
            if tops[alike] < least or alike not in seen:
                break
            start = line_end
        for alike, line_start, _ in foot:
            if feet[alike] < least or alike not in seen:
                break
            end = line_start
        seen.update(alike for alike, _, _ in (*top, *foot))
        is_all = not page.text[start:end].strip()
        found[page.page_no] = Body(0, len(page.text)) if is_all else Body(start, end)
    return found


_Edge = list[tuple[str, int, int]]


def _edges(text: str) -> tuple[_Edge, _Edge]:
    """The first lines of a page from the top and the last from the bottom: what they have in
    common with those of other pages, and where each begins and ends."""
    lines = list(re.finditer(r"[^\n]*\S[^\n]*", text))
    return _short(lines[:EDGE_LINES]), _short(lines[: -EDGE_LINES - 1 : -1])


def _short(lines: Sequence[re.Match[str]]) -> _Edge:
    """Lines up to the first that is too long, or has too many numbers, to be on every page."""
    edge = (
        (re.sub(r"\d+", "#", " ".join(line[0].split()).casefold()), line.start(), line.end())
        for line in lines
    )
    return list(takewhile(lambda line: _may_run(line[0]), edge))


def _may_run(alike: str) -> bool:
    numbers = alike.count("#")
    has_words = re.search(r"[^\W\d_]", alike) is not None
    return len(alike) <= MAX_CHARS and numbers <= (MAX_NUMBERS if has_words else 1)
