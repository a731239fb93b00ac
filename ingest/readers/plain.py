"""Plain text, kept as it is: a table of an old filing is its spaces, so nothing regroups lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.decoding import decode
from ingest.readers.message import Message, clean
from ingest.readers.units import Block, BlockKind, read_blocks

# A form feed, or the tag that ends a page in a text filing to the SEC.
_BREAK = re.compile(r"\f|^[ \t]*<PAGE>[ \t]*\d*[ \t]*$", re.MULTILINE)
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*?(?=\S| )")


def read(path: Path, max_pages: int) -> Iterator[Message]:
    """Pages of the text file at `path`; raises `ReadError`."""
    text = decode(path.read_bytes())
    yield from read_blocks(_blocks(text), reader="text", title="", max_pages=max_pages)


def _blocks(text: str) -> Iterator[Block]:
    pages = _BREAK.split(text.replace("\r\n", "\n"))
    for number, page in enumerate(pages):
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
