"""Better vectors follow: those of a chosen embedder for all passages, document by document.

    1. Documents that lack vectors, or whose vectors are of an older self, are taken one by one, the
       newest first; their passages are embedded and written in batches.
    2. When no document is left, `reembed` switches the library over, in one write.

Searches go on all the while by what they used before. Whatever was written stays, so a run that is
cut short goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from memgpt_docs.embedding import Embedder
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.lookups import is_any
from memgpt_docs.storage.rows import column_of_vectors
from memgpt_docs.storage.schema import Document
from memgpt_docs.storage.tables import index_vectors, switch
from memgpt_docs.storage.vectors import BetterVectors, stamp, vectors_schema

# Passages between two reports: two seconds of a small neural model.
BATCH = 64
# A remote server is asked for as many as it takes in one request.
BATCH_AFAR = 1024


@dataclass(frozen=True)
class Volume:
    """What is to be embedded, and where it goes."""

    passages: int
    tokens: int  # about
    destination: str  # a host; empty for this machine
    dollars: float | None  # None where the price is not known

    def __str__(self) -> str:
        size = f"{self.passages:,} passages, about {self.tokens:,} tokens"
        if not self.destination:
            return f"{size}; nothing leaves this machine"
        if self.dollars is None:
            return f"{size}, go to {self.destination}; MEMGPT_DOCS_EMBEDDING_PRICE tells the cost"
        return f"{size}, go to {self.destination}: about ${self.dollars:,.2f}"


@dataclass(frozen=True)
class VectorsMade:
    """How far it is."""

    file: str  # the document under way
    passages_done: int
    passages_total: int
    passages_per_s: float
    seconds_left: float | None


def volume(library: Library, embedder: Embedder, price: float | None = None) -> Volume:
    """What `reembed` would have to do; `price` is in US dollars for a million tokens."""
    if embedder.id == library.embedder.id:
        return Volume(0, 0, "", None)
    waiting = _behind(library, library.tables.better_vectors(embedder))
    tokens = sum(document.n_tokens for document in waiting)
    dollars = None if price is None else price * tokens / 1_000_000
    passages = sum(document.n_passages for document in waiting)
    return Volume(passages, tokens, embedder.destination, dollars)


def reembed(
    library: Library, embedder: Embedder, cancelled: Callable[[], bool] = lambda: False
) -> Iterator[VectorsMade]:
    """Makes the vectors of `embedder` for all passages, then lets the library be searched by them
    by whoever opens it from then on. Stops without switching when `cancelled`. Raises
    `EmbedderUnavailable`; run it again to go on."""
    if embedder.id == library.embedder.id:
        with library.writing():
            switch(library.tables, None)
        return
    better = library.tables.better_vectors(embedder)
    seen: list[Document] = []
    while True:
        yield from _fill(library, better, cancelled)
        if cancelled():
            return
        index_vectors(better.table)
        with library.writing():
            # While writing nothing can come in. What is left after two rounds has no vectors to
            # be made.
            waiting = _behind(library, better)
            if not waiting or waiting == seen:
                switch(library.tables, embedder)
                return
            seen = waiting


def follow(
    library: Library, cancelled: Callable[[], bool] = lambda: False
) -> Iterator[VectorsMade]:
    """Makes the better vectors of documents that came in since the last time, where the library
    is searched by better ones."""
    if library.better is not None:
        yield from _fill(library, library.better, cancelled)


def _behind(library: Library, better: BetterVectors) -> list[Document]:
    documents = library.documents()
    missing = better.behind(documents, int(library.documents_table.version))
    waiting = [document for document in documents if document.doc_id in missing]
    return sorted(waiting, key=lambda document: document.ingested_at, reverse=True)


def _fill(
    library: Library, better: BetterVectors, cancelled: Callable[[], bool]
) -> Iterator[VectorsMade]:
    began = time.monotonic()
    done = 0
    waiting = _behind(library, better)
    total = sum(document.n_passages for document in waiting)
    for document in waiting:
        for more in _embed(library, better, document, cancelled):
            done += more
            rate = done / max(time.monotonic() - began, 1e-9)
            yield VectorsMade(document.file, done, total, rate, (total - done) / rate)
        if cancelled():
            return


def _embed(
    library: Library, better: BetterVectors, document: Document, cancelled: Callable[[], bool]
) -> Generator[int, None, None]:
    """Embeds what is missing of one document, giving how many passages each batch had."""
    rows = _missing(library, better, document)
    there = document.n_passages - len(rows)
    if there > 0:
        yield there
    size = BATCH_AFAR if better.embedder.destination else BATCH
    for first in range(0, len(rows), size):
        if cancelled():
            return
        batch = rows.slice(first, size)
        vectors = better.embedder.embed(batch["search_text"].to_pylist())
        table = pa.Table.from_pydict(
            {
                **{name: batch[name] for name in ("passage_id", "doc_id", "section", "kind")},
                "made_of": [stamp(document)] * len(batch),
                "vector": column_of_vectors(vectors),
            },
            schema=vectors_schema(better.embedder.dimension),
        )
        with library.writing():
            known = {one.doc_id: one for one in library.documents()}
            if document.doc_id not in known or stamp(known[document.doc_id]) != stamp(document):
                return  # deleted or taken in anew meanwhile
            better.table.add(table)
        yield len(batch)


def _missing(library: Library, better: BetterVectors, document: Document) -> Any:
    """The passages of a document that have no vector yet; vectors of its older self are removed."""
    from lancedb.expr import col, lit

    of_document = col("doc_id") == lit(document.doc_id)
    with library.writing():
        older = of_document & (col("made_of") != lit(stamp(document)))
        if is_any(better.table, older):
            better.table.delete(older)
    query = better.table.search().where(of_document).select(["passage_id"])
    there = query.to_arrow()["passage_id"]
    columns = ["passage_id", "doc_id", "section", "kind", "search_text"]
    rows = library.passages_table.search().where(of_document).select(columns).to_arrow()
    return rows.filter(pa.compute.invert(pa.compute.is_in(rows["passage_id"], there)))
