"""Search in recall storage: by words or by date, page by page."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import streamlit as st

from memgpt_docs.errors import MemGPTDocsError
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.recall import RecallPage
from memgpt_docs.ui.session import Session
from memgpt_docs.ui.text import clean, counted, literal, shortened

PAGE_SIZE = 8
PAGE = "recall_page"


def show(library: Library, session: Session) -> None:
    """Draws the search as a line that opens."""
    box = st.expander("Search recall storage", key="recall-search", on_change="rerun")
    if box.open:
        with box:
            _search(library, session)


def who(role: str, name: str) -> str:
    """Whose a text is, in Markdown: "you", "alert", "archival_search called"."""
    match role:
        case "user":
            return "you"
        case "system":
            return "alert"
        case "function":
            return f"{literal(name)} returned"
        case _:
            return f"{literal(name)} called" if name else "thought"


def _first() -> None:
    st.session_state[PAGE] = 1


def _turn(by: int) -> None:
    st.session_state[PAGE] = int(st.session_state.get(PAGE, 1)) + by


def _search(library: Library, session: Session) -> None:
    words = st.text_input("Words", key="recall-words", max_chars=500, on_change=_first)
    days = st.date_input("Days", value=[], key="recall-days", on_change=_first)
    page = int(st.session_state.get(PAGE, 1))
    try:
        if words and words.strip():
            found = library.recall.search(session.session_id, words, page, PAGE_SIZE)
        elif isinstance(days, tuple | list) and days:
            start, end = _midnight(days[0]), _midnight(days[-1] + timedelta(days=1))
            found = library.recall.search_date(session.session_id, start, end, page, PAGE_SIZE)
        else:
            st.caption("Everything said, read and done in this session, by words or by date.")
            return
    except MemGPTDocsError as error:
        st.error(literal(str(error)))
        return
    _results(found)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min).astimezone()


def _results(found: RecallPage) -> None:
    if not found.total:
        st.caption("Nothing found.")
        return
    with st.container(key="source-recall", gap="small"):
        for entry in found.entries:
            when = entry.time.astimezone()
            st.caption(f"{when:%-d %b %Y %H:%M} · {who(entry.role, entry.name)}")
            st.text(clean(shortened(entry.text, 400)))
    if found.pages == 1:
        st.caption(counted(found.total, "entry", "entries"))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Previous", key="recall-previous", disabled=found.page <= 1,
                  on_click=_turn, args=(-1,))  # fmt: skip
        total = counted(found.total, "entry", "entries")
        st.caption(f"Page {found.page} of {found.pages} · {total}", width="content")
        st.button("Next", key="recall-next", disabled=found.page >= found.pages,
                  on_click=_turn, args=(1,))  # fmt: skip
