"""Whose figures, and of which year: warnings where a statement mixes companies or fiscal years."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from memgpt_docs.citations.verification import Citation

_YEAR = re.compile(r"(?<!\d)(?:FY\s?'?)?((?:19|20)\d\d)(?!\d)", re.IGNORECASE)
# An annual report tells of its own year and of those it compares it with.
YEARS_TOLD = 5
_FORMS = {"inc", "corp", "corporation", "company", "co", "ltd", "limited", "plc", "llc", "the",
          "group", "holdings", "sa", "ag", "nv", "and", "of"}  # fmt: skip


def warnings_for(statement: str, cited: Sequence[Citation], question: str) -> tuple[str, ...]:
    """What is wrong with the years and companies of a statement and what it cites. Documents of
    which nothing is known raise no warning."""
    said = f"{statement}\n{question}"
    return tuple(
        warning
        for warning in (
            _mixed_companies(said, cited),
            _mixed_years(said, cited),
            *_years_out_of_reach(statement, question, cited),
        )
        if warning
    )


def _mixed_companies(said: str, cited: Sequence[Citation]) -> str:
    companies = _distinct(citation.company for citation in cited)
    unnamed = [company for company in companies if not names(said, company)]
    if len(companies) < 2 or not unnamed:
        return ""
    return f"Cites documents of different companies: {', '.join(companies)}."


def _mixed_years(said: str, cited: Sequence[Citation]) -> str:
    years = sorted({c.fiscal_year for c in cited if c.fiscal_year is not None})
    named = {int(year) for year in _YEAR.findall(said)}
    if len(years) < 2 or set(years) <= named:
        return ""
    listed = ", ".join(str(year) for year in years)
    return f"Cites documents of different fiscal years: {listed}."


def _years_out_of_reach(statement: str, question: str, cited: Sequence[Citation]) -> Iterable[str]:
    said = {int(year) for year in _YEAR.findall(statement)}
    asked = {int(year) for year in _YEAR.findall(question)}
    known = {c.fiscal_year for c in cited if c.fiscal_year is not None}
    if not known or any(citation.fiscal_year is None for citation in cited):
        return
    of = ", ".join(str(document) for document in sorted(known))
    beyond = [year for year in sorted(said or asked) if not _is_told(year, known, cited)]
    if said:
        yield from (f"Speaks of {year}, but what it cites is of fiscal {of}." for year in beyond)
    elif len(beyond) == len(asked):  # else it is about another of the years asked about
        listed = " and ".join(map(str, beyond))
        if beyond:
            yield f"The question is about {listed}, but a citation is of fiscal {of}."


def _is_told(year: int, known: Iterable[int], cited: Sequence[Citation]) -> bool:
    """Whether what is cited can tell of a year: it names it, or reports on years around it."""
    within = any(document - YEARS_TOLD <= year <= document for document in known)
    return within or any(str(year) in citation.passage_text for citation in cited)


def names(text: str, company: str) -> bool:
    """Whether `text` names `company`, by the first of its words that is its own."""
    words = [word for word in re.findall(r"\w+", company.casefold()) if word not in _FORMS]
    return not words or re.search(rf"(?<!\w){re.escape(words[0])}", text.casefold()) is not None


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))
