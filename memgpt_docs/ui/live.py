"""Live parts: pieces of the page that redraw themselves while work goes on."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec

import streamlit as st

from memgpt_docs.ui import dialogs

POLL_S = 0.5
P = ParamSpec("P")
# A place on the page, and what draws a part into it.
Part = tuple[AbstractContextManager[Any], Callable[[], None]]
_parts: ContextVar[list[Part]] = ContextVar("parts")


def live(draw: Callable[P, None], running: bool) -> Callable[P, None]:
    """`draw` as a part of the page that redraws alone, twice a second while `running`; not under a
    dialog, whose clicks are not to meet a timer.

    Where a timer rings just as the page is finished, Streamlit (1.67, `AppSession.request_rerun`)
    starts a second runner and ignores what the first has not sent yet. It ignores the timer instead
    where that belongs to a part which is no longer known: so a running part has another identity
    each time the whole page is drawn. And its first ring must not come while the page is still
    being drawn: so running parts are drawn last, each in its place.
    """
    if not running or dialogs.is_open():
        return _at_once(st.fragment(draw))

    @functools.wraps(draw)
    def renewed(*args: P.args, **kwargs: P.kwargs) -> None:
        draw(*args, **kwargs)

    renewed.__qualname__ = f"{draw.__qualname__}-{uuid.uuid4().hex}"
    part = st.fragment(renewed, run_every=POLL_S)

    def later(*args: P.args, **kwargs: P.kwargs) -> None:
        _parts.get().append((st.container(), functools.partial(part, *args, **kwargs)))

    return later


def _at_once(part: Callable[P, None]) -> Callable[P, None]:
    # In a container too: what is drawn elsewhere than before stands twice for a moment.
    def now(*args: P.args, **kwargs: P.kwargs) -> None:
        with st.container():
            part(*args, **kwargs)

    return now


@contextmanager
def last() -> Iterator[None]:
    """Draws the running parts of the page within when the rest of it is drawn."""
    parts: list[Part] = []
    token = _parts.set(parts)
    try:
        yield
    finally:
        _parts.reset(token)
    for place, draw in parts:
        with place:
            draw()
