"""What the cover of a filing states: American forms, what EDGAR puts above them, proxy statements,
Chinese reports and press releases. Each pattern stands for words that a cover uses; what matches
none stays empty."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.chinese_cover import read_chinese
from ingest.company import company_of, corporate_line, tidy
from ingest.dates import DATE, find_american_date, find_date
from ingest.readers.message import ReadPage
from ingest.release import read_release

COVER_PAGES = 3
COVER_CHARS = 6_000
# A form is named at the top; further down, other forms are only mentioned.
FORM_WITHIN = 4_000
LINE_WITHIN = 600

FORMS = (
    r"10-KT|10-K405|10-KSB|10-K|10-QT|10-QSB|10-Q|10-12[BG]|8-K12[BG]|8-K|8-A12[BG]|20-F|40-F|6-K"
    r"|11-K|18-K|S-11|S-1|S-3|S-4|S-8|F-10|F-1|F-3|F-4|N-CSRS?|N-1A|N-2|SD|DEFA?\s?14A|PRE\s?14A"
    r"|ARS|424B[1-8]"
)
# Kerning puts a space inside some words ("F ORM 10-K").
_FORM = re.compile(rf"\bF\s?ORM\s*((?:{FORMS})(?:/A)?)(?![\w-])", re.I)
_FORM_LINE = re.compile(rf"^[ \t]*((?:{FORMS})(?:/A)?)[ \t]*$", re.I | re.M)
_AMENDED = re.compile(r"^\W*\(?\s*amendment\s+no\.?\s*\d+\s*\)?\W*$", re.I | re.M)
_PERIOD = re.compile(
    r"for\s+the\s+(?:fiscal\s+|transition\s+|quarterly\s+)?"
    r"(?:year|quarter(?:ly)?|period|years?)(?:\s+period)?\s+(?:ended|ending)\b[:\s_(]*" + DATE,
    re.I,
)
_TRANSITION = re.compile(
    rf"for\s+the\s+transition\s+period\s+(?:from\s+)?[:_\s]*{DATE}[_\s]+to[_\s]+{DATE}", re.I
)
_EARLIEST = re.compile(rf"earliest\s+event\s+reported[\W_]{{0,12}}{DATE}", re.I)
_REPORT = re.compile(
    rf"{DATE}[\W_]{{0,12}}date\s+of\s+(?:earliest|report)"
    rf"|date\s+of\s+report\b[^\n]{{0,60}}?[:\s]\s*{DATE}",
    re.I,
)
_FILED = re.compile(
    rf"filed\s+with\s+the\s+(?:u\.?s\.?\s+)?securities\s+and\s+exchange\s+commission\s+on\s+{DATE}",
    re.I,
)
_PROSPECTUS = re.compile(r"filed\s+pursuant\s+to\s+rule\s+424\s*\(b\)\s*\(([1-8])\)", re.I)
# Below these words a prospectus names its banks, each of them a company on a line of its own.
_BANKS = re.compile(r"underwriting\s+discount|book[\s-]*running|approved\s+or\s+disapproved", re.I)
_ISSUER = re.compile(
    r"\b(?:shares|stock|notes|bonds|debentures|units|securities|debt)\s+of\s+"
    r"((?:[A-Z][\w&.’'-]*,?\s+){1,6}?(?:Inc\.|Corp\.|Corporation|Company|Ltd\.|Limited|plc|LLC|L\.P\.))"
)
_SCHEDULE_14A = re.compile(r"schedule\s+14A|proxy\s+statement\s+pursuant\s+to\s+section\s+14", re.I)
_BOX = r"(?:\[\s*x\s*\]|\(\s*x\s*\)|[☒☑✓✔þýx])[\s|\u200b]*"
_PROXY_KINDS = (
    ("DEF 14A", re.compile(rf"{_BOX}definitive\s+proxy\s+statement", re.I)),
    ("PRE 14A", re.compile(rf"{_BOX}preliminary\s+proxy\s+statement", re.I)),
    ("DEFA14A", re.compile(rf"{_BOX}(?:definitive\s+additional|soliciting\s+material)", re.I)),
)
_PROXY_TITLE = re.compile(
    r"^[ \t]*(?:(?:19|20)\d\d\s+)?proxy\s+statement\b[^\n.]{0,60}$", re.I | re.M
)
_MEETING = re.compile(
    r"notice\s+of\s+(?:the\s+)?(?:(?:19|20)\d\d\s+)?annual\s+(?:general\s+)?meeting", re.I
)
_ANNUAL_REPORT = re.compile(
    r"^[ \t]*(?:((?:19|20)\d\d)\s+annual\s+report|annual\s+report\s+((?:19|20)\d\d))[ \t]*$",
    re.I | re.M,
)
_EDGAR = {
    "company": re.compile(r"^\s*COMPANY CONFORMED NAME:\s*(\S[^\n]*)$", re.M),
    "form_type": re.compile(r"^\s*CONFORMED SUBMISSION TYPE:\s*(\S[^\n]*?)\s*$", re.M),
    "period_end": re.compile(r"^\s*CONFORMED PERIOD OF REPORT:\s*(\d{8})\s*$", re.M),
    "filing_date": re.compile(r"^\s*FILED AS OF DATE:\s*(\d{8})\s*$", re.M),
}
# Hyphens and spaces that only look like the ones of a form's name.
_LIKE_ASCII = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\u00ad", "-") | {"\xa0": " "}
)


def cover_of(pages: Sequence[ReadPage]) -> str:
    """The text of the first pages."""
    return "\n".join(page.text[:COVER_CHARS] for page in pages[:COVER_PAGES])


def read_cover(cover: str) -> dict[str, str]:
    """Fields that `cover` states, by name; dates as ISO dates, `fiscal_year` in digits."""
    cover = cover.translate(_LIKE_ASCII)
    for read in (_edgar, _american, _proxy, read_chinese, read_release, _annual_report):
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
        return {"form_type": f"424B{prospectus[1]}", "company": _issuer(cover)}
    form = _FORM.search(cover[:FORM_WITHIN]) or _FORM_LINE.search(cover[:LINE_WITHIN])
    if form is None:
        return {}
    name = re.sub(r"\s+", " ", form[1].upper())
    if _AMENDED.search(cover[:FORM_WITHIN]) and not name.endswith("/A"):
        name += "/A"
    company = company_of(cover)
    filed = _FILED.search(cover)
    period_end = _period_end(name, cover)
    if not company and not period_end:
        return {}  # any text may mention a form
    return {
        "company": company,
        "form_type": name,
        "period_end": period_end,
        "filing_date": find_date(filed[0]) if filed else "",
    }


def _period_end(form: str, cover: str) -> str:
    # The other forms are those of companies abroad.
    is_american = form.startswith(("10-", "8-K", "11-K"))
    find = find_american_date if is_american else find_date
    if form.startswith(("8-K", "6-K")):
        event = _EARLIEST.search(cover) or _REPORT.search(cover)
        return find(event[0]) if event else ""
    if ended := _PERIOD.search(cover):
        return find(ended[0])
    if transition := _TRANSITION.search(cover):
        return find(re.split(r"[_\s]to[_\s]", transition[0], flags=re.I)[-1])
    return ""


def _issuer(cover: str) -> str:
    """Who offers securities in a prospectus."""
    top = cover[:FORM_WITHIN]
    banks = _BANKS.search(top)
    top = top[: banks.start()] if banks else top
    if name := corporate_line(top):
        return name
    issuer = _ISSUER.search(top)
    return tidy(issuer[1]) if issuer else ""


def _proxy(cover: str) -> dict[str, str]:
    top = cover[:FORM_WITHIN]
    if _SCHEDULE_14A.search(top):
        kind = next((kind for kind, box in _PROXY_KINDS if box.search(cover)), "Schedule 14A")
        return {"form_type": kind, "company": company_of(cover)}
    top = top[:LINE_WITHIN]
    company = corporate_line(top)
    if company and _PROXY_TITLE.search(top):
        return {"form_type": "Proxy statement", "company": company}
    return {}


def _annual_report(cover: str) -> dict[str, str]:
    """A report to shareholders that is no form: it bears its year and its company."""
    top = cover[:LINE_WITHIN]
    report, company = _ANNUAL_REPORT.search(top), corporate_line(top)
    if report is None or not company:
        return {}
    return {
        "company": company,
        "form_type": "Annual report",
        "fiscal_year": report[1] or report[2],
        "fiscal_period": "FY",
    }
