"""What was not written by this project shows as the characters it is, and does nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from memgpt_docs.ui.text import JOINER, clean, handles_in, literal, prose, shortened

HOSTILE = [
    "![x](https://evil.example/p.png)",
    "[click](https://evil.example)",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "https://evil.example/a?b=c and http://evil.example",
    "www.evil.example",
    "mail someone@evil.example",
    "$x^2$ and $$\\int$$",
    ":rocket: :material/home: :streamlit: :red[red] :blue-badge[ok]",
    "a -> b <- c <-> d -- e >= f <= g ~= h",
    "# heading",
    "1. one",
    "- item",
    "> quote",
    "`code` ```fence```",
    "**bold** _it_ ~~gone~~",
    "| a | b |",
    "&lt;b&gt; &amp;",
    "a\\",
    "    four spaces",
    "[1]: https://evil.example",
    "---",
]


def rendered(markdown: str) -> str:
    return MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(markdown)


def words(html: str) -> str:
    text = re.sub(r"<[^>]*>", "", html).replace(JOINER, "")
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, character)
    return " ".join(text.split())


@pytest.mark.parametrize("text", HOSTILE)
def test_a_literal_reads_as_it_was_written(text: str) -> None:
    html = rendered(literal(text))
    assert set(re.findall(r"<(\w+)", html)) <= {"p"}
    assert words(html) == " ".join(text.split())


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_any_literal_is_one_plain_paragraph(text: str) -> None:
    html = rendered(literal(text))
    assert set(re.findall(r"<(\w+)", html)) <= {"p"}
    assert words(html) == " ".join(clean(text).split())


@pytest.mark.parametrize("text", HOSTILE)
def test_prose_makes_no_link_picture_or_markup(text: str) -> None:
    tags = set(re.findall(r"<(\w+)", rendered(prose(f"First line.\n\n{text}\nlast", {1}))))
    assert tags <= {"p", "strong", "ul", "ol", "li", "br"}


@given(st.text(alphabet=st.sampled_from("ab 12*_#-[]()!<>:$`\\\n.@/"), max_size=80))
def test_any_prose_is_paragraphs_lists_and_bold(text: str) -> None:
    tags = set(re.findall(r"<(\w+)", rendered(prose(text, {1}))))
    assert tags <= {"p", "strong", "ul", "ol", "li", "br"}


def test_addresses_shortcodes_and_arrows_are_broken_for_what_reads_text_after_markdown() -> None:
    # Streamlit replaces these in text that is parsed already, where escapes are gone.
    live = re.compile(r"https?://|www\.|\w@\w|:[\w+-]+:|(^|\s)(<->|->|<-|--|>=|<=|~=)(\s|$)", re.I)
    for text in HOSTILE:
        assert not live.search(words_with_joiners(rendered(literal(text)))), text


def words_with_joiners(html: str) -> str:
    text = re.sub(r"<[^>]*>", "", html)
    return text.replace("&lt;", "<").replace("&gt;", ">")


def test_prose_keeps_lists_bold_and_known_handles() -> None:
    text = "**Revenue** grew [7].\n- first [7]\n- second [9]\n\nDone."
    shown = prose(text, {7})
    assert "**Revenue**" in shown
    assert shown.count(":blue-badge[7]") == 2
    assert r"\[9\]" in shown
    assert "<li>" in rendered(shown)


def test_what_hides_or_reorders_is_shown_as_a_replacement() -> None:
    assert clean("exe.\u202efdp\x00\x1b[0m\ud800") == "exe.\ufffdfdp\ufffd\ufffd[0m\ufffd"
    assert clean("a\r\nb\rc\td") == "a\nb\nc\td"
    clean("\ud800").encode()


def test_shortened_keeps_to_its_limit_and_to_one_line() -> None:
    assert shortened("a\nb", 10) == "a b"
    assert shortened("x" * 50, 10) == "x" * 9 + "…"


def test_handles_are_found_while_the_text_still_arrives() -> None:
    assert handles_in("Revenue [7] grew [12], see [7] and [3") == [7, 12]
