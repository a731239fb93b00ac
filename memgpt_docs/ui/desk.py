"""The desk: what outlives a page of the app - the library, its sessions and its running jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

from ingest.intake import Source
from ingest.progress import FileDone
from memgpt_docs.errors import UnknownDocument
from memgpt_docs.settings import Settings
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.schema import Document
from memgpt_docs.ui.chosen_processor import ChosenProcessor
from memgpt_docs.ui.connection_test import ConnectionTest
from memgpt_docs.ui.intake_job import IntakeJob, Uploads
from memgpt_docs.ui.jobs import Cancelled, Job
from memgpt_docs.ui.open_sessions import OpenSessions
from memgpt_docs.ui.recognition_job import RecognitionJob
from memgpt_docs.ui.session import Session

if TYPE_CHECKING:
    from memgpt_docs.agent import Agent

MAX_FINISHED_INTAKES = 3


class Desk:
    """One library with everything that is going on over it. Safe to share between threads.

    Raises what `Library` raises when it cannot be opened.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.library = Library(self.settings.library)
        self.processor = ChosenProcessor(self.settings)
        self.connection_test: ConnectionTest | None = None
        self.intakes: list[IntakeJob] = []
        self.sessions = OpenSessions(self.library, self._agent)
        self._deletions: dict[str, Job[None]] = {}
        self._lock = Lock()
        self._intake_turn = Lock()
        self.recognition = RecognitionJob(self.library, self.settings)
        # What an earlier run of the app was stopped in.
        self.recognition.go_on()

    # -- sessions -----------------------------------------------------------------------------

    def session(self, session_id: str | None = None) -> Session:
        """The session of that id; a new one where there is none or the id is malformed."""
        return self.sessions.get(session_id)

    def _agent(self, session_id: str) -> Agent:
        from memgpt_docs.agent import Agent

        return Agent(self.library, self.processor, settings=self.settings, session_id=session_id)

    # -- documents ----------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether the library is being changed."""
        return self.adding or self.recognition.running or bool(self.deleting())

    @property
    def adding(self) -> bool:
        """Whether documents are coming in."""
        return any(job.running for job in self.intakes)

    def take_in(
        self, files: Sequence[Source] | Sequence[tuple[str, BinaryIO]], *, again: bool = False
    ) -> IntakeJob:
        """Starts to take in files: on disk, or uploaded ones as pairs of name and stream. Agents
        are told of those that come in, if not `again`."""
        sources = [file for file in files if isinstance(file, Source)]
        uploads = [file for file in files if not isinstance(file, Source)]
        job = IntakeJob(
            self.library,
            self.settings,
            Uploads(uploads) if uploads else sources,
            self._intake_turn,
            on_added=(lambda _: None) if again else self._added,
            on_end=self.recognition.go_on,
        )
        with self._lock:
            # Of those that ended, only what was refused is still worth a look.
            finished = [known for known in self.intakes if not known.running]
            telling = [known for known in finished if known.refused or known.failure]
            kept = telling[-MAX_FINISHED_INTAKES:]
            self.intakes = [k for k in self.intakes if k not in finished or k in kept] + [job]
        return job

    def _added(self, file: FileDone) -> None:
        with suppress(UnknownDocument):  # deleted at once
            unit = self.library.document(file.doc_id).unit
            self.sessions.uploaded(file.file, file.n_pages, unit)

    def dismiss(self, job: IntakeJob) -> None:
        """Forgets a finished job."""
        with self._lock:
            if job in self.intakes and not job.running:
                self.intakes.remove(job)

    def edit(self, document: Document, fields: Mapping[str, str]) -> None:
        """Corrects what is known of a filing, and starts to head its passages anew; raises
        `UsageError` for a value that cannot be."""
        edited = self.library.edit(document.doc_id, **fields)
        path = self.library.file_path(edited)
        if path is not None:
            self.take_in([Source(path, edited.file)], again=True)

    def delete(self, document: Document) -> Job[None]:
        """Starts to delete a document."""

        def work(_: Cancelled) -> Iterator[None]:
            self.library.delete(document.doc_id)
            yield from ()

        with self._lock:
            job = self._deletions.get(document.doc_id)
            if job is None or not job.running:
                job = self._deletions[document.doc_id] = Job(work)
            return job

    def deleting(self) -> set[str]:
        """Ids of the documents that are being deleted."""
        with self._lock:
            return {doc_id for doc_id, job in self._deletions.items() if job.running}

    def failed_deletions(self) -> list[str]:
        """What went wrong with deletions since the last call."""
        with self._lock:
            ended = {doc_id: job for doc_id, job in self._deletions.items() if not job.running}
            for doc_id in ended:
                del self._deletions[doc_id]
        failures = (job.failure for job in ended.values())
        return [f"{failure.message} {failure.help}" for failure in failures if failure]
