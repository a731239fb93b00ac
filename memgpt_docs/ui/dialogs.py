"""Dialogs: at most one, and the whole page draws it, last, until it is closed.

A dialog that a part of the page draws by itself belongs to that part: it is closed when the whole
page is redrawn, and where the part redraws itself by a timer, Streamlit (1.67) runs the part alone
and drops a click in the dialog that came at the same moment.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, ParamSpec

import streamlit as st

_OPEN = "dialog"
P = ParamSpec("P")


def open_dialog(draw: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> NoReturn:
    """Redraws the page with a dialog; `draw` is decorated by `st.dialog`, which calls `close` when
    the reader dismisses it."""
    st.session_state[_OPEN] = (draw, args, kwargs)
    st.rerun()


def close() -> None:
    """Leaves the dialog away when the page is next drawn."""
    st.session_state.pop(_OPEN, None)


def is_open() -> bool:
    """Whether one is open."""
    return _OPEN in st.session_state


def show() -> None:
    """Draws the open dialog, if there is one."""
    if is_open():
        draw, args, kwargs = st.session_state[_OPEN]
        draw(*args, **kwargs)
