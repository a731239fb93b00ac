"""Answers taken apart: who backs which claim, which figure stands where, and what is mixed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs.citations import (
    Acceptance,
    Citation,
    FigureState,
    QuoteStatus,
    check_answer,
    examine,
)
from memgpt_docs.citations.acceptance import MAX_REPAIRS, ProblemKind
from memgpt_docs.citations.statements import statements_of
from memgpt_docs.citations.verification import scale_of
from memgpt_docs.errors import FunctionError
from memgpt_docs.export.report import numbered

PASSAGE = (
    "Consolidated Statement of Cash Flows (Millions) 2018 2017\n"
    "Purchases of property, plant and equipment (1,577) (1,373)\n"
    "Operating margin 22.0% 24.4%\nProceeds 262 49; a charge of $4.4 million\n"
    "Basic earnings per share 9.09 7.93 at December 31, 2018; sales changed by (3)%"
)
CITED = Citation(
    handle=3,
    passage_id="p",
    doc_id="d",
    file="Acme_2018_10K.pdf",
    page_no=60,
    section="Item 8",
    quote="Purchases of property",
    status=QuoteStatus.EXACT,
    start=0,
    end=21,
    passage_text=PASSAGE,
    scale=10**6,
    company="Acme Corp",
    fiscal_year=2018,
    fiscal_period="FY",
)


def states(text: str, *expressions: str, cited: Citation = CITED) -> list[FigureState]:
    checked = examine(text, [cited], question="And in fiscal 2018?", expressions=expressions)
    return [figure.state for one in checked.statements for figure in one.figures]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("They spent $1,577 million [3].", "found"),
        ("They spent 1,577 [3].", "found"),
        ("A charge of 4.4 [3].", "found"),  # the page has it with its "million"
        ("They spent $1,577,000,000 [3].", "found"),
        ("They spent $1.577 billion [3].", "found"),
        ("They spent $1.6 billion [3].", "rounded"),
        ("They spent about $1,600 million [3].", "rounded"),
        ("They spent $1,600 million [3].", "not_found"),
        ("They spent $1,578 million [3].", "not_found"),
        ("They spent $1,577 thousand [3].", "not_found"),
        ("The flow was (1,577) million [3].", "found"),
        ("The flow was -$1,577 million [3].", "found"),
        ("Proceeds were -262 [3].", "sign_differs"),
        ("Proceeds were (262) [3].", "sign_differs"),
        ("The margin was 22% [3].", "found"),
        ("The margin was 24 percent [3].", "rounded"),
        ("The margin was 23% [3].", "not_found"),
        ("Earnings of $9.09 a share [3].", "found"),
        ("Earnings of $9.90 a share [3].", "not_found"),
        ("That was in 2017 [3].", "found"),
        ("That was in fiscal 2018 [3].", "found"),
        ("That was in 2016 [3].", "not_found"),
        ("They spent €1,577 million [3].", "found"),  # the page names no currency
        ("A charge of (4.4) [3].", "sign_differs"),
        ("A charge of €4.4 million [3].", "not_found"),
        ("Sales of $31 million [3].", "not_found"),  # the page has December 31
        ("It ended on the 31 of the month [3].", "found"),
        ("It grew 49% [3].", "not_found"),  # per cents stand at other figures
        ("Sales grew by 3% [3].", "sign_differs"),
        ("Sales declined by 3% [3].", "found"),
        ("They spent $1577 million [3].", "found"),
        ("They spent USD1,577 million [3].", "found"),
        ("They spent RMB1,578 million [3].", "not_found"),
        ("A charge of US$4.4 million [3].", "found"),
        ("A charge of HK$4.4 million [3].", "found"),  # a "$" of the page can be any dollar
        ("A charge of EUR4.4 million [3].", "not_found"),
        ("- $4.4 million was the charge [3].", "found"),
        ("1. The charge was 4.4 [3].", "found"),
        ("（1）The charge was 4.4 [3].", "found"),
        ("The charge – $4.4 million [3].", "found"),
        ("The charge was –$4.4 million [3].", "sign_differs"),
        ("The charge was $(4.4) million [3].", "sign_differs"),
        ("They received more (262) [3].", "found"),  # an aside
        ("The charge (4.4 million) [3].", "found"),
        ("They spent about " + "3" * 40 + " [3].", "not_found"),
        ("They spent [1,577] million [3].", "found"),
        ("They spent [1,578] million [3].", "not_found"),
        ("资本支出为1,577百万 [3]。", "found"),
        ("资本支出为1,578百万 [3]。", "not_found"),
        ("毛利率为24.4％ [3]。", "found"),
        ("毛利率为24.5％ [3]。", "not_found"),
        ("收入为－262 [3]。", "sign_differs"),
        ("收入为（262） [3]。", "sign_differs"),
        ("支出（1,577） [3]。", "found"),
    ],
)
def test_a_figure_is_looked_for_with_its_scale_sign_per_cent_and_rounding(
    text: str, state: str
) -> None:
    assert states(text) == [FigureState(state)]


def test_names_with_digits_are_no_figures() -> None:
    assert states("公司FY2018、A320、COVID19、USB30、Q3、3季度、附注14 [3]。") == []
    names = "3M filed its 10-K for FY2018, see Item 7, page 60, clause 9 and Note 14 of May 31 [3]."
    assert states(names) == []
    assert states("- “Proceeds 262 49” [3] Acme_2018_10K.pdf p.60") == ["found", "found"]


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("It rose by $577 million (12%) [3].", "It rose $577 million, or 12%."),
        ("Sales rose 12% [3].", "Sales rose by $577 million (12%)."),
        ("A margin of 3% - 5% [3].", "A margin of 3% to 5%."),
        ("A margin of 3%-5% [3].", "A margin of 3% to 5%."),
        ("利润为3亿元-5亿元 [3]。", "利润为3亿元至5亿元。"),
        ("It has 2000 employees [3].", "It has 2,000 employees."),
        ("It has 2,000 employees [3].", "It has 2000 employees."),
        ("A price of $2000 [3].", "A price of $2,000."),
        ("In 2018 it was 5.5 [3].", "In EUR 2018 2017\nSales 5.5 4.4"),
        ("销售额增长 12.5% [3]。", "销售额增长１２．５％。"),
        ("净利润为-1,234.5万元 [3]。", "净利润为（1,234.5）万元。"),
        ("Sales of EUR 5,363 million [3].", "Sales of EUR5,363 million."),
        ("Sales of ¥5,363 million [3].", "Sales of RMB5,363 million."),
    ],
)
def test_a_true_figure_is_found_however_the_two_write_it(text: str, page: str) -> None:
    found = states(text, cited=replace(CITED, passage_text=page, scale=0))
    assert found and set(found) <= {FigureState.FOUND, FigureState.ASKED}


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("It was -4.4 [3].", "Goodwill 2016 2015\nImpairment – 4.4"),  # an empty cell
        ("Sales of $2,016 million [3].", "(in millions) 2016 2015\nSales 7,000"),
        ("Sales of $2.0 billion [3].", "(in millions of EUR) 2016 2015\nSales 7,000"),
        ("Sales of $2.0 billion [3].", "in millions EUR 2016 2015\nSales 7,000"),
        ("Sales of HK$5 million [3].", "Sales of US$5 million"),
        ("净利润为-1,234.5万元 [3]。", "净利润为1,234.5万元。"),
        ("销售额增长12.5% [3]。", "销售额下降99%。"),
    ],
)
def test_another_figure_is_never_found(text: str, page: str) -> None:
    assert all(state.fails for state in states(text, cited=replace(CITED, passage_text=page)))


def test_what_is_longer_than_any_figure_is_none() -> None:
    assert states("They spent about " + "3" * 5000 + " [3].") == []
    assert states("They spent 1,577 [3].", cited=replace(CITED, passage_text="3" * 5000)) == [
        FigureState.NOT_FOUND
    ]


def test_a_derived_figure_is_shown_as_its_formula() -> None:
    formula = "(1,577 - 1,373) / 1,373 * 100"
    text = "Spending rose by 14.9% [3]."
    assert states(text) == [FigureState.NOT_FOUND]
    assert states(text, formula) == [FigureState.DERIVED]
    checked = examine(text, [CITED], expressions=[formula])
    assert checked.formulas == (f"{formula} = 14.857975",)
    # A formula over numbers that no cited passage holds proves nothing.
    assert states("Spending rose by 50% [3].", "(900 - 600) / 600 * 100") == ["not_found"]
    assert states("Spending rose by 15.9% [3].", formula) == ["not_found"]
    fall = "(1,373 - 1,577) / 1,577 * 100"
    assert states("Spending fell by 12.9% [3].", fall) == [FigureState.DERIVED]
    assert states("Spending rose by 12.9% [3].", fall) == [FigureState.SIGN_DIFFERS]


def test_the_scale_is_what_the_page_says() -> None:
    assert scale_of("(in thousands, except per share data)") == 1_000
    assert scale_of("Amounts in millions") == scale_of("(Millions) 2018") == 10**6
    assert scale_of("单位：百万元") == 10**6 and scale_of("人民币千元") == 1_000
    assert scale_of("millions of customers") == 0
    assert scale_of("in millions; in thousands") == 0
    silent = replace(CITED, scale=0)
    assert states("They spent $1,577 million [3].", cited=silent) == ["found"]
    thousands = replace(CITED, scale=1_000)
    assert states("They spent $1,577 million [3].", cited=thousands) == ["not_found"]


def test_claims_without_a_citation_are_marked() -> None:
    text = (
        "Here is what I found:\n"
        "- Capital spending was 1,577 [3]. It had been 1,373.\n"
        "- “Acme Inc. spent it. All of it.” [3]\n"
        "What else? Nothing is known of the dividend. [3][9]"
    )
    found = statements_of(text, [CITED])
    assert [(one.is_claim, one.citations, one.uncited) for one in found] == [
        (False, (), False),
        (True, (1,), False),
        (True, (), True),
        (True, (1,), False),
        (False, (), False),
        (True, (1,), False),
    ]
    assert found[-1].unknown_handles == (9,)
    refused = statements_of("Nothing that was read answers this clearly.", [CITED])
    assert not refused[0].is_claim
    headed = statements_of("In all the documents\n- Spending was 1,577 [3].", [CITED])
    assert [one.uncited for one in headed] == [False, False]
    lists = statements_of("Spending was 1,577 [3,4]. It was 1,373 [103,104].", [CITED])
    assert [one.unknown_handles for one in lists] == [(4,), (103, 104)]
    lone = statements_of("Capital spending was 1,577.", [CITED])
    assert lone[0].citations == (1,)


def test_a_statement_has_the_citation_that_it_quotes_of_several_of_one_passage() -> None:
    other = replace(CITED, quote="Operating margin 22.0%")
    text = "- “Operating margin 22.0%” [3]\n- “Purchases of property” [3]\n- Both say so. [3]"
    found = statements_of(text, [CITED, other])
    assert [one.citations for one in found] == [(2,), (1,), (1, 2)]
    lines = [numbered(line, [CITED, other]) for line in text.split("\n")]
    assert [line[-6:].split("[")[1] for line in lines] == ["2]", "1]", "1, 2]"]


@given(st.text(alphabet="Ab1 .!?。“”[]\n-3", max_size=120))
def test_every_character_is_in_one_statement(text: str) -> None:
    covered: set[int] = set()
    for one in statements_of(text, [CITED]):
        assert text[one.start : one.end] == one.text and one.text.strip()
        places = set(range(one.start, one.end))
        assert not places & covered
        covered |= places
    assert all(text[n].isspace() for n in range(len(text)) if n not in covered)


def test_mixed_years_and_companies_raise_a_warning() -> None:
    other = replace(CITED, handle=4, company="Birch Ltd", fiscal_year=2016)
    text = "Spending was 1,577 and 1,373 [3][4]."
    warned = examine(text, [CITED, other]).warnings
    assert any("Acme Corp, Birch Ltd" in warning for warning in warned)
    assert any("2016, 2018" in warning for warning in warned)
    named = "Acme spent 1,577 in 2018 and Birch 1,373 in 2016 [3][4]."
    assert examine(named, [CITED, other]).warnings == ()
    late = examine("In 2021 spending was 1,577 [3].", [CITED]).warnings
    assert late == ("Speaks of 2021, but what it cites is of fiscal 2018.",)
    asked = examine("Spending was 1,577 [3].", [CITED], question="And in 2021?").warnings
    assert asked == ("The question is about 2021, but a citation is of fiscal 2018.",)
    both = "What changed between the reports of 2018 and 2021?"
    assert examine("Spending was 1,577 [3].", [CITED], question=both).warnings == ()
    unknown = replace(CITED, company="", fiscal_year=None)
    assert examine("In 2021 spending was 1,577 [3].", [unknown]).warnings == ()


def test_an_answer_with_problems_goes_back_twice_and_no_more() -> None:
    lost = replace(CITED, handle=5, quote="never said", status=QuoteStatus.NOT_FOUND)
    text = "Spending was 1,578 [3]. It fell by 12 in 2017. So it goes on [9]. See it [5]."
    problems = check_answer(text, [CITED, lost])
    assert [problem.kind for problem in problems] == [
        ProblemKind.QUOTE, ProblemKind.FIGURE, ProblemKind.UNCITED, ProblemKind.HANDLE,
    ]  # fmt: skip
    acceptance = Acceptance()
    acceptance.begin("How much?")
    for left in range(MAX_REPAIRS, 0, -1):
        with pytest.raises(FunctionError) as returned:
            acceptance.judge(text, [CITED, lost])
        assert "1,578" in str(returned.value) and "never said" in str(returned.value)
        assert ("one more try" if left == 1 else "2 more tries") in str(returned.value)
    acceptance.judge(text, [CITED, lost])
    acceptance.begin("And now?")
    with pytest.raises(FunctionError):
        acceptance.judge(text, [CITED, lost])


def test_a_sound_answer_and_one_that_cites_nothing_are_sent() -> None:
    assert check_answer("Spending was $1,577 million [3].", [CITED]) == []
    assert check_answer("The documents do not say.", []) == []
