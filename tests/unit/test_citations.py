"""Quotations: exact, near with the difference, or not found; never silently one for another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs.citations import Claim, QuoteStatus, check, find_quote
from memgpt_docs.storage.schema import Passage, PassageKind

TEXT = (
    "Purchases of property, plant and equipment (PP&E) (1,577) (1,373) (1,420)\n"
    "The Company’s revenue was not affected by the “strike” in 2018 — see\nNote 14."
)


def passage(text: str, start: int = 100) -> Passage:
    return Passage(
        "p", "d", 0, 60, start, start + len(text), "Item 8", "", PassageKind.PROSE, text, 50
    )


@pytest.mark.parametrize(
    "quote",
    [
        "revenue was not affected",
        'The Company\'s revenue was not affected by the "strike"',
        "in 2018 - see Note 14.",
        "property,  plant\nand equipment",
        "(1,577) (1,373)",
        "1,577",
    ],
)
def test_words_that_stand_there_are_exact_and_found_again_at_their_span(quote: str) -> None:
    citation = check(Claim(7, quote), passage(TEXT), "a.pdf")
    assert citation.status is QuoteStatus.EXACT
    assert TEXT[citation.start - 100 : citation.end - 100] == citation.quote
    assert "".join(citation.quote.split()) in "".join(TEXT.split())


@pytest.mark.parametrize("quote", ["1,57", "577", "15", "venue was", "(1,577) (1,37", ""])
def test_parts_of_words_and_numbers_are_not_exact(quote: str) -> None:
    assert check(Claim(7, quote), passage(TEXT), "a.pdf").status is QuoteStatus.NOT_FOUND


def test_a_small_difference_is_near_and_shows_what_the_source_says() -> None:
    citation = check(
        Claim(7, "Companys revenue was not affected by the strike"), passage(TEXT), "a"
    )
    assert citation.status is QuoteStatus.NEAR
    assert "revenue was not affected" in citation.source_text
    assert (citation.start, citation.end) == (-1, -1)


@pytest.mark.parametrize(
    "quote",
    [
        "Purchases of property, plant and equipment (PP&E) (1,578) (1,373) (1,420)",
        "Purchases of property, plant and equipment (PP&E) 1,577 (1,373) (1,420)",
        "The Company's revenue was affected by the strike in 2018",
        "The Company's revenue was not affected by the strike in 2019",
        "Nothing of the kind stands in the text at all",
    ],
)
def test_a_changed_number_sign_or_negation_is_never_near(quote: str) -> None:
    assert check(Claim(7, quote), passage(TEXT), "a").status is QuoteStatus.NOT_FOUND


@given(st.text(min_size=1, max_size=200), st.data())
def test_any_stretch_that_ends_where_words_end_is_found(text: str, data: st.DataObject) -> None:
    words = [n for n, c in enumerate(text) if not c.isspace()]
    if not words:
        return
    start = data.draw(st.sampled_from(words))
    end = data.draw(st.sampled_from([n for n in words if n >= start])) + 1
    found = find_quote(text[start:end], text)
    if found is not None:
        # Forms of a character may differ, white space may differ, nothing else.
        assert find_quote(text[found[0] : found[1]], text) is not None
    elif start == 0 and end == len(text):
        raise AssertionError("a whole text was not found in itself")


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_found_span_lies_in_the_text(quote: str, text: str) -> None:
    found = find_quote(quote, text)
    if found is not None:
        assert 0 <= found[0] < found[1] <= len(text)
