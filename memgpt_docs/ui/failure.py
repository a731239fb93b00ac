"""Failures on the page: what happened and what to do, never a traceback."""

from __future__ import annotations

import streamlit as st

from memgpt_docs.ui.jobs import Failure, explain
from memgpt_docs.ui.text import literal


def show(failure: Failure) -> None:
    """Draws a failure."""
    st.error(literal(failure.message))
    if failure.help:
        st.caption(literal(failure.help))


def unexpected(error: Exception) -> bool:
    """Draws an error that no part of the page expected; given to `st.App`."""
    show(explain(error))
    return True
