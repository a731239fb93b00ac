"""Word documents, through unstructured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

from ingest.readers import ReadError, reason_of, unstructured_offline
from ingest.readers.elements import NO_LANGUAGE_DETECTION, blocks_of, one_line, reader_name
from ingest.readers.message import Message
from ingest.readers.units import Block, read_blocks
from ingest.readers.word_markup import bring_up, notes_of


def read(path: Path, max_pages: int) -> Iterator[Message]:
    """Pages (where Word left its breaks) or sections of the document; raises `ReadError`."""
    unstructured_offline.prepare()
    import docx
    from unstructured.partition.docx import partition_docx

    from ingest.readers.word_pages import mark_pages

    try:
        document = docx.Document(str(path))
        bring_up(document.element.body)
        headings = _headings(document)
        title = one_line(document.core_properties.title or "")
        notes = list(notes_of(document))
        mark_pages(document)
        marked = BytesIO()
        document.save(marked)
        marked.seek(0)
    except MemoryError:
        raise
    except Exception as error:
        # python-docx lets many kinds of error out of a damaged package.
        raise ReadError("unreadable", reason_of(error)) from error
    elements = partition_docx(file=marked, languages=NO_LANGUAGE_DETECTION)
    blocks: Iterable[Block] = blocks_of(
        elements,
        is_break=lambda element: element.category == "PageBreak",
        # Other titles are unstructured's guesses from the look of a short line.
        is_heading=lambda element: one_line(element.text) in headings,
    )
    blocks = chain(blocks, notes)
    yield from read_blocks(blocks, reader=reader_name(), title=title, max_pages=max_pages)


def _headings(document: Any) -> set[str]:
    def has_heading_style(paragraph: Any) -> bool:
        name = (paragraph.style.name or "") if paragraph.style is not None else ""
        return name.startswith("Heading") or name in ("Title", "Subtitle")

    return {
        one_line(paragraph.text)
        for paragraph in document.paragraphs
        if has_heading_style(paragraph)
    }
