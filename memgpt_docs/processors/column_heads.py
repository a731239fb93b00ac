"""Column heads: the line of a table that says which year or date each of its columns is of."""

from __future__ import annotations

import re

from memgpt_docs.processors.sentences import figures_of_row, is_row

LONGEST_HEAD = 160  # characters
LONGEST_LABEL = 90  # of a line between head and row that is no row: a heading within the table
_DATE = (
    r"(?:(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?\s+\d{1,2},?\s+)?"
    r"(?:FY\s?)?(?:19|20)\d\d(?:年度?)?"
)
_DATES = re.compile(rf"(?<!\S){_DATE}(?:[\s|]+{_DATE})+(?![^\s|])")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SENTENCE_ENDS = re.compile(r"[.!?;。！？；]\s*$")


def is_head(line: str) -> bool:
    """Whether a line names columns by year or date, two at least, side by side."""
    return len(line) <= LONGEST_HEAD and _dates(line) > 1


def head_of(row: str, text: str) -> str:
    """The line of `text` that heads the columns of `row`, a line of it; empty where `row` is none
    of a table, where something else than rows and labels stands between, and where it has fewer
    figures than the head has dates."""
    if not is_row(row) or row not in text:
        return ""
    for line in reversed(text[: text.index(row)].rstrip("\n").split("\n")):
        if is_head(line):
            fits = _dates(line) <= figures_of_row(row)
            return line.strip() if fits else ""
        if not is_row(line) and (len(line) > LONGEST_LABEL or _SENTENCE_ENDS.search(line)):
            return ""
    return ""


def head_to_note(row: str, text: str) -> str:
    """The head of `row` as notes hold it: without the marks that stand around it there."""
    return " ".join(head_of(row, text).replace('"', " ").split())


def _dates(line: str) -> int:
    """How many dates of `line` stand side by side."""
    return max((len(_YEAR.findall(found[0])) for found in _DATES.finditer(line)), default=0)
