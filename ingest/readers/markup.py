"""Markdown, as the page of the web that it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.readers import web
from ingest.readers.decoding import decode
from ingest.readers.elements import reader_name
from ingest.readers.message import Message, clean
from ingest.readers.units import BlockKind, read_blocks


def read(path: Path, max_pages: int) -> Iterator[Message]:
    """Sections of the Markdown file at `path`; raises `ReadError`."""
    import markdown

    text = clean(decode(path.read_bytes()))
    page = markdown.markdown(text, extensions=["tables", "fenced_code"])
    _, blocks = web.blocks_of_html(f"<html><body>{page}</body></html>")
    title = next((block.text for block in blocks if block.kind is BlockKind.HEADING), "")
    yield from read_blocks(blocks, reader=reader_name(), title=title, max_pages=max_pages)
