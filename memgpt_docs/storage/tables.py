"""The tables of a library: made once, checked at every opening, migrated when they are older."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyarrow as pa

from memgpt_docs.embedding import Embedder, setting_of
from memgpt_docs.errors import EmbedderMismatch, SchemaTooNew
from memgpt_docs.storage.rows import forget_deleted_rows
from memgpt_docs.storage.schema import DOCUMENTS, PAGES, RECALL, SESSIONS, passages_schema
from memgpt_docs.storage.vectors import PREFIX, BetterVectors, table_name, vectors_schema

SCHEMA_VERSION = 4


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


def add_cells(connection: Any) -> None:
    """Version 3 to 4: pages of sheets say which cells their lines are from."""
    _add_missing_columns(connection.open_table("pages"), PAGES)


def _add_missing_columns(table: Any, schema: pa.Schema) -> None:
    # A crash may have come between the columns and the new version number.
    missing = [field for field in schema if field.name not in table.schema.names]
    if missing:
        table.add_columns(missing)


# Each migration takes the tables from version n to n + 1; its place in the list is n - 1. It may
# run again after a crash.
MIGRATIONS: list[Callable[[Any], None]] = [add_filing_metadata, add_sessions, add_cells]

# Passages from which a vector index makes searches faster: looking at every vector costs 1.3 µs
# each.
VECTORS_PAY = 20_000
# A passage that is not in the index of words yet costs every search 13 µs; bringing the indices of
# a million passages up to date takes 3 to 17 s, however little is new. So it is done when so many
# passages are new, or, in a small library, such a share of all.
REFRESH_PAYS = 5_000
REFRESH_SHARE = 1 / 20
# Indexed vectors of 256 bytes each; of more of them searches read the parts that they need.
VECTORS_IN_MEMORY = 2_000_000
# LanceDB's own defaults are 6 GiB and 1 GiB.
CACHE_BYTES = 256 * 1024 * 1024
# The vectors of a million passages are a gigabyte, of which most searches need the same parts.
INDEX_CACHE_BYTES = 1024 * 1024 * 1024
RECALL_CACHE_BYTES = 16 * 1024 * 1024
# The key under which a library says by which better vectors it is searched; empty for none.
BETTER = "better"
ABOUT = pa.schema(
    [pa.field("key", pa.string(), nullable=False), pa.field("value", pa.string(), nullable=False)]
)


@dataclass(frozen=True)
class Embedders:
    """Who makes the vectors of a library: at once, when a document comes in, and the better ones
    that it is searched by, if any."""

    at_once: Embedder
    better: Embedder | None
    is_checked: bool = True  # that the library is searched by `better`

    @property
    def searching(self) -> Embedder:
        return self.better or self.at_once


@dataclass(frozen=True)
class Tables:
    """The open tables of one library."""

    connection: Any
    documents: Any
    pages: Any
    passages: Any
    recall: Any
    sessions: Any
    library: Any  # key and value: versions, embedders

    def of_documents(self) -> dict[str, Any]:
        """The tables that hold a document, by name."""
        return {"documents": self.documents, "pages": self.pages, "passages": self.passages}

    def of_vectors(self) -> dict[str, Any]:
        """The tables of better vectors, by name: of the embedder in use, the one before it and one
        that a switch is under way to."""
        names = self.connection.list_tables().tables
        return {name: self.connection.open_table(name) for name in names if name.startswith(PREFIX)}

    def better_vectors(self, embedder: Embedder) -> BetterVectors:
        """The table of an embedder's vectors, made where there is none."""
        from lancedb.index import BTree

        name = table_name(embedder.id)
        if name not in self.connection.list_tables().tables:
            schema = vectors_schema(embedder.dimension)
            table = self.connection.create_table(name, schema=schema, exist_ok=True)
            for column in ("passage_id", "doc_id"):
                table.create_index(column, config=BTree())
        return BetterVectors(self.connection.open_table(name), self.passages, embedder)


def open_tables(uri: str, embedders: Embedders) -> Tables:
    """Opens the tables at `uri`, making them where there are none.

    Raises `EmbedderMismatch` and `SchemaTooNew`. The caller holds the writer's lock.
    """
    connection = _connect(uri)
    if not _is_there(connection):
        _create(connection, embedders)
    version = _check(connection, uri, embedders)
    _migrate(connection, version)
    return _tables(connection)


def present_tables(uri: str, embedders: Embedders) -> Tables | None:
    """The tables at `uri` as they are, or None where they must be made or migrated first; needs no
    lock. Raises `EmbedderMismatch` and `SchemaTooNew`."""
    connection = _connect(uri)
    if not _is_there(connection) or _check(connection, uri, embedders) != SCHEMA_VERSION:
        return None
    return _tables(connection)


def switch(tables: Tables, better: Embedder | None) -> None:
    """From now on the library is searched by `better`, or by the vectors made at once. The vectors
    of who searched before are kept for programs that still do; those from before that go. The
    caller holds the writer's lock."""
    before = about(tables.library).get(BETTER, "")
    value = better.id if better else ""
    row = pa.Table.from_pylist([{"key": BETTER, "value": value}], schema=ABOUT)
    merge = tables.library.merge_insert("key").when_matched_update_all()
    merge.when_not_matched_insert_all().execute(row)
    kept = {table_name(embedder_id) for embedder_id in (before, value)}
    for name in tables.of_vectors():
        if name not in kept:
            tables.connection.drop_table(name)


def forget_recall(tables: Tables) -> None:
    """Removes from disk what was deleted from recall storage and from the list of sessions."""
    index_words(tables.recall, "text")
    for table in (tables.recall, tables.sessions):
        forget_deleted_rows(table)


def about(library: Any) -> dict[str, str]:
    """What a library says of itself."""
    return {row["key"]: row["value"] for row in library.search().to_arrow().to_pylist()}


def open_recall(uri: str) -> Any:
    """The recall table with small caches of its own. Every write makes a new version, and what is
    remembered of old ones is only let go with the connection: it is opened anew now and then."""
    return _connect(uri, RECALL_CACHE_BYTES, RECALL_CACHE_BYTES).open_table("recall")


def _connect(uri: str, indices: int = INDEX_CACHE_BYTES, rest: int = CACHE_BYTES) -> Any:
    # Its warnings are about partitions that turned out small; nobody can do anything about them.
    os.environ.setdefault("LANCEDB_LOG", "error")
    import lancedb

    return lancedb.connect(
        uri,
        # Every read sees what another process has written.
        read_consistency_interval=timedelta(0),
        session=lancedb.Session(indices, rest),
    )


def _is_there(connection: Any) -> bool:
    return "library" in connection.list_tables().tables


def _tables(connection: Any) -> Tables:
    return Tables(
        connection=connection,
        documents=connection.open_table("documents"),
        pages=connection.open_table("pages"),
        passages=connection.open_table("passages"),
        recall=connection.open_table("recall"),
        sessions=connection.open_table("sessions"),
        library=connection.open_table("library"),
    )


def _create(connection: Any, embedders: Embedders) -> None:
    from lancedb.index import BTree

    create = connection.create_table
    create("documents", schema=DOCUMENTS, exist_ok=True)
    pages = create("pages", schema=PAGES, exist_ok=True)
    dimension = embedders.at_once.dimension
    passages = create("passages", schema=passages_schema(dimension), exist_ok=True)
    recall = create("recall", schema=RECALL, exist_ok=True)
    create("sessions", schema=SESSIONS, exist_ok=True)
    index_words(passages)
    _index_recall(recall)
    passages.create_index("passage_id", config=BTree())
    passages.create_index("doc_id", config=BTree())
    pages.create_index("doc_id", config=BTree())
    about = {
        "schema_version": str(SCHEMA_VERSION),
        "embedder": embedders.at_once.id,
        "dimension": str(dimension),
        BETTER: embedders.better.id if embedders.better else "",
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


def refresh_indices(tables: Tables) -> None:
    """Brings the indices up to date and joins small files, when it pays; passages that came since
    the last time are found all the same."""
    tables.documents.optimize()
    tables.library.optimize()
    passages = tables.passages
    if _unindexed(passages) > min(REFRESH_PAYS, REFRESH_SHARE * passages.count_rows()):
        for table in (tables.pages, passages, *tables.of_vectors().values()):
            table.optimize()
    for table in (passages, *tables.of_vectors().values()):
        index_vectors(table)


def _unindexed(passages: Any) -> int:
    """Passages that are not in the index of words yet."""
    for index in passages.list_indices():
        if index.columns == ["search_text"]:
            stats = passages.index_stats(index.name)
            return int(stats.num_unindexed_rows) if stats else 0
    return int(passages.count_rows())


def load_indices(passages: Any) -> None:
    """Loads into memory what searches of a large library need: the indices of words and vectors,
    300 MB each for a million passages. Each of the first searches is two or three times as slow
    without it."""
    rows = passages.count_rows()
    if rows < VECTORS_PAY:
        return
    for index in passages.list_indices():
        is_small = rows <= VECTORS_IN_MEMORY and index.columns == ["vector"]
        if is_small or index.columns == ["search_text"]:
            # Only for speed: a database elsewhere may have no such thing.
            with suppress(Exception):
                passages.prewarm_index(index.name)


def index_vectors(passages: Any, pays_from: int = VECTORS_PAY) -> None:
    """Makes the vector index when it pays, and again when the library has grown fourfold.

    Below `pays_from` rows, looking at every vector costs less than everything else a search does.
    Rows that came later are found all the same; `optimize` adds them to the index.
    """
    from lancedb.index import IvfSq

    rows = passages.count_rows()
    if rows < pays_from:
        return
    known = [index for index in passages.list_indices() if index.columns == ["vector"]]
    # Its name says of how many rows it was made; names of older kinds end in less.
    if known and rows < 4 * int(known[0].name.rpartition("_")[2]):
        return
    for index in known:
        passages.drop_index(index.name)
    # A byte a dimension, in parts of 8,192 rows: many small parts (the square root of the rows)
    # left queries unlike all passages in parts without any row, and found them nothing.
    passages.create_index("vector", config=IvfSq(distance_type="cosine"), name=f"vector_sq_{rows}")


def _check(connection: Any, uri: str, embedders: Embedders) -> int:
    """The schema version of the library, which this code can open."""
    known = about(connection.open_table("library"))
    version = int(known["schema_version"])
    if version > SCHEMA_VERSION:
        raise SchemaTooNew(
            f"The library at {uri} has schema version {version}; "
            f"this version of memgpt-docs knows up to {SCHEMA_VERSION}.",
            "Update memgpt-docs, or choose another library with --library.",
        )
    at_once, searching = known["embedder"], known.get(BETTER) or known["embedder"]
    if at_once != embedders.at_once.id:
        raise EmbedderMismatch(
            f"The library at {uri} was made with the embedder {at_once}, "
            f"not {embedders.at_once.id}.",
            "Ingest the documents into a new library with --library.",
        )
    if embedders.is_checked and searching != embedders.searching.id:
        name, chosen = setting_of(searching), setting_of(embedders.searching.id)
        raise EmbedderMismatch(
            f"The library at {uri} is searched by the embedder {searching}, "
            f"not {embedders.searching.id}.",
            f"Open it as it is with MEMGPT_DOCS_EMBEDDER={name}, or switch it with: "
            f"memgpt-docs reembed {chosen}",
        )
    return version


def _migrate(connection: Any, version: int) -> None:
    library = connection.open_table("library")
    for number, migrate in enumerate(MIGRATIONS[version - 1 :], start=version + 1):
        migrate(connection)
        library.update(where="key = 'schema_version'", values={"value": str(number)})
