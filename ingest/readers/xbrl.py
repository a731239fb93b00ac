"""The facts of inline XBRL that say what a filing is: `dei:` facts of its cover and header.

They are looked for in the text of the file, because many of them are in the hidden header that
the reader of the page drops.
"""

from __future__ import annotations

import re
from html import unescape

WANTED = (
    "EntityRegistrantName", "DocumentType", "DocumentFiscalYearFocus",
    "DocumentFiscalPeriodFocus", "DocumentPeriodEndDate",
)  # fmt: skip
MAX_FACT_CHARS = 200
# A document that repeats itself without end costs no more than this.
MAX_FACTS = 5_000

_FACT = re.compile(r"<ix:nonnumeric\b([^>]{0,2000})>(.{0,4000}?)</ix:nonnumeric\s*>", re.I | re.S)
_NAME = re.compile(r"""\bname\s*=\s*["']dei:(\w{1,60})["']""", re.I)
_TAG = re.compile(r"<[^<>]{0,2000}>")


def facts_of(text: str) -> tuple[tuple[str, str], ...]:
    """The first fact of each name in `WANTED`, as (name, text)."""
    if "dei:" not in text:
        return ()
    facts: dict[str, str] = {}
    for count, match in enumerate(_FACT.finditer(text)):
        if count >= MAX_FACTS or len(facts) == len(WANTED):
            break
        name = _NAME.search(match[1])
        if name is None or name[1] not in WANTED or name[1] in facts:
            continue
        value = " ".join(unescape(_TAG.sub("", match[2])).split())
        if value:
            facts[name[1]] = value[:MAX_FACT_CHARS]
    return tuple(sorted(facts.items()))
