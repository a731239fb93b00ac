"""Working context: edits that are refused leave it as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs.errors import FunctionError
from memgpt_docs.tokens import default_tokenizer
from memgpt_docs.working_context import PARTS, WorkingContext


def block(limit: int = 60) -> WorkingContext:
    return WorkingContext(limit, default_tokenizer())


def test_parts_stand_in_their_order_under_their_names() -> None:
    notes = block()
    notes.append("[3] revenue 1,577")
    notes.append("compare both years", "plan")
    notes.append("[4] revenue 1,373")
    assert notes.text == (
        "plan:\ncompare both years\nfindings:\n[3] revenue 1,577\n[4] revenue 1,373"
    )
    assert notes.part("findings") == "[3] revenue 1,577\n[4] revenue 1,373"
    notes.replace("compare both years", "")
    assert notes.text.startswith("findings:")


def test_a_text_that_stands_twice_is_not_replaced() -> None:
    notes = block()
    notes.append("revenue", "task")
    notes.append("revenue", "findings")
    with pytest.raises(FunctionError, match="2 times"):
        notes.replace("revenue", "income")


def test_what_is_too_long_is_refused_with_what_to_shorten() -> None:
    notes = block()
    notes.append("an old finding " * 10)
    with pytest.raises(FunctionError, match=r"findings holds .* its oldest line is “an old"):
        notes.append("word " * 60, "plan")
    assert notes.part("plan") == ""


EDIT = st.one_of(
    st.tuples(st.just("append"), st.text(max_size=80), st.sampled_from(PARTS)),
    st.tuples(st.just("replace"), st.text(max_size=3), st.text(max_size=80)),
)


@given(st.lists(EDIT, max_size=12))
def test_it_stays_within_its_limit_and_a_refused_edit_changes_nothing(
    edits: list[tuple[str, str, str]],
) -> None:
    notes = block(40)
    for name, first, second in edits:
        before = notes.text
        try:
            getattr(notes, name)(first, second)
        except FunctionError:
            assert notes.text == before
        assert notes.tokens == default_tokenizer().count(notes.text) <= 40
        for part in PARTS:
            assert notes.part(part) in notes.text
        assert default_tokenizer().count("…") + notes.room("findings") <= 40
