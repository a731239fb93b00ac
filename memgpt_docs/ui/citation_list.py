"""The citations of an answer: each with its place, its quotation and what the check found."""

from __future__ import annotations

import streamlit as st

from memgpt_docs.citations import Citation, QuoteStatus, find_quote, in_reading_order
from memgpt_docs.citations.difference import difference as parts_that_differ
from memgpt_docs.citations.page_images import pdf_of
from memgpt_docs.events import Answer
from memgpt_docs.storage.library import Library
from memgpt_docs.ui.page_view import open_page, pictures
from memgpt_docs.ui.source_text import marked, place_in_passage
from memgpt_docs.ui.text import clean, counted, literal, shortened

BADGES = {
    QuoteStatus.EXACT: ":green-badge[:material/check: exact]",
    QuoteStatus.NEAR: ":orange-badge[:material/difference: near]",
    QuoteStatus.NOT_FOUND: ":red-badge[:material/close: not found]",
}
MAX_DIFFERENCES = 4
WARMED = 2  # documents whose pages are ready to be drawn when an answer is shown
NAMES = {
    QuoteStatus.EXACT: "exact",
    QuoteStatus.NEAR: "near",
    QuoteStatus.NOT_FOUND: "not found",
}


@st.fragment
def citations(library: Library, turn_number: int, answer: Answer) -> None:
    """Draws them in the order in which the answer gave them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_counts(answer), width="content")
        if len(answer.citations) > 1 and st.button(
            "Read in order", key=f"read-{turn_number}", type="tertiary", icon=":material/menu_book:"
        ):
            first = in_reading_order(answer.citations)[0]
            open_page(library, first.doc_id, first.page_no, first, answer.citations)
    for doc_id in list(dict.fromkeys(c.doc_id for c in answer.citations))[:WARMED]:
        if (path := pdf_of(doc_id, library)) is not None:
            pictures().warm(path)
    for number, citation in enumerate(answer.citations, start=1):
        _citation(library, citation, f"{turn_number}-{number}", answer)


def _citation(library: Library, citation: Citation, key: str, answer: Answer) -> None:
    element = f", {citation.element}" if citation.element else ""
    place = (
        f"{literal(citation.file)}, {literal(citation.unit)} {citation.page_no}{literal(element)}"
    )
    # The path of headings ends in the one that says most; all of it stands inside.
    last = citation.section.rpartition(" > ")[2]
    section = f" · :gray[{literal(shortened(last, 60))}]" if last else ""
    label = f"**\\[{citation.handle}\\]** {BADGES[citation.status]} {place}{section}"
    box = st.expander(label, key=f"citation-{key}", on_change="rerun")
    if box.open:
        with box:
            _opened(library, citation, key, answer)
    elif find_quote(citation.quote, answer.text) is None:
        # An answer that is made of quotations has said it already.
        with st.container(key=f"said-{key}"):
            st.text(clean(f"“{citation.quote}”"))


def _opened(library: Library, citation: Citation, key: str, answer: Answer) -> None:
    if citation.section:
        st.caption(literal(citation.section))
    if citation.note:
        st.caption(literal(citation.note))
    match citation.status:
        case QuoteStatus.NEAR:
            st.text(clean(f"The answer quotes: “{citation.quote}”"))
            st.caption(difference(citation.quote, citation.source_text))
        case QuoteStatus.NOT_FOUND:
            st.text(clean(f"The answer quotes: “{citation.quote}”"))
            st.caption("These words do not stand in the document. The passage that is cited reads:")
        case QuoteStatus.EXACT:
            pass
    marked(citation.passage_text, place_in_passage(citation), f"citation-{key}")
    if st.button(f"Open {citation.unit} {citation.page_no}", key=f"open-{key}"):
        open_page(library, citation.doc_id, citation.page_no, citation, answer.citations)


def difference(quote: str, source: str) -> str:
    """Where a near quotation and the page part, in words, as Markdown."""
    parts = []
    for said, stands in parts_that_differ(quote, source):
        if not stands:
            parts.append(f"“{literal(said)}”, which the page does not say here")
        elif not said:
            parts.append(f"without “{literal(stands)}”")
        else:
            parts.append(f"“{literal(said)}” where the page says “{literal(stands)}”")
    if not parts:
        return "They differ in white space only."
    return (
        f"Difference: {'; '.join(parts[:MAX_DIFFERENCES])}{' …' * (len(parts) > MAX_DIFFERENCES)}"
    )


def _counts(answer: Answer) -> str:
    """How many citations there are of each status."""
    found = [citation.status for citation in answer.citations]
    total = counted(len(found), "citation")
    parts = [f"{found.count(status)} {NAMES[status]}" for status in NAMES if status in found]
    return f"{total} checked: {', '.join(parts)}"
