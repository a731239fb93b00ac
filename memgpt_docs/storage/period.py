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
    r"(?<![A-Za-z0-9.,$-])(?:FY|fiscal(?:\s+year)?|CY)?[\s'’]*((?:19|20)\d\d)(?:Q[1-4])?(?!\d|,\d|\.\d)",
    re.I,
)
# "FY2020-2022", "between 2021 and 2023", "FY20 to FY22": the years in between are asked for, too.
_FY = r"(?:FY|fiscal(?:\s+years?)?|CY)?\s*['’]?\s*"
_RANGE = re.compile(
    rf"(?<![A-Za-z0-9.,$-]){_FY}((?:19|20)\d\d)\s*(?:[-–—/]|to|through|until)\s*{_FY}"
    r"((?:19|20)?\d\d)(?!\d|,\d|-\d|\.\d)"
    rf"|\bbetween\s+{_FY}((?:19|20)\d\d)\s+and\s+{_FY}((?:19|20)\d\d)(?!\d|,\d|\.\d)"
    r"|\bFY\s*['’]?(\d\d)\s*(?:[-–—]|to|through|until)\s*(?:FY)?\s*['’]?(\d\d)\b",
    re.I,
)
# More years than this are no range of years.
_LONGEST_RANGE = 12
# "2Q23", "Q3'22", "1H24": a year of two digits after its part.
_YEAR_OF_PART = re.compile(
    r"(?<![A-Za-z0-9])(?:[1-4]Q|Q[1-4]|[12]H|H[12])\s?['’]?(\d\d)(?!\d)", re.I
)
_HALF = re.compile(
    r"(?<![A-Za-z])H([12])(?!\d)|\b([12])H|\b(first|second)[\s-]+half|(上|下)半年", re.I
)
_HALVES = {"first": 1, "second": 2, "上": 1, "下": 2}
# Interim reports count the months since the year began.
_MONTHS_ENDED = re.compile(r"\b(three|six|nine|3|6|9)[\s-]+months?(?:\s+period)?\s+ended", re.I)
_QUARTERS_OF_MONTHS = {"three": 1, "3": 1, "six": 2, "6": 2, "nine": 3, "9": 3}
_SHORT_YEAR = re.compile(r"\b(?:FY|fiscal(?:\s+year)?)\s*['’]?(\d\d)\b", re.I)
_NEWEST = re.compile(
    r"\b(?:last|latest|most\s+recent|current|this|past)\s+(?:fiscal\s+|financial\s+|full\s+)*"
    r"(?:year|annual\s+report|10-?k|report|filing|quarter)\b|最近|去年|上一?年度?|本年度?|最新",
    re.I,
)
# "the 2023 and 2024 reports": more than one is to be read.
_SEVERAL = re.compile(r"\b(?:reports|filings|10-?Ks|10-?Qs|20-?Fs)\b|各年", re.I)
_QUARTER = re.compile(
    r"(?<![A-Za-z])Q([1-4])(?:(?!\d)|(?=\d\d(?!\d)))|\b([1-4])Q|\b(first|second|third|fourth)[\s-]+quarter"
    r"|第?([一二三四])季",
    re.I,
)
# How much less a year counts that a fiscal year is named by elsewhere.
ALSO = 0.8
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
    half: int | None = None  # 1 or 2
    whole_year: bool = False
    forms: frozenset[str] = frozenset()  # keys of `_FORMS`
    dates: frozenset[str] = frozenset()  # ISO
    # Of a document whose fiscal year ends early in the next calendar year, which some name it by:
    # the year to January 2023 is fiscal 2022 to one company and 2023 to another.
    also: int | None = None
    each: bool = False  # whether each of the years is asked of its own report

    def __bool__(self) -> bool:
        return bool(self.years or self.quarter or self.half or self.forms or self.dates)

    def match(self, document: Period) -> float:
        """How well a document is of the time and form that are asked for here; 0 for not at all."""
        score = 0.0
        if self.years and document.years:
            by_its_end = ALSO * self._year_match(document.also) if document.also else 0.0
            score += max([by_its_end, *(self._year_match(year) for year in document.years)])
        if self.dates & document.dates:
            score += 1.0
        if self.forms & document.forms:
            score += 1.0
        part = self._part_match(document)
        if part is not None:
            score += part
        elif score > 0:
            # A year without a quarter is most often asked of the annual report, sometimes of the
            # release that ends it, hardly ever of a part of the year.
            score += 0.3 if document.whole_year else -0.1 if document.quarter in (1, 2, 3) else 0.0
        return score

    def _part_match(self, document: Period) -> float | None:
        """How well a document is of the quarter or half asked for; None where none is."""
        if self.quarter is not None and self.quarter == document.quarter:
            return 1.0
        if self.half is not None and document.half == self.half:
            return 1.0
        # The first half is in the report of the second quarter, too; what ends a year is in the
        # annual report only, where there is no release.
        if self.half == 1 and document.quarter == 2:
            return 0.9
        if (self.quarter == 4 or self.half == 2) and document.whole_year:
            return 0.7
        return None if self.quarter is None and self.half is None else 0.0

    def _year_match(self, year: int) -> float:
        # The report of the newest year named holds the two years before it, too (three years of
        # income, 17 CFR 210.3-02); the one after it compares with it.
        newest = self.years[0]
        if year in self.years and (self.each or year < newest - 2):
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
    quarter, half = _quarter(bare), _half(bare)
    if quarter is None and half is None and dates and (months := _MONTHS_ENDED.search(query)):
        quarter = _QUARTERS_OF_MONTHS[months[1].casefold()]
    if not years and known_years and _NEWEST.search(query):
        years = {max(known_years)}
    if dates and not years:
        years = {int(day[:4]) for day in dates}
    forms = frozenset(name for name, form in _FORMS.items() if form.search(query))
    years_asked = tuple(sorted(years, reverse=True))
    each = bool(_SEVERAL.search(query))
    return Period(years_asked, quarter, half, False, forms, dates, each=each)


@lru_cache(maxsize=50_000)
def period_of(document: Document) -> Period:
    """What is known of a document, from its metadata; from its name where that knows nothing."""
    named = f"{PurePath(document.file).stem} {document.title}".replace("_", " ")
    if not document.form_type and not document.fiscal_year:
        read = period_asked(named)
        whole = read.quarter is None and read.half is None and "annual" in read.forms
        return Period(read.years, read.quarter, read.half, whole, read.forms, read.dates)
    period = document.fiscal_period
    dates = {day for day in (document.period_end, document.filing_date) if day}
    years = {document.fiscal_year} if document.fiscal_year else {int(d[:4]) for d in dates}
    forms = {name for name, form in _FORMS.items() if form.search(document.form_type)}
    return Period(
        tuple(sorted(years, reverse=True)),
        int(period[1]) if period[:1] == "Q" else None,
        int(period[1]) if period[:1] == "H" else None,
        period == "FY",
        frozenset(forms),
        frozenset(dates | set(_dates(named))),
        _named_by_its_end(document),
    )


def _named_by_its_end(document: Document) -> int | None:
    """The calendar year in which a fiscal year ended that is called by the year before."""
    if not document.fiscal_year or not document.period_end:
        return None
    ended = int(document.period_end[:4])
    return ended if document.fiscal_period == "FY" and ended == document.fiscal_year + 1 else None


def _years(text: str) -> set[int]:
    years = {int(match[1]) for match in _YEAR.finditer(text)}
    years |= {2000 + int(match[1]) for match in _SHORT_YEAR.finditer(text)}
    years |= {2000 + int(match[1]) for match in _YEAR_OF_PART.finditer(text)}
    for match in _RANGE.finditer(text):
        first, last = (_four_digits(year) for year in match.groups() if year)
        if 0 < last - first <= _LONGEST_RANGE:
            years |= set(range(first, last + 1))
    return years


def _four_digits(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def _half(text: str) -> int | None:
    halves = {
        int(match[1] or match[2] or 0) or _HALVES[(match[3] or match[4]).casefold()]
        for match in _HALF.finditer(text)
    }
    return min(halves) if len(halves) == 1 else None


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
