"""What a query asks for: terms of finance, statements, identifiers, periods."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs.storage.asking import read_query
from memgpt_docs.storage.finance_terms import TERMS
from memgpt_docs.storage.identifiers import identifiers_in
from memgpt_docs.storage.period import period_asked
from memgpt_docs.storage.statements import Statement, statement_of

INCOME, BALANCE, CASH = Statement


@pytest.mark.parametrize(
    ("query", "written", "statements"),
    [
        ("capex in 2023", "purchases of property, plant and equipment", (CASH,)),
        ("Capital Expenditures", "purchases of property, plant and equipment", (CASH,)),
        ("the top line", "net sales", (INCOME,)),
        ("net interest margin of the bank", "average yield", (INCOME,)),
        ("loan losses", "allowance for credit losses", ()),
        ("is its combined ratio under 100?", "loss adjustment expenses", ()),
        ("same-store sales", "comparable store sales", (INCOME,)),
        ("which securities are registered to trade", "name of each exchange", ()),
        ("who voted against the nominees", "abstain", ()),
        ("property, plant, and equipment", "property and equipment", (BALANCE,)),
        ("inventory turnover", "cost of sales", (INCOME, BALANCE)),
        ("what does the statement of financial position say", "", (BALANCE,)),
        ("资本支出是多少", "购建固定资产", (CASH,)),
        ("brand and sand", "", ()),
        ("who founded it", "", ()),
    ],
)
def test_a_query_is_widened_and_led_to_statements(
    query: str, written: str, statements: tuple[Statement, ...]
) -> None:
    asked = read_query(query)
    assert asked.text == query
    assert written in asked.widening and (written or not asked.widening)
    assert asked.statements == statements


def test_every_row_of_the_table_is_cited_and_found_by_its_own_words() -> None:
    for term in TERMS:
        assert term.source and term.asked and (term.written or term.statements)
        for words in term.asked:
            assert words == words.lower() and term.pattern.search(f"about {words}?"), words


@pytest.mark.parametrize(
    ("section", "text", "is_table", "statement"),
    [
        ("Item 8 > Consolidated Statement of Cash Flow s", "x", True, CASH),
        ("Item 8 > CONSOLIDATED BALANCE SHEETS", "x", False, BALANCE),
        ("Item 8 > Auditor", "NIKE, Inc. Consolidated Statements of Income\n5", True, INCOME),
        ("Item 8 > Auditor", "We audited the consolidated balance sheets", False, None),
        ("Item 8 > Notes to Consolidated Financial Statements > Balance Sheet", "x", True, None),
        ("合并现金流量表", "x", True, CASH),
        ("", "", True, None),
    ],
)
def test_which_statement_a_passage_is_part_of(
    section: str, text: str, is_table: bool, statement: Statement | None
) -> None:
    assert statement_of(section, text, is_table) is statement


UUID = "94071d67-86df-455c-8ee9-691e492ff740"


@pytest.mark.parametrize(
    ("query", "contained", "not_contained"),
    [
        (UUID, f"a: {UUID.upper()}.", UUID[:-1] + "1"),
        ("filing 0000950153-99-001234", "(0000950153-99-001234)", "10000950153-99-001234"),
        ("who paid $1,577.00?", "capital spending 1577", "21,577 or 1,577.5 or 1,577,000"),
        ("Section 4.2 of it", "see § 4.2.", "Section 4.21 and Section 4.2.1"),
        ("Item 7A", "ITEM 7A. Market risk", "Item 7. Discussion"),
        ('the "Flywheel  Patent"', "its flywheel\npatent", "flywheel patents"),
        ("who is NYSE: ALL?", "Common Stock ALL New York Stock Exchange", "all of our stock"),
        ("price of $KST", "(Nasdaq: KST)", "KSTX and kst"),
        ("ticker symbol BRK.B", "Class B BRK.B", "BRK.BX"),
        ("「净利润」是多少", "本期净利润为", "利润净"),
    ],
)
def test_identifiers_are_exact(query: str, contained: str, not_contained: str) -> None:
    (identifier,) = identifiers_in(query)
    assert identifier.contained_in(contained)
    assert not identifier.contained_in(not_contained)


@pytest.mark.parametrize("query", ["\u0131tem 5", "$" + "9" * 5000, "$0" + "0" * 5000])
def test_what_only_looks_like_an_identifier_is_looked_for_as_it_is(query: str) -> None:
    for identifier in identifiers_in(query):
        assert identifier.contained_in(query)


@given(st.text(max_size=120))
def test_any_text_has_identifiers_that_it_contains(query: str) -> None:
    for identifier in identifiers_in(query):
        assert identifier.contained_in(identifier.text)
    read_query(query)
    period_asked(query, [2020])


@pytest.mark.parametrize(
    ("query", "years", "quarter"),
    [
        ("FY21", (2021,), None),
        ("fiscal 2022 and FY2020", (2022, 2020), None),
        ("Q2 2023", (2023,), 2),
        ("the second quarter of fiscal 2024", (2024,), 2),
        ("last year", (2020,), None),
        ("去年的收入", (2020,), None),
        ("2023年第三季度", (2023,), 3),
        ("8-K dated July 1, 2022", (2022,), None),
        ("$2,019 and 2019.5 kg", (), None),
        ("from Q1 to Q3", (), None),
    ],
)
def test_the_time_that_a_query_asks_for(
    query: str, years: tuple[int, ...], quarter: int | None
) -> None:
    asked = period_asked(query, [2019, 2020])
    assert (asked.years, asked.quarter) == (years, quarter)
