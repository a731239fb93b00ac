"""A page of a document with the quotation marked: its picture, or its text.

All citations of an answer are stepped through in reading order, and pages are turned by hand.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from memgpt_docs.citations import Citation, QuoteStatus, find_quote, in_reading_order
from memgpt_docs.citations.page_images import PageImage, PageImages, pdf_of, rectangles_of
from memgpt_docs.citations.rectangles import Rectangle
from memgpt_docs.errors import MemGPTDocsError, PageUnavailable, UnknownDocument
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.schema import Document, Page, PageStatus
from memgpt_docs.ui import dialogs
from memgpt_docs.ui.source_text import Span, marked
from memgpt_docs.ui.text import clean, literal

STATE = "page_view"
PICTURE, TEXT = "Picture", "Text"
# Shares of the height of a page: what of it is seen when it opens; the most that is cut out around
# a mark further down, and what of the page is left above and below that mark.
SEEN_AT_ONCE = 0.5
MOST_CUT_OUT = 0.2
MARGIN = 0.03
STATES = {
    QuoteStatus.EXACT: ":green-badge[:material/check: exact]",
    QuoteStatus.NEAR: ":orange-badge[:material/difference: near]",
    QuoteStatus.NOT_FOUND: ":red-badge[:material/close: not found]",
}


@dataclass(frozen=True)
class View:
    """What is open: a page, and the place of its citation among those stepped through."""

    doc_id: str
    page_no: int
    citation: int | None  # 0-based


@st.cache_resource(show_spinner=False)
def pictures() -> PageImages:
    """What draws pages, the same for everyone."""
    return PageImages()


def open_page(
    library: Library,
    doc_id: str,
    page_no: int,
    citation: Citation | None = None,
    citations: Sequence[Citation] = (),
) -> None:
    """Opens a page of a document beside the page, the quotation of `citation` marked on it;
    `citations` are those of the same answer."""
    note_page(library, doc_id, page_no, citation, citations)
    dialogs.show()


def note_page(
    library: Library,
    doc_id: str,
    page_no: int,
    citation: Citation | None = None,
    citations: Sequence[Citation] = (),
) -> None:
    """The same for a callback: see `dialogs.note`."""
    ordered = in_reading_order(citations or ([citation] if citation else []))
    at = ordered.index(citation) if citation is not None else None
    st.session_state[STATE] = View(doc_id, page_no, at)
    dialogs.note(_dialog, library, ordered)


@st.dialog("Source page", width=820, position="right", on_dismiss=dialogs.close)
def _dialog(library: Library, citations: Sequence[Citation]) -> None:
    view: View = st.session_state[STATE]
    citation = None if view.citation is None else citations[view.citation]
    if len(citations) > 1:
        _steps(view, citations)
    try:
        document = library.document(view.doc_id)
        page = library.page(view.doc_id, view.page_no)
    except UnknownDocument:
        file = literal(citation.file) if citation is not None else "This document"
        st.warning(f"{file} was deleted from the library.")
        return
    except MemGPTDocsError as error:
        st.warning(literal(str(error)))
        return
    st.text(clean(document.file))
    if citation is not None:
        _quotation(citation)
    has_picture = pdf_of(document.doc_id, library) is not None
    as_text = _pages(view, document, page, has_picture)
    if page.status not in (PageStatus.TEXT, PageStatus.BLANK):
        st.warning(literal(f"This page was not read in full ({page.status}). {page.reason}"))
    here = citation if citation is not None and _is_on(citation, view) else None
    if as_text or not _picture(library, view, here):
        _text(page, here, view)


def _steps(view: View, citations: Sequence[Citation]) -> None:
    """Buttons to the citations before and behind, in reading order."""
    at = -1 if view.citation is None else view.citation
    with st.container(horizontal=True, vertical_alignment="center", key="citation-steps"):
        _to("Previous citation", _at(citations, at - 1) if at > 0 else None)
        place = f"**{at + 1}** of {len(citations)}" if at >= 0 else f"{len(citations)} in all"
        st.markdown(f"Citation {place}", width="content")
        _to("Next citation", _at(citations, at + 1) if at + 1 < len(citations) else None)


def _at(citations: Sequence[Citation], number: int) -> View:
    return View(citations[number].doc_id, citations[number].page_no, number)


def _to(label: str, view: View | None) -> None:
    st.button(
        label,
        key=f"go-{label}",
        disabled=view is None,
        on_click=st.session_state.__setitem__,
        args=(STATE, view),
    )


def _quotation(citation: Citation) -> None:
    about = " · ".join(part for part in (citation.element, citation.section) if part)
    section = f" · :gray[{literal(about)}]" if about else ""
    st.markdown(f"**\\[{citation.handle}\\]** {STATES[citation.status]}{section}")
    st.text(clean(f"“{' '.join(citation.quote.split())}”"))
    if citation.note:
        st.caption(literal(citation.note))


def _pages(view: View, document: Document, page: Page, has_picture: bool) -> bool:
    """Buttons that turn the page, and the choice between picture and text: whether it is text."""
    with st.container(horizontal=True, vertical_alignment="center", key="page-steps"):
        number = view.page_no
        _to("Previous page", replace(view, page_no=number - 1) if number > 1 else None)
        label = f" (printed: {literal(page.label)})" if page.label else ""
        st.markdown(
            f"{literal(page.unit)} **{number}** of {document.n_pages}{label}", width="content"
        )
        last = number >= document.n_pages
        _to("Next page", None if last else replace(view, page_no=number + 1))
        if not has_picture:
            return True
        shown = st.segmented_control(
            "Shown as", [PICTURE, TEXT], default=PICTURE, key="page-as",
            label_visibility="collapsed",
        )  # fmt: skip
        return bool(shown == TEXT)


def _is_on(citation: Citation, view: View) -> bool:
    return (citation.doc_id, citation.page_no) == (view.doc_id, view.page_no)


def _picture(library: Library, view: View, citation: Citation | None) -> bool:
    """Draws the page with the quotation marked; False where it cannot be drawn."""
    path = pdf_of(view.doc_id, library)
    if path is None:
        return False
    try:
        rectangles = rectangles_of(citation, library, pictures()) if citation else []
        image = pictures().draw(path, view.page_no, rectangles)
    except PageUnavailable as error:
        st.caption(literal(str(error)))
        return False
    if citation is not None and not rectangles and citation.status is not QuoteStatus.NOT_FOUND:
        st.caption("Where on the page these words stand is not known; the text shows them.")
    if rectangles and max(one.bottom for one in rectangles) > SEEN_AT_ONCE:
        with st.container(key="page-mark", border=True):
            st.image(_around(image, rectangles), width="stretch")
    with st.container(key="page-picture", border=True):
        st.image(image.png, width="stretch")
    return True


def _around(image: PageImage, rectangles: Sequence[Rectangle]) -> str:
    """The part of a page around its first marked lines, as SVG: it is cut out by the browser,
    because pictures of what is in a document are not decoded in this process."""
    first = min(one.top for one in rectangles)
    top = int(max(0, first - MARGIN) * image.height)
    last = min(max(one.bottom for one in rectangles), first + MOST_CUT_OUT)
    height = max(1, int(min(1, last + MARGIN) * image.height) - top)
    png = base64.b64encode(image.png).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {top} {image.width} {height}" '
        f'width="{image.width}" height="{height}"><image href="data:image/png;base64,{png}" '
        f'width="{image.width}" height="{image.height}"/></svg>'
    )


def _text(page: Page, citation: Citation | None, view: View) -> None:
    if page.text.strip():
        spans = _place_on_page(citation, page.text) if citation else []
        marked(page.text, spans, f"page-{view.doc_id}-{view.page_no}")
    else:
        st.caption("No text on this page.")


def _place_on_page(citation: Citation, text: str) -> list[Span]:
    if citation.status is not QuoteStatus.NOT_FOUND and 0 <= citation.start < citation.end:
        if citation.end <= len(text):
            return [(citation.start, citation.end)]
        span = find_quote(citation.source_text or citation.quote, text)
        return [span] if span else []
    return []
