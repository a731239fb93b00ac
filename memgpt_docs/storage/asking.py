"""What a query asks for, as the arms of a search use it."""

from __future__ import annotations

from dataclasses import dataclass

from memgpt_docs.storage.finance_terms import terms_in
from memgpt_docs.storage.statements import Statement, statements_named


@dataclass(frozen=True)
class Asked:
    """A query as it was read."""

    text: str
    widening: str  # other words for what it asks; may be empty
    statements: tuple[Statement, ...]  # that it names, or that hold what it asks for


def read_query(text: str) -> Asked:
    """`text` with the words that filings use for what it asks, and the statements it stands on."""
    terms = terms_in(text)
    named = set(statements_named(text)).union(*(term.statements for term in terms))
    widening = " ".join(dict.fromkeys(term.written for term in terms if term.written))
    return Asked(text, widening, tuple(s for s in Statement if s in named))
