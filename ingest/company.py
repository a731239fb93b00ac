"""The name of a company on the cover of a filing: it stands above its caption, "(Exact name of
registrant as specified in its charter)", or in the column that the caption heads."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_COMPANY_CHARS = 80

_WHO = r"(?:registrants?|compan(?:y|ies)|(?:small\s+business\s+)?issuers?|trusts?|funds?)"
_CAPTION = re.compile(
    rf"\(?\s*(?:Exact\s+)?names?\s+of\s+(?:the\s+|each\s+|subject\s+|co-)*{_WHO}\b"
    r"(?=[^\n)|]{0,40}?(?:\s+as\s+(?:it\s+appears|specified|amended)|\s*\))|\s*\n\s*as\s+specified)"
    rf"|\(\s*{_WHO}(?:['’]s)?\s+(?:exact\s+)?name\s*\)"
    rf"|\(?\s*Translation\s+of\s+{_WHO}['’]?s?\s+(?:exact\s+)?name",
    re.I,
)
_FILE_NUMBER = re.compile(r"commission\s+file\s+(?:number|no)s?\b[.:\s]*[\d-]{4,12}[ \t]*\n", re.I)
_SUFFIXES = (
    "Incorporated|Inc|Corporation|Corp|Company|Companies|Co|Limited|Ltd|plc|LLC|LLP|L\\.?P|N\\.?V"
    "|S\\.?A|AG|SE|GmbH|ASA|A/S|AB|Trust|Holdings?|Group|Partners|Bancorp|Bancshares|Fund|REIT"
)
_CORPORATE = re.compile(
    rf"[A-Z0-9][^\n|;:]{{1,60}}?,?\s+(?:{_SUFFIXES})\.?(?:,?\s+(?:{_SUFFIXES})\.?)*", re.I
)
# A name may be set in two lines, of which the last says nothing by itself.
_SUFFIX_LINE = re.compile(rf"(?:&\s*)?(?:(?:{_SUFFIXES}|OF|AND|THE)\W*\s*)+", re.I)
_NOT_A_NAME = re.compile(
    r"commission|for the|period|securities (?:and exchange|act|registered)|exchange act|\bor\b$|[;]"
    r"|:\s|mark one|check mark|registrant|jurisdiction|incorporat(?:ion|ed in)|address|telephone"
    r"|zip code|annual report|quarterly report|current report|pursuant|identification|washington"
    r"|^(?:not applicable|n\s*/?\s*a|none|same|form\b.*|\(?name\)?|amendment.*)\W*$|fiscal year"
    r"|\b(?:19|20)\d\d\b.*\b(?:19|20)\d\d\b|^(?:one|state) ",
    re.I,
)


def company_of(cover: str) -> str:
    """The name of the company that files, or nothing where the cover does not say so clearly."""
    for match in _CAPTION.finditer(cover):
        if name := next((one for one in _near(cover, match) if is_name(one)), ""):
            return name
    if number := _FILE_NUMBER.search(cover):
        rest = (tidy(line) for line in cover[number.end() :].split("\n"))
        name = next((line for line in rest if line), "")
        if is_name(name):
            return name
    return ""


def corporate_line(text: str) -> str:
    """The first line of `text` that is the name of a company and nothing else."""
    lines = (tidy(line) for line in text.split("\n"))
    return next((line for line in lines if _CORPORATE.fullmatch(line) and is_name(line)), "")


def is_name(line: str) -> bool:
    """Whether `line` may be the name of a company."""
    return (
        2 <= len(line) <= MAX_COMPANY_CHARS
        and re.search(r"[^\W\d_]{2}", line) is not None
        and not _NOT_A_NAME.search(line)
        and line.count(" ") < 10
        and not line.endswith((".)", "?"))
    )


def tidy(line: str) -> str:
    """A name on one line, without rules and spaces around it ("NIKE, Inc ." is "NIKE, Inc.")."""
    line = " ".join(line.replace("\u200b", "").split()).strip(" _|-*–—=")
    return re.sub(r"\s+([.,])", r"\1", line)


def _near(cover: str, caption: re.Match[str]) -> Iterator[str]:
    """What may be the name that belongs to `caption`, likeliest first."""
    start = cover.rfind("\n", 0, caption.start()) + 1
    end = cover.find("\n", caption.end())
    line = cover[start : end if end >= 0 else len(cover)]
    if " | " in line:
        yield from _column(cover[start:], len(cover[start : caption.start() + 1].split(" | ")) - 1)
    lines = [tidy(one) for one in cover[: caption.start()].split("\n")]
    filled = [one for one in lines if re.search(r"[^\W\d_]{2}", one)]
    if not filled:
        return
    name = filled[-1].rpartition(" | ")[2]
    if len(filled) > 1 and _SUFFIX_LINE.fullmatch(name) and is_name(filled[-2]):
        name = f"{filled[-2]} {name}"
    yield name


def _column(rows: str, index: int) -> Iterator[str]:
    """The cells below the one of that index in the first row."""
    for row in rows.split("\n")[1:6]:
        cells = row.split(" | ")
        if index < len(cells) and len(cells) > 1:
            yield tidy(cells[index])
