"""PDF through pypdf: ten times slower than PDFium, but it opens some files PDFium does not."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
from pypdf.errors import PyPdfError

from ingest.readers import ReadError, reason_of
from ingest.readers.message import MAX_HEADINGS, Ended, Heading, Message, Opened, ReadPage, clean


def read(path: Path, max_pages: int, first_page: int = 1) -> Iterator[Message]:
    """Pages of the PDF at `path` from `first_page` (1-based) on, then its outline; raises
    `ReadError`."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = _open(path)
    try:
        n_pages = len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ReadError("unreadable", f"its pages cannot be found ({error})") from error
    if n_pages == 0:
        raise ReadError("unreadable", "it has no pages")
    if n_pages > max_pages:
        raise ReadError("pages", str(n_pages))
    yield Opened(n_pages, f"pypdf {pypdf.__version__}")
    labels = _labels(reader, n_pages)
    for index in range(first_page - 1, n_pages):
        yield _read_page(reader, index, labels[index])
    yield Ended(_title(reader), tuple(_outline(reader))[:MAX_HEADINGS])


def _open(path: Path) -> pypdf.PdfReader:
    try:
        reader = pypdf.PdfReader(path, strict=False)
        # An empty user password opens what only its owner may change.
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReadError("protected")
    except ReadError:
        raise
    except MemoryError:
        raise
    except Exception as error:
        # pypdf lets many kinds of error out of a damaged file.
        raise ReadError("unreadable", reason_of(error)) from error
    return reader


def _read_page(reader: pypdf.PdfReader, index: int, label: str) -> ReadPage:
    page_no = index + 1
    try:
        page = reader.pages[index]
        text = clean(page.extract_text())
        has_images = not text.strip() and len(page.images) > 0
    except MemoryError:
        raise
    except Exception as error:
        return ReadPage(page_no, "", "failed", label, reason=f"pypdf: {error}")
    status = "text" if text.strip() else "scanned" if has_images else "blank"
    return ReadPage(page_no, text, status, label)


def _labels(reader: pypdf.PdfReader, n_pages: int) -> list[str]:
    try:
        labels = [clean(label) for label in reader.page_labels]
    except Exception:
        labels = []
    # Without labels of its own pypdf counts from 1, which says nothing new.
    if len(labels) != n_pages or labels == [str(number + 1) for number in range(n_pages)]:
        return [""] * n_pages
    return labels


def _title(reader: pypdf.PdfReader) -> str:
    try:
        return clean(str((reader.metadata and reader.metadata.title) or "")).strip()
    except Exception:
        return ""


def _outline(reader: pypdf.PdfReader) -> list[Heading]:
    headings: list[Heading] = []

    def walk(items: list[Any], level: int) -> None:
        for item in items:
            if isinstance(item, list):
                if level < 8:
                    walk(item, level + 1)
                continue
            number = reader.get_destination_page_number(item)
            title = clean(str(item.title or "")).strip()
            if title and number is not None and number >= 0:
                headings.append(Heading(number + 1, None, level, title))

    try:
        walk(list(reader.outline), 1)
    except Exception:
        return headings  # a broken outline costs the rest of the outline, not the document
    return headings
