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

from ingest.readers.message import Heading, ReadPage

MAX_TITLE_CHARS = 90
MAX_PATH_CHARS = 240
MAX_DEPTH = 5
MAX_CANDIDATES = 600
# A table of contents stands among the first pages.
MAX_COVER_PAGES = 8
_ANNUAL_PARTS = ((15, "Part IV"), (10, "Part III"), (5, "Part II"), (0, "Part I"))

# Ranks of what filings name; headings of the format come below them by their own level.
# A note is not part of the statement before it, so statements come below notes.
PART, ITEM, CHAPTER, NOTE, STATEMENT, OTHER = 10, 20, 30, 32, 33, 40

_PART = re.compile(r"PART\s+(IV|I{1,3})\b[\s.:,—–-]*(.{0,80})", re.I)
_ITEM = re.compile(r"ITEM\s*(\d{1,2})(?:\.(\d{2}))?\s*([A-C])?\b[\s.:)|—–-]*(.{0,160})", re.I)
# Beside the numbered items some filings have one of their own ("Item X. Executive Officers").
_OWN_ITEM = re.compile(r"ITEM\s+X\b[\s.:|—–-]+(\S.{0,160})", re.I)
_NOTE = re.compile(r"NOTE\s+(\d{1,2})\b[\s.:)|—–-]*(.{0,120})", re.I)
# Matched without white space, because kerning puts some inside words ("Statement of Incom e").
_STATEMENT = re.compile(
    r"(?:condensed|unaudited)*consolidated(?:condensed|interim)*(?:balancesheets?|statements?of"
    r"[\w,’'()/]{4,60})(?:\((?:unaudited|continued)\))?"
    r"|statements?of(?:cashflows?|operations|income|earnings)|balancesheets?"
    r"|notestothe(?:condensed|consolidated)*financialstatements(?:\((?:unaudited|continued)\))?"
    r"|notesto(?:condensed|consolidated)+financialstatements(?:\((?:unaudited|continued)\))?"
    r"|reports?ofindependentregisteredpublicaccountingfirm",
    re.I,
)
_SIGNATURES = re.compile(r"SIGNATURES?", re.I)
_CHAPTER = re.compile(
    r"第[一二三四五六七八九十百]{1,4}[章节]\s*\S.{0,40}|(?:ARTICLE|CHAPTER)\s+(?:[IVXL]{1,6}|\d{1,2})\b.{0,80}"
)
_PAGE_AT_END = re.compile(r"[\s.·…|]\s*(?:F-|S-)?\d{1,3}(?:\s*[-–]\s*\d{1,3})?[\s|\u200b]*$")
# The way back to the contents at the head of a page.
_NO_HEADING = re.compile(r"(?:table\s+of\s+)?contents|index", re.I)
_CONTINUED = re.compile(r"[\s,—–-]*\(?\bcontinued\b\)?\.?\s*$", re.I)


@dataclass(frozen=True)
class Section:
    """A section begins at `start`, a code point of the page's text; `path` names it from the
    outside in: "Part II > Item 8. Financial Statements > Note 5 Income Taxes"."""

    page_no: int
    start: int
    path: str


@dataclass(frozen=True)
class _Mark:
    page_no: int
    start: int
    rank: int
    title: str
    key: tuple[int, ...] = ()  # of an item or note: its number
    weight: float = 1.0


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


def _begin(pages: Sequence[ReadPage], named: Sequence[_Mark]) -> tuple[int, int]:
    """Where sections can begin: after the table of contents, at the latest with the first named."""
    first = min(((mark.page_no, mark.start) for mark in named), default=None)
    contents = next((page.page_no for page in pages[:MAX_COVER_PAGES] if _has_contents(page)), None)
    if contents is None:
        return first or (0, 0)
    return min((contents + 1, 0), first or (contents + 1, 0))


def _has_contents(page: ReadPage) -> bool:
    lines = [line for _, line in _lines(page.text)]
    entries = sum(_PAGE_AT_END.search(line) is not None for line in lines)
    return entries >= 5 and any(_NO_HEADING.fullmatch(line.strip("\u200b ")) for line in lines)


def _paths(marks: Iterable[_Mark]) -> Iterator[Section]:
    stack: list[_Mark] = []
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
    return re.sub(r"\W+", "", _CONTINUED.sub("", title)).casefold()


# -- lines that filings name their sections by ------------------------------------------------


def _named(pages: Sequence[ReadPage]) -> Iterator[_Mark]:
    parts: list[_Mark] = []
    items: list[_Mark] = []
    notes: list[_Mark] = []
    others: list[_Mark] = []
    for page in pages:
        here = list(_candidates(page))
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


def _candidates(page: ReadPage) -> Iterator[_Mark]:
    lines = list(_lines(page.text))
    for index, (start, line) in enumerate(lines):
        if len(line) > 220:
            continue
        before = lines[index - 1][1] if index else ""
        after = lines[index + 1][1] if index + 1 < len(lines) else ""
        mark = _candidate(page.page_no, start, line, after)
        if mark is None:
            continue
        weight = mark.weight
        if _PAGE_AT_END.search(line):
            weight *= 0.1
        if len(before) > 60 and re.search(r"[a-z,;(“]$", before):
            weight *= 0.3  # the sentence before goes on: a cross-reference
        if re.search(r"[a-z],?\s[a-z]+\s.*[.;]$", line) and len(line) > 60:
            weight *= 0.4  # a sentence
        yield replace(mark, weight=weight)


def _candidate(page_no: int, start: int, line: str, after: str) -> _Mark | None:
    if match := _ITEM.match(line):
        number, decimal, letter, rest = match.groups()
        if re.match(r"\(\w\)", rest):
            return None  # "Item 14(a)(1)" is a part of it, or points to it
        # Within a sentence: "Item 7 of this report", "Items 1 and 2", "Item 1A, “Risk Factors,”".
        odd = re.match(r"[,“\"”]|(?:of|in|and|to|above|below|or|as|is|was|for)\b", rest)
        key = (int(number), int(decimal or 0), ord(letter.upper()) - 64 if letter else 0)
        name = f"Item {number}{'.' + decimal if decimal else ''}{(letter or '').upper()}."
        # A page number, a line of its own between a label and its title, is not the title.
        title = rest or (after if re.match(r"[^\W\d_]", after) else "")
        return _Mark(
            page_no, start, ITEM, f"{name} {_tidy(title)}".strip(), key, 0.2 if odd else 1.0
        )
    if match := _OWN_ITEM.match(line):
        return _Mark(page_no, start, ITEM, f"Item X. {_tidy(match[1])}")
    if match := _NOTE.match(line):
        title = _tidy(match[2] or (after if re.match(r"[^\W\d_]", after) else ""))
        name = f"Note {match[1]} {title}".strip()
        odd = re.match(r"[a-z,;(“\"”]", match[2])
        return _Mark(page_no, start, NOTE, name, (int(match[1]),), 0.2 if odd else 1.0)
    if (match := _PART.fullmatch(line)) and not re.match(r"[a-z,“]", match[2]):
        title = f"Part {match[1].upper()}"
        return _Mark(page_no, start, PART, title)
    if len(line) <= 110 and _is_statement(line):
        return _Mark(page_no, start, _statement_rank(line), _tidy(line))
    if _SIGNATURES.fullmatch(line):
        return _Mark(page_no, start, PART, "Signatures")
    if _CHAPTER.fullmatch(line):
        return _Mark(page_no, start, ITEM, _tidy(line))
    return None


def _is_statement(line: str) -> bool:
    return _STATEMENT.fullmatch("".join(line.split())) is not None


def _statement_rank(line: str) -> int:
    return CHAPTER if re.match(r"notes", line, re.I) else STATEMENT


def _is_contents(marks: Sequence[_Mark]) -> bool:
    """Whether a page lists sections rather than beginning them: many, close together."""
    lines = [mark for mark in marks if mark.rank != PART]
    if len(lines) < 4:
        return False
    gaps = sorted(after.start - before.start for before, after in pairwise(lines))
    numbered = sum(mark.weight < 0.5 for mark in lines)
    return gaps[len(gaps) // 2] < 160 or numbered * 2 > len(lines)


def _chain(marks: Sequence[_Mark], parts: Sequence[_Mark]) -> list[_Mark]:
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


def _parts_of(items: Sequence[_Mark], parts: Sequence[_Mark]) -> Iterator[_Mark]:
    """The parts that `items` are in, and signatures."""
    places = [(mark.page_no, mark.start) for mark in items]
    is_annual = bool(items) and items[-1].key >= (9,) and not items[-1].key[1] and _rises(items)
    if is_annual:
        # The items of an annual report are always in the same parts.
        begun: set[str] = set()
        for item in items:
            part = next(name for first, name in _ANNUAL_PARTS if item.key[0] >= first)
            if part not in begun:
                begun.add(part)
                start = _label_above(item, part, parts)
                yield _Mark(item.page_no, start, PART, part)
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


def _rises(items: Sequence[_Mark]) -> bool:
    return all(before.key < after.key for before, after in pairwise(items))


def _label_above(item: _Mark, part: str, parts: Sequence[_Mark]) -> int:
    return next(
        (
            mark.start
            for mark in parts
            if mark.page_no == item.page_no
            and 0 < item.start - mark.start < 400
            and mark.title == part
        ),
        item.start,
    )


# -- headings that the format marks -----------------------------------------------------------


def _from_headings(pages: Sequence[ReadPage], headings: Iterable[Heading]) -> Iterator[_Mark]:
    texts = {page.page_no: page.text for page in pages}
    searched_from: dict[int, int] = {}
    for heading in headings:
        text = texts.get(heading.page_no)
        title = _tidy(heading.title)
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
        known = _candidate(heading.page_no, start, title, "")
        rank = OTHER + min(50, max(1, heading.level))
        yield known or _Mark(heading.page_no, start, rank, title)


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


def _merge(named: Sequence[_Mark], marked: Sequence[_Mark]) -> list[_Mark]:
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
    kept: list[_Mark] = []
    for mark in marks:
        same_place = bool(kept) and (kept[-1].page_no, kept[-1].start) == (mark.page_no, mark.start)
        if same_place and (mark.rank >= OTHER or kept[-1].rank == mark.rank):
            continue
        kept.append(mark)
    return kept


# -- lines ------------------------------------------------------------------------------------


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, without white space at their ends, and where each begins."""
    for match in re.finditer(r"[^\n]+", text):
        line = match[0].strip()
        if line:
            yield match.start() + len(match[0]) - len(match[0].lstrip()), line


def _tidy(title: str) -> str:
    """A title on one line, without dotted leaders and "(continued)", clipped at a word."""
    title = _CONTINUED.sub("", " ".join(title.split()))
    title = re.sub(r"[\s.·…_]{3,}\d*\s*$", "", title).strip(" |–—-:.,")
    # Kerning puts a space before the last letter of some headings ("Busines s").
    title = re.sub(r"(?<=[a-z]{2}) ([b-z])$", r"\1", title)
    if len(title) > MAX_TITLE_CHARS:
        title = title[:MAX_TITLE_CHARS].rsplit(" ", 1)[0].rstrip(" ,;") + "…"
    return title.replace(" > ", " › ")
