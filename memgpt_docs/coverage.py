"""Coverage: how far the ranking of each query of the present question was read."""

from __future__ import annotations

from memgpt_docs.events import Coverage
from memgpt_docs.storage.archival import ResultsPage


class CoverageLog:
    """Counts pages read, per query and filters. A page past the end is not a page read."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, tuple[str, ...], str, str], Coverage] = {}
        self._versions: dict[tuple[str, tuple[str, ...], str, str], int] = {}

    def read(self, page: ResultsPage) -> None:
        """Notes that a page of results was shown. Where the library has changed and the ranking
        was made anew, its pages count from the beginning."""
        key = (page.query, page.documents, page.section, page.kind)
        before = self._read.get(key)
        same = self._versions.get(key) == page.library_version
        pages = set(before.pages_read) if before and same else set()
        self._versions[key] = page.library_version
        if not page.past_end:
            pages.add(page.page)
        self._read[key] = Coverage(
            page.query, page.documents, tuple(sorted(pages)), page.pages, page.total
        )

    def searches(self) -> list[Coverage]:
        """Coverage of each search, in the order of the first page read."""
        return list(self._read.values())

    def clear(self) -> None:
        """Starts over, for a new question."""
        self._read.clear()
        self._versions.clear()
