"""Plain text, kept as it is: a table of an old filing is its spaces, so nothing regroups lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.decoding import decode
from ingest.readers.edgar import PAGE_TAG, has_marks, parts_of, without_tags
from ingest.readers.message import Message, clean
from ingest.readers.units import Block, BlockKind, read_blocks

# A form feed, or the tag that ends a page in a text filing to the SEC.
_BREAK = re.compile(rf"\f|{PAGE_TAG.pattern}", re.MULTILINE)
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*?(?=\S| )")


def read(path: Path, max_pages: int) -> Iterator[Message]:
    """Pages of the text file at `path`; raises `ReadError`."""
    text = decode(path.read_bytes())
    if parts_of(text)[1]:
        from ingest.readers import web

        # The documents of a filing may be pages of the web.
        yield from web.read_text(text, max_pages)
        return
    yield from read_blocks(pages_of(text), reader="text", title="", max_pages=max_pages)


def pages_of(text: str) -> Iterator[Block]:
    """The paragraphs of plain text, with its page breaks."""
    text = text.replace("\r\n", "\n")
    if has_marks(text):
        text = without_tags(text)
    for number, page in enumerate(_BREAK.split(text)):
        if number:
            yield Block(BlockKind.BREAK)
        yield from paragraphs_of(page)


def paragraphs_of(text: str) -> Iterator[Block]:
    """What empty lines set apart, with its own lines kept."""
    for paragraph in _PARAGRAPHS.split(clean(text)):
        # Spaces before the first line place it in its table; empty lines do nothing.
        lines = paragraph.rstrip().lstrip("\n")
        if lines:
            yield Block(BlockKind.TEXT, lines)
