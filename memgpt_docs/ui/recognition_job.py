"""The recognition job: pages that are pictures, read in the background once they are in; then, in a
library that is searched by better vectors, those of new documents."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock

from ingest.ocr import is_available, recognise
from ingest.progress import FileDone, FileStatus, PagesRecognised, Recognition, Summary
from memgpt_docs.settings import Settings
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.reembedding import follow
from memgpt_docs.ui.jobs import Cancelled, Failure, Job


class RecognitionJob:
    """Looks for pages that are pictures whenever it is told to `go_on`, in a thread of its own.
    Safe to share between threads."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self.library = library
        self.settings = settings
        self.now: PagesRecognised | None = None
        self.refused: list[FileDone] = []
        self._job: Job[Recognition] | None = None
        self._again = self._working = False
        self._lock = Lock()
        self._fold = Lock()

    @property
    def running(self) -> bool:
        return self._job is not None and self._job.running

    @property
    def cancelled(self) -> bool:
        return self._job is not None and self._job.cancelled

    @property
    def failure(self) -> Failure | None:
        return None if self._job is None else self._job.failure

    def go_on(self) -> None:
        """Looks for pages to recognise, now or once those under way are done; returns at once."""
        if not is_available() and self.library.better is None:
            return
        with self._lock:
            self._again = True
            if not self._working:
                self._working = True
                self.refused = []
                self._job = Job(self._work)

    def cancel(self) -> None:
        """Stops after the page in work; what was recognised stays."""
        if self._job is not None:
            self._job.cancel()

    def join(self, timeout_s: float | None = None) -> None:
        """Waits until nothing is left to do."""
        if self._job is not None:
            self._job.join(timeout_s)

    def refresh(self) -> None:
        """Takes in what has happened since the last call."""
        with self._fold:
            for event in self._job.drain() if self._job is not None else ():
                match event:
                    case PagesRecognised():
                        self.now = event
                    case FileDone(status=FileStatus.REFUSED):
                        self.refused.append(event)
                    case Summary():
                        self.now = None

    def _work(self, cancelled: Cancelled) -> Iterator[Recognition]:
        try:
            while self._goes_on():
                yield from recognise(self.library, self.settings, cancelled)
                for _ in follow(self.library, cancelled):
                    pass
        finally:
            self._working = False

    def _goes_on(self) -> bool:
        # One step with the question: who calls `go_on` just now must not be overheard.
        with self._lock:
            self._working, self._again = self._again, False
            return self._working
