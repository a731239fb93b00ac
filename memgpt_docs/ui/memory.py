"""The agent's memory: its working context, and how full the window is."""

from __future__ import annotations

import streamlit as st

from memgpt_docs.events import ContextTokens, Transcript
from memgpt_docs.ui.text import clean

WARNING_SHARE = 0.7

# Section, its colour in the bar, and the name of that colour in Markdown.
SECTIONS = (
    ("instructions", "system", "#7a8794", "gray"),
    ("working context", "working_context", "#2f7fb8", "blue"),
    ("summary", "summary", "#8a63c9", "violet"),
    ("queue", "queue", "#3b9a6a", "green"),
)


def working_context(transcript: Transcript) -> None:
    """Draws the working context of one question under the meter of the window."""
    if transcript.context is not None:
        st.image(meter(transcript.context), width="stretch")
        st.caption(legend(transcript.context))
    if transcript.working_context:
        st.code(clean(transcript.working_context), language=None, wrap_lines=True)
    else:
        st.caption("Nothing noted yet.")


def meter(tokens: ContextTokens) -> str:
    """The window as a bar in SVG, by section, with the mark at which the agent is warned."""
    width, height = 1000, 34
    shapes = [f'<rect width="{width}" height="{height}" fill="#8080802e"/>']
    at = 0.0
    for _, field, colour, _ in SECTIONS:
        share = width * getattr(tokens, field) / tokens.window
        shapes.append(f'<rect x="{at:.1f}" width="{share:.1f}" height="{height}" fill="{colour}"/>')
        at += share
    reply = width * tokens.reserved / tokens.window
    shapes.append(
        f'<rect x="{width - reply:.1f}" width="{reply:.1f}" height="{height}" fill="#80808040"/>'
    )
    mark = width * WARNING_SHARE
    shapes.append(f'<rect x="{mark:.1f}" width="3" height="{height}" fill="#c9782a"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{"".join(shapes)}</svg>'
    )


def legend(tokens: ContextTokens) -> str:
    """The same in words."""
    parts = [f":{name}[■] {title} {getattr(tokens, field):,}" for title, field, _, name in SECTIONS]
    share = tokens.used / tokens.window
    return (
        f"Window: {tokens.used:,} of {tokens.window:,} tokens, {share:.0%} "
        f"(:orange[▎]warning at {WARNING_SHARE:.0%})  \n"
        f"{' · '.join(parts)} · kept for the reply {tokens.reserved:,}"
    )
