"""Archival storage: the passages of all documents, ranked for a query and read page by page."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from memgpt_docs.errors import UsageError
from memgpt_docs.storage.ranking import Ranking, Scored, fuse, whole_ties
from memgpt_docs.storage.routing import route
from memgpt_docs.storage.schema import Passage

if TYPE_CHECKING:
    from memgpt_docs.storage.library import Library

# How many passages each arm contributes to a ranking.
DEPTH = 200
# On filings BM25 beats static vectors by far; on encyclopedia questions a weight of 0.3 for the
# vector arm is better than either arm alone.
FULL_TEXT_WEIGHT = 1.0
VECTOR_WEIGHT = 0.3
REMEMBERED_RANKINGS = 64


@dataclass(frozen=True)
class Result:
    """One passage on a page of results."""

    rank: int  # 1-based place in the ranking
    score: float
    file: str
    passage: Passage


@dataclass(frozen=True)
class ResultsPage:
    """One page of a frozen ranking. Past the end, `results` is empty and `past_end` is true."""

    query: str
    documents: tuple[str, ...]  # doc_ids the search was limited to; empty for all
    page: int  # 1-based
    pages: int
    total: int
    page_size: int
    library_version: int
    results: tuple[Result, ...]
    gone: int = 0  # passages of this page whose document was deleted since the search

    @property
    def past_end(self) -> bool:
        return self.page > self.pages

    @property
    def unread_pages(self) -> int:
        """Pages after this one."""
        return max(0, self.pages - self.page)


class ArchivalStorage:
    """Searches a library. Rankings are frozen at the library version at which they were made and
    remembered, so turning a page never ranks again."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._rankings: OrderedDict[tuple[int, str, tuple[str, ...]], Ranking] = OrderedDict()
        self._lock = Lock()

    def search(
        self, query: str, page: int = 1, page_size: int = 5, documents: Sequence[str] = ()
    ) -> ResultsPage:
        """Page `page` (1-based) of the ranking for `query`, in all documents or the named ones.

        Raises `UsageError` for an empty query, a page below 1 or a page size below 1, and
        `UnknownDocument` for a document that is not in the library.
        """
        return self.page(self.rank(query, documents), page, page_size)

    def rank(self, query: str, documents: Sequence[str] = ()) -> Ranking:
        """The frozen ranking for `query` at the library's present version."""
        query = query.strip()
        if not query:
            raise UsageError("The query is empty.", "Give the words to look for.")
        doc_ids = tuple(sorted({self._library.document(name).doc_id for name in documents}))
        key = (self._library.version, query, doc_ids)
        with self._lock:
            if key in self._rankings:
                self._rankings.move_to_end(key)
                return self._rankings[key]
        ranking = self._rank(*key)
        with self._lock:
            self._rankings[key] = ranking
            while len(self._rankings) > REMEMBERED_RANKINGS:
                self._rankings.popitem(last=False)
        return ranking

    def page(self, ranking: Ranking, page: int, page_size: int) -> ResultsPage:
        """One page cut from a frozen ranking."""
        if page < 1:
            raise UsageError(f"There is no page {page}.", "Pages are counted from 1.")
        if page_size < 1:
            raise UsageError(
                f"A page of {page_size} passages is not possible.", "Ask for 1 or more."
            )
        entries = ranking.page(page, page_size)
        passages = self._library.passages([entry.passage_id for entry in entries])
        files = {document.doc_id: document.file for document in self._library.documents()}
        first_rank = (page - 1) * page_size + 1
        results = tuple(
            Result(rank, entry.score, files[passage.doc_id], passage)
            for rank, entry in enumerate(entries, start=first_rank)
            if (passage := passages.get(entry.passage_id)) and passage.doc_id in files
        )
        return ResultsPage(
            query=ranking.query,
            documents=ranking.documents,
            page=page,
            pages=ranking.pages(page_size),
            total=ranking.total,
            page_size=page_size,
            library_version=ranking.library_version,
            results=results,
            gone=len(entries) - len(results),
        )

    def _rank(self, version: int, query: str, doc_ids: tuple[str, ...]) -> Ranking:
        arms = self._arms(query, doc_ids)
        # The same arms once more in the documents that the query names. In a store of 20 filings
        # this takes the share of questions whose page is among the first ten from .18 to .50.
        documents = [d for d in self._library.documents() if not doc_ids or d.doc_id in doc_ids]
        for circle in route(query, documents):
            arms += self._arms(query, circle)
        return Ranking(query, doc_ids, version, tuple(fuse(arms)))

    def _arms(self, query: str, doc_ids: tuple[str, ...]) -> list[tuple[float, list[str]]]:
        return [
            (FULL_TEXT_WEIGHT, self._full_text(query, doc_ids)),
            (VECTOR_WEIGHT, self._vector(query, doc_ids)),
        ]

    def _full_text(self, query: str, doc_ids: tuple[str, ...]) -> list[str]:
        def ask(limit: int) -> Any:
            return self._library.passages_table.search(
                query, query_type="fts", fts_columns="search_text"
            ).limit(limit)

        return self._arm(ask, doc_ids, "_score", sign=1.0)

    def _vector(self, query: str, doc_ids: tuple[str, ...]) -> list[str]:
        vector = self._library.embedder.embed([query])[0]

        def ask(limit: int) -> Any:
            table: Any = self._library.passages_table
            query = table.search(vector, vector_column_name="vector")
            return query.distance_type("cosine").limit(limit)

        return self._arm(ask, doc_ids, "_distance", sign=-1.0)

    def _arm(
        self, ask: Callable[[int], Any], doc_ids: tuple[str, ...], score: str, sign: float
    ) -> list[str]:
        """The best `DEPTH` passage ids of one arm, always the same ones: see `whole_ties`."""
        from lancedb.expr import col

        committed = {document.doc_id for document in self._library.documents()}
        limit = 2 * DEPTH
        while True:
            query = ask(limit).select(["passage_id", "doc_id", score])
            if doc_ids:
                query = query.where(col("doc_id").isin(list(doc_ids)))
            rows = query.to_arrow()
            scored = [
                # Six digits: sums of floats may differ in the last ones from run to run.
                Scored(passage_id, round(sign * value, 6))
                for passage_id, value in zip(
                    rows["passage_id"].to_pylist(), rows[score].to_pylist(), strict=True
                )
            ]
            trusted = whole_ties(scored, limit)
            if len(trusted) >= DEPTH or rows.num_rows < limit:
                break
            limit *= 4
        owner = dict(zip(rows["passage_id"].to_pylist(), rows["doc_id"].to_pylist(), strict=True))
        visible = [entry.passage_id for entry in trusted if owner[entry.passage_id] in committed]
        return visible[:DEPTH]
