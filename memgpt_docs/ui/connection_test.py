"""A connection test: a probe of a processor, made outside the script thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from memgpt_docs.settings import Settings
from memgpt_docs.ui.jobs import Cancelled, Failure, Job

if TYPE_CHECKING:
    from memgpt_docs.processors.probe import Found


class ConnectionTest:
    """Runs until something was found, or it failed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.found: Found | None = None
        self._job = Job(self._work)

    def _work(self, cancelled: Cancelled) -> Iterator[None]:
        from memgpt_docs.processors.testing import test_connection

        self.found = test_connection(self.settings, cancelled)
        yield from ()

    @property
    def running(self) -> bool:
        return self._job.running

    @property
    def failure(self) -> Failure | None:
        return self._job.failure

    def cancel(self) -> None:
        self._job.cancel()
