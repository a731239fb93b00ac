"""Source text on the page: a passage with its quotation marked, and a page of a document."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from memgpt_docs.citations import Citation, QuoteStatus, find_quote
from memgpt_docs.errors import MemGPTDocsError
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.schema import PageStatus
from memgpt_docs.ui.text import clean, literal

Span = tuple[int, int]  # half-open, code points


def marked(text: str, spans: Sequence[Span], key: str) -> None:
    """Draws `text` word for word, its `spans` marked. `key` is unique on the page."""
    with st.container(key=f"source-{key}", gap=None):
        at = 0
        for start, end in _apart(spans):
            _plain(text[at:start])
            with st.container(key=f"quote-{key}-{start}"):
                st.text(clean(text[start:end]))
            at = end
        _plain(text[at:])


def _plain(text: str) -> None:
    if text.strip():
        # A line break beside a marked part is made by the part itself.
        st.text(clean(text.strip("\r\n ")))


def _apart(spans: Sequence[Span]) -> list[Span]:
    """`spans` in order, those that overlap made one."""
    apart: list[Span] = []
    for start, end in sorted(spans):
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        elif start < end:
            apart.append((start, end))
    return apart


def place_in_passage(citation: Citation) -> list[Span]:
    """Where the quotation, or what the source has in its place, stands in the cited passage."""
    wanted = citation.source_text if citation.status is QuoteStatus.NEAR else citation.quote
    span = find_quote(wanted, citation.passage_text)
    return [span] if span else []


@st.dialog("Source page", width=760, position="right")
def open_page(library: Library, doc_id: str, page_no: int, citation: Citation | None) -> None:
    """Opens a page of a document beside the page, the quotation of `citation` marked on it."""
    place = f"page-shown-{doc_id}-{page_no}-{citation.handle if citation else ''}"
    shown = int(st.session_state.get(place, page_no))
    try:
        document = library.document(doc_id)
        page = library.page(doc_id, shown)
    except MemGPTDocsError as error:
        st.warning(literal(str(error)))
        return
    st.text(clean(document.file))
    with st.container(horizontal=True, vertical_alignment="center"):
        _turn("Previous", place, shown - 1, document.n_pages)
        label = f" (printed: {literal(page.label)})" if page.label else ""
        st.markdown(
            f"{literal(page.unit)} **{shown}** of {document.n_pages}{label}", width="content"
        )
        _turn("Next", place, shown + 1, document.n_pages)
    if page.status not in (PageStatus.TEXT, PageStatus.BLANK):
        st.warning(literal(f"This page was not read in full ({page.status}). {page.reason}"))
    spans = _place_on_page(citation, page.text) if citation and shown == page_no else []
    if page.text.strip():
        marked(page.text, spans, f"{place}-{shown}")
    else:
        st.caption("No text on this page.")


def _turn(label: str, place: str, page_no: int, n_pages: int) -> None:
    """A button that turns the page kept at `place` in the state of the page."""
    st.button(
        label,
        key=f"turn-{label}",
        disabled=not 1 <= page_no <= n_pages,
        on_click=st.session_state.__setitem__,
        args=(place, page_no),
    )


def _place_on_page(citation: Citation, text: str) -> list[Span]:
    if citation.status is QuoteStatus.EXACT and citation.end <= len(text):
        return [(citation.start, citation.end)]
    span = find_quote(citation.source_text, text) if citation.source_text else None
    return [span] if span else []
