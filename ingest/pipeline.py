"""The pipeline: intake, then for each document parse (in a child process), sections, chunk, embed,
store. While one document is embedded and written, the next are parsed in their children.

    1. Every file is looked at as its turn comes: what cannot come in is refused, what the library
       already holds, made by the same versions, is skipped.
    2. Up to as many children as there are processors read documents, each watched by a thread.
    3. What was read is cut to passages, embedded and added whole, one document at a time.
    4. The indices are brought up to date once, at the end.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread

import numpy as np

from ingest.document import Made, is_current, make
from ingest.intake import Admitted, Source, admit, find
from ingest.progress import (
    FileDone,
    FileStarted,
    FileStatus,
    PagesRead,
    PassagesEmbedded,
    Progress,
    Summary,
)
from ingest.recognised import with_recognised
from ingest.sandbox import Cancelled, ReadDocument, read_document
from memgpt_docs.embedding import Embedder, Vectors
from memgpt_docs.errors import IngestError, StorageError, UnreadableFile
from memgpt_docs.settings import Settings
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.schema import Document
from memgpt_docs.tokens import default_tokenizer

log = logging.getLogger(__name__)

EMBED_BATCH = 256
REPORT_EVERY_S = 0.2
POLL_S = 0.1


def ingest(
    library: Library,
    sources: Iterable[Source | str | Path],
    *,
    settings: Settings | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Progress]:
    """Takes files and folders into `library`, telling how it goes; the last event is `Summary`.

    No file stops the others: what cannot be read ends as refused, with the reason and the next
    step. Raises `StorageError` where the library itself fails. Closing the generator, or
    `cancelled()` becoming true, ends the children at once; documents already added stay.
    """
    run = _Run(library, settings or Settings(), cancelled)
    try:
        yield from run.events(sources)
    finally:
        run.close()


@dataclass
class _Read:
    """What a child's thread has to say at its end."""

    admitted: Admitted
    outcome: ReadDocument | IngestError | Cancelled | Exception


class _Pace:
    """How fast pages are read, from the first one on: what comes before it is another matter."""

    def __init__(self) -> None:
        self.reported = 0.0
        self.first: tuple[float, int] | None = None  # when, and how many pages there were

    def is_due(self, done: int) -> bool:
        """Whether it is time to report again."""
        now = time.monotonic()
        if done and self.first is None:
            self.first = now, done
        return now - self.reported >= REPORT_EVERY_S

    def told(self, done: int, total: int | None) -> tuple[float, float | None]:
        """Pages a second, and seconds left where they can be told."""
        self.reported = now = time.monotonic()
        if total is not None and done >= total:
            left: float | None = 0.0
        else:
            left = None
        if self.first is None or done <= self.first[1]:
            return 0.0, left
        rate = (done - self.first[1]) / max(now - self.first[0], 1e-9)
        return rate, left if total is None or left == 0 else (total - done) / rate


class _Run:
    """One call of `ingest`."""

    def __init__(self, library: Library, settings: Settings, cancelled: Callable[[], bool]) -> None:
        self.library = library
        self.settings = settings
        self.cancelled = cancelled
        self.stop = Event()
        self.children = max(1, os.cpu_count() or 1)
        self.threads = ThreadPoolExecutor(self.children, thread_name_prefix="ingest")
        self.inbox: SimpleQueue[PagesRead | _Read] = SimpleQueue()
        self.began = time.monotonic()
        # sha256 -> when and under which name, of documents under way
        self.started: dict[str, tuple[float, str]] = {}
        self.twins: dict[str, list[Admitted]] = {}  # the same bytes again, while under way
        self.done: list[FileDone] = []

    def events(self, sources: Iterable[Source | str | Path]) -> Iterator[Progress]:
        waiting = deque(find(sources))
        # While the first document is read; what fails here fails again where it is needed.
        Thread(target=_load, args=(self.library.embedder,), daemon=True).start()
        while waiting or self.started:
            if self.cancelled():
                yield from self._cancel(waiting)
                break
            # One more than there are children: the one being embedded.
            if waiting and len(self.started) <= self.children:
                yield from self._take_in(waiting.popleft())
                continue
            yield from self._next_from_children()
        if any(one.status is FileStatus.ADDED for one in self.done):
            self.library.refresh()
        seconds = time.monotonic() - self.began
        pages = sum(one.n_pages for one in self.done if one.status is FileStatus.ADDED)
        yield Summary(tuple(self.done), seconds, pages, pages / max(seconds, 1e-9))

    def close(self) -> None:
        """Ends all children and waits until they are gone."""
        self.stop.set()
        self.threads.shutdown(wait=True, cancel_futures=True)

    # -- step 1: intake ------------------------------------------------------------------------

    def _take_in(self, source: Source) -> Iterator[Progress]:
        try:
            admitted = admit(source, max_file_mb=self.settings.max_file_mb)
        except IngestError as error:
            yield self._finish(_refused(source.shown, error))
            return
        yield FileStarted(admitted.file, admitted.n_bytes)
        known = self._older(admitted)
        if known is not None and is_current(known, self.settings):
            yield self._finish(_skipped(admitted, known.file))
        elif admitted.sha256 in self.started:
            self.twins.setdefault(admitted.sha256, []).append(admitted)
        else:
            self.started[admitted.sha256] = (time.monotonic(), admitted.file)
            self.threads.submit(self._watch, admitted)

    def _older(self, admitted: Admitted) -> Document | None:
        """What the library already holds of the same bytes."""
        return next(
            (one for one in self.library.documents() if one.sha256 == admitted.sha256), None
        )

    # -- step 2: reading -----------------------------------------------------------------------

    def _watch(self, admitted: Admitted) -> None:
        """Runs in a thread: reads a document in a child and reports to the inbox."""
        pace = _Pace()

        def on_page(done: int, total: int | None) -> None:
            if pace.is_due(done) or done == total:
                rate, left = pace.told(done, total)
                self.inbox.put(PagesRead(admitted.file, done, total, rate, left))

        try:
            document = read_document(admitted, self.settings, on_page=on_page, stop=self.stop)
            self.inbox.put(_Read(admitted, document))
        except Exception as error:
            # Raised again, where it belongs, in the thread of the caller.
            self.inbox.put(_Read(admitted, error))

    def _next_from_children(self) -> Iterator[Progress]:
        try:
            news = self.inbox.get(timeout=POLL_S)
        except Empty:
            return
        if isinstance(news, PagesRead):
            yield news
            return
        admitted = news.admitted
        try:
            if isinstance(news.outcome, Exception):
                raise news.outcome
            done = yield from self._store(admitted, news.outcome)
        except IngestError as error:
            done = _refused(admitted.file, error, admitted.doc_id)
        except Cancelled:
            done = FileDone(admitted.file, FileStatus.CANCELLED, reason="Cancelled.")
        except StorageError:
            raise
        except Exception as error:
            # A fault of ours that one document brings out must not cost the others.
            log.exception("%s could not be taken in", admitted.file)
            fault = UnreadableFile(
                f"{admitted.file} could not be taken in ({type(error).__name__}).",
                "Please report this; the other files are not affected.",
            )
            done = _refused(admitted.file, fault, admitted.doc_id)
        seconds = time.monotonic() - self.started.pop(admitted.sha256)[0]
        yield self._finish(replace(done, seconds=seconds))
        for twin in self.twins.pop(admitted.sha256, []):
            is_added = done.status is FileStatus.ADDED
            yield self._finish(
                _skipped(twin, done.file) if is_added else replace(done, file=twin.file)
            )

    # -- step 3: passages ----------------------------------------------------------------------

    def _store(self, admitted: Admitted, read: ReadDocument) -> Generator[Progress, None, FileDone]:
        older = self._older(admitted)
        if older is not None:
            known = {page.page_no: page for page in self.library.pages(older.doc_id)}
            read.pages[:] = with_recognised(read.pages, known)
        made = make(admitted, read, self.settings, older)
        vectors = yield from embed(self.library.embedder, made, self.cancelled)
        if not admitted.unchanged():
            raise UnreadableFile(
                f"{admitted.file} changed while it was read.", "Add it again when it is complete."
            )
        store(self.library, made, vectors, admitted.path)
        return FileDone(
            admitted.file,
            FileStatus.ADDED,
            admitted.doc_id,
            len(made.pages),
            len(made.passages),
            made.document.unread_pages,
            reason="" if older is None else "It replaces what an older version made of it.",
        )

    # -- the end -------------------------------------------------------------------------------

    def _cancel(self, waiting: Iterable[Source]) -> Iterator[Progress]:
        """Ends the children, and with them every file that was not added."""
        self.close()
        under_way = [file for sha256 in self.started for file in self._files(sha256)]
        for file in [*under_way, *(source.shown for source in waiting)]:
            yield self._finish(FileDone(file, FileStatus.CANCELLED, reason="Cancelled."))

    def _files(self, sha256: str) -> list[str]:
        return [self.started[sha256][1], *(twin.file for twin in self.twins.get(sha256, []))]

    def _finish(self, done: FileDone) -> FileDone:
        self.done.append(done)
        return done


def _load(embedder: Embedder) -> None:
    """Loads what takes a second to load."""
    with suppress(Exception):
        default_tokenizer()
        embedder.embed(["words"])


def embed(
    embedder: Embedder, made: Made, cancelled: Callable[[], bool] = lambda: False
) -> Generator[PassagesEmbedded, None, Vectors]:
    """Vectors of what the passages are found by, with their headers: float32 of shape
    (len(passages), dimension); raises `Cancelled`."""
    began = time.monotonic()
    batches: list[Vectors] = [np.zeros((0, embedder.dimension), dtype=np.float32)]
    texts = [
        f"{passage.header}\n{text}"
        for passage, text in zip(made.passages, made.search_texts, strict=True)
    ]
    for first in range(0, len(texts), EMBED_BATCH):
        if cancelled():
            raise Cancelled
        batches.append(embedder.embed(texts[first : first + EMBED_BATCH]))
        done = min(first + EMBED_BATCH, len(texts))
        rate = done / max(time.monotonic() - began, 1e-9)
        left = (len(texts) - done) / rate
        yield PassagesEmbedded(made.document.file, done, len(texts), rate, left)
    return np.concatenate(batches)


def store(
    library: Library,
    made: Made,
    vectors: Vectors,
    source: Path | None = None,
    *,
    must_exist: bool = False,
) -> None:
    """Adds `made` to `library` whole, keeping a copy of `source`; see `Library.add`."""
    library.add(
        made.document,
        made.pages,
        made.passages,
        vectors,
        source,
        search_texts=made.search_texts,
        must_exist=must_exist,
    )


def _refused(file: str, error: IngestError, doc_id: str = "") -> FileDone:
    return FileDone(file, FileStatus.REFUSED, doc_id, reason=error.message, help=error.help)


def _skipped(admitted: Admitted, known_as: str) -> FileDone:
    where = "" if known_as == admitted.file else f" as {known_as}"
    return FileDone(
        admitted.file,
        FileStatus.SKIPPED,
        admitted.doc_id,
        reason=f"The library already holds these bytes{where}.",
    )
