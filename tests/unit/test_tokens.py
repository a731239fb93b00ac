"""Tokens are counted without a network and text is cut at whole characters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs.tokens import default_tokenizer


@given(st.text(max_size=400), st.integers(0, 60))
def test_a_cut_text_is_a_prefix_within_the_limit(text: str, limit: int) -> None:
    cut = default_tokenizer().truncate(text, limit)
    assert text.startswith(cut)
    assert default_tokenizer().count(cut) <= limit


def test_control_tokens_in_text_are_text() -> None:
    assert default_tokenizer().count("<|endoftext|>") > 1


@given(st.lists(st.text(max_size=50), max_size=5))
def test_many_are_counted_as_each(texts: list[str]) -> None:
    tokenizer = default_tokenizer()
    assert tokenizer.count_many(texts) == [tokenizer.count(text) for text in texts]
