"""Arithmetic for derived figures: exact, and nothing but arithmetic."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs.calculation import calculate
from memgpt_docs.errors import FunctionError


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("(1,577 - 1,373) / 1,373 * 100", "(1,577 - 1,373) / 1,373 * 100 = 14.857975"),
        ("0.1 + 0.2", "0.1 + 0.2 = 0.3"),
        ("sum(1,577, 2, 3)", "sum(1,577, 2, 3) = 1,582"),
        ("average(1, 2, 4.5)", "average(1, 2, 4.5) = 2.5"),
        ("$1,577 × 12%", "$1,577 × 12% = 189.24"),
        ("2^10", "2^10 = 1,024"),
        ("-(3 − 5)", "-(3 − 5) = 2"),
        ("1,577,000,000 / 1,000,000", "1,577,000,000 / 1,000,000 = 1,577"),
    ],
)
def test_what_is_worked_out(expression: str, shown: str) -> None:
    assert str(calculate(expression)) == shown


@pytest.mark.parametrize(
    "expression",
    [
        "", "1/0", "9**9**9", "2**101", "__import__('os')", "open('x')", "(1).real", "a+1", "1;2",
        "[1]*9", "'a'*9", "True+1", "lambda: 1", "10**24 * 10", "1 if 2 else 3", "1 +" * 200,
        "(" * 300, "max()", "sum(x for x in y)", "round(1, 10**9)", "0**-1", "f'{1}'", "1e999",
        "round(2, 10**20)", "round(1, 1e999999)", "round(1, -1e999999)", "round(1, 2, 3)",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_words(expression: str) -> None:
    with pytest.raises(FunctionError) as refused:
        calculate(expression)
    assert refused.value.help


@given(st.text(max_size=60))
def test_no_text_does_anything_but_give_a_number_or_a_refusal(text: str) -> None:
    with suppress(FunctionError):
        assert calculate(text).value.is_finite()


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_sums_are_exact(left: int, right: int) -> None:
    done = calculate(f"{left:,} + ({right:,})")
    assert done.value == left + right
    assert {abs(left), abs(right)} == {Decimal(abs(operand)) for operand in done.operands}
