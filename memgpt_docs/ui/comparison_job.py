"""A comparison that is being filled, in a thread of its own."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

from memgpt_docs.comparison import Cell, Comparison
from memgpt_docs.ui.jobs import Cancelled, Failure, Job


class ComparisonJob:
    """Fills a table cell by cell; one cell can be worked out again."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self._started, self._had = monotonic(), len(comparison.cells)
        self._job: Job[Cell] = Job(comparison.fill)

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
    def total(self) -> int:
        """Cells of the whole table."""
        return len(self.comparison.documents) * len(self.comparison.questions)

    @property
    def seconds_left(self) -> float | None:
        """How long the cells that are left take at the pace so far; None before the first."""
        done = len(self.comparison.cells) - self._had
        if done <= 0:
            return None
        pace = (monotonic() - self._started) / done
        return pace * (self.total - len(self.comparison.cells))

    def cancel(self) -> None:
        """Stops after the step in work; the cells that are there stay."""
        self._job.cancel()

    def run_again(self, cell: Cell) -> None:
        """Starts to work out one cell again, and those that are not there yet."""

        def work(cancelled: Cancelled) -> Iterator[Cell]:
            yield self.comparison.run(cell.document, cell.question, cancelled)
            yield from self.comparison.fill(cancelled)

        if not self.running:
            self._started, self._had = monotonic(), len(self.comparison.cells)
            self._job = Job(work)

    def join(self, timeout_s: float | None = None) -> None:
        """Waits for the end of the work."""
        self._job.join(timeout_s)
