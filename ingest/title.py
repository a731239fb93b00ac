"""What a document is called: in its title, and in the words that head each of its passages.

Titles that files carry are often junk ("0000764478-17-000008", "Microsoft Word - final2.doc"), so
a filing is named by what it says about itself. The words of the file name stand in the header of
a passage where they add something: questions name company and year, and file names often do.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from ingest.metadata import Metadata

MAX_TITLE_CHARS = 100
_JUNK = re.compile(
    r"^(?:untitled|document\d*|microsoft word\b.*|slide \d+|[\w.-]+\.(?:docx?|pdf|html?|xlsx?|indd)"
    r"|[\w-]*\d{6,}[\w-]*)$",
    re.I,
)


def title_of(file: str, given: str, metadata: Metadata) -> str:
    """The title of a document: company, form and period of a filing, else as the file gives it
    when that says something, else from the name of the file."""
    named = metadata.company and metadata.form_type
    filing = " ".join(part for part in (metadata.company, _report(metadata)) if part)
    title = filing if named else _sensible(given) or words_of_name(file)
    return title[:MAX_TITLE_CHARS]


def header_of(file: str, title: str, metadata: Metadata) -> str:
    """What heads every passage: "Company · 10-K FY2023", else the title; and the words of the file
    name that are not in it."""
    report = _report(metadata) if metadata.form_type else title
    parts = [metadata.company, report] if metadata.company else [title]
    have = _forms_of(" ".join(parts))
    squeezed = re.sub(r"\W", "", metadata.company).casefold()
    extra = [
        word
        for word in words_of_name(file).split()
        if not _says_nothing(word)
        and not _forms_of(word) <= have
        and not (len(word) > 2 and re.sub(r"\W", "", word).casefold() in squeezed)
    ]
    return " · ".join(part for part in (*parts, " ".join(extra)[:80]) if part)


def words_of_name(file: str) -> str:
    """The words of a file name: "3M_2018_10K.pdf" gives "3M 2018 10K"."""
    stem = PurePath(file).stem
    return " ".join(re.sub(r"[_\s+]+", " ", stem).split()) or file


def _report(metadata: Metadata) -> str:
    """Form and period: "10-K FY2023", "10-Q Q2 FY2024", "8-K 2022-07-01"."""
    period = metadata.fiscal_period if metadata.fiscal_period != "FY" else ""
    year = f"FY{metadata.fiscal_year}" if metadata.fiscal_year else metadata.period_end
    return " ".join(part for part in (metadata.form_type, period, year) if part)


def _forms_of(text: str) -> set[str]:
    """The words of `text` as they may be written otherwise: "10-K" as 10k, "FY2023" as 2023."""
    words = set(re.findall(r"\w+", re.sub(r"(\d)-([kqf])\b", r"\1\2", text.casefold())))
    years = {match[1] for word in words if (match := re.fullmatch(r"fy(\d{4})", word))}
    return words | years


def _says_nothing(word: str) -> bool:
    # Numbers under which a file was filed, and names that a program made up.
    return re.search(r"\d{6,}|[0-9a-f]{8,}-", word) is not None


def _sensible(title: str) -> str:
    title = " ".join(title.split())
    words = set(re.findall(r"(?<![\w.-])[^\W\d_]{4,}(?!\w)", title.casefold()))
    # A script without spaces says enough in two characters.
    says = words - {"none", "null", "title"} or re.search(r"[\u2e80-\uffff]{2}", title)
    return title if says and not _JUNK.match(title) else ""
