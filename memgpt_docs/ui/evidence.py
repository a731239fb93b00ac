"""The evidence beside the chat: every page of results the agent fetched."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from memgpt_docs.citations import Citation
from memgpt_docs.coverage import documents_named
from memgpt_docs.events import ResultsPageRead
from memgpt_docs.storage.library import Library
from memgpt_docs.ui.page_view import note_page
from memgpt_docs.ui.session import Turn
from memgpt_docs.ui.source_text import marked, place_in_passage
from memgpt_docs.ui.text import counted, literal, shortened

Cited = dict[int, list[Citation]]  # by handle

PAGES_DRAWN = 30
OPEN_AT_FIRST = 2  # pages with cited passages that are open when the answer comes


def pages_read(library: Library, turn: Turn) -> None:
    """Draws the pages of results of one question, newest last, under the query of each search."""
    pages = turn.transcript.pages
    answer = turn.transcript.answer
    if not pages:
        st.caption("Reading has not begun." if turn.running else "No page of results was read.")
        return
    cited: Cited = {}
    for citation in answer.citations if answer else ():
        cited.setdefault(citation.handle, []).append(citation)
    with_citations = [n for n, page in enumerate(pages) if cited.keys() & set(page.handles)]
    opened = set(with_citations[:OPEN_AT_FIRST] or [len(pages) - 1])
    first = max(0, len(pages) - PAGES_DRAWN)
    if first:
        st.caption(f"The last {PAGES_DRAWN} of {len(pages)} pages:")
    documents = library.documents()
    before = None
    for number, read in enumerate(pages[first:], start=first):
        if _search(read) != before:
            _heading(read, pages, documents_named(read.page.documents, documents))
        before = _search(read)
        # While the agent reads, the newest page lies open and the one before it closes.
        newest = answer is None and number == len(pages) - 1
        if newest:
            st.markdown(_label(read, cited))
            _passages(library, read, cited, f"{turn.number}-{number}")
        else:
            opens = answer is not None and number in opened
            _closed(library, turn, number, read, cited, opens)


def _search(read: ResultsPageRead) -> tuple[str, tuple[str, ...], int]:
    """What pages have in common that are counted together."""
    return read.page.query, read.page.documents, read.page.page_size


def _heading(read: ResultsPageRead, pages: list[ResultsPageRead], where: str) -> None:
    """The query of a search, the documents it was limited to, and how far its ranking was read."""
    page = read.page
    done = {p.page.page for p in pages if _search(p) == _search(read) and not p.page.past_end}
    st.markdown(f"**“{literal(shortened(page.query, 160))}”**")
    read_of = f"{len(done)} of {counted(page.pages, 'page')} read"
    within = f"in {literal(where)} · " if where else ""
    st.caption(f"{within}{counted(page.total, 'passage')} · {read_of}")


def _label(read: ResultsPageRead, cited: Cited) -> str:
    cites = sum(handle in cited for handle in read.handles)
    badge = f" :blue-badge[{cites} cited]" if cites else ""
    return f"Page {read.page.page} of {read.page.pages}{badge}"


def _closed(
    library: Library,
    turn: Turn,
    number: int,
    read: ResultsPageRead,
    cited: Cited,
    opens: bool,
) -> None:
    """A page as one line that opens."""
    # Another key once the answer is there, because what is open then depends on it.
    state = "reading" if turn.transcript.answer is None else "read"
    key = f"{state}-{turn.number}-{number}"
    box = st.expander(_label(read, cited), expanded=opens, key=key, on_change="rerun")
    if box.open:
        with box:
            _passages(library, read, cited, f"{turn.number}-{number}")


def _passages(library: Library, read: ResultsPageRead, cited: Cited, key: str) -> None:
    page = read.page
    if not page.results:
        st.caption("Past the last page." if page.past_end else "Nothing found.")
        return
    first, last = page.results[0].rank, page.results[-1].rank
    st.caption(f"Passages {first}-{last} of {page.total:,}")
    seen: Counter[int] = Counter()
    units = {document.doc_id: document.unit for document in library.documents()}
    for result, handle in zip(page.results, read.handles, strict=True):
        passage = result.passage
        seen[handle] += 1
        badge = " :blue-badge[:material/format_quote: cited]" if handle in cited else ""
        unit = units.get(passage.doc_id, "page")
        place = f"{literal(result.file)}, {literal(unit)} {passage.page_no}"
        with st.container(gap=None):
            st.markdown(f"**\\[{handle}\\]** {place}{badge}")
            if passage.section:
                st.caption(literal(passage.section))
        at = f"{key}-{handle}-{seen[handle]}"
        quoted = [span for citation in cited.get(handle, ()) for span in place_in_passage(citation)]
        marked(passage.text, quoted, f"result-{at}")
        st.button(
            f"Open {unit} {passage.page_no}",
            key=f"see-{at}",
            type="tertiary",
            # Called also where the page closed before the click came.
            on_click=note_page,
            args=(library, passage.doc_id, passage.page_no),
        )
