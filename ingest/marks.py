"""What a line of a filing may begin: a part, an item, a note, a statement, a chapter; each a mark
with its place, its number and how much speaks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingest.readers.message import ReadPage

MAX_TITLE_CHARS = 90

# Ranks of what filings name; headings of the format come below them by their own level.
# A note is not part of the statement before it, so statements come below notes.
PART, ITEM, CHAPTER, NOTE, STATEMENT, OTHER = 10, 20, 30, 32, 33, 40

_PART = re.compile(r"PART\s+(IV|I{1,3})\b[\s.:,—–-]*(.{0,80})", re.I)
_ITEM = re.compile(
    r"ITEM\s*(\d{1,2})(?:\.(\d{2}))?\s*([A-K])?\b(?:\(T\))?[\s.:)|—–-]*(.{0,160})", re.I
)
# Beside the numbered items some filings have one of their own ("Item X. Executive Officers").
_OWN_ITEM = re.compile(r"ITEM\s+X\b[\s.:|—–-]+(\S.{0,160})", re.I)
_NOTE = re.compile(r"NOTE\s+(\d{1,2})\b[\s.:)|—–-]*(.{0,120})", re.I)
# Matched without white space, because kerning puts some inside words ("Statement of Incom e").
_STATEMENT = re.compile(
    r"(?:condensed|unaudited)*consolidated(?:condensed|interim)*(?:balancesheets?|statements?of"
    r"[\w,’'()/]{4,60})(?:\((?:unaudited|continued)\))?"
    r"|(?:condensed|unaudited|interim)*(?:consolidated|group)(?:income|cashflow|profitandloss)statements?"
    r"|statements?of(?:consolidated[a-z]{4,40}|cashflows?|operations|income|earnings)|balancesheets?"
    r"|notestothe(?:condensed|consolidated|unaudited|interim)*financialstatements"
    r"(?:\((?:unaudited|continued)\))?"
    r"|notesto(?:condensed|consolidated|unaudited|interim)+financialstatements"
    r"(?:\((?:unaudited|continued)\))?"
    r"|reports?ofindependentregisteredpublicaccountingfirm",
    re.I,
)
_SIGNATURES = re.compile(r"SIGNATURES?", re.I)
_CHAPTER = re.compile(
    r"第[一二三四五六七八九十百]{1,4}[章节]\s*\S.{0,40}|(?:ARTICLE|CHAPTER)\s+(?:[IVXL]{1,6}|\d{1,2})\b.{0,80}"
)
PAGE_AT_END = re.compile(r"[\s.·…|]\s*(?:F-|S-)?\d{1,3}(?:\s*[-–]\s*\d{1,3})?[\s|\u200b]*$")
CONTINUED = re.compile(r"[\s,—–-]*\(?\bcontinued\b\)?\.?\s*$", re.I)


@dataclass(frozen=True)
class Mark:
    """A section may begin at `start`, a code point of the page's text."""

    page_no: int
    start: int
    rank: int
    title: str
    key: tuple[int, ...] = ()  # of an item or note: its number
    weight: float = 1.0


def candidates(page: ReadPage) -> Iterator[Mark]:
    """Every line of a page that may begin a section, in order."""
    lines = list(lines_in(page.text))
    for index, (start, line) in enumerate(lines):
        if len(line) > 220:
            continue
        before = lines[index - 1][1] if index else ""
        after = lines[index + 1][1] if index + 1 < len(lines) else ""
        mark = candidate(page.page_no, start, line, after)
        if mark is None:
            continue
        weight = mark.weight
        if PAGE_AT_END.search(line):
            weight *= 0.1
        if len(before) > 60 and re.search(r"[a-z,;(“]$", before):
            weight *= 0.3  # the sentence before goes on: a cross-reference
        if re.search(r"[a-z],?\s[a-z]+\s.*[.;]$", line) and len(line) > 60:
            weight *= 0.4  # a sentence
        yield replace(mark, weight=weight)


def candidate(page_no: int, start: int, line: str, after: str) -> Mark | None:
    """What `line` may begin; `after` is the next line, where the title of a label may stand."""
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
        return Mark(
            page_no, start, ITEM, f"{name} {tidied(title)}".strip(), key, 0.2 if odd else 1.0
        )
    if match := _OWN_ITEM.match(line):
        return Mark(page_no, start, ITEM, f"Item X. {tidied(match[1])}")
    if match := _NOTE.match(line):
        title = tidied(match[2] or (after if re.match(r"[^\W\d_]", after) else ""))
        name = f"Note {match[1]} {title}".strip()
        odd = re.match(r"[a-z,;(“\"”]", match[2])
        return Mark(page_no, start, NOTE, name, (int(match[1]),), 0.2 if odd else 1.0)
    if (match := _PART.fullmatch(line)) and not re.match(r"[a-z,“]", match[2]):
        title = f"Part {match[1].upper()}"
        return Mark(page_no, start, PART, title)
    if len(line) <= 110 and _is_statement(line):
        return Mark(page_no, start, _statement_rank(line), tidied(line))
    if _SIGNATURES.fullmatch(line):
        return Mark(page_no, start, PART, "Signatures")
    if _CHAPTER.fullmatch(line):
        return Mark(page_no, start, ITEM, tidied(line))
    return None


def _is_statement(line: str) -> bool:
    return _STATEMENT.fullmatch("".join(line.split())) is not None


def _statement_rank(line: str) -> int:
    return CHAPTER if re.match(r"notes", line, re.I) else STATEMENT


def lines_in(text: str) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, without white space at their ends, and where each begins."""
    for match in re.finditer(r"[^\n]+", text):
        line = match[0].strip()
        if line:
            yield match.start() + len(match[0]) - len(match[0].lstrip()), line


def tidied(title: str) -> str:
    """A title on one line, without dotted leaders and "(continued)", clipped at a word."""
    title = CONTINUED.sub("", " ".join(title.split()))
    title = re.sub(r"[\s.·…_]{3,}\d*\s*$", "", title).strip(" |–—-:.,")
    # Kerning puts a space before the last letter of some headings ("Busines s").
    title = re.sub(r"(?<=[a-z]{2}) ([b-z])$", r"\1", title)
    if len(title) > MAX_TITLE_CHARS:
        title = title[:MAX_TITLE_CHARS].rsplit(" ", 1)[0].rstrip(" ,;") + "…"
    return title.replace(" > ", " › ")
