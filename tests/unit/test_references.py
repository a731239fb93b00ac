"""Identifiers are told from dates, forms and ranges; a record points from one to the next."""

from __future__ import annotations

import pytest

from memgpt_docs.processors.references import identifiers, pointed_to

A, B = "9f4a92b9-5f69-4725-ba1e-403f08dea695", "703a7ce5-f17f-4e6d-b895-5836ba5ec71c"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"key = {A}, value = {B}", [A, B]),
        ("under Agreement NW-MSA-2031-0417, and no other", ["NW-MSA-2031-0417"]),
        ("article SKU-10042; see order 77/A-9931.", ["SKU-10042", "77/A-9931"]),
        ("Form 10-K for 2021-2023, filed 2024-01-05 (FY-2023), a 12-month term", []),
        ("COVID-19 and the AX-80 in Q3-2024", []),
    ],
)
def test_identifiers_are_told_from_dates_and_forms(text: str, expected: list[str]) -> None:
    assert list(identifiers(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Key-value pair: key = {A}, value = {B}", B),
        (f"Key-value pair: key = {B}, value = {A}", None),
        (f"{A} | {B}", B),
        (f"{A} is last. The pair of {B} is another.", None),
    ],
)
def test_a_record_points_to_what_stands_behind(text: str, expected: str | None) -> None:
    found = pointed_to(A, text)
    assert (found[0] if found else None) == expected


def test_only_the_same_form_is_pointed_to() -> None:
    text = "Part SKU-10042 was replaced by SKU-10077 under order 77/A-9931."
    assert pointed_to("SKU-10042", text) == ("SKU-10077", text)
    assert pointed_to("SKU-10077", text) is None
