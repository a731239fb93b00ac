"""Readers: one for each kind of document, in a table. They run in a child process only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from ingest.readers.message import Message

# (path, most pages) -> Opened, pages in order, Ended. Raises `ReadError` of its choice. One that
# can begin at a later page takes its number (1-based) as a third argument.
Read = Callable[..., Iterator[Message]]


@dataclass(frozen=True)
class Reader:
    """A kind of document and the module that reads it (loaded when needed: some are slow)."""

    kind: str
    module: str
    resumes: bool = False  # can begin at a later page, after one on which it crashed

    def load(self) -> Read:
        """The function that reads; importing its libraries can take a second."""
        read: Read = import_module(self.module).read
        return read

    def messages(self, path: Path, max_pages: int, first_page: int = 1) -> Iterator[Message]:
        """What the reader says of the document at `path` from `first_page` on."""
        read = self.load()
        return read(path, max_pages, first_page) if self.resumes else read(path, max_pages)


READERS: dict[str, Reader] = {
    reader.kind: reader
    for reader in (
        Reader("pdf", "ingest.readers.pdf", resumes=True),
        Reader("html", "ingest.readers.web"),
        Reader("docx", "ingest.readers.office"),
        Reader("pptx", "ingest.readers.slides"),
        Reader("xlsx", "ingest.readers.workbook"),
        Reader("csv", "ingest.readers.delimited"),
        Reader("epub", "ingest.readers.ebook"),
        Reader("mail", "ingest.readers.mail"),
        Reader("markdown", "ingest.readers.markup"),
        Reader("text", "ingest.readers.plain"),
    )
}


class ReadError(Exception):
    """A reader gives up; `code` is one of `ingest.readers.message.FAILURES`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail


# What a library lets out when the parts of a file are not what it expects says nothing to a reader.
_MISFITS = (AttributeError, TypeError, LookupError, AssertionError, UnicodeError)


def reason_of(error: Exception) -> str:
    """Why a file could not be read, where `error`, which a library let out, says it in words."""
    words = " ".join(str(error).split())
    if isinstance(error, _MISFITS) or not words:
        return "its parts do not fit together"
    return words[:300]
