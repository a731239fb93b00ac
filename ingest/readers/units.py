"""Blocks of a document without pages, gathered to stable units that are read and cited as pages.

Explicit page breaks make pages. Without them a unit is a top-level section, and a long one is cut
between blocks. The same file always gives the same units.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from ingest.readers import ReadError
from ingest.readers.message import Ended, Heading, Message, Opened, ReadPage, clean

# About 1,500 tokens of English; a page that the format itself breaks may be four times as long.
UNIT_WEIGHT = 6_000
PAGE_WEIGHT = 24_000
# Where more than this share of the text is on pages longer than two units, the breaks only set off
# a cover or a schedule and are not those of printed pages.
LONG_PAGES_SHARE = 0.3
# A section shorter than this shares a unit with its neighbours.
SMALL_WEIGHT = 400


class BlockKind(Enum):
    """What a block is to the division into units."""

    TEXT = "text"
    HEADING = "heading"
    BREAK = "break"
    MISSING = "missing"


@dataclass(frozen=True)
class Block:
    """A paragraph, a table or a heading, as lines of text; an explicit page break; or, between two
    breaks, what ought to be there and is not, with the reason as its text."""

    kind: BlockKind
    text: str = ""
    level: int = 0  # of a heading, 1 for the outermost


def weight(text: str) -> int:
    """Length in characters of English that cost as many tokens: one of Chinese counts as four."""
    return len(text) if text.isascii() else sum(1 if ord(c) < 0x2E80 else 4 for c in text)


def read_blocks(
    blocks: Iterable[Block], *, reader: str, title: str, max_pages: int, unit_name: str = ""
) -> Iterator[Message]:
    """The messages of a reader for `blocks`; raises `ReadError` where they hold no text. With
    `unit_name` breaks are not those of pages but set off what is called so."""
    blocks = [block for block in blocks if block.kind is BlockKind.BREAK or block.text.strip()]
    has_breaks = not unit_name and _has_page_breaks(blocks)
    unit_name = unit_name or ("page" if has_breaks else "section")
    units = list(_pages(blocks) if has_breaks else _sections(blocks))
    if not units:
        raise ReadError("empty")
    if len(units) > max_pages:
        raise ReadError("pages", str(len(units)))
    yield Opened(len(units), reader)
    headings: list[Heading] = []
    for page_no, unit in enumerate(units, start=1):
        if unit[0].kind is BlockKind.MISSING:
            yield ReadPage(page_no, "", "failed", unit=unit_name, reason=unit[0].text)
            continue
        text = ""
        for block in unit:
            text += "\n\n" if text else ""
            if block.kind is BlockKind.HEADING:
                headings.append(Heading(page_no, len(text), block.level, block.text))
            text += clean(block.text)
        yield ReadPage(page_no, text, "text", unit=unit_name)
    yield Ended(title, tuple(headings))


def _has_page_breaks(blocks: Sequence[Block]) -> bool:
    pages = [0]
    for block in blocks:
        if block.kind is BlockKind.BREAK:
            pages.append(0)
        else:
            pages[-1] += weight(block.text)
    long = sum(size for size in pages if size > 2 * UNIT_WEIGHT)
    return len(pages) > 1 and long <= LONG_PAGES_SHARE * sum(pages)


def _pages(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    page: list[Block] = []
    for block in [*blocks, Block(BlockKind.BREAK)]:
        if block.kind is not BlockKind.BREAK:
            page.append(block)
        elif page:
            yield from _bounded(page, PAGE_WEIGHT)
            page = []


def _sections(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    top = _top_level(blocks)
    section: list[Block] = []
    total = 0
    for block in blocks:
        is_break = block.kind is BlockKind.BREAK
        starts = block.kind is BlockKind.HEADING and block.level <= top
        if section and (is_break or (starts and total >= SMALL_WEIGHT)):
            yield from _bounded(section, UNIT_WEIGHT)
            section, total = [], 0
        if is_break:
            continue
        section.append(block)
        total += weight(block.text)
    if section:
        yield from _bounded(section, UNIT_WEIGHT)


def _top_level(blocks: Iterable[Block]) -> int:
    """The outermost level that has more than one heading: a lone one is the document's title."""
    levels = Counter(block.level for block in blocks if block.kind is BlockKind.HEADING)
    return min((level for level, count in levels.items() if count > 1), default=1)


def _bounded(blocks: Sequence[Block], limit: int) -> Iterator[list[Block]]:
    unit: list[Block] = []
    total = 0
    for block in blocks:
        for piece in _pieces(block, limit):
            size = weight(piece.text)
            # A heading does not end a unit: it goes with what it is the heading of.
            if unit and total + size > limit:
                carried = (
                    [unit.pop()] if len(unit) > 1 and unit[-1].kind is BlockKind.HEADING else []
                )
                yield unit
                unit, total = carried, sum(weight(one.text) for one in carried)
            unit.append(piece)
            total += size
    if unit:
        yield unit


def _pieces(block: Block, limit: int) -> Iterator[Block]:
    """`block`, cut where it alone exceeds `limit`."""
    for text in pieces_of(block.text, limit):
        yield Block(block.kind, text, block.level)


def pieces_of(text: str, limit: int) -> Iterator[str]:
    """`text`, cut between lines, sentences or words where it exceeds `limit` in weight."""
    start = 0
    # What is longer than the limit need not be weighed.
    while len(text) - start > limit or weight(text[start:]) > limit:
        window = text[start : start + limit]
        if not window.isascii():
            window = window[: max(1, limit // 4)]  # every character counts for at most four
        at = _last_break(window)
        if piece := window[:at].rstrip():
            yield piece
        start += at
        while start < len(text) and text[start].isspace():
            start += 1
    if start < len(text):
        yield text[start:]


def _last_break(window: str) -> int:
    for pattern in (r"\n", r"[.!?。！？]\s*", r"\s"):
        ends = [match.end() for match in re.finditer(pattern, window)]
        if ends and ends[-1] >= len(window) // 3:
            return ends[-1]
    return len(window)
