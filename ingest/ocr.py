"""Recognition of pages that are pictures, after the text of their document is searchable.

    1. Pages that are scanned or mixed and were not looked at yet are taken a few at a time.
    2. A child process renders and recognises them (`ingest.readers.ocr`).
    3. The document is made anew from its kept file, with the recognised text in its pages, and
       replaces its older self at once. So what was recognised is searchable page by page, and a
       run that is cut short goes on where it was.

Which pages were looked at stands in their `reason`. This needs the extra `ocr`; without it
`how_to_turn_on` says what to do.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread
from typing import Any

from ingest.document import make
from ingest.intake import Source, admit
from ingest.pipeline import embed, store
from ingest.progress import FileDone, FileStatus, PagesRecognised, Recognition, Summary
from ingest.readers.message import Failed, Opened, ReadPage, from_dict
from ingest.recognised import FAILED, looked_at, marked, with_recognised
from ingest.sandbox import Cancelled, ReadDocument, _environment, read_document
from memgpt_docs.errors import IngestError, UnknownDocument
from memgpt_docs.settings import Settings
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.schema import Document, PageStatus

BATCH = 8
SECONDS_A_PAGE = 90
MAX_LINE_BYTES = 4 * 1024 * 1024
POLL_S = 0.1
HOW = "Turn on recognition with: pip install 'memgpt-docs[ocr]'"


def is_available() -> bool:
    """Whether the extra `ocr` is installed."""
    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


def how_to_turn_on(unread_pages: Sequence[int]) -> str:
    """For a document with `unread_pages`: which they are, and what to do; empty where all is well
    or nothing can be done."""
    if not unread_pages:
        return ""
    shown = ", ".join(str(number) for number in unread_pages[:12])
    more = f" and {len(unread_pages) - 12} more" if len(unread_pages) > 12 else ""
    pages = (
        f"Page {shown} is or holds a picture"
        if len(unread_pages) == 1
        else f"Pages {shown}{more} are or hold pictures"
    )
    return f"{pages} of which no words were read. " + (
        "Run recognition to read them." if is_available() else f"{HOW}."
    )


def recognise(
    library: Library,
    settings: Settings | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    doc_ids: Collection[str] | None = None,
) -> Iterator[Recognition]:
    """Recognises the pages that are pictures, of all documents in `library` or those named; the
    last event is `Summary`. Does nothing where the extra is not installed. Closing the generator or
    `cancelled` becoming true ends the child at once; what was recognised stays."""
    settings = settings or Settings()
    began = time.monotonic()
    done: list[FileDone] = []
    pages_read = 0
    waiting_in = _waiting(library) if is_available() else {}
    for doc_id, waiting in waiting_in.items():
        document = next((one for one in library.documents() if one.doc_id == doc_id), None)
        path = None if document is None else library.file_path(document)
        is_wanted = doc_ids is None or doc_id in doc_ids
        if document is None or path is None or not is_wanted or cancelled():
            continue
        started = time.monotonic()
        try:
            yield from _recognise(library, document, path, waiting, settings, cancelled)
            status, reason, help = FileStatus.RECOGNISED, "", ""
        except Cancelled:
            status, reason, help = FileStatus.CANCELLED, "Cancelled.", ""
        except IngestError as error:
            status, reason, help = FileStatus.REFUSED, error.message, error.help
        except UnknownDocument:
            continue  # deleted meanwhile
        now = library.document(doc_id)
        pages_read += len(waiting) - len(_waiting(library).get(doc_id, ()))
        done.append(
            FileDone(
                now.file, status, now.doc_id, now.n_pages, now.n_passages, now.unread_pages,
                time.monotonic() - started, reason, help,
            )
        )  # fmt: skip
        yield done[-1]
    if any(one.status is FileStatus.RECOGNISED for one in done):
        library.refresh()
    seconds = time.monotonic() - began
    yield Summary(tuple(done), seconds, pages_read, pages_read / max(seconds, 1e-9))


def _waiting(library: Library) -> dict[str, list[int]]:
    """Pages that are pictures and were not looked at yet, 1-based, by the doc_id of their PDF."""
    waiting: dict[str, list[int]] = {}
    pdfs = {document.doc_id for document in library.documents() if document.kind == "pdf"}
    for doc_id, page_no, reason in library.pages_of_status(PageStatus.SCANNED, PageStatus.MIXED):
        if doc_id in pdfs and not looked_at(reason):
            waiting.setdefault(doc_id, []).append(page_no)
    return waiting


def _recognise(
    library: Library,
    document: Document,
    path: Path,
    waiting: Sequence[int],
    settings: Settings,
    cancelled: Callable[[], bool],
) -> Iterator[Recognition]:
    began = time.monotonic()
    admitted = admit(Source(path, document.file), max_file_mb=settings.max_file_mb)
    # As the reader gives it, to be made anew with the text of the pages that are pictures.
    read = _read(lambda stop: read_document(admitted, settings, stop=stop), cancelled)
    for first in range(0, len(waiting), BATCH):
        batch = waiting[first : first + BATCH]
        for count, page in enumerate(_pages(path, batch, settings, cancelled), start=1):
            read.pages[page.page_no - 1] = page
            rate = (first + count) / max(time.monotonic() - began, 1e-9)
            left = (len(waiting) - first - count) / rate
            yield PagesRecognised(document.file, first + count, len(waiting), rate, left)
        known = {page.page_no: page for page in library.pages(document.doc_id)}
        whole = replace(read, pages=with_recognised(read.pages, known))
        made = make(admitted, whole, settings, library.document(document.doc_id))
        vectors = yield from embed(library.embedder, made, cancelled)
        store(library, made, vectors, must_exist=True)


def _read(read: Callable[[Event], ReadDocument], cancelled: Callable[[], bool]) -> ReadDocument:
    """What `read` gives, in a thread, so that `cancelled` is seen; raises what it raises."""
    stop = Event()
    outcome: list[ReadDocument | Exception] = []

    def run() -> None:
        try:
            outcome.append(read(stop))
        except Exception as error:
            outcome.append(error)

    thread = Thread(target=run)
    thread.start()
    while thread.is_alive():
        thread.join(POLL_S)
        if cancelled():
            stop.set()
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


def _pages(
    path: Path, numbers: Sequence[int], settings: Settings, cancelled: Callable[[], bool]
) -> Iterator[ReadPage]:
    """The pages named, recognised in a child; each with a reason that says that it was looked at.
    The one on which the child fails is marked as such and the child started again after it."""
    left = list(numbers)
    engine = "rapidocr"
    while left:
        failure = "the recogniser crashed on it"
        for message in _messages(path, left, settings, cancelled):
            if isinstance(message, Opened):
                engine = message.reader
            elif isinstance(message, ReadPage) and message.page_no == left[0]:
                left.pop(0)
                yield marked(message, engine)
            elif isinstance(message, Failed):
                failure = message.detail or message.code
        if left:
            yield ReadPage(left.pop(0), "", "failed", reason=f"{FAILED} {failure}")


def _messages(
    path: Path, numbers: Iterable[int], settings: Settings, cancelled: Callable[[], bool]
) -> Iterator[Any]:
    """What a child says, until it ends or is out of time; raises `Cancelled`."""
    pages = list(numbers)
    seconds = SECONDS_A_PAGE * len(pages)
    limits = {
        "seconds": seconds * (os.cpu_count() or 1),  # of processor time, on all processors
        "memory_mb": settings.max_read_memory_mb,
        "pages": pages,
    }
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "ingest.readers.ocr", str(path), json.dumps(limits)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        cwd=os.sep,
        start_new_session=True,
    )
    assert child.stdout is not None
    ended = Event()

    def watch() -> None:
        deadline = time.monotonic() + seconds
        while not ended.wait(POLL_S):
            if cancelled() or time.monotonic() > deadline:
                child.kill()
                return

    watcher = Thread(target=watch)
    watcher.start()
    try:
        while line := child.stdout.readline(MAX_LINE_BYTES):
            try:
                yield from_dict(json.loads(line))
            except (ValueError, RecursionError):
                return
        if cancelled():
            raise Cancelled
    finally:
        ended.set()
        child.kill()
        child.wait()
        child.stdout.close()
        watcher.join()
