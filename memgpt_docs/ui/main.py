"""The page: library at the left, chat in the centre, evidence and memory beside it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from pydantic import ValidationError

from memgpt_docs.errors import MemGPTDocsError
from memgpt_docs.settings import Settings
from memgpt_docs.ui import (
    chat,
    compare_view,
    dialogs,
    evidence,
    failure,
    library_panel,
    live,
    memory,
    processor_view,
    samples,
    session_list,
)
from memgpt_docs.ui.chosen_processor import FIELDS
from memgpt_docs.ui.desk import Desk
from memgpt_docs.ui.jobs import Failure
from memgpt_docs.ui.session import Session
from memgpt_docs.ui.text import literal

SIDEBAR_PX = 336


@st.cache_resource(
    show_spinner="Opening the library …",
    max_entries=8,
    # The desk stays when another processor is chosen.
    hash_funcs={Settings: lambda settings: settings.model_dump_json(exclude=set(FIELDS))},
)
def open_desk(settings: Settings) -> Desk:
    """The desk of these settings, the same one for every page and every reload."""
    return Desk(settings)


def main() -> None:
    """Draws the page."""
    st.set_page_config(page_title="memgpt-docs", layout="wide", initial_sidebar_state=SIDEBAR_PX)
    st.html(Path(__file__).with_name("style.css"))
    try:
        settings = Settings()
        desk = open_desk(settings)
        desk.processor.follow(settings)
    except (MemGPTDocsError, ValidationError) as error:
        _cannot_open(error)
        return
    session = desk.session(st.query_params.get("session"))
    if st.query_params.get("session") != session.session_id:
        st.query_params["session"] = session.session_id
    with dialogs.last(), live.last():
        _page(desk, session)


def _page(desk: Desk, session: Session) -> None:
    session_list.show(desk, session)
    empty = not desk.library.documents()
    # Above the documents, which may be many.
    with st.sidebar, st.container(horizontal=True, gap="small"):
        if not empty and not processor_view.chosen():
            compare_view.switch()
        processor_view.switch()
    library_panel.show(desk)
    if processor_view.chosen():
        processor_view.show(desk)
        return
    if not empty and compare_view.chosen():
        compare_view.show(desk, session)
        return
    if not session.turns:
        _welcome(desk, session, empty)
    else:
        centre, right = st.columns([3, 2], gap="large")
        with centre:
            chat.show(desk, session)
        with right:
            _beside(desk, session)
    chat.question_box(session, desk.processor, desk.library, enabled=not empty)


def _beside(desk: Desk, session: Session) -> None:
    """Evidence and memory of one question: the newest, or an older one that was chosen."""
    with st.container(key="beside"):
        live.live(_evidence, running=bool(session.unfinished))(desk, session)


def _evidence(desk: Desk, session: Session) -> None:
    dialogs.show()
    session.refresh()
    chosen = st.session_state.get("shown_turn")
    working = session.unfinished[:1] or session.turns[-1:]
    turn = next((turn for turn in session.turns if turn.number == chosen), working[0])
    # A place of its own also where it is empty: tabs that move forget which of them is open.
    with st.container():
        if len(session.turns) > 1:
            st.caption(f"Question {turn.number}: {literal(turn.question[:120])}")
    pages, remembered = st.tabs(["Pages read", "Memory"])
    with pages:
        evidence.pages_read(desk.library, turn)
    with remembered:
        memory.show(desk.library, session, turn)


def _welcome(desk: Desk, session: Session, empty: bool) -> None:
    """The page before the first question."""
    _, middle, _ = st.columns([1, 6, 1])
    with middle:
        st.space("large")
        if empty:
            _first_documents(desk)
            return
        st.markdown("### Ask a question that crosses your documents")
        st.caption("Every claim in the answer is checked on the page it came from.")
        have = {document.file for document in desk.library.documents()}
        if not all(source.shown in have for source in samples.sources()):
            return
        for number, question in enumerate(samples.questions()):
            st.button(
                literal(question),
                key=f"example-{number}",
                on_click=chat.ask,
                args=(session, question),
                width="stretch",
                wrap=True,
            )


def _first_documents(desk: Desk) -> None:
    if desk.adding:
        st.markdown("### Reading the documents")
        st.caption("You can ask as soon as the first one is in. Progress is at the left.")
        return
    st.markdown("### Ask long documents questions, and check every claim on its page")
    st.caption("Drop filings and contracts into the library at the left, or try the samples.")
    if samples.sources():
        st.button(
            "Load the sample documents",
            key="load-samples",
            type="primary",
            on_click=library_panel.load_samples,
            args=(desk,),
        )


def _cannot_open(error: MemGPTDocsError | ValidationError) -> None:
    if isinstance(error, ValidationError):
        wrong = ((".".join(map(str, e["loc"])), e["msg"]) for e in error.errors())
        named = (f"MEMGPT_DOCS_{name.upper()}: {message}." for name, message in wrong)
        failure.show(Failure("A setting cannot be used.", " ".join(named)))
    else:
        failure.show(Failure(error.message, error.help))


if __name__ == "__main__":
    main()
