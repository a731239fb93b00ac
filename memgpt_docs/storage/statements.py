"""The primary financial statements: how they are called, and which passages belong to one.

Filings print the same three statements under several names (Regulation S-X, 17 CFR 210.3-01 to
3-02, leaves the wording open; IAS 1.10 lists other names). A passage belongs to a statement when
the heading it is under, or the title at its top, is one of these names; notes about a statement
do not.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Statement(StrEnum):
    """A primary financial statement."""

    INCOME = "income statement"
    BALANCE = "balance sheet"
    CASH = "cash flow statement"


# The words of each statement's usual titles, for the full-text arm.
TITLES = {
    Statement.INCOME: "consolidated statements of income operations earnings 利润表",
    Statement.BALANCE: "consolidated balance sheets statements of financial position 资产负债表",
    Statement.CASH: "consolidated statements of cash flows 现金流量表",
}
# A title stands at the very top of the page's first passage, after the running head.
TITLE_WITHIN = 200

_NAMES = {
    # Spaces may be anywhere: kerning puts some inside words ("Statement of Incom e").
    Statement.INCOME: re.compile(
        r"statements?\s+of\s+(?:consolidated\s+|comprehensive\s+|net\s+)*"
        r"(?:inco\s?m\s?e|operations|earnings|profit)\b"
        r"|income\s+statement|profit\s+and\s+loss|p\s?&\s?l\b|利润表|损益表",
        re.I,
    ),
    Statement.BALANCE: re.compile(
        r"balance\s+sheet|statements?\s+of\s+(?:consolidated\s+)?(?:financial\s+)?(?:position|condition)\b"
        r"|资产负债表|财务状况表",
        re.I,
    ),
    Statement.CASH: re.compile(
        r"statements?\s+of\s+(?:consolidated\s+)?cash\s+flo\s?w|cash\s+flows?\s+statement"
        r"|现金流量表",
        re.I,
    ),
}
_NOTES = re.compile(r"\bnotes?\b|附注", re.I)


def statements_named(text: str) -> tuple[Statement, ...]:
    """The statements that `text` names, in the order of `Statement`."""
    return tuple(statement for statement, name in _NAMES.items() if name.search(text))


def statement_of(section: str, text: str, is_table: bool) -> Statement | None:
    """The statement that a passage is part of, by its section path and the top of its text; None
    for notes and everything else."""
    if _NOTES.search(section):
        return None
    named = statements_named(section.rsplit(" > ", 1)[-1])
    if not named and is_table:
        named = statements_named(text[:TITLE_WITHIN])
    return named[0] if named else None
