"""Whether a quotation stands where its citation says, and where it stands if not there.

No quotation is shown without its status, and none is dropped: what is not in the passage is looked
for on its page, on the pages beside it and in the whole document, moved there with a note where it
is found, and shown as not found where it is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from memgpt_docs.citations.comparable import Comparable, Span, squeezed
from memgpt_docs.citations.difference import (
    LEAST_CHARACTERS,
    Near,
    closest,
    nearest,
    same_words,
)
from memgpt_docs.citations.elements import element_of
from memgpt_docs.storage.schema import Document, Page, Passage

if TYPE_CHECKING:
    from memgpt_docs.storage.library import Library

# Pages of a document that are searched for almost the same words: those that share most of them.
PAGES_COMPARED = 5
MOST_TOLD = 300  # characters of what a document says in place of a quotation


class QuoteStatus(StrEnum):
    """What a check of a quotation against its passage found."""

    EXACT = "exact"  # the same, apart from white space and typographic forms
    NEAR = "near"  # the same figures and words, some written differently
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
    start: int  # code points into the page's text, half-open; both -1 where it was not found
    end: int
    passage_text: str
    source_text: str = ""  # for a near quotation: what the source has in its place
    note: str = ""  # where the words stand if not in the passage that was cited; else the closest
    scale: int = (
        0  # by what the page multiplies its figures ("in millions"); 0 when it says nothing
    )
    company: str = ""  # of the document, as far as it is known
    fiscal_year: int | None = None
    fiscal_period: str = ""
    unit: str = "page"  # what a page of the document is: "page", "section", "slide", "sheet"
    element: str = ""  # what holds the words where a document has no printed pages: "cells B7:D7"


def check(claim: Claim, passage: Passage, file: str) -> Citation:
    """Resolves `claim` to `passage` and says whether the quotation stands in it."""
    quote = claim.quote.strip()
    citation = Citation(
        handle=claim.handle,
        passage_id=passage.passage_id,
        doc_id=passage.doc_id,
        file=file,
        page_no=passage.page_no,
        section=passage.section,
        quote=quote,
        status=QuoteStatus.NOT_FOUND,
        start=-1,
        end=-1,
        passage_text=passage.text,
        scale=scale_of(passage.text),
    )
    wanted, source = Comparable.of(quote), Comparable.of(passage.text)
    span = source.find(wanted)
    if span is not None:
        return _found(citation, QuoteStatus.EXACT, passage.text, span, passage.start)
    near = nearest(wanted, source)
    if near is not None:
        return _found(citation, QuoteStatus.NEAR, passage.text, near.span, passage.start)
    return citation


def resolve(claim: Claim, passage: Passage, library: Library) -> Citation:
    """`check`, with what the library knows: the rest of the page and of the document is searched
    where the passage does not hold the words exactly. Raises `UnknownDocument`."""
    document = library.document(passage.doc_id)
    citation = check(claim, passage, document.file)
    page = library.page(passage.doc_id, passage.page_no)
    citation = _described(citation, document, page)
    wanted = Comparable.of(citation.quote)
    if citation.status is QuoteStatus.EXACT or len(wanted.characters) < LEAST_CHARACTERS:
        # A short one stands elsewhere by accident.
        return citation
    pages = _outward(library.pages(document.doc_id), passage.page_no)
    place = _exactly(wanted, pages)
    if place is not None:
        return _moved(citation, QuoteStatus.EXACT, place, passage, document, library)
    if citation.status is QuoteStatus.NEAR:
        return citation
    likest = _likest(wanted, pages)
    if likest is None:
        return citation
    page, near = likest
    stands = page.text[slice(*near.span)]
    if same_words(wanted.text, stands):
        return _moved(citation, QuoteStatus.NEAR, (page, near.span), passage, document, library)
    words = " ".join(stands.split())
    words = words if len(words) <= MOST_TOLD else f"{words[:MOST_TOLD]}…"
    return replace(citation, note=f"The closest words, on {page.unit} {page.page_no}: “{words}”")


def in_reading_order(citations: Sequence[Citation]) -> list[Citation]:
    """Citations by file, page and place on the page."""
    return sorted(citations, key=lambda c: (c.file, c.page_no, c.start, c.handle))


_SCALE = re.compile(
    r"\bin\s+(?:[a-z.$]+\s+)?(thousands|millions|billions)\b|[($]\s?(thousands|millions|billions)\b"
    r"|(?:单位|單位|人民币|人民幣)\s*[:：]?\s*(?:人民币|人民幣)?(千|万|萬|百万|百萬|亿|億)元",
    re.IGNORECASE,
)
_SCALES = {
    "thousands": 10**3, "millions": 10**6, "billions": 10**9,
    "千": 10**3, "万": 10**4, "萬": 10**4, "百万": 10**6, "百萬": 10**6, "亿": 10**8, "億": 10**8,
}  # fmt: skip


def scale_of(text: str) -> int:
    """By what `text` says its figures are to be multiplied: 1,000,000 for "(in millions)"; 0 where
    it says nothing, or two different things."""
    found = {
        _SCALES[next(group for group in match.groups() if group).casefold()]
        for match in _SCALE.finditer(text)
    }
    return found.pop() if len(found) == 1 else 0


# -- looking further --------------------------------------------------------------------------


def _outward(pages: Iterable[Page], page_no: int) -> list[Page]:
    """The pages from the cited one outward: on equal terms the nearest place wins."""
    return sorted(pages, key=lambda page: abs(page.page_no - page_no))


def _exactly(wanted: Comparable, pages: Sequence[Page]) -> tuple[Page, Span] | None:
    key = squeezed(wanted.text)
    for page in pages:
        if key in squeezed(page.text):
            span = Comparable.of(page.text).find(wanted)
            if span is not None:
                return page, span
    return None


def _likest(wanted: Comparable, pages: Sequence[Page]) -> tuple[Page, Near] | None:
    """Where almost the same words stand; else what is most like them, and may say another thing."""
    words = set(re.findall(r"\w+", wanted.text.casefold()))

    def shared(page: Page) -> int:
        return len(words & set(re.findall(r"\w+", page.text.casefold())))

    likest: tuple[Page, Near] | None = None
    for page in sorted(pages, key=shared, reverse=True)[:PAGES_COMPARED]:
        source = Comparable.of(page.text)
        near = closest(wanted, source)
        if near is None:
            continue
        if same_words(wanted.text, page.text[slice(*near.span)]):
            return page, near
        if likest is None or near.likeness > likest[1].likeness:
            likest = page, near
    return likest


def _moved(
    citation: Citation,
    status: QuoteStatus,
    place: tuple[Page, Span],
    cited: Passage,
    document: Document,
    library: Library,
) -> Citation:
    page, (start, end) = place
    touched = [
        passage
        for passage in library.document_passages(document.doc_id, page.page_no)
        if passage.start < end and start < passage.end
    ]
    first = touched[0] if touched else cited
    text = page.text[first.start : max(touched[-1].end, end)] if touched else page.text
    if cited.passage_id in {passage.passage_id for passage in touched}:
        note = "The quotation runs on beyond the passage that was cited."
    elif page.page_no == cited.page_no:
        note = "Found in another passage of the page that was cited."
    else:
        note = f"Found on {page.unit} {page.page_no}, not on {page.unit} {cited.page_no} as cited."
    moved = replace(
        citation,
        passage_id=first.passage_id,
        page_no=page.page_no,
        section=first.section,
        passage_text=text,
        note=note,
    )
    return _described(_found(moved, status, page.text, (start, end), 0), document, page)


def _found(citation: Citation, status: QuoteStatus, text: str, span: Span, offset: int) -> Citation:
    """`citation` with the place in `text`, which begins at `offset` of its page."""
    words = text[span[0] : span[1]]
    exact = status is QuoteStatus.EXACT
    return replace(
        citation,
        status=status,
        quote=words if exact else citation.quote,
        source_text="" if exact else words,
        start=span[0] + offset,
        end=span[1] + offset,
    )


def _described(citation: Citation, document: Document, page: Page) -> Citation:
    return replace(
        citation,
        unit=page.unit,
        element=element_of(page, document.kind, citation.start, citation.end),
        scale=scale_of(citation.passage_text) or scale_of(page.text),
        company=document.company,
        fiscal_year=document.fiscal_year,
        fiscal_period=document.fiscal_period,
    )
