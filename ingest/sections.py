"""Where sections begin: headings the format marks, outline entries, and the lines by which a filing
names its parts ("PART II", "Item 7A.", "NOTE 5").

A filing names its items more than once: in its contents, in cross-references, at the head of
pages. Of all the lines that could begin an item, the chain that rises through the item numbers
and has the most weight is taken; the rest is text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.marks import (
    CONTINUED,
    ITEM,
    NOTE,
    OTHER,
    PAGE_AT_END,
    PART,
    Mark,
    candidate,
    candidates,
    lines_in,
    tidied,
)
from ingest.readers.message import Heading, ReadPage

MAX_PATH_CHARS = 240
MAX_DEPTH = 5
MAX_CANDIDATES = 600
# A table of contents stands among the first pages.
MAX_COVER_PAGES = 8
_ANNUAL_PARTS = ((15, "Part IV"), (10, "Part III"), (5, "Part II"), (0, "Part I"))
# Of the annual report of a foreign company (20-F), which has more items.
_FOREIGN_PARTS = ((17, "Part III"), (13, "Part II"), (0, "Part I"))
_PARTS_IN_ORDER = ("Part I", "Part II", "Part III", "Part IV")

# The way back to the contents at the head of a page.
_NO_HEADING = re.compile(r"(?:table\s+of\s+)?contents|index", re.I)


@dataclass(frozen=True)
class Section:
    """A section begins at `start`, a code point of the page's text; `path` names it from the
    outside in: "Part II > Item 8. Financial Statements > Note 5 Income Taxes"."""

    page_no: int
    start: int
    path: str


def find_sections(pages: Sequence[ReadPage], headings: Iterable[Heading]) -> list[Section]:
    """All places where a section begins, in document order."""
    named = list(_named(pages))
    headings = list(headings)
    marks = _merge(named, list(_from_headings(pages, headings)))
    begin = _begin(pages, named)
    if named or any(heading.start is not None for heading in headings):
        # What a cover or a table of contents sets in bold is not a section.
        marks = [mark for mark in marks if (mark.page_no, mark.start) >= begin]
    return list(_paths(marks))


def _begin(pages: Sequence[ReadPage], named: Sequence[Mark]) -> tuple[int, int]:
    """Where sections can begin: after the table of contents, at the latest with the first named."""
    first = min(((mark.page_no, mark.start) for mark in named), default=None)
    contents = next((page.page_no for page in pages[:MAX_COVER_PAGES] if _has_contents(page)), None)
    if contents is None:
        return first or (0, 0)
    return min((contents + 1, 0), first or (contents + 1, 0))


def _has_contents(page: ReadPage) -> bool:
    lines = [line for _, line in lines_in(page.text)]
    entries = sum(PAGE_AT_END.search(line) is not None for line in lines)
    return entries >= 5 and any(_NO_HEADING.fullmatch(line.strip("\u200b ")) for line in lines)


def _paths(marks: Iterable[Mark]) -> Iterator[Section]:
    stack: list[Mark] = []
    for mark in marks:
        if any(_same(mark.title, open_.title) for open_ in stack):
            continue  # the head of a page repeats the section it is in
        while stack and stack[-1].rank >= mark.rank:
            stack.pop()
        stack.append(mark)
        yield Section(mark.page_no, mark.start, _path([one.title for one in stack]))


def _path(titles: list[str]) -> str:
    kept = titles if len(titles) <= MAX_DEPTH else [*titles[:2], *titles[2 - MAX_DEPTH :]]
    while len(path := " > ".join(kept)) > MAX_PATH_CHARS and len(kept) > 1:
        # The outermost and the innermost say most.
        kept = [*kept[:1], *kept[2:]] if len(kept) > 2 else kept[1:]
    return path[:MAX_PATH_CHARS]


def _same(one: str, other: str) -> bool:
    return _bare(one) == _bare(other)


def _bare(title: str) -> str:
    return re.sub(r"\W+", "", CONTINUED.sub("", title)).casefold()


# -- lines that filings name their sections by ------------------------------------------------


def _named(pages: Sequence[ReadPage]) -> Iterator[Mark]:
    parts: list[Mark] = []
    items: list[Mark] = []
    notes: list[Mark] = []
    others: list[Mark] = []
    for page in pages:
        here = list(candidates(page))
        contents = _is_contents(here)
        for mark in here:
            light = replace(mark, weight=mark.weight * 0.05) if contents else mark
            match mark.rank:
                case _ if mark.rank == ITEM and mark.key:
                    items.append(light)
                case _ if mark.rank == NOTE:
                    notes.append(light)
                case _ if mark.rank == PART:
                    parts.append(light)
                case _ if light.weight >= 0.5:
                    others.append(light)
    chosen = _chain(items[:MAX_CANDIDATES], parts)
    yield from chosen
    yield from _parts_of(chosen, parts)
    yield from (mark for mark in _chain(notes[:MAX_CANDIDATES], []) if mark.weight >= 0.5)
    yield from others


def _is_contents(marks: Sequence[Mark]) -> bool:
    """Whether a page lists sections rather than beginning them: many, close together."""
    lines = [mark for mark in marks if mark.rank != PART]
    if len(lines) < 4:
        return False
    gaps = sorted(after.start - before.start for before, after in pairwise(lines))
    numbered = sum(mark.weight < 0.5 for mark in lines)
    return gaps[len(gaps) // 2] < 160 or numbered * 2 > len(lines)


def _chain(marks: Sequence[Mark], parts: Sequence[Mark]) -> list[Mark]:
    """The heaviest chain of `marks` whose keys rise; after a "Part II" they may begin again once
    (the items of a quarterly report do)."""
    seconds = sorted((mark.page_no, mark.start) for mark in parts if mark.title == "Part II")
    # best[again][i]: weight of the best chain that ends at i, and the one before it there.
    best: list[list[tuple[float, tuple[int, int] | None]]] = [[], []]
    for i, mark in enumerate(marks):
        ends: list[tuple[float, tuple[int, int] | None]] = [(mark.weight, None), (-1.0, None)]
        known = bisect_left(seconds, (mark.page_no, mark.start))
        second = seconds[known - 1] if known else (0, 0)
        for j in range(i):
            rises = marks[j].key < mark.key
            between = not rises and (marks[j].page_no, marks[j].start) < second
            for again in (0, 1):
                weight = best[again][j][0]
                if weight < 0:
                    continue
                to = again if rises else 1 if between and not again else None
                if to is not None and weight + mark.weight > ends[to][0]:
                    ends[to] = (weight + mark.weight, (again, j))
        best[0].append(ends[0])
        best[1].append(ends[1])
    if not marks:
        return []
    at: tuple[int, int] | None = max(
        ((again, i) for again in (0, 1) for i in range(len(marks))),
        # A new beginning has to pay for itself.
        key=lambda end: best[end[0]][end[1]][0] - 0.5 * end[0],
    )
    chain = []
    while at is not None:
        chain.append(marks[at[1]])
        at = best[at[0]][at[1]][1]
    return chain[::-1]


def _parts_of(items: Sequence[Mark], parts: Sequence[Mark]) -> Iterator[Mark]:
    """The parts that `items` are in, and signatures."""
    places = [(mark.page_no, mark.start) for mark in items]
    is_annual = bool(items) and items[-1].key >= (9,) and not items[-1].key[1] and _rises(items)
    if is_annual:
        yield from _annual_parts(items, parts)
    for part_mark in parts:
        at = (part_mark.page_no, part_mark.start)
        if part_mark.title == "Signatures":
            if part_mark.weight >= 0.5 and places and at > places[-1]:
                yield part_mark
        elif not is_annual and any(
            page == part_mark.page_no and 0 < start - part_mark.start < 400
            for page, start in places
        ):
            yield part_mark


def _annual_parts(items: Sequence[Mark], parts: Sequence[Mark]) -> Iterator[Mark]:
    """The parts of an annual report, by the numbers of their items; a label above an item says
    better which part begins (in older forms they begin elsewhere)."""
    is_foreign = items[-1].key[0] >= 17 or any(
        item.key[0] == 3 and "Key Information" in item.title for item in items
    )
    table = _FOREIGN_PARTS if is_foreign else _ANNUAL_PARTS
    begun = -1
    for item in items:
        label = _label_above(item, parts)
        by_number = next(name for first, name in table if item.key[0] >= first)
        title = label.title if label else by_number
        place = _PARTS_IN_ORDER.index(title)
        if place > begun:
            begun = place
            yield Mark(item.page_no, label.start if label else item.start, PART, title)


def _rises(items: Sequence[Mark]) -> bool:
    return all(before.key < after.key for before, after in pairwise(items))


def _label_above(item: Mark, parts: Sequence[Mark]) -> Mark | None:
    """The label of a part that stands close above `item`."""
    return next(
        (
            mark
            for mark in parts
            if mark.page_no == item.page_no
            and 0 < item.start - mark.start < 400
            and mark.title in _PARTS_IN_ORDER
        ),
        None,
    )


# -- headings that the format marks -----------------------------------------------------------


def _from_headings(pages: Sequence[ReadPage], headings: Iterable[Heading]) -> Iterator[Mark]:
    texts = {page.page_no: page.text for page in pages}
    searched_from: dict[int, int] = {}
    for heading in headings:
        text = texts.get(heading.page_no)
        title = tidied(heading.title)
        if text is None or not re.match(r"[\w\[“\"]", title) or _NO_HEADING.fullmatch(title):
            continue
        if not re.search(r"[^\W\d_]", title):
            continue
        start = heading.start
        if start is None:
            # An outline names the page; its words are looked for below the entry before.
            start = _find_title(text, heading.title, searched_from.get(heading.page_no, 0))
            searched_from[heading.page_no] = start + 1
        elif not 0 <= start <= len(text):
            continue
        known = candidate(heading.page_no, start, title, "")
        rank = OTHER + min(50, max(1, heading.level))
        yield known or Mark(heading.page_no, start, rank, title)


def _find_title(text: str, title: str, at: int) -> int:
    words = re.findall(r"\w+", title)[:12]
    if not words:
        return 0
    pattern = re.compile(r"\W{1,6}".join(map(re.escape, words)), re.I)
    match = pattern.search(text, min(at, len(text))) or pattern.search(text)
    if match is None:
        return 0
    # From the beginning of its line, so that a bullet or number before it goes with it.
    line = text.rfind("\n", 0, match.start()) + 1
    return line if match.start() - line <= 12 else match.start()


def _merge(named: Sequence[Mark], marked: Sequence[Mark]) -> list[Mark]:
    """Both kinds of marks in document order; where both name one place or one item, one stays."""
    places: dict[str, list[int]] = {}
    for mark in marked:
        name = f"{mark.rank} {mark.key}" if mark.key else _bare(mark.title)
        places.setdefault(name, []).append(mark.page_no)
    marks = list(marked)
    for mark in named:
        if mark.key:
            at = places.get(f"{mark.rank} {mark.key}", [])
            known = any(abs(page_no - mark.page_no) <= 1 for page_no in at)
        else:
            # An outline knows better where a chapter begins than a line of the contents.
            known = mark.rank == ITEM and _bare(mark.title) in places
        if not known:
            marks.append(mark)
    marks.sort(key=lambda mark: (mark.page_no, mark.start, mark.rank))
    kept: list[Mark] = []
    for mark in marks:
        same_place = bool(kept) and (kept[-1].page_no, kept[-1].start) == (mark.page_no, mark.start)
        if same_place and (mark.rank >= OTHER or kept[-1].rank == mark.rank):
            continue
        kept.append(mark)
    return kept
