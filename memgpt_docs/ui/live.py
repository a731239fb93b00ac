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
# A place on the page, and what is drawn there.
Part = tuple[AbstractContextManager[Any], Callable[[], None]]
_parts: ContextVar[list[Part]] = ContextVar("parts")


def live(draw: Callable[P, None], running: bool) -> Callable[P, None]:
    """`draw` as a part of the page that redraws alone, twice a second while `running`; see
    `last`."""

    def placed(*args: P.args, **kwargs: P.kwargs) -> None:
        # The place is the same whether it runs or not, or it would stand twice for a moment.
        place = st.container()
        if running:
            _parts.get().append((place, functools.partial(draw, *args, **kwargs)))
            return
        with place:
            st.fragment(draw)(*args, **kwargs)

    return placed


@contextmanager
def last() -> Iterator[None]:
    """Draws the running parts of the page within, each in its place, when the rest is drawn.

    Where a timer rings just as the page is finished, Streamlit (1.67, `AppSession.request_rerun`)
    starts a second runner and ignores what the first has not sent yet. So the first ring must not
    come while the page is still being drawn: running parts are drawn last. Nor may it be a ring
    from the page before: Streamlit ignores those of parts that it no longer knows, so a running
    part has another identity each time. Under a dialog nothing rings.
    """
    parts: list[Part] = []
    token = _parts.set(parts)
    try:
        yield
    finally:
        _parts.reset(token)
    ring = bool(parts) and not dialogs.is_open()
    dialogs.timers(ring)
    for place, draw in parts:
        with place:
            st.fragment(_renamed(draw), run_every=POLL_S if ring else None)()


def _renamed(draw: Callable[[], None]) -> Callable[[], None]:
    def renamed() -> None:
        draw()

    renamed.__qualname__ += f"-{uuid.uuid4().hex}"
    return renamed
