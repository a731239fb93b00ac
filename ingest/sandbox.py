"""One child process for each document, because documents are hostile: a crafted file may hang its
reader, eat all memory or crash it, and must cost only itself.

The child is a fresh interpreter in a process group of its own, with limits of memory, processor
time, wall time and file size, a minimal environment without keys, and no network. It speaks JSON
lines (`ingest.readers.message`); what it says is checked, what it prints as errors is kept short
and never shown.
"""

from __future__ import annotations

import json
import math
import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event

from ingest.intake import Admitted
from ingest.readers import READERS, Reader
from ingest.readers.message import Ended, Failed, Heading, Message, Opened, ReadPage, from_dict
from ingest.readers.unstructured_offline import QUIET
from memgpt_docs.confinement import environment
from memgpt_docs.errors import (
    EmptyFile,
    IngestError,
    LimitExceeded,
    ProtectedFile,
    UnreadableFile,
)
from memgpt_docs.settings import Settings

# Text is held whole until its document is stored.
MAX_SAID_BYTES = 256 * 1024 * 1024
MAX_STDERR_BYTES = 65_536
TICK_S = 0.1
MAX_BAD_PAGES = 3
MAX_PAGE_SECONDS = 60.0
# What libraries print before they give up; each has its own words.
_OUT_OF_MEMORY = re.compile(rb"MemoryError|bad_alloc|malloc|out of memory|cannot allocate", re.I)
DAMAGED = "Try to open it in a viewer, save it again and add the copy."


class Cancelled(Exception):
    """The caller no longer wants the document."""


@dataclass
class ReadDocument:
    """What was read of a document."""

    reader: str = ""
    pages: list[ReadPage] = field(default_factory=list)
    title: str = ""
    headings: tuple[Heading, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    ended: bool = False
    n_pages: int | None = None  # None until it is known


def read_document(
    admitted: Admitted,
    settings: Settings,
    *,
    on_page: Callable[[int, int | None], None] | None = None,
    stop: Event | None = None,
) -> ReadDocument:
    """Reads a document in a child process, calling `on_page(pages done, pages in all or None)`.

    A page on which the child crashes, hangs or runs out of memory is recorded as failed, and a new
    child goes on after it, at most `MAX_BAD_PAGES` times; then the pages left are failed.

    Raises an `IngestError` that says what is wrong or which limit was met, and `Cancelled` within
    a moment of `stop` being set. When this returns or raises, the child is gone.
    """
    document = ReadDocument()
    deadline = time.monotonic() + settings.max_read_seconds
    bad_pages = 0
    failure: IngestError | None = None
    while not document.ended:
        child = _Child(admitted, settings, stop or Event(), deadline, len(document.pages) + 1)
        try:
            _listen(child, document, on_page)
        except IngestError as error:
            bad_pages, failure = bad_pages + 1, error
            if not _goes_on(document, READERS[admitted.kind], deadline):
                raise
            _give_up_page(document, error, settings, is_last=bad_pages > MAX_BAD_PAGES)
        finally:
            child.kill()
    if document.pages and all(page.status == "failed" for page in document.pages):
        because = document.pages[0].reason
        raise failure or UnreadableFile(
            f"{admitted.file} is damaged: none of its pages can be read ({because}).", DAMAGED
        )
    return document


def _listen(
    child: _Child, document: ReadDocument, on_page: Callable[[int, int | None], None] | None
) -> None:
    for message in child.messages():
        match message:
            case Opened():
                document.reader, document.n_pages = message.reader, message.pages
            case ReadPage():
                if message.page_no != len(document.pages) + 1:
                    raise child.lost()
                document.pages.append(message)
                if len(document.pages) > child.settings.max_pages:
                    raise _failure(Failed("pages"), child.file, child.settings)
            case Ended():
                document.title, document.headings = message.title, message.headings
                document.facts = message.facts
                document.ended = True
            case Failed():
                raise _failure(message, child.file, child.settings)
        if on_page is not None:
            on_page(len(document.pages), document.n_pages)
    if not document.ended:
        raise child.death()


def _goes_on(document: ReadDocument, reader: Reader, deadline: float) -> bool:
    """Whether a child's end costs a page rather than the document."""
    return (
        reader.resumes
        and document.n_pages is not None
        and len(document.pages) <= document.n_pages
        and time.monotonic() < deadline
    )


def _give_up_page(
    document: ReadDocument, error: IngestError, settings: Settings, *, is_last: bool
) -> None:
    """Records the page that the child did not survive, and with `is_last` all pages after it."""
    assert document.n_pages is not None
    done = len(document.pages)
    if done < document.n_pages:
        reason = _page_reason(error, settings)
        document.pages.append(ReadPage(done + 1, "", "failed", reason=reason))
    else:
        # All pages were read; what failed is the outline, which is not worth the document.
        document.ended = True
    if is_last:
        left = range(len(document.pages) + 1, document.n_pages + 1)
        reason = f"not read: the reader failed on {MAX_BAD_PAGES + 1} pages before it"
        document.pages += [ReadPage(number, "", "failed", reason=reason) for number in left]
    document.ended = document.ended or len(document.pages) == document.n_pages


def _page_reason(error: IngestError, settings: Settings) -> str:
    if not isinstance(error, LimitExceeded):
        return "the reader crashed on it"
    if "memory" in error.message:
        return f"it needs more memory to read than {settings.max_read_memory_mb} MB"
    return f"it took longer to read than {_page_seconds(settings):.0f} seconds"


def _page_seconds(settings: Settings) -> float:
    """How long one page may take, so that it does not use up the time of the document."""
    return min(MAX_PAGE_SECONDS, max(1.0, settings.max_read_seconds / 4))


class _Child:
    def __init__(
        self, admitted: Admitted, settings: Settings, stop: Event, deadline: float, first_page: int
    ) -> None:
        self.file = admitted.file
        self.settings = settings
        self.stop = stop
        self.errors = bytearray()
        self.deadline = deadline
        self.has_page_clock = READERS[admitted.kind].resumes
        self.page_deadline = deadline
        limits = {
            "seconds": max(1, math.ceil(deadline - time.monotonic())),
            "memory_mb": settings.max_read_memory_mb,
            "pages": settings.max_pages,
            "first_page": first_page,
        }
        command = [
            # -P: a module beside the documents must not be imported for one of ours.
            *(sys.executable, "-P", "-m", "ingest.reader_process"),
            *(admitted.kind, str(admitted.path), json.dumps(limits)),
        ]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            cwd=os.sep,
            start_new_session=True,
        )

    def messages(self) -> Iterator[Message]:
        """What the child says, until it says no more. Raises `IngestError` and `Cancelled`."""
        said = 0
        pending = bytearray()
        for chunk in self._output():
            said += len(chunk)
            if said > MAX_SAID_BYTES:
                raise LimitExceeded(
                    f"{self.file} holds more than {MAX_SAID_BYTES >> 20} MB of text.",
                    "Split it and add the parts.",
                )
            *lines, rest = chunk.split(b"\n")
            for line in lines:
                message = self._parse(bytes(pending) + line)
                pending.clear()
                yield message
                if self.has_page_clock:
                    self.page_deadline = time.monotonic() + _page_seconds(self.settings)
            pending += rest

    def death(self) -> IngestError:
        """The error for a child that ended without saying that it was done."""
        code = self.process.wait()
        if -code == getattr(signal, "SIGXCPU", None):
            return self._too_slow()
        if _OUT_OF_MEMORY.search(self.errors):
            return _failure(Failed("memory"), self.file, self.settings)
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        return UnreadableFile(f"{self.file} is damaged: its reader {how}.", DAMAGED)

    def kill(self) -> None:
        """Ends the child and whatever it started; safe to call again."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        except AttributeError:  # no process groups on Windows
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def _output(self) -> Iterator[bytes]:
        assert self.process.stdout is not None and self.process.stderr is not None
        out, err = self.process.stdout.fileno(), self.process.stderr.fileno()
        with selectors.DefaultSelector() as selector:
            selector.register(out, selectors.EVENT_READ)
            selector.register(err, selectors.EVENT_READ)
            while selector.get_map():
                if self.stop.is_set():
                    raise Cancelled
                if time.monotonic() > min(self.deadline, self.page_deadline):
                    raise self._too_slow()
                for key, _ in selector.select(TICK_S):
                    chunk = os.read(key.fd, 65_536)
                    if not chunk:
                        selector.unregister(key.fd)
                    elif key.fd == out:
                        yield chunk
                    else:
                        # The end of what it printed tells why it died.
                        self.errors = (self.errors + chunk)[-MAX_STDERR_BYTES:]

    def _parse(self, line: bytes) -> Message:
        try:
            return from_dict(json.loads(line))
        except (ValueError, RecursionError) as error:
            raise self.lost() from error

    def lost(self) -> UnreadableFile:
        """The error for a child that says what makes no sense."""
        return UnreadableFile(f"{self.file} is damaged: its reader lost its way.", DAMAGED)

    def _too_slow(self) -> LimitExceeded:
        if self.page_deadline < self.deadline:
            return LimitExceeded(
                f"A page of {self.file} took longer to read than "
                f"{_page_seconds(self.settings):.0f} seconds.",
                "Raise MEMGPT_DOCS_MAX_READ_SECONDS: a page has a quarter of it, but at most "
                f"{MAX_PAGE_SECONDS:.0f} seconds.",
            )
        return LimitExceeded(
            f"{self.file} took longer to read than the limit of "
            f"{self.settings.max_read_seconds} seconds.",
            "Raise MEMGPT_DOCS_MAX_READ_SECONDS to give it more time.",
        )


def _environment() -> dict[str, str]:
    """Only what an interpreter needs: no keys, no proxies, no telemetry."""
    return environment(**QUIET)


def _failure(failed: Failed, file: str, settings: Settings) -> IngestError:
    """The error that a reader's failure is to a user."""
    detail = " ".join(failed.detail.split())
    match failed.code:
        case "protected":
            return ProtectedFile(
                f"{file} is protected with a password.",
                "Open it with its password, save it without one and add the copy.",
            )
        case "pages":
            count = f" {detail} pages," if detail.isdigit() else ""
            return LimitExceeded(
                f"{file} has{count or ' more pages,'} over the limit of "
                f"{settings.max_pages} pages.",
                "Raise MEMGPT_DOCS_MAX_PAGES to take it in.",
            )
        case "memory":
            return LimitExceeded(
                f"{file} needs more memory to read than the limit of "
                f"{settings.max_read_memory_mb} MB.",
                "Raise MEMGPT_DOCS_MAX_READ_MEMORY_MB to take it in.",
            )
        case "empty":
            return EmptyFile(f"{file} holds no text.", "Check that it is the right file.")
        case _:
            because = f": {detail}" if detail else ""
            return UnreadableFile(f"{file} is damaged{because}.", DAMAGED)
