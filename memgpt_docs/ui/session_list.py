"""The list of sessions in the sidebar: open, begin, name, export, import and delete them."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import streamlit as st

from memgpt_docs.errors import MemGPTDocsError
from memgpt_docs.session_import import import_session
from memgpt_docs.storage.sessions import LONGEST_NAME
from memgpt_docs.ui import dialogs
from memgpt_docs.ui.desk import Desk
from memgpt_docs.ui.open_sessions import Listed
from memgpt_docs.ui.session import Session, Turn
from memgpt_docs.ui.text import clean, literal, shortened

FEW = 5  # drawn until all are asked for
MOST = 40
FILTER_FROM = 12
ALL = "all_sessions"
CONFIRM = "confirm_session_deletion"
# What is remembered of a page when another session is opened on it.
KEPT = frozenset({"upload_generation", ALL})


def show(desk: Desk, current: Session) -> None:
    """Draws the list into the sidebar; nothing before there are documents or sessions."""
    listed = desk.sessions.listed(current)
    if not listed and not desk.library.documents():
        return
    with st.sidebar:
        _heading(desk, current)
        for failure in desk.sessions.failed_deletions():
            st.error(literal(failure))
        everything = bool(st.session_state.get(ALL))
        found = _found(listed) if everything else _few(listed, current)
        with st.container(key="sessions", gap=None):
            for one in found[:MOST]:
                _row(desk, current, one)
        if everything and len(found) > MOST:
            st.caption(f"{len(found) - MOST:,} more: type above to find them.")
        if len(listed) > FEW:
            label = "Show fewer" if everything else f"Show all ({len(listed):,})"
            st.button(
                label, key="sessions-all", type="tertiary", on_click=_set, args=(not everything,)
            )


def open_session(session_id: str = "") -> None:
    """Brings the page to a session; to a new one where none is named."""
    for name in set(map(str, st.session_state)) - KEPT:
        del st.session_state[name]
    for name in ("session", "view"):
        st.query_params.pop(name, None)
    if session_id:
        st.query_params["session"] = session_id


def fork(desk: Desk, session: Session, turn: Turn) -> None:
    """Opens a new session with what was said up to the end of `turn`."""
    try:
        open_session(desk.sessions.fork(session, turn).session_id)
    except MemGPTDocsError as error:
        st.toast(literal(str(error)), icon=":material/error:")


def ago(time: datetime, now: datetime) -> str:
    """How long ago, in a word: "now", "5 min", "3 h", "2 d", then the date."""
    passed = now - time
    if passed < timedelta(minutes=1):
        return "now"
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} min"
    if passed < timedelta(days=1):
        return f"{passed // timedelta(hours=1)} h"
    if passed < timedelta(days=14):
        return f"{passed.days} d"
    return f"{time:%-d %b}" if time.year == now.year else f"{time:%b %Y}"


def _set(everything: bool) -> None:
    st.session_state[ALL] = everything


def _heading(desk: Desk, current: Session) -> None:
    with st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="small"):
        st.markdown("#### Sessions", width="stretch")
        # The words of this button are heard, not seen: see style.css.
        imported = st.button(
            "Import a session",
            key="import-session",
            icon=":material/upload:",
            type="tertiary",
            help="Import a session",
        )
        if current.turns:
            st.button(
                "New session",
                key="new-session",
                icon=":material/add:",
                type="tertiary",
                on_click=open_session,
            )
    if imported:
        dialogs.open_dialog(_import, desk)


def _few(listed: list[Listed], current: Session) -> list[Listed]:
    """The newest, and the current one in any case."""
    place = [one.session_id for one in listed].index(current.session_id) if current.turns else 0
    return listed[:FEW] if place < FEW else [*listed[: FEW - 1], listed[place]]


def _found(listed: list[Listed]) -> list[Listed]:
    if len(listed) < FILTER_FROM:
        return listed
    wanted = st.text_input(
        "Find", key="find-session", placeholder="Find a session", label_visibility="collapsed"
    )
    return [one for one in listed if (wanted or "").casefold() in one.name.casefold()]


def _row(desk: Desk, current: Session, one: Listed) -> None:
    is_current = one.session_id == current.session_id
    key = "session-current" if is_current else f"session-row-{one.session_id}"
    name = literal(shortened(one.name, 60))
    with st.container(
        key=key, horizontal=True, wrap=False, gap="small", vertical_alignment="center"
    ):
        st.button(
            f"**{name}**" if is_current else name,
            key=f"open-{one.session_id}",
            type="tertiary",
            width="stretch",
            wrap=False,
            on_click=open_session,
            args=(one.session_id,),
        )
        st.caption(ago(one.last_at, datetime.now(UTC)), width="content")
        managed = st.button(
            f"Manage {name}",
            key=f"manage-{one.session_id}",
            icon=":material/more_horiz:",
            type="tertiary",
            help="Rename, export or delete",
            disabled=not one.stored,
        )
    if managed:
        st.session_state[CONFIRM] = False
        dialogs.open_dialog(_manage, desk, current, one)


@st.dialog("Session", on_dismiss=dialogs.close)
def _manage(desk: Desk, current: Session, one: Listed) -> None:
    if st.session_state.get(CONFIRM):
        _confirm(desk, current, one)
        return
    with st.form("rename", border=False):
        name = st.text_input("Name", value=clean(one.name), max_chars=LONGEST_NAME)
        if st.form_submit_button("Rename", type="primary"):
            try:
                desk.library.sessions.rename(one.session_id, name or "")
            except MemGPTDocsError as error:
                st.error(literal(str(error)))
            else:
                dialogs.close()
                st.rerun()
    with st.container(horizontal=True):
        st.download_button(
            "Export",
            data=lambda: _exported(desk, one),
            file_name=_file_name(one.name),
            mime="application/jsonl",
            key=f"export-session-{one.session_id}",
            icon=":material/download:",
            on_click="ignore",
        )
        if st.button("Delete …", key=f"remove-session-{one.session_id}", type="tertiary"):
            st.session_state[CONFIRM] = True
            st.rerun(scope="fragment")


def _confirm(desk: Desk, current: Session, one: Listed) -> None:
    st.text(clean(one.name))
    st.caption(
        "Its questions, answers and notes are removed for good, from disk too. Documents stay."
    )
    with st.container(horizontal=True):
        deleted = st.button("Delete", key="confirm-session-deletion", type="primary")
        kept = st.button("Keep", key="keep-session")
    if deleted:
        desk.sessions.delete(one.session_id)
        if one.session_id == current.session_id:
            st.query_params.pop("session", None)
    if deleted or kept:
        dialogs.close()
        st.rerun()


@st.dialog("Import a session", on_dismiss=dialogs.close)
def _import(desk: Desk) -> None:
    st.caption("A .jsonl file that was exported here. Documents are not in it.")
    file = st.file_uploader(
        "Session", type="jsonl", key="session-file", label_visibility="collapsed"
    )
    if file is None:
        return
    try:
        info = import_session(desk.library, iter(io.TextIOWrapper(file, "utf-8")))
    except MemGPTDocsError as error:
        st.error(literal(str(error)))
        return
    open_session(info.session_id)
    st.rerun()


def _exported(desk: Desk, one: Listed) -> bytes:
    lines = desk.library.sessions.export(one.session_id)
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _file_name(name: str) -> str:
    words = re.findall(r"[^\W_]+", name.casefold())
    return "-".join(["session", *words])[:60].rstrip("-") + ".jsonl"
