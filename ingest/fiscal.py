"""Fiscal years and quarters, from the words of a filing and the day on which its period ends."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

from ingest.dates import MONTHS

ANNUAL = ("10-K", "20-F", "40-F", "11-K", "ARS")
QUARTERLY = ("10-Q",)
# A year is named in earnest from this many times on; one named half as often as the year before
# is the filing's own (it names next year rarely), one named a quarter as often is next year.
FEW = 5
OWN, NEXT = 0.5, 0.25

_NAMED = re.compile(r"\b(?:fiscal(?:\s+year)?|FY)\s*((?:19|20)\d\d)\b", re.I)
# Weeks are 13 to a quarter, or 12 with 16 in one of them.
_SPANS = (
    (9, r"nine[\s-]+months?|(?:thirty-(?:nine|six)|forty|3[96]|40)[\s-]+weeks?|third\s+quarter"),
    (6, r"six[\s-]+months?|(?:twenty-(?:six|four|eight)|2[648])[\s-]+weeks?|second\s+quarter"),
    (3, r"three[\s-]+months?|(?:thirteen|twelve|sixteen|1[326])[\s-]+weeks?|first\s+quarter"),
)
_ENDED = r"\s+(?:periods?\s+)?(?:ended|ending)[:|\s]+"
# Heads of other columns may stand between that of a span and the day below them all.
_OTHER_HEADS = rf"(?:[\w-]{{2,12}}[\s-]+(?:months?|weeks?){_ENDED}){{0,3}}"


def months_elapsed(text: str, ended: date) -> int:
    """Months of the fiscal year that the statements of a quarterly report cover (3, 6 or 9), by
    the longest span that "ended" on that day; 0 where none does."""
    day = rf"{MONTHS[ended.month - 1][:3]}[a-z.]*\s+{ended.day}\b"
    for months, span in _SPANS:
        if re.search(rf"\b(?:{span}){_ENDED}{_OTHER_HEADS}{day}", text, re.I):
            return months
    return 0


def named_year(text: str, ended: date) -> int | None:
    """The name that the company gives to the fiscal year which ends on or near `ended`; None where
    it names none, or names both years about alike."""
    years = Counter(int(match[1]) for match in _NAMED.finditer(text))
    this, before = years[ended.year], years[ended.year - 1]
    if max(this, before) < FEW:
        return None
    if this >= OWN * before:
        return ended.year
    return ended.year - 1 if this <= NEXT * before else None


def year_by_end(ended: date) -> int | None:
    """The year after which nearly every company names a fiscal year that ends then; None in the
    first two months, and just after, where there are two customs."""
    return None if (ended.month, ended.day) < (3, 8) else ended.year


def year_end(quarter_end: date, months: int) -> date:
    """About when the fiscal year ends of which `months` have passed at `quarter_end`."""
    # A quarter of 13 weeks may end in the first days of the next month.
    middle = quarter_end.month - (1 if quarter_end.day <= 7 else 0)
    month = middle + 12 - months
    return date(quarter_end.year + (month - 1) // 12, (month - 1) % 12 + 1, 28)
