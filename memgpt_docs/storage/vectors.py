"""Better vectors: those of an embedder that is too slow, or too far away, to wait for.

Every passage has a static vector from the moment it is added. A library may be searched by another
embedder: its vectors stand in a table of their own and follow document by document (see
`reembedding.py`). Passages whose vectors have not come yet are found by words and static vectors,
and the best of them are embedded for the query that found them. The library's version counts this
table, so that a ranking at one version is always the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256
from threading import Lock
from typing import Any

import pyarrow as pa

from memgpt_docs.embedding import Embedder, Vectors
from memgpt_docs.storage.rows import rows_of_vectors
from memgpt_docs.storage.schema import Document

PREFIX = "vectors_"
# Passages without a vector that are embedded for one query: two seconds of a small neural model.
AT_ONCE = 64
# 1.5 KB each at 384 dimensions.
REMEMBERED_VECTORS = 10_000


def table_name(embedder_id: str) -> str:
    """The table of an embedder's vectors."""
    return PREFIX + sha256(embedder_id.encode()).hexdigest()[:12]


def vectors_schema(dimension: int) -> pa.Schema:
    """Columns of a table of vectors; section and kind are there to be filtered by."""
    return pa.schema(
        [
            pa.field("passage_id", pa.string(), nullable=False),
            pa.field("doc_id", pa.string(), nullable=False),
            pa.field("section", pa.string(), nullable=False),
            pa.field("kind", pa.string(), nullable=False),
            pa.field("made_of", pa.string(), nullable=False),  # `stamp` of the document
            pa.field("vector", pa.list_(pa.float32(), dimension), nullable=False),
        ]
    )


def stamp(document: Document) -> str:
    """What a document's vectors were made of; another when it was taken in anew."""
    return f"{document.pipeline} {document.ingested_at.isoformat()}"


class BetterVectors:
    """The vectors of one embedder in one library."""

    def __init__(self, table: Any, passages: Any, embedder: Embedder) -> None:
        self.table = table
        self.embedder = embedder
        self._passages = passages
        self._made: OrderedDict[str, Vectors] = OrderedDict()
        self._behind_at: tuple[tuple[int, int], frozenset[str]] = ((-1, -1), frozenset())
        self._lock = Lock()

    @property
    def version(self) -> int:
        return int(self.table.version)

    def behind(self, documents: Sequence[Document], version: int) -> frozenset[str]:
        """The doc_ids of documents whose vectors are missing, in part or whole, or were made of an
        older self. `version` is that of the table of documents."""
        at = (version, self.version)
        with self._lock:
            if self._behind_at[0] == at:
                return self._behind_at[1]
        rows = self.table.search().select(["doc_id", "made_of"]).to_arrow()
        counted = rows.group_by(["doc_id", "made_of"]).aggregate([([], "count_all")]).to_pylist()
        there = {(row["doc_id"], row["made_of"]): row["count_all"] for row in counted}
        missing = frozenset(
            d.doc_id for d in documents if there.get((d.doc_id, stamp(d)), 0) != d.n_passages
        )
        with self._lock:
            self._behind_at = (at, missing)
        return missing

    def of(self, passage_ids: Sequence[str]) -> dict[str, Vectors]:
        """The vectors of those passages that have one."""
        from lancedb.expr import col

        if not passage_ids:
            return {}
        query = self.table.search().where(col("passage_id").isin(list(passage_ids)))
        rows = query.select(["passage_id", "vector"]).to_arrow()
        return dict(
            zip(rows["passage_id"].to_pylist(), rows_of_vectors(rows["vector"]), strict=True)
        )

    def made_now(self, passage_ids: Sequence[str]) -> dict[str, Vectors]:
        """Vectors of the first `AT_ONCE` of `passage_ids`, made now unless an earlier query had
        them made."""
        from lancedb.expr import col

        asked = list(dict.fromkeys(passage_ids))[:AT_ONCE]
        if not asked:
            return {}
        query = self._passages.search().where(col("passage_id").isin(asked))
        rows = query.select(["passage_id", "search_text"]).to_arrow()
        # Kept by text, not by id: a corrected header is another text.
        texts = dict(
            zip(rows["passage_id"].to_pylist(), rows["search_text"].to_pylist(), strict=True)
        )
        with self._lock:
            known = {text: self._made[text] for text in texts.values() if text in self._made}
        missing = [text for text in dict.fromkeys(texts.values()) if text not in known]
        known |= dict(zip(missing, self.embedder.embed(missing), strict=True))
        with self._lock:
            for text, vector in known.items():
                self._made[text] = vector
                self._made.move_to_end(text)
            while len(self._made) > REMEMBERED_VECTORS:
                self._made.popitem(last=False)
        return {passage_id: known[text] for passage_id, text in texts.items()}
