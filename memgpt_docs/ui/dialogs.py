"""Dialogs: whether one is open, which a redraw of the whole page would close."""

from __future__ import annotations

import streamlit as st

_OPEN = "dialog_open"


def opened() -> None:
    """Notes that a dialog is about to open."""
    st.session_state[_OPEN] = True


def closed() -> None:
    """Notes that it closed."""
    st.session_state[_OPEN] = False


def is_open() -> bool:
    """Whether one is open."""
    return bool(st.session_state.get(_OPEN))
