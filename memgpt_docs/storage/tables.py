"""The tables of a library: made once, checked at every opening, migrated when they are older."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyarrow as pa

from memgpt_docs.embedding import Embedder
from memgpt_docs.errors import EmbedderMismatch, SchemaTooNew
from memgpt_docs.storage.schema import DOCUMENTS, PAGES, RECALL, SESSIONS, passages_schema

SCHEMA_VERSION = 3


def add_filing_metadata(connection: Any) -> None:
    """Version 1 to 2: documents get columns for what is known of a filing, all empty."""
    _add_missing_columns(connection.open_table("documents"), DOCUMENTS)


def add_sessions(connection: Any) -> None:
    """Version 2 to 3: sessions have names and can be restored; recall storage is indexed."""
    _add_missing_columns(connection.open_table("documents"), DOCUMENTS)
    recall = connection.open_table("recall")
    _add_missing_columns(recall, RECALL)
    connection.create_table("sessions", schema=SESSIONS, exist_ok=True)
    _index_recall(recall)


def _add_missing_columns(table: Any, schema: pa.Schema) -> None:
    # A crash may have come between the columns and the new version number.
    missing = [field for field in schema if field.name not in table.schema.names]
    if missing:
        table.add_columns(missing)


# Each migration takes the tables from version n to n + 1; its place in the list is n - 1. It may
# run again after a crash.
MIGRATIONS: list[Callable[[Any], None]] = [add_filing_metadata, add_sessions]

# Passages from which a vector index makes searches faster (docs/retrieval.md has the figures).
VECTORS_PAY = 50_000
# LanceDB's own defaults are 6 GiB and 1 GiB.
CACHE_BYTES = 256 * 1024 * 1024
# The vectors of a million passages are a gigabyte, of which most searches need the same parts.
INDEX_CACHE_BYTES = 1024 * 1024 * 1024
ABOUT = pa.schema(
    [pa.field("key", pa.string(), nullable=False), pa.field("value", pa.string(), nullable=False)]
)


@dataclass(frozen=True)
class Tables:
    """The open tables of one library."""

    documents: Any
    pages: Any
    passages: Any
    recall: Any
    sessions: Any
    library: Any  # key and value: versions, embedder

    def of_documents(self) -> dict[str, Any]:
        """The tables that hold a document, by name."""
        return {"documents": self.documents, "pages": self.pages, "passages": self.passages}


def open_tables(uri: str, embedder: Embedder) -> Tables:
    """Opens the tables at `uri`, making them where there are none.

    Raises `EmbedderMismatch` and `SchemaTooNew`. The caller holds the writer's lock.
    """
    connection = _connect(uri)
    if not _is_there(connection):
        _create(connection, embedder)
    version = _check(connection, uri, embedder)
    _migrate(connection, version)
    return _tables(connection)


def present_tables(uri: str, embedder: Embedder) -> Tables | None:
    """The tables at `uri` as they are, or None where they must be made or migrated first; needs no
    lock. Raises `EmbedderMismatch` and `SchemaTooNew`."""
    connection = _connect(uri)
    if not _is_there(connection) or _check(connection, uri, embedder) != SCHEMA_VERSION:
        return None
    return _tables(connection)


def _connect(uri: str) -> Any:
    import lancedb

    return lancedb.connect(
        uri,
        # Every read sees what another process has written.
        read_consistency_interval=timedelta(0),
        session=lancedb.Session(INDEX_CACHE_BYTES, CACHE_BYTES),
    )


def _is_there(connection: Any) -> bool:
    return "library" in connection.list_tables().tables


def _tables(connection: Any) -> Tables:
    return Tables(
        documents=connection.open_table("documents"),
        pages=connection.open_table("pages"),
        passages=connection.open_table("passages"),
        recall=connection.open_table("recall"),
        sessions=connection.open_table("sessions"),
        library=connection.open_table("library"),
    )


def _create(connection: Any, embedder: Embedder) -> None:
    from lancedb.index import BTree

    create = connection.create_table
    create("documents", schema=DOCUMENTS, exist_ok=True)
    pages = create("pages", schema=PAGES, exist_ok=True)
    passages = create("passages", schema=passages_schema(embedder.dimension), exist_ok=True)
    recall = create("recall", schema=RECALL, exist_ok=True)
    create("sessions", schema=SESSIONS, exist_ok=True)
    index_words(passages)
    _index_recall(recall)
    passages.create_index("passage_id", config=BTree())
    passages.create_index("doc_id", config=BTree())
    pages.create_index("doc_id", config=BTree())
    about = {
        "schema_version": str(SCHEMA_VERSION),
        "embedder": embedder.id,
        "dimension": str(embedder.dimension),
    }
    rows = [{"key": key, "value": value} for key, value in about.items()]
    # Written last: a library without this table is made again.
    create("library", data=pa.Table.from_pylist(rows, schema=ABOUT))


def _index_recall(recall: Any) -> None:
    from lancedb.index import BTree

    index_words(recall, "text")
    recall.create_index("session_id", config=BTree())


def index_words(table: Any, column: str = "search_text") -> None:
    """Makes the full-text index, anew where there is one: 23 s for a million passages."""
    from lancedb.index import FTS

    # The ICU tokenizer finds words in Chinese too; the default one finds none there.
    full_text = FTS(base_tokenizer="icu", stem=True, remove_stop_words=True)
    table.create_index(column, config=full_text, replace=True)


def index_vectors(passages: Any, pays_from: int = VECTORS_PAY) -> None:
    """Makes the vector index when it pays, and again when the library has grown fourfold.

    A search without one looks at every vector, 1.3 µs each; below `pays_from` rows that is less
    than everything else it does. Rows that came later are found all the same; `optimize` adds
    them to the index.
    """
    from lancedb.index import IvfFlat

    rows = passages.count_rows()
    if rows < pays_from:
        return
    known = [index for index in passages.list_indices() if index.columns == ["vector"]]
    parts = round(rows**0.5)
    # Its name says into how many parts it was made.
    if known and parts < 2 * int(known[0].name.rpartition("_")[2]):
        return
    for index in known:
        passages.drop_index(index.name)
    # Whole vectors: compressed ones (IVF_PQ) took 100 s to train where this takes 5.
    config = IvfFlat(distance_type="cosine", num_partitions=parts)
    passages.create_index("vector", config=config, name=f"vector_{parts}")


def _check(connection: Any, uri: str, embedder: Embedder) -> int:
    """The schema version of the library, which this code can open."""
    rows = connection.open_table("library").search().to_arrow().to_pylist()
    about = {row["key"]: row["value"] for row in rows}
    version = int(about["schema_version"])
    if version > SCHEMA_VERSION:
        raise SchemaTooNew(
            f"The library at {uri} has schema version {version}; "
            f"this version of memgpt-docs knows up to {SCHEMA_VERSION}.",
            "Update memgpt-docs, or choose another library with --library.",
        )
    if about["embedder"] != embedder.id:
        raise EmbedderMismatch(
            f"The library at {uri} was made with the embedder {about['embedder']}, "
            f"not {embedder.id}.",
            "Ingest the documents into a new library with --library.",
        )
    return version


def _migrate(connection: Any, version: int) -> None:
    library = connection.open_table("library")
    for number, migrate in enumerate(MIGRATIONS[version - 1 :], start=version + 1):
        migrate(connection)
        library.update(where="key = 'schema_version'", values={"value": str(number)})
