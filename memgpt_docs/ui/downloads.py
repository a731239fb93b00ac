"""Exports of an answer or of a whole session, written when they are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import streamlit as st

from memgpt_docs.export.bundle import write as write_bundle
from memgpt_docs.export.formats import FORMATS, Format
from memgpt_docs.export.report import Report
from memgpt_docs.storage.library import Library
from memgpt_docs.ui.desk import Desk
from memgpt_docs.ui.page_view import pictures
from memgpt_docs.ui.session import Session, Turn

MARKDOWN = FORMATS[".md"]
THIS, ALL = "This answer", "All answers"


def show(desk: Desk, session: Session, turn: Turn) -> None:
    """Draws a button for Markdown and a list of the other formats."""
    one = [turn]
    _button(desk.library, one, MARKDOWN, "Export Markdown", f"export-{turn.number}",
            _file_name(turn))  # fmt: skip
    with st.popover("More formats", key=f"formats-{turn.number}", type="tertiary"):
        ended = [known for known in session.turns if known.answer]
        chosen = THIS
        if len(ended) > 1:
            chosen = st.segmented_control(
                "What", [THIS, ALL], default=THIS, key=f"what-{turn.number}"
            ) or THIS  # fmt: skip
        of = ended if chosen == ALL else one
        name = "answers" if chosen == ALL else _file_name(turn)
        with st.container(horizontal=True, gap="small"):
            for kind in FORMATS.values():
                if kind is not MARKDOWN or chosen == ALL:
                    key = f"{kind.suffix[1:]}-{turn.number}"
                    _button(desk.library, of, kind, kind.name, key, name)
            st.download_button(
                "Evidence bundle",
                data=_bundler(desk.library, of),
                file_name=f"{name}.zip",
                mime="application/zip",
                key=f"bundle-{turn.number}",
                on_click="ignore",
                help="A zip with the answer, its evidence, pictures of the cited pages and "
                "checksums; check it with: memgpt-docs verify",
            )


def _button(
    library: Library,
    turns: Sequence[Turn],
    kind: Format,
    label: str,
    key: str,
    name: str,
) -> None:
    st.download_button(
        label,
        data=_exporter(library, turns, kind),
        file_name=name + kind.suffix,
        mime=kind.mime,
        key=key,
        icon=":material/download:",
        on_click="ignore",
    )


def _exporter(library: Library, turns: Sequence[Turn], kind: Format) -> Callable[[], bytes]:
    # Nothing is kept in memory for a click that may never come.
    return lambda: kind.write(Report.of([turn.transcript for turn in turns], library))


def _bundler(library: Library, turns: Sequence[Turn]) -> Callable[[], bytes]:
    return lambda: write_bundle(
        Report.of([turn.transcript for turn in turns], library), library, pictures()
    )


def _file_name(turn: Turn) -> str:
    words = re.findall(r"[^\W_]+", turn.question.casefold())
    return "-".join(["answer", str(turn.number), *words])[:60].rstrip("-")
