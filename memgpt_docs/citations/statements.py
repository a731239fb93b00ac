"""An answer as a list of statements, each with the citations that stand behind it.

A statement is a sentence, a line of a list, or a quotation; it is backed by the handles in it or
right behind it. What claims something and names no handle is marked as without a citation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from memgpt_docs.citations.comparable import squeezed
from memgpt_docs.citations.figures import CheckedFigure
from memgpt_docs.citations.verification import Citation, QuoteStatus

# "[1,577]" is a figure in brackets; "[101,102]" are handles.
MARKER = re.compile(r"\[(?!\d{1,2}(?:,\d{3})+\])(\d{1,6}(?:\s*[,;]\s*\d{1,6})*)\]")
_MARKERS = re.compile(rf"(?:\s*{MARKER.pattern})+[.。]?")
# The end of a sentence, unless it is that of an abbreviation.
_END = re.compile(r"[.!?][\"'”’)\]]*(?=\s+[\"'“‘(\[]?[A-Z0-9\[]|\s*$)|[。！？][”’」』）]*")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Inc|Corp|Ltd|Co|LLC|No|Nos|vs|approx|e\.g|i\.e|cf|al|Mr|Mrs|Ms|Dr|St|pp?|Jan|Feb|Mar"
    r"|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|U\.S|U\.K)|\b[A-Z]|^\s*\d{1,3})\.$"
)
_LEAST_WORDS = 3
# That something was not found claims nothing a page could show.
FOUND_NOTHING = re.compile(
    r"\b(?:no|not|nothing|none|neither|cannot)\b.{0,80}"
    r"\b(?:answers?|find|found|disclose[sd]?|mentions?|mentioned|states?|says?|evidence|read)\b"
    r"|(?:没有|未|无).{0,30}(?:找到|披露|回答|提及|说明)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}|[\u4e00-\u9fff]")
LIST_MARK = re.compile(r"^\s*(?:(?:[-*•]|\d{1,3}[.)]|\(\d{1,2}\))\s+|\d{1,3}、|（\d{1,2}）)")


@dataclass(frozen=True)
class Statement:
    """One sentence or line of an answer."""

    text: str
    start: int  # code points into the answer's text, half-open
    end: int
    citations: tuple[int, ...]  # 1-based numbers of the answer's citations
    is_claim: bool  # it says something of the documents
    unknown_handles: tuple[int, ...] = ()  # handles in it that no citation quotes from
    figures: tuple[CheckedFigure, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def uncited(self) -> bool:
        """Whether it claims something without a citation."""
        return self.is_claim and not self.citations


def statements_of(text: str, citations: Sequence[Citation]) -> list[Statement]:
    """`text` taken apart; every character that is not white space is in exactly one statement."""
    found = [_statement(text, start, end, citations) for start, end in _spans(text)]
    claims = [n for n, statement in enumerate(found) if statement.is_claim]
    if citations and len(claims) == 1 and not any(statement.citations for statement in found):
        # One claim and no handle in the text: all citations are its own.
        everything = tuple(range(1, len(citations) + 1))
        found[claims[0]] = replace(found[claims[0]], citations=everything)
    return found


def numbers_of(
    handles: Iterable[int], words: str, citations: Sequence[Citation]
) -> tuple[int, ...]:
    """The 1-based numbers of the citations that `handles` in a statement stand for. Where several
    quote the same passage, it is those that the statement quotes, if it quotes any."""
    found: set[int] = set()
    said = squeezed(words)
    for handle in set(handles):
        same = [n for n, one in enumerate(citations, start=1) if one.handle == handle]
        quoted = [n for n in same if squeezed(citations[n - 1].quote) in said]
        found.update(quoted or same)
    return tuple(sorted(found))


def supports(citation: Citation) -> bool:
    """Whether a citation backs anything: its words were found."""
    return citation.status is not QuoteStatus.NOT_FOUND


def _statement(text: str, start: int, end: int, citations: Sequence[Citation]) -> Statement:
    words = text[start:end]
    handles = [int(n) for match in MARKER.finditer(words) for n in re.findall(r"\d+", match[1])]
    numbers = numbers_of(handles, words, citations)
    known = {citation.handle for citation in citations}
    unknown = tuple(dict.fromkeys(handle for handle in handles if handle not in known))
    is_claim = _is_claim(words) and not _is_heading(words, text[end:])
    return Statement(words, start, end, numbers, is_claim, unknown)


def _is_claim(words: str) -> bool:
    plain = LIST_MARK.sub("", MARKER.sub("", words)).strip()
    if plain.endswith((":", "：", "?", "？")) or plain.startswith("#"):
        return False
    if re.search(r"\d", plain):
        return True
    return len(_WORD.findall(plain)) >= _LEAST_WORDS and FOUND_NOTHING.search(plain) is None


def _is_heading(words: str, rest: str) -> bool:
    """Whether a line without an end stands over a list."""
    ended = LIST_MARK.match(words) or re.search(r"[.!?。！？\]”\"]\s*$", words)
    return not ended and LIST_MARK.match(rest.lstrip("\n")) is not None


def _spans(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in text.splitlines(keepends=True):
        yield from _sentences(text, at, at + len(line.rstrip()))
        at += len(line)


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    line = text[start:end]
    at = len(line) - len(line.lstrip())
    listed = LIST_MARK.match(line)
    search_from = listed.end() if listed else at
    for match in _END.finditer(line, search_from):
        stop = match.end()
        if stop <= at or _ABBREVIATION.search(line[at : match.start() + 1]):
            continue
        if _inside_quotation(line[search_from:stop]):
            continue
        behind = _MARKERS.match(line, stop)
        stop = behind.end() if behind else stop
        yield start + at, start + stop
        at = stop + len(line[stop:]) - len(line[stop:].lstrip())
    if line[at:].strip():
        yield start + at, end


def _inside_quotation(text: str) -> bool:
    """Whether a quotation that began in `text` has not ended in it."""
    return text.count("“") > text.count("”") or text.count("「") > text.count("」")
