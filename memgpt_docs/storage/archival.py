"""Archival storage: the passages of all documents, ranked for a query and read page by page."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from memgpt_docs.errors import UsageError
from memgpt_docs.storage.arms import Arms, Found, Where
from memgpt_docs.storage.asking import read_query
from memgpt_docs.storage.filters import NO_FILTERS, Filters
from memgpt_docs.storage.folding import fold
from memgpt_docs.storage.frozen import FrozenRanking
from memgpt_docs.storage.identifiers import identifiers_in
from memgpt_docs.storage.links import with_links
from memgpt_docs.storage.ranking import (
    Ranking,
    Scored,
    by_rank,
    fuse,
    in_proportion,
    in_total_order,
)
from memgpt_docs.storage.reranking import Reranker, reranked
from memgpt_docs.storage.routing import route
from memgpt_docs.storage.schema import Document, Passage
from memgpt_docs.storage.similarity import Similarity, similarity

if TYPE_CHECKING:
    from memgpt_docs.storage.library import Library

# Words and vectors count alike: each arm's best has a score of 1.
FULL_TEXT_WEIGHT = 1.0
VECTOR_WEIGHT = 1.0
# A statement that a question names, or that holds what it asks for, counts as much as the best
# match by words and by vector together: its figures match few words of any question.
STATEMENT_WEIGHT = 2.0
# Passages looked at for links and folding; hardly anybody reads further.
SHOWN_DEPTH = 100
# More than all arms together: two of words, two of vectors, three statements.
OUTWEIGHS = 16.0
REMEMBERED_RANKINGS = 64
# A ranking is made in several queries; when the library changes in between, it is made again.
MOST_TRIES = 3


@dataclass(frozen=True)
class Parts:
    """The parts of a search, so that each one's share can be measured. All are on by default."""

    full_text: bool = True
    vectors: bool = True
    routing: bool = True
    header: bool = True
    synonyms: bool = True
    statements: bool = True
    identifiers: bool = True
    links: bool = True
    folding: bool = True


ALL_PARTS = Parts()


@dataclass(frozen=True)
class Twin:
    """Where else a passage stands that says the same."""

    passage_id: str
    file: str
    page_no: int  # 1-based


@dataclass(frozen=True)
class Result:
    """One passage on a page of results."""

    rank: int  # 1-based place in the ranking
    score: float
    file: str
    passage: Passage
    twins: tuple[Twin, ...] = ()


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
    section: str = ""  # what the section path had to hold; empty for anything
    kind: str = ""  # the kind of passage the search was limited to; empty for all

    @property
    def past_end(self) -> bool:
        return self.page > self.pages

    @property
    def unread_pages(self) -> int:
        """Pages after this one."""
        return max(0, self.pages - self.page)


class ArchivalStorage:
    """Searches a library, for one session: making another is free.

    Rankings are frozen at the library version at which they were made and remembered, so turning
    a page never ranks again: a page past the first is cut from the ranking whose first page was
    shown, even when the library has changed since. `rankings` and `restore` carry them to another
    process.
    """

    def __init__(
        self,
        library: Library,
        parts: Parts = ALL_PARTS,
        *,
        session_id: str = "",
        reranker: Reranker | None = None,
    ) -> None:
        self._library = library
        self._session_id = session_id  # whose own notes are searched too
        self._parts = parts
        self._reranker = reranker
        self._rankings: OrderedDict[tuple[str, Filters], FrozenRanking] = OrderedDict()
        self._lock = Lock()

    def search(
        self,
        query: str,
        page: int = 1,
        page_size: int = 5,
        documents: Sequence[str] = (),
        filters: Filters = NO_FILTERS,
    ) -> ResultsPage:
        """Page `page` (1-based) of the ranking for `query`, in all documents or the named ones.

        The first page is of the library as it is now; the next ones are of the ranking that was
        remembered with it. Raises `UsageError` for an empty query, a page below 1, a page size
        below 1 or a filter that leaves nothing, and `UnknownDocument` for a document that is not
        in the library.
        """
        frozen = self.frozen(query, page, _merged(filters, documents))
        return self.page(frozen.ranking, page, page_size)

    def frozen(self, query: str, page: int = 1, filters: Filters = NO_FILTERS) -> FrozenRanking:
        """What page `page` of a search is cut from; raises what `search` does."""
        remembered = self._remembered(query.strip(), filters) if page > 1 else None
        return remembered or self._frozen_now(query, filters)

    def rank(
        self,
        query: str,
        documents: Sequence[str] = (),
        filters: Filters = NO_FILTERS,
    ) -> Ranking:
        """The frozen ranking for `query` at the library's present version."""
        return self._frozen_now(query, _merged(filters, documents)).ranking

    def _frozen_now(self, query: str, filters: Filters) -> FrozenRanking:
        query = query.strip()
        if not query:
            raise UsageError("The query is empty.", "Give the words to look for.")
        for _ in range(MOST_TRIES):
            version = self._library.version
            frozen = self._remembered(query, filters)
            if frozen is not None and frozen.ranking.library_version == version:
                return frozen
            ranking = self._rank(version, query, filters.where(self._library))
            if self._library.version == version:
                break
        frozen = FrozenRanking(filters, ranking)
        self.restore([frozen])
        return frozen

    def rankings(self) -> list[FrozenRanking]:
        """The rankings that are remembered, the one used last at the end."""
        with self._lock:
            return list(self._rankings.values())

    def restore(self, rankings: Iterable[FrozenRanking]) -> None:
        """Remembers rankings made before, in this process or another: their next pages are cut
        from them. Of more than `REMEMBERED_RANKINGS` the last ones are kept."""
        with self._lock:
            for frozen in rankings:
                self._rankings[frozen.key] = frozen
                self._rankings.move_to_end(frozen.key)
            while len(self._rankings) > REMEMBERED_RANKINGS:
                self._rankings.popitem(last=False)

    def _remembered(self, query: str, filters: Filters) -> FrozenRanking | None:
        with self._lock:
            frozen = self._rankings.get((query, filters))
            if frozen is not None:
                self._rankings.move_to_end(frozen.key)
            return frozen

    def page(self, ranking: Ranking, page: int, page_size: int) -> ResultsPage:
        """One page cut from a frozen ranking."""
        if page < 1:
            raise UsageError(f"There is no page {page}.", "Pages are counted from 1.")
        if page_size < 1:
            raise UsageError(
                f"A page of {page_size} passages is not possible.", "Ask for 1 or more."
            )
        entries = ranking.page(page, page_size)
        passages = self._library.passages(
            [passage_id for entry in entries for passage_id in (entry.passage_id, *entry.folded)]
        )
        files = {document.doc_id: document.file for document in self._documents()}
        passages = {key: one for key, one in passages.items() if one.doc_id in files}
        first_rank = (page - 1) * page_size + 1
        results = tuple(
            Result(
                rank,
                entry.score,
                files[passage.doc_id],
                passage,
                tuple(
                    Twin(twin.passage_id, files[twin.doc_id], twin.page_no)
                    for passage_id in entry.folded
                    if (twin := passages.get(passage_id))
                ),
            )
            for rank, entry in enumerate(entries, start=first_rank)
            if (passage := passages.get(entry.passage_id))
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
            section=ranking.section,
            kind=ranking.kind,
        )

    def _documents(self) -> list[Document]:
        """What is searched: the documents of the library and the session's own notes."""
        return [*self._library.documents(), *self._library.notes(self._session_id)]

    def _rank(self, version: int, query: str, where: Where) -> Ranking:
        parts = self._parts
        self._library.prepare()
        searched = [document.doc_id for document in self._documents()]
        column = "search_text" if parts.header else "text"
        arms = Arms(self._library, searched, column=column)
        entries = self._fused(arms, query, where)
        if parts.identifiers:
            entries = _with_identifiers_first(arms, query, where, entries)
        if parts.links or parts.folding or self._reranker:
            top = [entry.passage_id for entry in entries[:SHOWN_DEPTH]]
            seen = self._library.passages(top)
            entries = with_links(entries, seen) if parts.links else entries
            entries = fold(entries, seen) if parts.folding else entries
            if self._reranker:
                entries = reranked(entries, seen, query, self._reranker)
        return Ranking(query, where.doc_ids, version, tuple(entries), where.section, where.kind)

    def _fused(self, arms: Arms, query: str, where: Where) -> list[Scored]:
        """Words and vectors in all that is searched, both once more in the documents that the
        query names, and there the statements that it asks for."""
        parts = self._parts
        asked = read_query(query)
        if not parts.synonyms:
            asked = replace(asked, widening="")
        documents = [d for d in self._documents() if not where.doc_ids or d.doc_id in where.doc_ids]
        circle = route(query, documents) if parts.routing else ()
        near = where.within(circle) if circle else where
        similar = similarity(self._library, arms, query)
        places = [where, near] if circle else [where]
        with ThreadPoolExecutor(len(places) + 1) as threads:
            words = [threads.submit(arms.full_text, asked, place) for place in places]
            vectors = threads.submit(similar.nearest, where)
            statements = [
                arms.statement(statement, asked, near)
                for statement in (asked.statements if parts.statements else ())
            ]
            by_words = [found.result() for found in words] if parts.full_text else []
            by_vector = [vectors.result()] if parts.vectors else []
        scores = [
            in_proportion({one.passage_id: one.score for one in found}, FULL_TEXT_WEIGHT)
            for found in by_words
        ]
        if parts.vectors:
            scores += _similarities(similar, [*by_words, *by_vector], circle)
        scores += [by_rank(found, STATEMENT_WEIGHT) for found in statements]
        return fuse(scores)


def _merged(filters: Filters, documents: Sequence[str]) -> Filters:
    return replace(filters, documents=(*filters.documents, *documents))


def _similarities(
    similar: Similarity, arms: Sequence[Sequence[Found]], circle: Sequence[str]
) -> list[dict[str, float]]:
    """The cosine to the query of every passage found; those of the circle once more."""
    owner = {one.passage_id: one.doc_id for arm in arms for one in arm}
    scores = in_proportion(similar.cosines(arms), VECTOR_WEIGHT)
    return [scores, {key: score for key, score in scores.items() if owner[key] in set(circle)}]


def _with_identifiers_first(
    arms: Arms, query: str, where: Where, entries: list[Scored]
) -> list[Scored]:
    """`entries`, and what else contains an identifier of the query; a passage that contains more
    of them comes before one that contains fewer, and one that begins with it first of all."""
    scores = {entry.passage_id: entry.score for entry in entries}
    for identifier in identifiers_in(query):
        for passage_id, begins in arms.containing(identifier, where).items():
            more = OUTWEIGHS * (1.5 if begins else 1.0)
            scores[passage_id] = scores.get(passage_id, 0.0) + more
    return in_total_order([Scored(passage_id, score) for passage_id, score in scores.items()])
