"""Plain look-ups in the passages table, for searches and their filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Shown:
    """What folding and links look at."""

    doc_id: str
    header: str
    section: str
    text: str


def shown(passages: Any, passage_ids: Sequence[str]) -> dict[str, Shown]:
    """Passages by id; an id that is gone is absent."""
    from lancedb.expr import col

    if not passage_ids:
        return {}
    query = passages.search().where(col("passage_id").isin(list(passage_ids)))
    columns = ["passage_id", "doc_id", "header", "section", "text"]
    rows = query.select(columns).to_arrow().to_pylist()
    return {row.pop("passage_id"): Shown(**row) for row in rows}


def is_any(passages: Any, expression: Any) -> bool:
    """Whether a filter of the database leaves any passage."""
    query = passages.search().where(expression).select(["doc_id"]).limit(1)
    return bool(query.to_arrow().num_rows)


def section_paths(passages: Any, doc_ids: Sequence[str] = ()) -> list[str]:
    """Section paths of the named documents, or of all, in document order, each once."""
    from lancedb.expr import col

    query = passages.search().select(["doc_id", "ordinal", "section"])
    if doc_ids:
        query = query.where(col("doc_id").isin(list(doc_ids)))
    rows = query.to_arrow().sort_by([("doc_id", "ascending"), ("ordinal", "ascending")])
    return list(dict.fromkeys(rows["section"].to_pylist()))
