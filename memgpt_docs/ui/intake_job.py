"""An intake job: files on their way into the library, and how far each has come."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from ingest.intake import Source
from ingest.progress import (
    FileDone,
    FileStarted,
    FileStatus,
    PagesRead,
    PassagesEmbedded,
    Progress,
    Summary,
)
from memgpt_docs.settings import Settings
from memgpt_docs.storage.library import Library
from memgpt_docs.ui.jobs import Cancelled, Failure, Job

TURN_WAIT_S = 0.2


class Stage(StrEnum):
    """Where a file is."""

    STARTED = "started"
    READING = "reading"
    EMBEDDING = "embedding"
    DONE = "done"


@dataclass
class FileProgress:
    """How far one file has come."""

    file: str
    stage: Stage = Stage.STARTED
    pages_done: int = 0
    pages_total: int | None = None
    pages_per_s: float = 0.0
    passages_done: int = 0
    passages_total: int = 0
    seconds_left: float | None = None  # of the stage it is in
    end: FileDone | None = None

    def add(self, event: PagesRead | PassagesEmbedded | FileDone) -> None:
        """Takes in the next event of this file."""
        match event:
            case PagesRead():
                self.stage, self.seconds_left = Stage.READING, event.seconds_left
                self.pages_done, self.pages_total = event.pages_done, event.pages_total
                self.pages_per_s = event.pages_per_s
            case PassagesEmbedded():
                self.stage, self.seconds_left = Stage.EMBEDDING, event.seconds_left
                self.passages_done = event.passages_done
                self.passages_total = event.passages_total
            case FileDone():
                self.stage, self.end = Stage.DONE, event

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1: reading is the first half, embedding the second."""
        if self.stage is Stage.DONE:
            return 1.0
        reading = self.pages_done / self.pages_total if self.pages_total else 0.0
        embedding = self.passages_done / self.passages_total if self.passages_total else 0.0
        return min(1.0, 0.5 if embedding else 0.5 * reading) + 0.5 * min(1.0, embedding)


class Uploads:
    """Uploaded files, written to a temporary folder that goes away when it is closed or when the
    app ends. Files are named by number: what a browser calls a file is not to be trusted."""

    def __init__(self, files: Sequence[tuple[str, BinaryIO]]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="memgpt-docs-")
        self.sources: list[Source] = []
        for number, (name, stream) in enumerate(files):
            path = Path(self._folder.name) / str(number)
            with path.open("wb") as target:
                shutil.copyfileobj(stream, target)
            self.sources.append(Source(path, name))

    def close(self) -> None:
        """Removes the files."""
        self._folder.cleanup()


class IntakeJob:
    """Files going into the library, in a thread of its own. Jobs of one app take turns.

    `on_added` is told of each file that came in, `on_end` of the end of all.
    """

    def __init__(
        self,
        library: Library,
        settings: Settings,
        files: Uploads | Sequence[Source],
        turn: Lock,
        on_added: Callable[[FileDone], None] = lambda _: None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.library = library
        self.settings = settings
        self.files: list[FileProgress] = []
        self.summary: Summary | None = None
        self._open: dict[str, FileProgress] = {}  # by name, while not done
        self._fold = Lock()
        self._uploads = files if isinstance(files, Uploads) else None
        self._sources = files.sources if isinstance(files, Uploads) else list(files)
        self._turn = turn
        self._on_added = on_added
        self._on_end = on_end
        self.n_files = len(self._sources)
        self._job: Job[Progress] = Job(self._work)

    @property
    def running(self) -> bool:
        return self._job.running

    @property
    def cancelled(self) -> bool:
        return self._job.cancelled

    @property
    def failure(self) -> Failure | None:
        return self._job.failure

    @property
    def refused(self) -> list[FileDone]:
        """Files that did not come in, with their reasons."""
        ends = (progress.end for progress in self.files)
        return [end for end in ends if end and end.status is FileStatus.REFUSED]

    def cancel(self) -> None:
        """Stops after the document in work; returns at once."""
        self._job.cancel()

    def join(self, timeout_s: float | None = None) -> None:
        """Waits for the end of the job."""
        self._job.join(timeout_s)

    def refresh(self) -> None:
        """Takes in what has happened since the last call."""
        with self._fold:
            for event in self._job.drain():
                match event:
                    case FileStarted():
                        self._open[event.file] = FileProgress(event.file)
                        self.files.append(self._open[event.file])
                    case Summary():
                        self.summary = event
                    case PagesRead() | PassagesEmbedded() | FileDone():
                        self._of(event.file).add(event)
                        if isinstance(event, FileDone):
                            del self._open[event.file]
                    case _:
                        pass

    def _of(self, file: str) -> FileProgress:
        # A file that is refused at the door ends without having started.
        if file not in self._open:
            self._open[file] = FileProgress(file)
            self.files.append(self._open[file])
        return self._open[file]

    def _work(self, cancelled: Cancelled) -> Iterator[Progress]:
        try:
            while not self._turn.acquire(timeout=TURN_WAIT_S):
                if cancelled():
                    return
            try:
                from ingest.pipeline import ingest

                for event in ingest(
                    self.library, self._sources, settings=self.settings, cancelled=cancelled
                ):
                    if isinstance(event, FileDone) and event.status is FileStatus.ADDED:
                        self._on_added(event)
                    yield event
            finally:
                self._turn.release()
        finally:
            if self._uploads is not None:
                self._uploads.close()
            self._on_end()
