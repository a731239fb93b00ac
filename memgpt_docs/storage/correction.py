"""What a user says about a filing where its document, or how it was read, is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from memgpt_docs.errors import UsageError
from memgpt_docs.storage.schema import METADATA, USER, Document

MAX_CHARS = 120
PERIODS = ("", "FY", "Q1", "Q2", "Q3", "Q4", "H1", "H2")
YEARS = range(1900, 2101)


def corrected(document: Document, fields: Mapping[str, str | int | None]) -> Document:
    """`document` with `fields` (names of `METADATA`) as the user has them; raises `UsageError`."""
    unknown = sorted(set(fields) - set(METADATA))
    if unknown:
        raise UsageError(
            f"{unknown[0]!r} cannot be edited.", f"What can be: {', '.join(METADATA)}."
        )
    values = {name: _checked(name, value) for name, value in fields.items()}
    sources = {**dict(document.sources), **dict.fromkeys(fields, USER)}
    return replace(
        document,
        **values,  # type: ignore[arg-type]
        sources=tuple(sorted(sources.items())),
        # The headers of its passages still say what was believed before.
        pipeline="",
    )


def _checked(name: str, value: str | int | None) -> str | int | None:
    text = " ".join(str("" if value is None else value).split())
    if name == "fiscal_year":
        if not text:
            return None
        if not text.isascii() or not text.isdigit() or int(text) not in YEARS:
            raise UsageError(f"{text!r} is not a fiscal year.", "Give it in four digits: 2024.")
        return int(text)
    if name == "fiscal_period" and text not in PERIODS:
        raise UsageError(f"{text!r} is not a period.", "Give FY, Q1 to Q4, H1, H2 or nothing.")
    if name in ("period_end", "filing_date") and text:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError as error:
            raise UsageError(f"{text!r} is not a date.", "Give it as 2024-12-31.") from error
    return text[:MAX_CHARS]
