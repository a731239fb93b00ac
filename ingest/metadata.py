"""What a filing says about itself: company, form, fiscal year and period, and its dates.

Trusted in this order: the text of the document (its cover, and the words by which it names its
fiscal year and period), the `dei:` facts of inline XBRL, the name of the file. What none of them
states stays empty, and of each value it is recorded where it is from.

The fiscal year is the one the company names. A year that ends in January or February is named
after its end by some companies and after its beginning by others: without a word from the company
it stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

from ingest.company import tidy
from ingest.cover import COVER_CHARS, FORMS, cover_of, read_cover
from ingest.dates import find_date
from ingest.fiscal import (
    ANNUAL,
    QUARTERLY,
    months_elapsed,
    named_year,
    year_by_end,
    year_end,
)
from ingest.readers.message import ReadPage
from memgpt_docs.storage.schema import COVER, FILE_NAME, METADATA, XBRL, Document

# Statements and their heads come early; later tables may compare with other spans.
STATEMENT_PAGES = 20
MAX_CHARS = 120

_NAME_FORM = re.compile(rf"(?<![A-Za-z0-9])({FORMS}|10K|10Q|8K|20F|40F|6K)(?![A-Za-z0-9])", re.I)
_NAME_YEAR = re.compile(r"(?<![A-Za-z0-9])(FY)?((?:19|20)\d\d)(?:Q([1-4]))?(?![A-Za-z0-9-])", re.I)
_NAME_QUARTER = re.compile(r"(?<![A-Za-z0-9])Q([1-4])(?![A-Za-z0-9])", re.I)
_PROXIES = ("DEF14A", "PRE14A")
_FACTS = {
    "EntityRegistrantName": "company",
    "DocumentType": "form_type",
    "DocumentFiscalYearFocus": "fiscal_year",
    "DocumentFiscalPeriodFocus": "fiscal_period",
    "DocumentPeriodEndDate": "period_end",
}


@dataclass(frozen=True)
class Metadata:
    """The fields of `METADATA` with where each is from; empty where nothing states them."""

    company: str = ""
    form_type: str = ""
    fiscal_year: int | None = None
    fiscal_period: str = ""
    period_end: str = ""
    filing_date: str = ""
    sources: tuple[tuple[str, str], ...] = ()


def metadata_of(
    file: str, pages: Sequence[ReadPage], facts: Mapping[str, str], edited: Document | None = None
) -> Metadata:
    """The metadata of a document; what a user corrected in `edited`, its older self, is kept."""
    stated = _stated(facts)
    cover = _cover(pages, facts, stated)
    found: dict[str, tuple[str, str]] = {}
    for source, values in ((COVER, cover), (XBRL, stated), (FILE_NAME, read_name(file))):
        for name, value in values.items():
            if value and name not in found:
                found[name] = (value[:MAX_CHARS], source)
    form = found.get("form_type", ("", ""))[0]
    # Which year a company means is read before what is only worked out from a day.
    fiscal = _fiscal(form, found.get("period_end", ("", ""))[0], pages, stated)
    found |= {name: known for name, known in fiscal.items() if name not in cover}
    if form.startswith(("8-K", "6-K")):
        # An event is reported, not a year; the file's name must not give it one.
        found.pop("fiscal_year", None)
        found.pop("fiscal_period", None)
    year = found.get("fiscal_year", ("", ""))[0]
    fields = {name: found[name][0] for name in METADATA if name in found and name != "fiscal_year"}
    sources = {name: source for name, (_, source) in found.items()}
    made = Metadata(
        **fields,
        fiscal_year=int(year) if year.isdigit() else None,
        sources=tuple(sorted(sources.items())),
    )
    return made if edited is None else _keep_edits(made, edited)


def read_name(file: str) -> dict[str, str]:
    """Fields that the name of a file states: of a name with a form and a year in it only, as any
    other may be about anything ("3M_2018_10K.pdf", "Halden_10-Q_2024Q3.html")."""
    stem = re.sub(r"[_\s]+", " ", PurePath(file).stem)
    form, year = _NAME_FORM.search(stem), _NAME_YEAR.search(stem)
    if form is None:
        return {}
    name = re.sub(r"^(10|8|20|40|6)-?([KQF])$", r"\1-\2", form[1].upper())
    if year is None:
        return {"form_type": name, "filing_date": _day(stem)}
    first = min(form.start(), year.start())
    quarter = _NAME_QUARTER.search(stem)
    period = year[3] or (quarter[1] if quarter else "")
    return {
        "company": tidy(stem[:first]),
        "form_type": name,
        "fiscal_year": year[2],
        "fiscal_period": f"Q{period}" if period else "FY" if name in ANNUAL else "",
        "filing_date": _day(stem[form.end() :]) if name in ANNUAL + QUARTERLY else "",
    }


def _day(text: str) -> str:
    return find_date(text.replace(" ", "-"))


def _cover(
    pages: Sequence[ReadPage], facts: Mapping[str, str], stated: Mapping[str, str]
) -> dict[str, str]:
    """What the cover states, and EDGAR above it."""
    cover = read_cover(cover_of(pages))
    form = facts.get("EdgarType", "")
    if re.fullmatch(FORMS + r"(?:/A)?", form, re.I):
        cover |= {"form_type": re.sub(r"14A$", " 14A", form) if form in _PROXIES else form}
    # A line of a cover that shares no word with the name the company gives itself in its facts
    # was taken for it.
    words = [
        set(re.findall(r"\w{2,}", one.get("company", "").casefold())) for one in (cover, stated)
    ]
    if all(words) and not words[0] & words[1]:
        del cover["company"]
    return cover


def _stated(facts: Mapping[str, str]) -> dict[str, str]:
    stated = {field: tidy(facts[fact]) for fact, field in _FACTS.items() if facts.get(fact)}
    if "period_end" in stated:
        stated["period_end"] = find_date(stated["period_end"])
    if not re.fullmatch(r"(?:19|20)\d\d", stated.get("fiscal_year", "")):
        stated.pop("fiscal_year", None)
    if stated.get("fiscal_period") not in ("FY", "Q1", "Q2", "Q3", "Q4"):
        stated.pop("fiscal_period", None)
    return stated


def _fiscal(
    form: str, period_end: str, pages: Sequence[ReadPage], stated: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Fiscal year and period with their sources, as the text names them, else as XBRL does, else
    by the day on which the period ends where that leaves no doubt."""
    annual, quarterly = form.startswith(ANNUAL), form.startswith(QUARTERLY)
    if not period_end or not (annual or quarterly):
        return {}
    ended = date.fromisoformat(period_end)
    found = {"fiscal_period": ("FY", COVER)} if annual else {}
    if quarterly:
        text = "\n".join(page.text[:COVER_CHARS] for page in pages[:STATEMENT_PAGES])
        months = months_elapsed(text, ended)
        quarter = stated.get("fiscal_period", "")
        # A column of three months is in the report of every quarter.
        if quarter.startswith("Q") and months <= 3:
            months = 3 * int(quarter[1])
        elif months:
            found["fiscal_period"] = (f"Q{months // 3}", COVER)
        if not months:
            return found
        ended = year_end(ended, months)
    by_end = year_by_end(ended)
    named = None if by_end else named_year("\n".join(page.text for page in pages), ended)
    if named:
        found["fiscal_year"] = (str(named), COVER)
    elif "fiscal_year" in stated:
        found["fiscal_year"] = (stated["fiscal_year"], XBRL)
    elif by_end:
        found["fiscal_year"] = (str(by_end), COVER)
    return found


def _keep_edits(made: Metadata, edited: Document) -> Metadata:
    values = {name: getattr(made, name) for name in METADATA}
    sources = dict(made.sources)
    for name, source in edited.sources:
        if source == "user" and name in values:
            values[name] = getattr(edited, name)
            sources[name] = source
    return Metadata(**values, sources=tuple(sorted(sources.items())))
