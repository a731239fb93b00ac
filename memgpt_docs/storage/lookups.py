"""Plain look-ups in the passages table, by id, document or section."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Any

from memgpt_docs.storage.rows import PASSAGE_COLUMNS, passage_from_row
from memgpt_docs.storage.schema import Passage

# Two rankings' worth for each of some ten sessions: 10 MB or so.
REMEMBERED_PASSAGES = 2_000


class RememberedPassages:
    """Passages by id, those read last kept for as long as the library stays at one version: a page
    of results costs no query when its ranking was just made."""

    def __init__(self) -> None:
        self._version = -1
        self._kept: OrderedDict[str, Passage] = OrderedDict()
        self._lock = Lock()

    def get(self, table: Any, version: int, passage_ids: Sequence[str]) -> dict[str, Passage]:
        """Passages of `passage_ids`; an id that is gone is absent. `version` is that of the library
        before this call."""
        with self._lock:
            if self._version != version:
                self._kept.clear()
                self._version = version
            known = {id: self._kept[id] for id in passage_ids if id in self._kept}
        missing = [id for id in dict.fromkeys(passage_ids) if id not in known]
        read = passages_by_id(table, missing)
        with self._lock:
            if self._version == version:
                self._kept.update(read)
                for passage_id in known:
                    self._kept.move_to_end(passage_id)
                while len(self._kept) > REMEMBERED_PASSAGES:
                    self._kept.popitem(last=False)
        return {**known, **read}


def passages_by_id(table: Any, passage_ids: Sequence[str]) -> dict[str, Passage]:
    """Passages of `passage_ids` as they are; an id that is gone is absent."""
    from lancedb.expr import col

    if not passage_ids:
        return {}
    query = table.search().where(col("passage_id").isin(list(passage_ids)))
    rows = query.select(PASSAGE_COLUMNS).to_arrow().to_pylist()
    return {row["passage_id"]: passage_from_row(row) for row in rows}


def passages_of(
    table: Any, doc_id: str, page_no: int | None = None, ordinals: Sequence[int] = ()
) -> list[Passage]:
    """The passages of a document, or of one of its pages, or those of `ordinals`, in order."""
    from lancedb.expr import col, lit

    where = col("doc_id") == lit(doc_id)
    if page_no is not None:
        where = where & (col("page_no") == lit(page_no))
    if ordinals:
        where = where & col("ordinal").isin(list(ordinals))
    rows = table.search().where(where).select(PASSAGE_COLUMNS).to_arrow().to_pylist()
    return sorted((passage_from_row(row) for row in rows), key=lambda passage: passage.ordinal)


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
