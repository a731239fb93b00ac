"""Citations: a handle and a quotation, resolved to a place on a page and checked by code.

No quotation is shown without its status, and none is dropped: what is not in the passage is
shown as not found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from memgpt_docs.storage.schema import Passage

# A near quotation differs in a few characters; below this likeness (percent) it is another text.
NEAR_LIKENESS = 90.0


class QuoteStatus(StrEnum):
    """What a check of a quotation against its passage found."""

    EXACT = "exact"  # the same, apart from white space and forms of quotation marks and dashes
    NEAR = "near"  # a few characters differ, but no number and no negation
    NOT_FOUND = "not_found"


@dataclass(frozen=True)
class Claim:
    """What a processor cites: the handle of a passage it was shown, and words quoted from it."""

    handle: int
    quote: str


@dataclass(frozen=True)
class Citation:
    """A claim resolved to its source and checked."""

    handle: int
    passage_id: str
    doc_id: str
    file: str
    page_no: int  # 1-based
    section: str
    quote: str  # as the source has it where the status is exact, else as the processor gave it
    status: QuoteStatus
    start: int  # code points into the page's text, half-open; both -1 unless exact
    end: int
    passage_text: str
    source_text: str = ""  # for a near quotation: what the source has in its place


_SAME_CHARACTER = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‐": "-",
     "‑": "-", "−": "-", "\u00ad": ""}
)  # fmt: skip
_NUMBER = re.compile(r"\(?-?\d[\d,.]*\)?%?")
_NEGATION = re.compile(r"\b(?:no|not|never|none|neither|nor|without|cannot|n't)\b|n't|不|无|未|没")


def check(claim: Claim, passage: Passage, file: str) -> Citation:
    """Resolves `claim` to `passage` and says whether the quotation stands there."""
    status, start, end, source = QuoteStatus.NOT_FOUND, -1, -1, ""
    quote = claim.quote.strip()
    span = find_quote(quote, passage.text)
    if span is not None:
        status = QuoteStatus.EXACT
        start, end = passage.start + span[0], passage.start + span[1]
        quote = passage.text[span[0] : span[1]]
    elif (near := _nearest(quote, passage.text)) is not None:
        status, source = QuoteStatus.NEAR, near
    return Citation(
        handle=claim.handle,
        passage_id=passage.passage_id,
        doc_id=passage.doc_id,
        file=file,
        page_no=passage.page_no,
        section=passage.section,
        quote=quote,
        status=status,
        start=start,
        end=end,
        passage_text=passage.text,
        source_text=source,
    )


def find_quote(quote: str, text: str) -> tuple[int, int] | None:
    """Where `quote` stands in `text`, as a half-open span of code points, or None.

    White space is ignored altogether and typographic forms of a character count as the same,
    because the line breaks of a page are not part of what it says. A quotation must begin and end
    where words do: "12" does not stand in "312".
    """
    wanted, _ = _comparable(quote)
    if not wanted:
        return None
    comparable, origin = _comparable(text)
    at = comparable.find(wanted)
    while at != -1:
        start, end = origin[at], origin[at + len(wanted) - 1] + 1
        if _whole_words(text, start, end):
            return start, end
        at = comparable.find(wanted, at + 1)
    return None


def _comparable(text: str) -> tuple[str, list[int]]:
    """`text` without white space, in compatible forms, and for each character where it was."""
    characters: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text):
        if character.isspace():
            continue
        for form in unicodedata.normalize("NFKC", character).translate(_SAME_CHARACTER):
            if not form.isspace():
                characters.append(form)
                origin.append(index)
    return "".join(characters), origin


def _whole_words(text: str, start: int, end: int) -> bool:
    def splits(left: str, right: str) -> bool:
        return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()

    before = start > 0 and splits(text[start - 1], text[start])
    after = end < len(text) and splits(text[end - 1], text[end])
    # "1,577" does not end in "1,57", nor "15.7" in "15".
    number_goes_on = re.match(r"[.,]\d", text[end : end + 2]) and text[end - 1].isdigit()
    number_began = re.match(r"\d[.,]", text[max(0, start - 2) : start]) and text[start].isdigit()
    return not (before or after or number_goes_on or number_began)


def _nearest(quote: str, text: str) -> str | None:
    """The stretch of `text` that `quote` almost is, or None; numbers and negations must agree."""
    if len(quote) < 12:
        return None
    found = fuzz.partial_ratio_alignment(quote, text, score_cutoff=NEAR_LIKENESS)
    if found is None:
        return None
    start, end = _widen(text, found.dest_start, found.dest_end)
    source = text[start:end]
    same = _NUMBER.findall(quote) == _NUMBER.findall(source) and (
        _negations(quote) == _negations(source)
    )
    return source if same else None


def _widen(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, end


def _negations(text: str) -> list[str]:
    return _NEGATION.findall(text.casefold().replace("’", "'"))


def in_reading_order(citations: Sequence[Citation]) -> list[Citation]:
    """Citations by file, page and place on the page."""
    return sorted(citations, key=lambda c: (c.file, c.page_no, c.start, c.handle))
