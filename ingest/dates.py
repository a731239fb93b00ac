"""Dates as documents write them, to ISO dates."""

from __future__ import annotations

import re
from datetime import date

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS) + "|sept"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_BEFORE_YEAR = r"(?:\s*,\s*|\s+)"
# Without groups, to be put into other patterns.
DATE = (
    rf"(?:(?:{_MONTH})\.?\s+{_DAY}{_BEFORE_YEAR}\d{{4}}"
    rf"|{_DAY}\s+(?:{_MONTH})\.?{_BEFORE_YEAR}\d{{4}}"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})"
)
_MONTH_FIRST = re.compile(
    rf"\b({_MONTH})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?{_BEFORE_YEAR}(\d{{4}})", re.I
)
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+({_MONTH})\.?{_BEFORE_YEAR}(\d{{4}})", re.I
)
_AMERICAN = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4})(?![\d/])")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_CHINESE = re.compile(
    r"((?:19|20)\d{2}|[一二][〇○零一二三四五六七八九]{3})\s*年\s*([\d一二三四五六七八九十]{1,3})\s*月"
    r"\s*([\d一二三四五六七八九十]{1,3})\s*日"
)
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")


def find_date(text: str) -> str:
    """The first date in `text` as an ISO date; empty where there is none that exists."""
    found: list[tuple[int, int, int, int]] = []
    for match in _MONTH_FIRST.finditer(text):
        found.append((match.start(), int(match[3]), _month(match[1]), int(match[2])))
    for match in _DAY_FIRST.finditer(text):
        found.append((match.start(), int(match[3]), _month(match[2]), int(match[1])))
    for match in _ISO.finditer(text):
        found.append((match.start(), int(match[1]), int(match[2]), int(match[3])))
    for match in _CHINESE.finditer(text):
        found.append((match.start(), year_of(match[1]), _number(match[2]), _number(match[3])))
    for _, year, month, day in sorted(found):
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            continue
    return ""


def find_american_date(text: str) -> str:
    """As `find_date`, where "4/6/2024" is the sixth of April."""
    return find_date(_AMERICAN.sub(lambda day: f"{day[3]}-{day[1]:0>2}-{day[2]:0>2}", text))


def year_of(text: str) -> int:
    """A year in digits or in Chinese ones: "二〇二四" is 2024."""
    return int(text.translate(_DIGITS))


def _month(name: str) -> int:
    return [month[:3] for month in MONTHS].index(name[:3].lower()) + 1


def _number(text: str) -> int:
    """A number below 100 in digits or in Chinese: "三十一" is 31; 0 where it is none."""
    if text.isdigit() and text.isascii():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return int(text.translate(_DIGITS)) if len(text) == 1 else 0
    parts = [tens.translate(_DIGITS) or "1", ones.translate(_DIGITS) or "0"]
    return 10 * int(parts[0]) + int(parts[1]) if all(part.isdigit() for part in parts) else 0
