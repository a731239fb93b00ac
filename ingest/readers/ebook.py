"""EPUB: a package of web pages in the order that its own table of contents file gives them."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from ingest.readers import ReadError, web
from ingest.readers.decoding import decode
from ingest.readers.message import Message, clean
from ingest.readers.units import Block, BlockKind, read_blocks

# A chapter larger than this is not one.
MAX_CHAPTER_BYTES = 64 * 1024 * 1024
_CONTAINER = "META-INF/container.xml"


def read(path: Path, max_pages: int) -> Iterator[Message]:
    """Sections of the book at `path`; raises `ReadError`."""
    try:
        with zipfile.ZipFile(path) as package:
            if "META-INF/encryption.xml" in package.namelist() and _is_locked(package):
                raise ReadError("protected")
            title, names = _spine(package)
            blocks = list(_blocks(package, names))
    except (KeyError, zipfile.BadZipFile, etree.LxmlError, NotImplementedError) as error:
        raise ReadError("unreadable", f"its parts cannot be found ({error})") from error
    yield from read_blocks(
        blocks, reader="epub", title=title, max_pages=max_pages, unit_name="section"
    )


def _blocks(package: zipfile.ZipFile, names: list[str]) -> Iterator[Block]:
    known = {name.lower(): name for name in package.namelist()}
    known |= {name: name for name in package.namelist()}
    for chapter in names:
        name = known.get(chapter) or known.get(chapter.lower())
        if name is None:
            reason = f"{chapter} is not in the file"
            yield from (Block(BlockKind.BREAK), Block(BlockKind.MISSING, reason))
            continue
        try:
            _, blocks = web.blocks_of_html(decode(_bytes(package, name), declared=True))
        except ReadError as error:
            if error.code == "empty":
                continue  # a cover that is a picture
            raise
        yield Block(BlockKind.BREAK)
        yield from (block for block in blocks if block.kind is not BlockKind.BREAK)


def _spine(package: zipfile.ZipFile) -> tuple[str, list[str]]:
    """The title of the book and the names of its chapters, in reading order."""
    container = _tree(_bytes(package, _CONTAINER))
    root_file = next((str(path) for path in container.xpath("//*/@full-path")), "")
    book = _tree(_bytes(package, root_file))
    folder = posixpath.dirname(root_file)
    targets = {
        item.get("id"): posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        for item in book.xpath("//*[local-name()='manifest']/*[local-name()='item']")
    }
    order = book.xpath("//*[local-name()='spine']/*[local-name()='itemref']/@idref")
    titles = book.xpath("//*[local-name()='metadata']/*[local-name()='title']/text()")
    title = clean(" ".join(str(titles[0]).split())) if titles else ""
    return title, [targets.get(id_, id_) for id_ in order]


def _is_locked(package: zipfile.ZipFile) -> bool:
    """Whether more than fonts are encrypted, as shops do it."""
    tree = _tree(_bytes(package, "META-INF/encryption.xml"))
    return any(
        str(name).lower().endswith((".xhtml", ".html", ".htm")) for name in tree.xpath("//*/@URI")
    )


def _bytes(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as stream:
        raw = stream.read(MAX_CHAPTER_BYTES + 1)
    if len(raw) > MAX_CHAPTER_BYTES:
        raise ReadError("memory")
    return raw


def _tree(raw: bytes) -> etree._Element:
    return etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True))
