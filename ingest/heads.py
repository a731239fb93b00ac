"""What heads the columns of a table: its periods or labels, and the unit of its numbers.

A statement is longer than a passage. The passages after its first have to say what their columns
are ("2018 2017 2016") and what they count in ("in millions"), which stand far above them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from ingest.lines import Line

MAX_CHARS = 240
# Heads stand at most this many lines above their rows: a part of a sheet has as many.
MAX_LINES_ABOVE = 250
# The labels of columns of words stand in up to this many lines, one word below the other.
MAX_LABEL_LINES = 10
# A passage may begin with a few labels of rows that do not look like a table yet.
MAX_LINES_BEFORE = 6

_UNIT = re.compile(
    r"\(?(?:(?:U\.?S\.?\s+)?dollars|\$|amounts|shares|figures|values|tabular amounts)?,?\s*"
    r"\b(?:expressed |stated )?in\s+(?:US\s+|U\.S\.\s+)?(?:\$\s*|CHF\s+|EUR\s+|RMB\s+)?"
    r"(?:millions?|thousands?|billions?)\b[^():\n]{0,60}\)?"
    r"|\((?:millions|thousands|billions)\b[^()\n]{0,60}\)?"
    r"|[（(]?(?:金额)?单位[:：]\s*\S{1,12}",
    re.I,
)
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
)
_YEAR = re.compile(r"(?<![\d,.$])(?:FY\s?|Q[1-4]\s?)?(?:19|20)\d\d[AEF]?(?![\d,]\d|\.\d|\d)(?:年)?")
_PERIOD_WORDS = re.compile(
    rf"{_MONTH}\s*\d{{0,2}}\b,?|\d{{1,2}}\s*月(?:\s*\d{{1,2}}\s*日)?"
    r"|\b(?:(?:fiscal|calendar)?\s*(?:years?|quarters?|months?|weeks?|periods?|days)|ended|ending"
    r"|three|six|nine|twelve|thirteen|twenty-six|thirty-nine|first|second|third|fourth|fifty-two"
    r"|as\s+of|at|and|the|for|of|to|vs|versus|change|increase|decrease|percent|FY|Q[1-4]|H[12]"
    r"|un|audited|unaudited|restated|adjusted|1[23]|26|39|5[23]|20[XY]{2})\b"
    r"|本期|上期|本年|上年|期末|期初|年末|年初|年度|余额|金额",
    re.I,
)
_MAY_HEAD = re.compile(
    rf"{_YEAR.pattern}|{_MONTH}|ended|millions|thousands|billions|单位|本期|上期|期末", re.I
)
_SCALE_ALONE = re.compile(r"(?:millions|thousands|billions)\W*", re.I)
_PROSE_END = re.compile(r"[a-z)]{2}\.[”\"’)]*$")


class _Is(Enum):
    """What a line may be to the columns below it."""

    PERIODS = "periods"  # and, perhaps, a unit and a few words
    UNIT = "unit"
    NEITHER = "neither"


def heads_above(lines: Sequence[Line], first: int, last: int) -> str:
    """The heads of the columns of the table that the lines `first` to `last` begin with, as far as
    they are not in those lines themselves; empty where there are none."""
    if not _begins_with_table(lines, first, last):
        return ""
    own = _own_heads(lines, first, last)
    has_periods = any(_kind(lines[i].text) is _Is.PERIODS for i in own)
    has_unit = any(_UNIT.search(lines[i].text) for i in own)
    cluster = [] if has_periods else _cluster_above(lines, first)
    parts = [" ".join(lines[i].text for i in cluster)] if cluster else []
    if not has_unit and not any(_UNIT.search(part) for part in parts):
        unit, unit_at = _unit_above(lines, cluster[0] if cluster else first)
        if unit:
            parts.insert(0, unit)
            if not cluster and not has_periods:
                parts += _labels_below(lines, unit_at, first)
    if not parts and not has_periods:
        parts = _first_row(lines, first)
    return _clipped(" ".join(parts))


def _begins_with_table(lines: Sequence[Line], first: int, last: int) -> bool:
    for line in lines[first : min(last + 1, first + MAX_LINES_BEFORE)]:
        if line.table >= 0:
            return True
        if len(line.text) > 100 or _PROSE_END.search(line.text):
            return False
    return False


def _own_heads(lines: Sequence[Line], first: int, last: int) -> range:
    """The lines from `first` on that stand above the first row of numbers."""
    at = first
    while at <= last and not _is_data(lines[at]):
        at += 1
    return range(first, at)


def _cluster_above(lines: Sequence[Line], first: int) -> list[int]:
    """The nearest lines above `first` that name periods, with those that stand among them."""
    bottom = next((i for i in _upward(lines, first) if _kind(lines[i].text) is _Is.PERIODS), None)
    if bottom is None:
        return []
    top = bottom
    while top > 0 and bottom - top < 6 and _kind(lines[top - 1].text) is not _Is.NEITHER:
        top -= 1
    cluster = list(range(top, bottom + 1))
    if sum(len(_YEAR.findall(lines[i].text)) for i in cluster) < 2:
        # One period for all columns: what sets them apart stands below it.
        for i in range(bottom + 1, min(first, bottom + 1 + MAX_LABEL_LINES)):
            if _is_data(lines[i]):
                break
            cluster.append(i)
    return cluster


def _unit_above(lines: Sequence[Line], first: int) -> tuple[str, int]:
    """The nearest unit above `first` and the last line it stands on."""
    for i in _upward(lines, first):
        text, last = lines[i].text, i
        if _SCALE_ALONE.fullmatch(text):
            # Widely set words come as a line each: "(Dollars", "in", "millions)".
            begin = i
            while begin > 0 and i - begin < 3 and len(lines[begin - 1].text) <= 12:
                begin -= 1
            while ")" not in lines[last].text and last + 1 < first and last - i < 8:
                last += 1
            text = " ".join(line.text for line in lines[begin : last + 1])
        if match := _UNIT.search(text):
            return match[0].strip(), last
    return "", first


def _upward(lines: Sequence[Line], first: int) -> list[int]:
    """Lines above `first`, nearest first, up to the end of the prose above the table; that line
    too, because it may say what the table counts in."""
    found = []
    for i in range(first - 1, max(-1, first - 1 - MAX_LINES_ABOVE), -1):
        found.append(i)
        text = lines[i].text
        if lines[i].table < 0 and len(text) > 60 and (_PROSE_END.search(text) or len(text) > 140):
            break
    return found


def _labels_below(lines: Sequence[Line], unit_at: int, first: int) -> list[str]:
    """What stands between a unit and the first row of numbers: the labels of the columns."""
    rest = _UNIT.sub("", lines[unit_at].text, count=1).strip(" :·|")
    labels = [rest] if 0 < len(rest) <= 60 else []
    for i in range(unit_at + 1, min(first, unit_at + 1 + MAX_LABEL_LINES)):
        text = lines[i].text
        if _is_data(lines[i]) or text.endswith(":") or len(text) > 100:
            break
        labels.append(text)
    return labels


def _first_row(lines: Sequence[Line], first: int) -> list[str]:
    """The first row of a table with marked cells (of a sheet, of a page of the web), where it is
    all words."""
    table = lines[first].table
    top = first
    while table >= 0 and top > 0 and lines[top - 1].table == table:
        top -= 1
    rows = [i for i in range(top, min(top + MAX_LABEL_LINES, first)) if " | " in lines[i].text]
    if not rows or any(_has_number(cell) for cell in lines[rows[0]].text.split(" | ")):
        return []
    return [lines[rows[0]].text]


def _is_data(line: Line) -> bool:
    return line.is_row and _kind(line.text) is _Is.NEITHER and _has_number(line.text)


def _has_number(text: str) -> bool:
    return re.search(r"\d", _YEAR.sub("", text)) is not None


@lru_cache(maxsize=8192)
def _kind(text: str) -> _Is:
    if len(text) > 160 or not _MAY_HEAD.search(text):
        return _Is.NEITHER
    unit = _UNIT.search(text)
    bare = _UNIT.sub(" ", text)
    years = len(_YEAR.findall(bare))
    rest = _PERIOD_WORDS.sub(" ", _YEAR.sub(" ", bare))
    if not re.search(r"[^\W_]", rest):
        return _Is.UNIT if unit and not years and bare.strip(" |()") == "" else _Is.PERIODS
    words = len(re.findall(r"[^\W\d_]{2,}", rest))
    if years >= 2 and words <= 8 and not re.search(r"\d", rest):
        return _Is.PERIODS
    return _Is.UNIT if unit else _Is.NEITHER


def _clipped(heads: str) -> str:
    heads = " ".join(heads.split())
    if len(heads) > MAX_CHARS:
        heads = heads[:MAX_CHARS].rsplit(" ", 1)[0] + " …"
    return heads
