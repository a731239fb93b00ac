"""Markdown, through unstructured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.readers import ReadError, unstructured_offline
from ingest.readers.decoding import decode
from ingest.readers.elements import NO_LANGUAGE_DETECTION, blocks_of, reader_name
from ingest.readers.message import Message, clean
from ingest.readers.units import BlockKind, read_blocks


def read(path: Path, max_pages: int) -> Iterator[Message]:
    """Sections of the Markdown file at `path`; raises `ReadError`."""
    unstructured_offline.prepare()
    from unstructured.partition.md import partition_md

    text = clean(decode(path.read_bytes()))
    if not text.strip():
        raise ReadError("empty")
    elements = partition_md(text=text, languages=NO_LANGUAGE_DETECTION)
    blocks = list(blocks_of(elements, is_break=lambda _: False, is_heading=lambda _: True))
    title = next((block.text for block in blocks if block.kind is BlockKind.HEADING), "")
    yield from read_blocks(blocks, reader=reader_name(), title=title, max_pages=max_pages)
