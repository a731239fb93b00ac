"""What is handed on holds the evidence and nothing that a reader's Markdown would run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from memgpt_docs import Agent, Library
from memgpt_docs.events import Transcript
from memgpt_docs.export.markdown import fenced, plain, to_markdown
from tests.conftest import add_file

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def test_an_export_holds_answer_citations_and_what_was_read(reports: Library) -> None:
    transcript = Transcript()
    with pytest.raises(ValueError, match="not over"):
        to_markdown(transcript)
    for event in Agent(reports).run("What was the revenue of Acme in fiscal 2023?"):
        transcript.add(event)
    text = to_markdown(transcript, NOW)
    assert text.startswith("# What was the revenue of Acme in fiscal 2023?")
    assert "Revenue of Acme was $1,577 million in fiscal 2023" in text
    assert "page 2" in text and "Revenue" in text and "exact: these words stand on the page" in text
    assert "page 1, 2 of" in text and "Stop reason: answered" in text
    assert "2026-03-01 12:30 UTC" in text and "## Working context" in text


def test_hostile_document_text_stays_text(reports: Library) -> None:
    hostile = (
        "The turbine fee is 5. ![x](http://evil.example/a.png) <script>alert(1)</script>\n"
        "```\n# Heading [link](javascript:alert(1))\n```"
    )
    add_file(reports, "evil `name` [a](b).txt", [hostile])
    transcript = Transcript()
    for event in Agent(reports).run("What is the turbine fee?"):
        transcript.add(event)
    html = MarkdownIt("commonmark").render(to_markdown(transcript, NOW))
    assert "evil.example" in html
    for forbidden in ("<img", "<script", "<a ", 'javascript:alert(1)"'):
        assert forbidden not in html


@given(st.text(max_size=200))
def test_plain_text_renders_as_itself(text: str) -> None:
    html = MarkdownIt("commonmark").render(f"x {plain(text)}")
    assert "<img" not in html and "<a " not in html and "<em>" not in html


@given(st.text("`~ \nab", max_size=60))
def test_a_fence_cannot_be_closed_from_inside(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(fenced(text) + "\n\nafter\n")
    assert [token.type for token in tokens] == [
        "fence", "paragraph_open", "inline", "paragraph_close",
    ]  # fmt: skip
