"""Live parts: pieces of the page that redraw themselves while work goes on."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

POLL_S = 0.5
P = ParamSpec("P")


def live(draw: Callable[P, None], running: bool) -> Callable[P, None]:
    """`draw` as a part of the page that redraws alone, twice a second while `running`.

    While it runs, the part has another identity each time the whole page is drawn. Where a timer
    rings just as the page is finished, Streamlit (1.67, `AppSession.request_rerun`) starts a second
    runner and ignores what the first has not sent yet. It ignores the timer instead where that
    belongs to a part which is no longer known.
    """
    if not running:
        return st.fragment(draw)

    @functools.wraps(draw)
    def renewed(*args: P.args, **kwargs: P.kwargs) -> None:
        draw(*args, **kwargs)

    renewed.__qualname__ = f"{draw.__qualname__}-{uuid.uuid4().hex}"
    return st.fragment(renewed, run_every=POLL_S)
