"""unstructured's elements as blocks of lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from typing import Any

from lxml import html

from ingest.readers.table_rows import rows_of
from ingest.readers.units import Block, BlockKind

# Language detection reads the whole text and nothing here uses its answer.
NO_LANGUAGE_DETECTION = [""]


def reader_name() -> str:
    """Name and version of what reads, for the document's row."""
    return f"unstructured {version('unstructured')}"


def blocks_of(
    elements: Iterable[Any],
    *,
    is_break: Callable[[Any], bool],
    is_heading: Callable[[Any], bool],
) -> Iterator[Block]:
    """Blocks of `elements`, in their order; pictures' file names are left out."""
    for element in elements:
        category = element.category
        if is_break(element):
            yield Block(BlockKind.BREAK)
        elif category == "Image":
            continue
        elif category == "Table":
            as_html = element.metadata.text_as_html
            yield Block(
                BlockKind.TEXT, rows_of(html.fromstring(as_html)) if as_html else element.text
            )
        elif category == "Title" and is_heading(element):
            depth = element.metadata.category_depth or 0
            yield Block(BlockKind.HEADING, one_line(element.text), depth + 1)
        elif category == "CodeSnippet":
            yield Block(BlockKind.TEXT, element.text.strip("\n"))
        elif category == "ListItem":
            yield Block(BlockKind.TEXT, f"- {one_line(element.text)}")
        else:
            yield Block(BlockKind.TEXT, one_line(element.text))


def one_line(text: str) -> str:
    """`text` with runs of white space as one space: in these formats they are only layout."""
    return re.sub(r"\s+", " ", text).strip()
