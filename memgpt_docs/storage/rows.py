"""Rows: documents, pages and passages to Arrow tables and back."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from memgpt_docs.embedding import Vectors
from memgpt_docs.storage.schema import (
    DOCUMENTS,
    PAGES,
    Document,
    Page,
    PageStatus,
    Passage,
    PassageKind,
    passages_schema,
)

PASSAGE_COLUMNS = [
    "passage_id", "doc_id", "ordinal", "page_no", "start", "end",
    "section", "header", "kind", "text", "n_tokens",
]  # fmt: skip


def document_to_arrow(document: Document) -> pa.Table:
    """The one row of a document."""
    row = {**asdict(document), "sources": json.dumps(dict(document.sources))}
    return pa.Table.from_pylist([row], schema=DOCUMENTS)


def document_from_row(row: dict[str, Any]) -> Document:
    """A document from its row."""
    known = {name: value for name, value in row.items() if value is not None}
    sources = tuple(sorted(json.loads(known.get("sources") or "{}").items()))
    return Document(**{**known, "unread_pages": tuple(row["unread_pages"]), "sources": sources})


def page_from_row(row: dict[str, Any]) -> Page:
    """A page from its row."""
    fields = {name: value for name, value in row.items() if name != "doc_id" and value is not None}
    return Page(**{**fields, "status": PageStatus(row["status"])})


def passage_from_row(row: dict[str, Any]) -> Passage:
    """A passage from the row of a table that was read with `PASSAGE_COLUMNS`."""
    return Passage(**{**row, "kind": PassageKind(row["kind"])})


def forget_deleted_rows(table: Any) -> None:
    """Removes from disk what was deleted: it stays in old versions of a table until those go."""
    with warnings.catch_warnings():
        # The warning is about readers of old versions; every reader here follows the newest one.
        warnings.filterwarnings("ignore", message="optimize", category=UserWarning)
        table.optimize(cleanup_older_than=timedelta(0), delete_unverified=True)


def distinct_documents(table: Any) -> set[str]:
    """The doc_ids that have rows in a table."""
    column = table.search().select(["doc_id"]).to_arrow()["doc_id"]
    return set(column.unique().to_pylist())


def rows_of_vectors(column: Any) -> Vectors:
    """A column of vectors as float32 of shape (rows, dimension)."""
    if not len(column):
        return np.zeros((0, column.type.list_size), dtype=np.float32)
    flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    vectors: Vectors = flat.reshape(len(column), -1)
    return vectors


def column_of_vectors(vectors: Vectors) -> pa.Array:
    """Vectors, float32 of shape (rows, dimension), as a column."""
    flat = pa.array(vectors.reshape(-1), type=pa.float32())
    return pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])


def pages_to_arrow(doc_id: str, pages: Sequence[Page]) -> pa.Table:
    """Rows of the pages table."""
    rows = [{"doc_id": doc_id, **asdict(page)} for page in pages]
    return pa.Table.from_pylist(rows, schema=PAGES)


def _as_asked(header: str) -> str:
    """`header` with the other ways to write what it says: who asks for fiscal 2023 or a 10K means
    "FY2023" and "10-K", which to the index are other words."""
    years = re.findall(r"\bFY(\d{4})\b", header)
    forms = [number + letter for number, letter in re.findall(r"\b(\d{1,2})-([KQF])\b", header)]
    return " ".join([header, *years, *forms])


def passages_to_arrow(
    passages: Sequence[Passage], vectors: Vectors, search_texts: Sequence[str] | None = None
) -> pa.Table:
    """Rows of the passages table; `vectors` is float32 of shape (len(passages), dimension).

    A passage is found by its header and by its text, or what `search_texts` has in its place.
    """
    texts = [passage.text for passage in passages] if search_texts is None else search_texts
    schema = passages_schema(vectors.shape[1])
    columns: dict[str, Any] = {
        name: [getattr(passage, name) for passage in passages] for name in PASSAGE_COLUMNS
    }
    columns["search_text"] = [
        f"{_as_asked(passage.header)}\n{text}" if passage.header else text
        for passage, text in zip(passages, texts, strict=True)
    ]
    columns["vector"] = column_of_vectors(vectors)
    return pa.Table.from_pydict(columns, schema=schema)
