"""Dialogs: at most one, drawn by every redraw of the whole page until it is closed.

A dialog that a part of the page drew is closed by a redraw of the whole page, were it not drawn
again there. And where that part redraws itself by a timer, Streamlit (1.67, `ScriptRunner`) runs
the part alone and drops a click in the dialog that came at the same moment: so under a dialog no
timer runs, and to stop the timers the whole page is redrawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec

import streamlit as st

_OPEN = "dialog"
_TIMERS = "timers"
_TIMERS_BEFORE = "timers_before"  # on the page that was drawn before this one
_whole_page: ContextVar[bool] = ContextVar("whole_page", default=False)
P = ParamSpec("P")


def open_dialog(draw: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
    """Opens a dialog. `draw` is decorated by `st.dialog` and draws it; it or its `on_dismiss` calls
    `close`."""
    note(draw, *args, **kwargs)
    show()


def note(draw: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
    """The first half, for a callback: it runs also where its button is gone when the click comes.
    The part of the page that had the button calls `show`."""
    st.session_state[_OPEN] = (draw, args, kwargs)
    if _whole_page.get():
        return
    if st.session_state.get(_TIMERS) or st.session_state.get(_TIMERS_BEFORE):
        st.rerun()  # that part may be gone too


def show() -> None:
    """Draws the open dialog, if there is one, when a part of the page is drawn alone."""
    if is_open() and not _whole_page.get():  # else it is drawn last
        _draw()


def close() -> None:
    """Leaves the dialog away when the page is next drawn."""
    st.session_state.pop(_OPEN, None)


def is_open() -> bool:
    """Whether one is open."""
    return _OPEN in st.session_state


def timers(run: bool) -> None:
    """Notes whether parts of the page redraw themselves from now on."""
    st.session_state[_TIMERS_BEFORE] = st.session_state.get(_TIMERS)
    st.session_state[_TIMERS] = run


@contextmanager
def last() -> Iterator[None]:
    """Draws the open dialog, if there is one, when the page within is drawn."""
    token = _whole_page.set(True)
    try:
        yield
    finally:
        _whole_page.reset(token)
    if is_open():
        _draw()


def _draw() -> None:
    draw, args, kwargs = st.session_state[_OPEN]
    draw(*args, **kwargs)
