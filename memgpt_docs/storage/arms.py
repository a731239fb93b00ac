"""The arms of a search: what the database finds for a query in one way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from memgpt_docs.embedding import Vectors
from memgpt_docs.storage.asking import Asked
from memgpt_docs.storage.identifiers import Identifier
from memgpt_docs.storage.ranking import Scored, whole_ties
from memgpt_docs.storage.rows import rows_of_vectors
from memgpt_docs.storage.schema import PassageKind
from memgpt_docs.storage.statements import TITLES, Statement, statement_of
from memgpt_docs.storage.vectors import BetterVectors

if TYPE_CHECKING:
    from memgpt_docs.storage.library import Library

# How many passages each arm contributes to a ranking.
DEPTH = 200
# The words that filings use, beside the words of the question. Between .3 and 1 it hardly matters.
WIDENING_WEIGHT = 0.5
# The index is asked for this many passages of which those of a statement are kept.
STATEMENT_REACH = 300
# Rows asked for beyond those, of which ties at the end may cost some.
MARGIN = 50
# Parts of the vector index that are searched, of 8,192 vectors or more each: half a million, in
# which .97 of the best 200 of a million are, or .9 for a query unlike all passages.
NPROBES = 64


@dataclass(frozen=True)
class Where:
    """What a search is limited to."""

    doc_ids: tuple[str, ...] = ()  # empty for all
    section: str = ""  # part of the section path, whatever the case
    kind: str = ""

    def within(self, circle: Sequence[str]) -> Where:
        """The same, in the documents of a circle only."""
        return Where(tuple(circle), self.section, self.kind)

    def expression(self) -> Any:
        """As a filter of the database; None when nothing is excluded."""
        from lancedb.expr import col, lit

        parts = []
        if self.doc_ids:
            parts.append(col("doc_id").isin(list(self.doc_ids)))
        if self.section:
            parts.append(col("section").lower().contains(lit(self.section.lower())))
        if self.kind:
            parts.append(col("kind") == lit(self.kind))
        whole = None
        for part in parts:
            whole = part if whole is None else whole & part
        return whole


EVERYWHERE = Where()


@dataclass(frozen=True)
class Found:
    """A passage that an arm found."""

    passage_id: str
    doc_id: str
    score: float  # larger is better
    # float32 of shape (dimension,), of unit length; None where it was not asked for
    vector: Vectors | None


class Arms:
    """Asks the passages of a library. Every arm gives the same ids in the same order whenever
    it is asked at the same version of the library, in whatever process."""

    def __init__(
        self, library: Library, searched: Iterable[str], *, column: str = "search_text"
    ) -> None:
        self._library = library
        self._column = column
        # A document that is being added or removed has passages but no row yet, or no longer;
        # notes of other sessions are not to be seen.
        self.searched = frozenset(searched)  # doc_ids

    def full_text(self, asked: Asked, where: Where) -> list[Found]:
        """Passages by BM25, for the words of the query and, with less weight, of `widening`."""
        ask = self._ask_words(self._match(asked))
        # The vectors made at once are at hand with the rows; better ones stand elsewhere.
        columns = [] if self._library.better else ["vector"]
        return self._found(ask, where, "_score", 1.0, columns)

    def vector(self, vector: Vectors, where: Where) -> list[Found]:
        """Passages by cosine similarity of the vectors made at once to `vector`, float32 of shape
        (dimension,)."""
        ask = _nearest(self._library.passages_table, vector, where)
        return self._found(ask, where, "_distance", -1.0, ["vector"])

    def better_vector(self, better: BetterVectors, vector: Vectors, where: Where) -> list[Found]:
        """Passages by cosine similarity of their better vectors to `vector`."""
        return self._found(
            _nearest(better.table, vector, where), where, "_distance", -1.0, ["vector"]
        )

    def _found(
        self,
        ask: Callable[[int], Any],
        where: Where,
        score: str,
        sign: float,
        columns: Sequence[str],
    ) -> list[Found]:
        rows = self._rows(ask, where, score, sign, DEPTH, columns)
        return [
            Found(scored.passage_id, row["doc_id"], scored.score, row.get("vector"))
            for scored, row in rows[:DEPTH]
        ]

    def statement(self, statement: Statement, asked: Asked, where: Where) -> list[str]:
        """Passages of one primary statement, those first that say most of what is asked."""
        query = _either(self._any_word(TITLES[statement]), self._match(asked))
        columns = ["section", "text", "kind"]
        rows = self._rows(self._ask_words(query), where, "_score", 1.0, STATEMENT_REACH, columns)
        return [
            scored.passage_id
            for scored, row in rows
            if statement_of(row["section"], row["text"], row["kind"] == PassageKind.TABLE)
            is statement
        ][:DEPTH]

    def containing(self, identifier: Identifier, where: Where) -> dict[str, bool]:
        """Passages that contain an identifier, in their text or header; true for those that
        begin with it."""
        ask = self._ask_words(_either(*(self._all_words(words) for words in identifier.words)))
        rows = self._rows(ask, where, "_score", 1.0, DEPTH, ["header", "text"])
        found = [
            (scored.passage_id, identifier.begins(row["text"]))
            for scored, row in rows
            if identifier.contained_in(row["text"]) or identifier.contained_in(row["header"])
        ]
        return dict(found[:DEPTH])

    def _match(self, asked: Asked) -> Any:
        words = self._any_word(asked.text)
        if not asked.widening:
            return words
        return _either(words, self._any_word(asked.widening, boost=WIDENING_WEIGHT))

    def _any_word(self, words: str, boost: float = 1.0) -> Any:
        from lancedb import query

        match: Any = query.MatchQuery
        return match(words, self._column, boost=boost)

    def _all_words(self, words: str) -> Any:
        from lancedb import query

        match: Any = query.MatchQuery
        return match(words, self._column, operator=query.FullTextOperator.AND)

    def _ask_words(self, query: Any) -> Callable[[int], Any]:
        return lambda limit: self._library.passages_table.search(query, query_type="fts").limit(
            limit
        )

    def _rows(
        self,
        ask: Callable[[int], Any],
        where: Where,
        score: str,
        sign: float,
        enough: int,
        columns: Sequence[str],
    ) -> list[tuple[Scored, dict[str, Any]]]:
        """The best `enough` rows at least where there are so many, always the same ones (see
        `whole_ties`), each with its `columns`."""
        expression = where.expression()
        limit = enough + MARGIN
        while True:
            query = ask(limit).select(["passage_id", "doc_id", score, *columns])
            if expression is not None:
                query = query.where(expression)
            table = query.to_arrow()
            ids = table["passage_id"].to_pylist()
            # Six digits: sums of floats may differ in the last ones from run to run.
            scores = [round(sign * value, 6) for value in table[score].to_pylist()]
            trusted = whole_ties(
                [Scored(passage_id, s) for passage_id, s in zip(ids, scores, strict=True)], limit
            )
            if len(trusted) >= enough or len(ids) < limit:
                break
            limit *= 4
        rows = dict(zip(ids, _rows_of(table.drop_columns([score, "passage_id"])), strict=True))
        return [
            (scored, rows[scored.passage_id])
            for scored in trusted
            if rows[scored.passage_id]["doc_id"] in self.searched
        ]


def _either(*queries: Any) -> Any:
    """Any of the queries; a passage scores the sum of those that it matches."""
    from lancedb.query import BooleanQuery, Occur

    return BooleanQuery([(Occur.SHOULD, query) for query in queries])


def _nearest(table: Any, vector: Vectors, where: Where) -> Callable[[int], Any]:
    def ask(limit: int) -> Any:
        # Parts to search are told for tables that have an index: see `index_vectors`.
        query = table.search(vector, vector_column_name="vector").nprobes(NPROBES)
        if where != EVERYWHERE:
            query = query.maximum_nprobes(0)  # all of them, where a filter leaves too few
        return query.distance_type("cosine").limit(limit)

    return ask


def _rows_of(table: Any) -> list[dict[str, Any]]:
    """The rows of an Arrow table, vectors as numpy arrays."""
    if "vector" not in table.column_names:
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows
    rest = table.drop_columns(["vector"]).to_pylist()
    vectors = rows_of_vectors(table["vector"])
    return [{**row, "vector": vector} for row, vector in zip(rest, vectors, strict=True)]
