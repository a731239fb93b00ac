"""Source text on the page, word for word, with its quotations marked."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from memgpt_docs.citations import Citation, QuoteStatus, find_quote
from memgpt_docs.ui.text import clean

Span = tuple[int, int]  # half-open, code points


def marked(text: str, spans: Sequence[Span], key: str) -> None:
    """Draws `text` word for word, its `spans` marked. `key` is unique on the page."""
    with st.container(key=f"source-{key}", gap=None):
        at = 0
        for start, end in _apart(spans):
            _plain(text[at:start])
            with st.container(key=f"quote-{key}-{start}"):
                st.text(clean(text[start:end]))
            at = end
        _plain(text[at:])


def _plain(text: str) -> None:
    if text.strip():
        # A line break beside a marked part is made by the part itself.
        st.text(clean(text.strip("\r\n ")))


def _apart(spans: Sequence[Span]) -> list[Span]:
    """`spans` in order, those that overlap made one."""
    apart: list[Span] = []
    for start, end in sorted(spans):
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        elif start < end:
            apart.append((start, end))
    return apart


def place_in_passage(citation: Citation) -> list[Span]:
    """Where the quotation, or what the source has in its place, stands in the cited passage."""
    wanted = citation.source_text if citation.status is QuoteStatus.NEAR else citation.quote
    span = find_quote(wanted, citation.passage_text)
    return [span] if span else []
