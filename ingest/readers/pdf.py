"""PDF through PDFium, which is fast and keeps the rows of a statement on one line; through pypdf
where PDFium cannot open the file.

PDFium is not thread-safe: one process, one document.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.readers import ReadError
from ingest.readers.message import (
    MAX_HEADINGS,
    NO_LETTERS,
    Ended,
    Heading,
    Message,
    Opened,
    ReadPage,
    clean,
)
from memgpt_docs.pdf_page import open_page

# Looking at the objects of a page costs more than its text, so only pages with few characters
# (not counting white space) are looked at.
FEW_CHARS = 250
# An image over this share of the page may well hold words.
IMAGE_SHARE = 0.3
# A page without text but with many drawn shapes holds words as outlines, or a drawing.
MANY_SHAPES = 150
# Text is drawn by objects of one or more letters each: a page with far more of them than letters
# is set in a font that does not say which letters it draws.
MANY_TEXTS = 10
TEXTS_A_LETTER = 2
# With this share of signs that stand for nothing, what was read is not what a person sees.
GARBLED_SHARE = 0.2
# Of text set from top to bottom most lines are one sign.
MIN_COLUMN, VERTICAL_SHARE = 20, 0.6


def read(path: Path, max_pages: int, first_page: int = 1) -> Iterator[Message]:
    """Pages of the PDF at `path` from `first_page` (1-based) on, then its outline; raises
    `ReadError`."""
    try:
        document = pdfium.PdfDocument(path)
        n_pages = len(document)
        if n_pages == 0:
            raise pdfium.PdfiumError("no pages")
    except pdfium.PdfiumError:
        from ingest.readers import pdf_fallback

        yield from pdf_fallback.read(path, max_pages, first_page)
        return
    if n_pages > max_pages:
        raise ReadError("pages", str(n_pages))
    yield Opened(n_pages, f"pypdfium2 {pdfium.PYPDFIUM_INFO.version}")
    for index in range(first_page - 1, n_pages):
        yield _read_page(document, index)
    yield Ended(_title(document), tuple(_outline(document)))


def _read_page(document: Any, index: int) -> ReadPage:
    page_no = index + 1
    try:
        page = open_page(document, index)
        try:
            text = _text(page)
            status, reason = _status(page, text)
        finally:
            page.close()
        return ReadPage(page_no, text, status, label=_label(document, index), reason=reason)
    except MemoryError:
        raise
    except Exception as error:
        # One bad page does not cost the document.
        return ReadPage(page_no, "", "failed", reason=f"PDFium: {error}")


def _text(page: Any) -> str:
    text_page = page.get_textpage()
    try:
        text = text_page.get_text_bounded()
        if not text.strip() and text_page.count_chars() > 0:
            # The page's boxes exclude all of its text; a page box may simply be wrong.
            text = text_page.get_text_range()
    finally:
        text_page.close()
    return _in_columns(clean(_in_order_of_bytes(text)))


def _in_columns(text: str) -> str:
    """`text` set from top to bottom, for which PDFium gives a line a sign, as running text."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    single = sum(len(line) <= 2 and line[0] >= "\u2e80" for line in lines)
    if len(lines) < MIN_COLUMN or single < VERTICAL_SHARE * len(lines):
        return text
    return re.sub(r"(?<=[\u2e80-\uffef])[ \t]*\n[ \t]*(?=[\u2e80-\uffef])", "", text)


def _in_order_of_bytes(text: str) -> str:
    """`text` with its letters put right where a font names them with their two bytes swapped
    ("Black" as U+4200, U+6C00 and so on)."""
    bare = "".join(text.split())
    swapped = sum(ord(character) & 0xFF == 0 for character in set(bare))
    if swapped < 5 or swapped <= 0.8 * len(set(bare)):
        return text
    return "".join(
        chr(ord(one) >> 8) if ord(one) & 0xFF == 0 and ord(one) < 0x8000 else one for one in text
    )


def _status(page: Any, text: str) -> tuple[str, str]:
    bare = "".join(text.split())
    n_chars = len(bare)
    if _is_garbled(bare):
        return "mixed", NO_LETTERS
    if n_chars >= FEW_CHARS:
        return "text", ""
    image_share, n_shapes, n_texts = _contents(page)
    if n_texts >= max(MANY_TEXTS, TEXTS_A_LETTER * n_chars):
        return ("mixed" if n_chars else "scanned"), NO_LETTERS
    if n_chars == 0:
        if image_share > 0.02:
            return "scanned", "an image without text"
        if n_shapes >= MANY_SHAPES:
            return "scanned", "drawn shapes without text"
        return "blank", ""
    return ("mixed", "a large image") if image_share >= IMAGE_SHARE else ("text", "")


def _is_garbled(bare: str) -> bool:
    odd = sum(map(bare.count, {c for c in bare if "\ue000" <= c <= "\uf8ff" or c == "\ufffd"}))
    return odd > GARBLED_SHARE * len(bare)


def _contents(page: Any) -> tuple[float, int, int]:
    """The share of the page that images cover (at most 1) and the numbers of drawn shapes and of
    objects that draw text."""
    width, height = page.get_size()
    area, shapes, texts = 0.0, 0, 0
    for item in page.get_objects(max_depth=4):
        if item.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = item.get_bounds()
            area += max(0.0, right - left) * max(0.0, top - bottom)
        elif item.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
            texts += 1
        elif item.type in (pdfium_c.FPDF_PAGEOBJ_PATH, pdfium_c.FPDF_PAGEOBJ_SHADING):
            shapes += 1
    return min(1.0, area / max(1.0, width * height)), shapes, texts


def _label(document: Any, index: int) -> str:
    return clean(document.get_page_label(index) or "").strip()


def _title(document: Any) -> str:
    try:
        return clean(document.get_metadata_value("Title")).strip()
    except (pdfium.PdfiumError, UnicodeDecodeError):
        return ""


def _outline(document: Any) -> Iterator[Heading]:
    try:
        for count, bookmark in enumerate(document.get_toc(max_depth=8)):
            if count >= MAX_HEADINGS:
                return
            title = clean(bookmark.get_title() or "").strip()
            destination = bookmark.get_dest()
            index = None if destination is None else destination.get_index()
            if title and index is not None and 0 <= index < len(document):
                yield Heading(index + 1, None, bookmark.level + 1, title)
    except (pdfium.PdfiumError, UnicodeDecodeError, ctypes.ArgumentError):
        # A broken outline costs the outline, not the document.
        return
