"""A document in the library panel: what it is, what was not read of it, and its two dialogs."""

from __future__ import annotations

from itertools import count

import streamlit as st

from ingest.ocr import HOW, is_available
from memgpt_docs.errors import MemGPTDocsError
from memgpt_docs.storage.schema import METADATA, Document
from memgpt_docs.ui import dialogs
from memgpt_docs.ui.desk import Desk
from memgpt_docs.ui.text import clean, counted, literal

LABELS = {
    "company": "Company",
    "form_type": "Form",
    "fiscal_year": "Fiscal year",
    "fiscal_period": "Period",
    "period_end": "Period ends",
    "filing_date": "Filed",
}
# What a page is counted as, where its unit is no word for one of it.
UNITS = {"rows": "part"}
HINTS = {
    "fiscal_year": "such as 2024",
    "fiscal_period": "FY, Q1 to Q4, H1 or H2",
    "period_end": "such as 2024-12-31",
    "filing_date": "such as 2025-02-14",
}


def show(desk: Desk, document: Document, deleting: bool) -> None:
    """Draws the row."""
    with st.container(horizontal=True, wrap=False, gap="small"):
        with st.container(gap=None, width="stretch"):
            st.text(clean(document.file))
            st.caption("Deleting …" if deleting else literal(about(document)))
            if document.unread_pages:
                st.caption(
                    f":orange-badge[:material/warning: not read] {unread(document)}",
                    help=None if is_available() else literal(f"{HOW}."),
                )
        name = literal(document.file)
        # The words of these buttons are heard, not seen: see style.css.
        st.button(
            f"Details of {name}",
            icon=":material/edit:",
            key=f"edit-{document.doc_id}",
            type="tertiary",
            help="Details",
            disabled=deleting,
            on_click=dialogs.note,
            args=(_details, desk, document),
        )
        st.button(
            f"Delete {name}",
            icon=":material/delete:",
            key=f"delete-{document.doc_id}",
            type="tertiary",
            help="Delete",
            disabled=deleting,
            on_click=dialogs.note,
            args=(_confirm_deletion, desk, document),
        )


def about(document: Document) -> str:
    """Form, period and size: "10-K FY2024 · 64 pages"."""
    period = "" if document.fiscal_period == "FY" else document.fiscal_period
    year = f"FY{document.fiscal_year}" if document.fiscal_year else document.period_end
    report = " ".join(part for part in (document.form_type, period, year) if part)
    size = counted(document.n_pages, UNITS.get(document.unit, document.unit))
    return f"{report} · {size}" if document.form_type else size


def matches(document: Document, wanted: str) -> bool:
    """Whether all words of `wanted` stand in what is shown of a document, or in its company."""
    known = f"{document.file} {about(document)} {document.company}".casefold()
    return all(word in known for word in wanted.casefold().split())


def unread(document: Document) -> str:
    """The unread pages as ranges: "pages 3, 7-9"."""
    pages = sorted(document.unread_pages)
    # Consecutive numbers have the same distance from their place in the list.
    ranges: dict[int, list[int]] = {}
    for page, place in zip(pages, count()):
        ranges.setdefault(page - place, []).append(page)
    parts = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in ranges.values()]
    listed = ", ".join(parts[:6]) + (" …" if len(parts) > 6 else "")
    return f"{'page' if len(pages) == 1 else 'pages'} {listed}"


@st.dialog("Details", on_dismiss=dialogs.close)
def _details(desk: Desk, document: Document) -> None:
    st.text(clean(document.file))
    size = f"{about(document)} · {counted(document.n_passages, 'passage')}"
    st.caption(f"{literal(size)} · read by {literal(document.reader)}")
    with st.form("details", border=False):
        fields = {}
        for name in METADATA:
            value = getattr(document, name)
            source = document.source_of(name)
            fields[name] = st.text_input(
                f"{LABELS[name]} · from {source}" if source else f"{LABELS[name]} · not known",
                value=clean(str(value or "")),
                placeholder=HINTS.get(name, ""),
                key=f"field-{name}",
                max_chars=120,
            )
        saved = st.form_submit_button("Save", type="primary")
    if not saved:
        return
    changed = {
        name: value
        for name, value in fields.items()
        if value.strip() != str(getattr(document, name) or "")
    }
    try:
        if changed:
            desk.edit(document, changed)
    except MemGPTDocsError as error:
        st.error(literal(f"{error.message} {error.help}"))
        return
    dialogs.close()
    st.rerun()


@st.dialog("Delete this document?", on_dismiss=dialogs.close)
def _confirm_deletion(desk: Desk, document: Document) -> None:
    st.text(clean(document.file))
    st.caption(
        f"Its {counted(document.n_passages, 'passage')} and the stored file are removed for good. "
        "Answers that cite it stay in this session."
    )
    with st.container(horizontal=True):
        deleted = st.button(
            "Delete", key="confirm-delete", type="primary", on_click=_delete, args=(desk, document)
        )
        if st.button("Keep", key="keep") or deleted:
            dialogs.close()
            st.rerun()


def _delete(desk: Desk, document: Document) -> None:
    desk.delete(document)
