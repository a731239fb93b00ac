"""Coverage: how far the ranking of each query of the present question was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from memgpt_docs.events import Coverage
from memgpt_docs.storage.archival import ResultsPage
from memgpt_docs.storage.schema import Document

LONGEST_QUERY = 200  # characters of a query in a line on how far it was read
NAMED = 3  # documents in that line; more are counted
Search = tuple[str, tuple[str, ...], str, str]  # query, documents, section, kind


class CoverageLog:
    """Counts pages read, per query and filters. A page past the end is not a page read."""

    def __init__(self) -> None:
        self._read: dict[Search, Coverage] = {}
        self._newest: dict[Search, ResultsPage] = {}

    def read(self, page: ResultsPage) -> None:
        """Notes that a page of results was shown. Where the library has changed and the ranking
        was made anew, its pages count from the beginning; where it was cut anew, those pages count
        of which all passages were shown."""
        key = (page.query, page.documents, page.section, page.kind)
        before = self._newest.get(key)
        pages: set[int] = set()
        if before is not None and before.library_version == page.library_version:
            pages = _cut_anew(self._read[key].pages_read, before.page_size, page)
        self._newest[key] = page
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
        self._newest.clear()


def _cut_anew(pages_read: Sequence[int], page_size: int, page: ResultsPage) -> set[int]:
    """The pages of the size of `page` that lie wholly in pages of `page_size` that were read."""
    if page_size == page.page_size:
        return set(pages_read)
    shown = {
        rank
        for number in pages_read
        for rank in range((number - 1) * page_size, min(number * page_size, page.total))
    }
    return {
        number
        for number in range(1, page.pages + 1)
        if shown.issuperset(
            range((number - 1) * page.page_size, min(number * page.page_size, page.total))
        )
    }


def documents_named(doc_ids: Sequence[str], documents: Iterable[Document]) -> str:
    """What a search was limited to, of `documents`: "a.pdf" or "7 documents"; empty for all."""
    if not doc_ids:
        return ""
    files = {document.doc_id: document.file for document in documents}
    named = [files[doc_id] for doc_id in doc_ids if doc_id in files]
    return ", ".join(named) if len(named) <= NAMED else f"{len(named)} documents"


def coverage_line(coverage: Coverage, documents: Iterable[Document] = ()) -> str:
    """One line on how far a search was read, as processor, user and export see it; with the names
    of those of `documents` that it was limited to."""
    where = documents_named(coverage.documents, documents)
    pages = ", ".join(str(page) for page in coverage.pages_read)
    query = " ".join(coverage.query.split())
    query = query if len(query) <= LONGEST_QUERY else f"{query[:LONGEST_QUERY]}…"
    about = f"“{query}” in {where}" if where else f"“{query}”"
    if not coverage.total:
        return f"{about}: no passage matches"
    return (
        f"{about}: read page {pages} of {coverage.pages} "
        f"({coverage.total} passages; {coverage.unread} pages unread)"
    )
