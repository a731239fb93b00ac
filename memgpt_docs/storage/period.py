"""The time and the form that a query asks for, and those of a document."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import PurePath

from memgpt_docs.storage.schema import Document

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY, _OF_YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?", r",?\s+(?P<year>(?:19|20)\d\d)\b"
_DATES = (
    re.compile(rf"\b{_MONTH}\s+{_DAY}{_OF_YEAR}", re.I),
    re.compile(rf"\b{_DAY}\s+(?:of\s+)?{_MONTH}{_OF_YEAR}", re.I),
)
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)")
_YEAR = re.compile(
    r"(?<![A-Za-z0-9.,$-])(?:FY|fiscal(?:\s+year)?|CY)?[\s'’]*((?:19|20)\d\d)(?:Q[1-4])?(?![\d,]|\.\d)",
    re.I,
)
_SHORT_YEAR = re.compile(r"\b(?:FY|fiscal(?:\s+year)?)\s*['’]?(\d\d)\b", re.I)
_NEWEST = re.compile(
    r"\b(?:last|latest|most\s+recent|current|this|past)\s+(?:fiscal\s+|financial\s+|full\s+)*"
    r"(?:year|annual\s+report|10-?k|report|filing|quarter)\b|最近|去年|上一?年度?|本年度?|最新",
    re.I,
)
_QUARTER = re.compile(
    r"(?<![A-Za-z])Q([1-4])(?!\d)|\b([1-4])Q|\b(first|second|third|fourth)[\s-]+quarter"
    r"|第?([一二三四])季",
    re.I,
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "一": 1, "二": 2, "三": 3, "四": 4}
_FORMS = {
    "annual": re.compile(r"\b(?:10-?K|20-?F|40-?F|annual\s+report)\b|年度?报告?|年报", re.I),
    "quarterly": re.compile(r"\b(?:10-?Q|quarterly\s+report)\b|季度?报告?|季报", re.I),
    "event": re.compile(r"\b(?:8-?K|6-?K|current\s+report)\b", re.I),
    "release": re.compile(
        r"\bearnings?[\s_-]+(?:release|call|report|announcement)|press\s+release|\bearnings$", re.I
    ),
    "half": re.compile(r"\b(?:half[\s-]year|interim)\s+report\b|半年|中期报告", re.I),
}


@dataclass(frozen=True)
class Period:
    """When a document is of and what form it has; or what of that a query asks for."""

    years: tuple[int, ...] = ()  # fiscal years, newest first
    quarter: int | None = None  # 1 to 4
    whole_year: bool = False
    forms: frozenset[str] = frozenset()  # keys of `_FORMS`
    dates: frozenset[str] = frozenset()  # ISO

    def __bool__(self) -> bool:
        return bool(self.years or self.quarter or self.forms or self.dates)

    def match(self, document: Period) -> float:
        """How well a document is of the time and form that are asked for here; 0 for not at all."""
        score = 0.0
        if self.years and document.years:
            score += max(self._year_match(year) for year in document.years)
        if self.dates & document.dates:
            score += 1.0
        if self.forms & document.forms:
            score += 1.0
        if self.quarter is not None:
            score += 1.0 if self.quarter == document.quarter else 0.0
        elif document.whole_year and score > 0:
            score += 0.3  # a year without a quarter is most often asked of the annual report
        return score

    def _year_match(self, year: int) -> float:
        # The report of the newest year named holds the two years before it, too (three years of
        # income, 17 CFR 210.3-02); the one after it compares with it.
        newest = self.years[0]
        if year in self.years and year < newest - 2:
            return 1.0
        near = {0: 1.0, 1: 0.6, -1: 0.5, 2: 0.4}.get(year - newest, 0.0)
        return max(near, 0.5 if year in self.years else 0.0)


def period_asked(query: str, known_years: Collection[int] = ()) -> Period:
    """What a query says of time and form; "last year" is the newest of `known_years`."""
    dates = frozenset(_dates(query))
    bare = query
    for pattern in (*_DATES, _ISO):
        bare = pattern.sub(" ", bare)
    years = _years(bare)
    quarter = _quarter(bare)
    if not years and known_years and _NEWEST.search(query):
        years = {max(known_years)}
    if dates and not years:
        years = {int(day[:4]) for day in dates}
    forms = frozenset(name for name, form in _FORMS.items() if form.search(query))
    return Period(tuple(sorted(years, reverse=True)), quarter, False, forms, dates)


@lru_cache(maxsize=50_000)
def period_of(document: Document) -> Period:
    """What is known of a document, from its metadata; from its name where that knows nothing."""
    named = f"{PurePath(document.file).stem} {document.title}".replace("_", " ")
    if not document.form_type and not document.fiscal_year:
        read = period_asked(named)
        whole = read.quarter is None and "annual" in read.forms
        return Period(read.years, read.quarter, whole, read.forms, read.dates)
    period = document.fiscal_period
    dates = {day for day in (document.period_end, document.filing_date) if day}
    years = {document.fiscal_year} if document.fiscal_year else {int(d[:4]) for d in dates}
    forms = {name for name, form in _FORMS.items() if form.search(document.form_type)}
    return Period(
        tuple(sorted(years, reverse=True)),
        int(period[1]) if period[:1] == "Q" else None,
        period == "FY",
        frozenset(forms),
        frozenset(dates | set(_dates(named))),
    )


def _years(text: str) -> set[int]:
    years = {int(match[1]) for match in _YEAR.finditer(text)}
    return years | {2000 + int(match[1]) for match in _SHORT_YEAR.finditer(text)}


def _quarter(text: str) -> int | None:
    quarters = {
        int(match[1] or match[2] or 0) or _ORDINALS[(match[3] or match[4]).casefold()]
        for match in _QUARTER.finditer(text)
    }
    return min(quarters) if len(quarters) == 1 else None


def _dates(text: str) -> list[str]:
    found = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            month = _MONTHS.index(match["month"].casefold()) + 1
            found.append((int(match["year"]), month, int(match["day"])))
    found += [(int(m[1]), int(m[2]), int(m[3])) for m in _ISO.finditer(text)]
    return [day.isoformat() for day in map(_valid, found) if day]


def _valid(parts: tuple[int, int, int]) -> date | None:
    try:
        return date(*parts)
    except ValueError:
        return None
