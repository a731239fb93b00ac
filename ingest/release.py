"""Press releases about results, by their headline: "Amcor reports fiscal 2023 results"."""

from __future__ import annotations

import re

from ingest.company import is_name, tidy

# Its first lines only: further down anybody may report results.
TOP = 300
# So far below what says that it is a release, and whom to call.
TOP_OF_RELEASE = 2_000
_IS_RELEASE = re.compile(
    r"press\s+release|news\s+release|for\s+immediate\s+release|\bcontacts?\b|investor\s+relations"
    r"|\((?:NYSE|NASDAQ)|exhibit\s+99",
    re.I,
)
_HEADLINE = re.compile(
    r"^[ \t]*(?P<company>[A-Z0-9][^\n]{1,60}?)\s+(?:reports?|announces?|reported|announced|delivers"
    r"|posts|releases)\s+(?P<what>(?:[^\n]|\n(?!\s*\n)){0,120}?\b(?:results|earnings)\b"
    r"(?:[^\n]{0,40}\b(?:19|20)\d\d\b)?)",
    re.I | re.M,
)
_YEAR = re.compile(
    r"\b(?:fiscal(?:\s+year)?|FY|full[\s-]year|(?:first|second|third|fourth)[\s-]+quarter"
    r"(?:\s+of)?(?:\s+fiscal)?(?:\s+year)?|Q[1-4]|[1-4]Q|year)[\s-]*((?:19|20)\d\d)\b"
    r"|\b((?:19|20)\d\d)\s+(?:(?:first|second|third|fourth)[\s-]+quarter|full[\s-]year|annual"
    r"|fiscal|results)",
    re.I,
)
_QUARTER = re.compile(r"\b(?:(first|second|third|fourth)[\s-]+quarter|([1-4])Q|Q([1-4]))", re.I)
_WHOLE_YEAR = re.compile(r"full[\s-]year|fiscal|annual|\byear\b", re.I)
_SENTENCE = re.compile(r"(?:it|we|he|she|they|this|that|the company|management)\b", re.I)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}


def read_release(cover: str) -> dict[str, str]:
    """Company, fiscal year and period of a release about results; nothing of other text."""
    within = TOP_OF_RELEASE if _IS_RELEASE.search(cover[:TOP_OF_RELEASE]) else TOP
    match = _HEADLINE.search(cover[:within])
    if match is None or not is_name(company := tidy(match["company"])):
        return {}
    line = cover[match.start() : cover.find("\n", match.end())]
    if line.rstrip().endswith(".") or _SENTENCE.match(company):
        return {}  # a sentence, not a headline
    what = " ".join(match["what"].split())
    year, quarter = _YEAR.search(what), _QUARTER.search(what)
    period = ""
    if quarter:
        number = _ORDINALS.get((quarter[1] or "").lower()) or quarter[2] or quarter[3]
        period = f"Q{number}"
    elif year and _WHOLE_YEAR.search(what):
        period = "FY"
    return {
        "company": company,
        "form_type": "Earnings release",
        "fiscal_year": (year[1] or year[2]) if year else "",
        "fiscal_period": period,
    }
