"""The agent's memory: what stood in its window at each step, and what left it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

import streamlit as st

from memgpt_docs.events import ContextTokens
from memgpt_docs.memory_trace import Place, StepMemory
from memgpt_docs.storage.library import Library
from memgpt_docs.ui import recall_search
from memgpt_docs.ui.session import Session, Turn
from memgpt_docs.ui.text import clean, counted, literal, shortened

WARNING_SHARE = 0.7
LINES_DRAWN = 24

# Section, its colour in the bar, and the name of that colour in Markdown.
SECTIONS = (
    ("instructions", "system", "#7a8794", "gray"),
    ("working context", "working_context", "#2f7fb8", "blue"),
    ("summary", "summary", "#8a63c9", "violet"),
    ("queue", "queue", "#3b9a6a", "green"),
)


def show(library: Library, session: Session, turn: Turn) -> None:
    """Draws the memory of one question, a step at a time, and the search in recall storage."""
    steps = session.memory(turn)
    if steps:
        step = steps[-1]
        if len(steps) > 1 and not turn.running:
            key = f"memory-step-{turn.number}"
            step = steps[st.slider("Step", 1, len(steps), len(steps), key=key) - 1]
        _step(library, session, step)
    else:
        st.caption("Nothing is in the window yet.")
    recall_search.show(library, session)


def _step(library: Library, session: Session, step: StepMemory) -> None:
    st.image(meter(step.context), width="stretch")
    st.caption(legend(step.context))
    called = literal(", ".join(step.called)) or "no call"
    st.caption(
        f"Step {step.step}: {called} · {step.tokens_read:,} tokens read · {step.seconds:.2f} s"
    )
    st.markdown("**Working context**")
    if step.before != step.after:
        st.caption("With what this step changed:")
        st.code(clean(changes(step.before, step.after)), language="diff", wrap_lines=True)
    elif step.after:
        st.code(clean(step.after), language=None, wrap_lines=True)
    else:
        st.caption("Nothing noted yet.")
    if step.flushed:
        st.markdown("**Flushed before this step**")
        st.caption(f"{counted(len(step.flushed), 'text')} moved to recall storage.")
        _lines(library, session, step.flushed)
    if step.summary:
        st.markdown("**Summary of what left the window**")
        st.code(clean(step.summary), language=None, wrap_lines=True)
    st.markdown("**Queue**")
    _lines(library, session, step.queue)


def _lines(library: Library, session: Session, places: Sequence[Place]) -> None:
    """Texts of recall storage, a short line each, the newest last."""
    drawn = places[-LINES_DRAWN:]
    texts = library.recall.texts(session.session_id, [place.ordinal for place in drawn])
    lines = [f":gray[{len(places) - len(drawn)} older]"] if len(places) > len(drawn) else []
    for place in drawn:
        text = literal(shortened(texts.get(place.ordinal, ""), 90))
        lines.append(f":gray[{recall_search.who(place.role, place.name)}] {text}")
    st.caption("  \n".join(lines))


def changes(before: str, after: str) -> str:
    """`after` line by line: "+" before what is new, "-" before what is gone."""
    old, new = before.splitlines(), after.splitlines()
    told: list[str] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            told += [f"  {line}" for line in old[i:j]]
        else:
            told += [f"- {line}" for line in old[i:j]] + [f"+ {line}" for line in new[k:m]]
    return "\n".join(told)


def meter(tokens: ContextTokens) -> str:
    """The window as a bar in SVG, by section, with the marks at which the agent is warned and
    at which it is full."""
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
    for mark in (width * WARNING_SHARE, width - 3):
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
