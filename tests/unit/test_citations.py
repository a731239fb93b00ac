"""Quotations: exact, near with the difference, or not found; never silently one for another."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from memgpt_docs.citations import Citation, Claim, QuoteStatus, check, find_quote, resolve
from memgpt_docs.citations.difference import difference
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.schema import Passage, PassageKind

TEXT = (
    "Purchases of property, plant and equipment (PP&E) (1,577) (1,373) (1,420)\n"
    "The Company’s revenue was not affected by the “strike” in 2018 — see\nNote 14. "
    "Margins rose by 15.2% although the compa-\nny is unable to raise eﬃcient prices."
)


def passage(text: str, start: int = 100) -> Passage:
    return Passage(
        "p", "d", 0, 60, start, start + len(text), "Item 8", "", PassageKind.PROSE, text, 50
    )


def checked(quote: str, text: str = TEXT) -> Citation:
    return check(Claim(7, quote), passage(text), "a.pdf")


@pytest.mark.parametrize(
    "quote",
    [
        "revenue was not affected",
        'The Company\'s revenue was not affected by the "strike"',
        "in 2018 - see Note 14.",
        "property,  plant\nand equipment",
        "(1,577) (1,373)",
        "( 1,577 )",
        "the company is unable",
        "the compa-ny is unable",
        "raise efficient prices",
        "rose by 15.2%",
        "Ｍａｒｇｉｎｓ rose",
        "Mar\u00adgins rose",
    ],
)
def test_words_that_stand_there_are_exact_and_found_again_at_their_span(quote: str) -> None:
    citation = checked(quote)
    assert citation.status is QuoteStatus.EXACT
    assert TEXT[citation.start - 100 : citation.end - 100] == citation.quote


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("净利润为三亿元", "公司净利润为\n三亿元，同比增长。"),
        ("中\u2f08民", "中人民"),  # a compatibility form of 人
        ("café", "cafe\u0301 au lait"),
        ("ﻻ يوجد", "لا يوجد دليل"),
        ("\u200fאין הכנסות", "אין הכנסות בשנה"),
        ("CO2 emissions", "CO₂ emissions fell"),
        ("增长5％", "利润增长5%。"),
        ("5亿元", "净利润为3亿元-5亿元"),  # the dash of a range
        ("Revenue was 5 million", "Revenue was 5 million\n´quoted´"),
        ("quoted", "´quoted´"),
        ("the provisions:", "the provisions:\n¨ Written communications"),
    ],
)
def test_forms_of_other_scripts_are_the_same(quote: str, text: str) -> None:
    assert checked(quote, text).status is QuoteStatus.EXACT


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("1,57", TEXT), ("577", TEXT), ("15", TEXT), ("venue was", TEXT), ("(1,577) (1,37", TEXT),
        ("", TEXT), ("5363", "Net 5 363 1"), ("1,577", TEXT), ("15.2", TEXT), ("5", "of -5 in"),
        ("notaffected", TEXT), ("三亿元", "净利润为十三亿元"), ("cafe", "cafe\u0301"),
        ("1,234", "净利润 （1,234）万元"), ("1,234", "净利润－1,234"), ("1,234", "x ⁻1,234"),
        ("增长5", "增长5％"), ("5", "5 ％"), ("5", "5，363"), ("(5)", "fell (5)% in"),
        ("$5", "of -US$5"), ("5", "(US$5)"), ("5", "fell [5] in"),
        ("净利润1,234.5万元", "公司净利润-1,234.5万元"), ("cafe", "café"), ("caf", "café"),
        ("1,5772", "sales 1,577² rose"), ("各", "각"), ("re-venue", TEXT), ("1,577", "1, 577"),
    ],
)  # fmt: skip
def test_parts_of_words_and_figures_are_not_exact(quote: str, text: str) -> None:
    assert checked(quote, text).status is QuoteStatus.NOT_FOUND


@pytest.mark.parametrize("amount", ["4.4", "$4.4"])
@pytest.mark.parametrize("dash", "-–—")
def test_the_dash_of_an_empty_cell_is_no_minus(dash: str, amount: str) -> None:
    empty, signed = f"goodwill {dash} {amount}", f"goodwill {dash}{amount}"
    assert checked(f"Impairment of {signed}", f"Impairment of {empty}").status == "not_found"
    assert checked(f"Impairment of {empty}", f"Impairment of {signed}").status == "not_found"
    assert checked(f"Impairment of {empty}", f"Impairment of {empty}").status == "exact"
    assert checked("in 2018–2019", f"in 2018 {dash} 2019").status == "exact"


def test_a_small_difference_is_near_and_shows_what_the_source_says() -> None:
    citation = checked("Companys revenue was not affected by the strike")
    assert citation.status is QuoteStatus.NEAR
    assert "revenue was not affected" in citation.source_text
    assert TEXT[citation.start - 100 : citation.end - 100] == citation.source_text
    assert difference(citation.quote, citation.source_text)


def test_words_that_a_tool_ran_together_are_near_but_a_not_is_never_swallowed() -> None:
    assert checked("Company's revenuewas not affected by the strike").status is QuoteStatus.NEAR
    lost = checked("The results were notable in all of its segments", "The results were not able "
                   "in all of its segments")  # fmt: skip
    assert lost.status is QuoteStatus.NOT_FOUND


@pytest.mark.parametrize(
    "quote",
    [
        "Purchases of property, plant and equipment (PP&E) (1,578) (1,373) (1,420)",
        "Purchases of property, plant and equipment (PP&E) 1,577 (1,373) (1,420)",
        "The Company's revenue was affected by the strike in 2018",
        "The Company's revenue was not affected by the strike in 2019",
        "Margins fell by 15.2% although the company is unable to raise efficient prices.",
        "Margins rose by 15.2% although the company is able to raise efficient prices.",
        "Nothing of the kind stands in the text at all",
    ],
)
def test_a_changed_number_sign_negation_or_direction_is_never_near(quote: str) -> None:
    assert checked(quote).status is QuoteStatus.NOT_FOUND


SENTENCE = (
    "In the second quarter of fiscal 2023 the Company's employees in Europe held shares worth "
    "$1,577 million, and the buyer shall pay approximately -$12 per share within five days"
)


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("second", "third"), ("employees", "contractors"), ("Europe", "Asia"),
        ("shares", "options"),
        ("$1,577", "€1,577"), ("$1,577", "1,577"), ("$1,577", "-$1,577"), ("$1,577", "$-1,577"),
        ("$1,577", "($1,577)"), ("$1,577", "$1,577-"), ("$1,577", "minus $1,577"),
        ("$1,577", "C$1,577"), ("$1,577", "$1,577%"), ("$1,577", "more than $1,577"),
        ("-$12", "$12"), ("million", "billion"), ("million", ""), ("quarter", "half"),
        ("buyer", "seller"), ("shall", "may"), ("approximately ", ""), ("per share", "per unit"),
        ("five", "four"), ("days", "weeks"), ("within", "after"), ("and the", "or the"),
        ("held", "hardly held"), ("employees", "employers"),
    ],
)  # fmt: skip
def test_another_word_or_figure_is_never_near(said: str, instead: str) -> None:
    changed = SENTENCE.replace(said, instead, 1)
    assert changed != SENTENCE
    assert checked(changed, SENTENCE).status is QuoteStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("本合同约定甲方应当在五日内向乙方付款", "本合同约定乙方应当在五日内向甲方付款"),
        ("公司本期末应付账款余额为人民币一百万元整", "公司本期末应收账款余额为人民币一百万元整"),
        ("بموجب هذا العقد يجوز للمشتري إنهاء العقد", "بموجب هذا العقد لا يجوز للمشتري إنهاء العقد"),
    ],
)  # fmt: skip
def test_another_character_is_another_word_where_blanks_part_none(quote: str, text: str) -> None:
    assert checked(quote, text).status is QuoteStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("Company's", "Companys"), ("employees", "employee"), ("In the", "In"),
        ("held", "the held"), ("within five", "withinfive"), ("million, and", "million and"),
    ],
)  # fmt: skip
def test_words_written_otherwise_are_near(said: str, instead: str) -> None:
    citation = checked(SENTENCE.replace(said, instead, 1), f"{SENTENCE}. Nothing more was said.")
    assert citation.status is QuoteStatus.NEAR
    assert citation.source_text.strip(".") == SENTENCE


WORDS = st.sampled_from(
    ["revenue", "was", "not", "up", "5.2%", "(305)", "1,577", "in", "2018", "Company’s", "net",
     "income", "of", "$12.4", "-7", "the", "segment", "without", "loss", "净利润", "efficiency"]
)  # fmt: skip
SENTENCES = st.lists(WORDS, min_size=6, max_size=30)


@given(SENTENCES, st.data())
def test_a_stretch_of_words_is_exact_and_a_changed_figure_or_negation_never_passes(
    words: list[str], data: st.DataObject
) -> None:
    text = " ".join(words)
    first = data.draw(st.integers(0, len(words) - 4))
    last = data.draw(st.integers(first + 3, len(words) - 1))
    quoted = words[first : last + 1]
    assert checked(" ".join(quoted), text).status is QuoteStatus.EXACT
    at = data.draw(st.integers(0, len(quoted) - 1))
    changed = [*quoted[:at], *_changed(quoted[at]).split(), *quoted[at + 1 :]]
    # The change may make it another stretch of the same text.
    assume(" ".join(changed) not in text)
    status = checked(" ".join(changed), text).status
    assert status is not QuoteStatus.EXACT
    if re.search(r"\d", quoted[at]) or quoted[at] in ("not", "without"):
        assert status is QuoteStatus.NOT_FOUND


def _changed(word: str) -> str:
    if word.startswith("("):
        return word.strip("()")
    if word.startswith("-"):
        return word[1:]
    digit = re.search(r"\d", word)
    if digit:
        other = str((int(digit.group()) + 1) % 10)
        return word[: digit.start()] + other + word[digit.end() :]
    return "" if word in ("not", "without") else word + "x"


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


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Z"]), min_size=1, max_size=80))
def test_a_text_is_found_in_itself(text: str) -> None:
    if text.strip():
        assert find_quote(text, text) is not None


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_found_span_lies_in_the_text(quote: str, text: str) -> None:
    found = find_quote(quote, text)
    if found is not None:
        assert 0 <= found[0] < found[1] <= len(text)


def test_words_of_another_place_are_moved_there_with_a_note(reports: Library) -> None:
    document = reports.document("Acme_2023.pdf")
    first = reports.document_passages(document.doc_id, 1)[0]
    citation = resolve(Claim(1, "Acme may not assign it without consent"), first, reports)
    assert citation.status is QuoteStatus.EXACT
    assert (citation.page_no, citation.file) == (3, "Acme_2023.pdf")
    assert citation.note == "Found on page 3, not on page 1 as cited."
    assert citation.quote in citation.passage_text


def test_of_words_that_are_not_there_the_closest_are_told(reports: Library) -> None:
    document = reports.document("Acme_2023.pdf")
    first = reports.document_passages(document.doc_id, 1)[0]
    claim = Claim(1, "The supply agreement ends in 2027. Acme may assign it without consent.")
    citation = resolve(claim, first, reports)
    assert (citation.status, citation.source_text) == (QuoteStatus.NOT_FOUND, "")
    assert citation.note == (
        "The closest words, on page 3: “The supply agreement ends in 2027. Acme may not assign it "
        "without consent.”"
    )
    near = resolve(Claim(1, "The supplying agreement ends in 2027."), first, reports)
    assert (near.status, near.page_no) == (QuoteStatus.NEAR, 3)
    lost = resolve(Claim(1, "The supply agreement ends in 2028."), first, reports)
    assert (lost.status, lost.start, lost.page_no) == (QuoteStatus.NOT_FOUND, -1, 1)


def test_a_short_quotation_is_not_moved_to_where_it_stands_by_accident(reports: Library) -> None:
    document = reports.document("Acme_2023.pdf")
    first = reports.document_passages(document.doc_id, 1)[0]
    assert resolve(Claim(1, "2027"), first, reports).status is QuoteStatus.NOT_FOUND
