"""What the cover of a filing states: American forms, what EDGAR puts above them, and Chinese
annual reports. Each pattern stands for words that a cover uses; what matches none stays empty."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.dates import DATE, find_date, year_of
from ingest.readers.message import ReadPage

COVER_PAGES = 3
COVER_CHARS = 6_000
# A form is named at the top; further down, other forms are only mentioned.
FORM_WITHIN = 4_000
LINE_WITHIN = 600
MAX_COMPANY_CHARS = 80

FORMS = (
    r"10-KT|10-K405|10-KSB|10-K|10-QT|10-QSB|10-Q|8-K12B|8-K|20-F|40-F|6-K|11-K|S-1|S-3|S-4|S-8"
    r"|F-1|F-3|F-4|DEF\s?14A|ARS|424B[1-8]"
)
_FORM = re.compile(rf"\bFORM\s+((?:{FORMS})(?:/A)?)(?![\w-])", re.I)
_FORM_LINE = re.compile(rf"^[ \t]*((?:{FORMS})(?:/A)?)[ \t]*$", re.I | re.M)
_AMENDED = re.compile(r"^\W*\(?\s*amendment\s+no\.?\s*\d+\s*\)?\W*$", re.I | re.M)
_PROSPECTUS = re.compile(r"filed\s+pursuant\s+to\s+rule\s+424\s*\(b\)\s*\(([1-8])\)", re.I)
_EXACT_NAME = re.compile(r"\(?\s*Exact\s+name\s+of\s+(?:the\s+)?(?:registrant|company)", re.I)
_FILE_NUMBER = re.compile(r"commission\s+file\s+(?:number|no)\b[.:\s]*[\d-]{4,12}[ \t]*\n", re.I)
_PERIOD = re.compile(
    r"for\s+the\s+(?:fiscal\s+|transition\s+|quarterly\s+)?"
    r"(?:year|quarter(?:ly)?|period|years?)(?:\s+period)?\s+(?:ended|ending)\b[:\s]*" + DATE,
    re.I,
)
_REPORT = re.compile(
    rf"date\s+of\s+report\b[^\n]{{0,60}}?[:\s]\s*{DATE}"
    rf"|{DATE}[^\w]{{0,6}}date\s+of\s+report",
    re.I,
)
_FILED = re.compile(
    rf"filed\s+with\s+the\s+(?:u\.?s\.?\s+)?securities\s+and\s+exchange\s+commission\s+on\s+{DATE}",
    re.I,
)
# A press release about results, by its first line: "Amcor reports fiscal 2023 results".
_RELEASE = re.compile(
    r"^[ \t]*(?P<company>[A-Z0-9][^\n]{1,60}?)\s+(?:reports|announces|reported|announced)\s+"
    r"(?P<what>[^\n]{0,100}?\b(?:results|earnings)\b)",
    re.I | re.M,
)
_NAMED_YEAR = re.compile(r"\b(?:fiscal(?:\s+year)?|FY|full[\s-]year)\s*((?:19|20)\d\d)\b", re.I)
_QUARTER = re.compile(r"\b(?:(first|second|third|fourth)[\s-]+quarter|([1-4])Q|Q([1-4]))\b", re.I)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_CORPORATE = re.compile(
    r"[A-Z0-9][^\n|.;:]{1,60}?,?\s+(?:Inc|Corp|Corporation|Company|Co|Ltd|Limited|plc|LLC|L\.?P|"
    r"N\.?V|S\.?A|AG|SE|GmbH|Trust|Holdings|Group)\.?",
)
_EDGAR = {
    "company": re.compile(r"^\s*COMPANY CONFORMED NAME:\s*(\S[^\n]*)$", re.M),
    "form_type": re.compile(r"^\s*CONFORMED SUBMISSION TYPE:\s*(\S+)\s*$", re.M),
    "period_end": re.compile(r"^\s*CONFORMED PERIOD OF REPORT:\s*(\d{8})\s*$", re.M),
    "filing_date": re.compile(r"^\s*FILED AS OF DATE:\s*(\d{8})\s*$", re.M),
}

_CHINESE_COMPANY = re.compile(
    r"^[ \t]*([\u4e00-\u9fff（）()A-Za-z·]{2,40}?(?:股份|集團|集团|控股)?(?:有限)?公司)"
    r"(?=[ \t]*$|[ \t]*(?:19|20|二)[\d〇○零一二三四五六七八九]{2,3}[ \t]*年)",
    re.M,
)
_CHINESE_YEAR = r"((?:19|20)\d{2}|[一二][〇○零一二三四五六七八九]{3})"
_CHINESE_REPORT = re.compile(
    _CHINESE_YEAR + r"[ \t]*年?[ \t]*"
    r"(年[ \t]*度[ \t]*[报報][ \t]*告|年[报報]|半[ \t]*年[ \t]*度?[ \t]*[报報][ \t]*告|中期[报報]告"
    r"|第[ \t]*[一二三四][ \t]*季[ \t]*度?[ \t]*[报報][ \t]*告)"
)
_CHINESE_END = re.compile(
    r"(?:截至|至)[ \t]*" + _CHINESE_YEAR + r"[ \t]*年[ \t]*([\d一二三四五六七八九十]{1,3})[ \t]*月"
    r"[ \t]*([\d一二三四五六七八九十]{1,3})[ \t]*日[ \t]*(?:止|的)"
)


def cover_of(pages: Sequence[ReadPage]) -> str:
    """The text of the first pages."""
    return "\n".join(page.text[:COVER_CHARS] for page in pages[:COVER_PAGES])


def read_cover(cover: str) -> dict[str, str]:
    """Fields that `cover` states, by name; dates as ISO dates, `fiscal_year` in digits."""
    for read in (_edgar, _american, _chinese, _release):
        if found := read(cover):
            return {name: value for name, value in found.items() if value}
    return {}


def _edgar(cover: str) -> dict[str, str]:
    """The header of a filing as EDGAR keeps it, with what the cover below it adds."""
    found = {name: match[1] for name, p in _EDGAR.items() if (match := p.search(cover))}
    if "form_type" not in found:
        return {}
    for name in ("period_end", "filing_date"):
        if name in found:
            digits = found[name]
            found[name] = find_date(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")
    return _american(cover) | {name: tidy(value) for name, value in found.items()}


def _american(cover: str) -> dict[str, str]:
    if prospectus := _PROSPECTUS.search(cover[:LINE_WITHIN]):
        return {"form_type": f"424B{prospectus[1]}", "company": _first_corporate_line(cover)}
    form = _FORM.search(cover[:FORM_WITHIN]) or _FORM_LINE.search(cover[:LINE_WITHIN])
    if form is not None:
        name = re.sub(r"\s+", " ", form[1].upper())
        if _AMENDED.search(cover[:FORM_WITHIN]) and not name.endswith("/A"):
            name += "/A"
        event = name.startswith(("8-K", "6-K"))
        ended = (_REPORT if event else _PERIOD).search(cover)
        filed = _FILED.search(cover)
        company = _company(cover)
        if not company and ended is None:
            return {}  # any text may mention a form
        return {
            "company": company,
            "form_type": name,
            "period_end": find_date(ended[0]) if ended else "",
            "filing_date": find_date(filed[0]) if filed else "",
        }
    return {}


def _company(cover: str) -> str:
    """The line before "(Exact name of registrant …)", else the line after the file number."""
    if match := _EXACT_NAME.search(cover):
        lines = [tidy(line) for line in cover[: match.start()].split("\n")]
        name = next((line for line in reversed(lines) if re.search(r"[^\W\d_]{2}", line)), "")
        if _is_name(name):
            return name
    if match := _FILE_NUMBER.search(cover):
        rest = (tidy(line) for line in cover[match.end() :].split("\n"))
        name = next((line for line in rest if line), "")
        if _is_name(name):
            return name
    return ""


def _first_corporate_line(cover: str) -> str:
    lines = (tidy(line) for line in cover[:FORM_WITHIN].split("\n"))
    return next((line for line in lines if _CORPORATE.fullmatch(line) and _is_name(line)), "")


def _is_name(line: str) -> bool:
    odd = re.search(r"commission file|for the|period|securities|\bor\b$|[:;]", line, re.I)
    return 2 <= len(line) <= MAX_COMPANY_CHARS and not odd and line.count(" ") < 10


def tidy(line: str) -> str:
    """A name on one line, without rules and spaces around it ("NIKE, Inc ." is "NIKE, Inc.")."""
    line = " ".join(line.replace("\u200b", "").split()).strip(" _|-*")
    return re.sub(r"\s+([.,])", r"\1", line)


def _release(cover: str) -> dict[str, str]:
    # Its first lines only: further down anybody may report results.
    match = _RELEASE.search(cover[:300])
    if match is None:
        return {}
    year = _NAMED_YEAR.search(match["what"])
    quarter = _QUARTER.search(match["what"])
    period = (
        f"Q{_ORDINALS.get((quarter[1] or '').lower()) or quarter[2] or quarter[3]}"
        if (quarter)
        else "FY"
        if year
        else ""
    )
    return {
        "company": tidy(match["company"]),
        "form_type": "Earnings release",
        "fiscal_year": year[1] if year else "",
        "fiscal_period": period,
    }


def _chinese(cover: str) -> dict[str, str]:
    report = _CHINESE_REPORT.search(cover[:FORM_WITHIN])
    company = _CHINESE_COMPANY.search(cover[:FORM_WITHIN])
    if report is None or company is None:
        return {}
    kind = re.sub(r"\s", "", report[2])
    if quarter := re.search("第([一二三四])季", kind):
        period, form = f"Q{'一二三四'.index(quarter[1]) + 1}", "季度报告"
    elif "半" in kind or "中期" in kind:
        period, form = "H1", "半年度报告"
    else:
        period, form = "FY", "年度报告"
    ended = _CHINESE_END.search(cover)
    return {
        "company": tidy(company[1]),
        "form_type": form,
        "fiscal_year": str(year_of(report[1])),
        "fiscal_period": period,
        "period_end": find_date(ended[0]) if ended else "",
    }
