"""Sentences are copied exactly, and the one that answers comes first."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs.processors.sentences import asked, sentences, words


@given(st.text(max_size=300))
def test_a_sentence_stands_in_its_text(text: str) -> None:
    for sentence in sentences(text):
        assert sentence in text
        assert len(sentence) <= 400


def test_prose_is_split_at_sentences_and_tables_at_rows() -> None:
    prose = "Revenue rose by 4.2 percent. The board met in\nMay. It was a good year."
    assert list(sentences(prose)) == [
        "Revenue rose by 4.2 percent.",
        "The board met in\nMay.",
        "It was a good year.",
    ]
    table = "Accounts receivable (305) (245)\nInventories (509) (387)"
    assert list(sentences(table)) == table.split("\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The revenues in FY2018", ["revenue", "2018"]),
        ("净利润", ["净利", "利润"]),
        ("$1,577 million", ["1,577", "million"]),
    ],
)
def test_words_are_stems_that_say_something(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_instructions_around_a_question_are_not_looked_for() -> None:
    question = "Sales fell. What was capex in 2018? Answer in USD millions, rely on the cash flow."
    assert asked(question) == "Sales fell. What was capex in 2018?"
    assert asked("Name the auditor.") == "Name the auditor."
    assert asked("公司的净利润是多少？请说明。") == "公司的净利润是多少？"


def test_a_long_run_of_figures_takes_no_time() -> None:
    text = "1" * 20_000 + "x " + "(1" * 20_000 + "\nRevenue 500 600"
    started = perf_counter()
    assert "Revenue 500 600" in list(sentences(text))
    assert perf_counter() - started < 1


def test_a_figure_at_the_end_of_a_line_that_runs_on_is_no_row() -> None:
    prose = (
        "We bought 63.4 million bushels of grain in fiscal 2023\nand sold most of it in the year."
    )
    assert list(sentences(prose)) == [prose]


def test_a_name_with_initials_is_not_torn() -> None:
    text = "The plant was opened by Dr. Ada K. Lindqvist in 1998. It closed in 2011."
    assert len(list(sentences(text))) == 2
