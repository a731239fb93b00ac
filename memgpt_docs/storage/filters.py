"""Filters: what a search is limited to, in the words a user knows documents by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from memgpt_docs.errors import UsageError
from memgpt_docs.storage.arms import Where
from memgpt_docs.storage.lookups import is_any, section_paths
from memgpt_docs.storage.schema import Document, PassageKind

if TYPE_CHECKING:
    from memgpt_docs.storage.library import Library

MOST_TOLD = 12


@dataclass(frozen=True)
class Filters:
    """What a search is limited to; what is None does not limit it.

    A value that no document has is an error that says which values there are.
    """

    documents: tuple[str, ...] = ()  # ids or file names
    company: str | None = None  # "nike" is NIKE, Inc.
    form_type: str | None = None  # "10K" is 10-K
    fiscal_year: int | None = None
    section: str | None = None  # part of a section path: "Item 7", "risk factors"
    kind: str | None = None  # of passages: "prose" or "table"

    def where(self, library: Library) -> Where:
        """The documents and passages that are left; raises `UnknownDocument` and `UsageError`."""
        named = tuple(sorted({one for name in self.documents for one in ids_of(library, name)}))
        kind = (self.kind or "").strip().casefold()
        if kind and kind not in list(PassageKind):
            raise UsageError(
                f"There is no kind of passage {self.kind!r}.", f"Kinds: {_told(PassageKind)}."
            )
        where = Where(self._doc_ids(library, named), (self.section or "").strip(), kind)
        if where.section and not is_any(
            library.passages_table, replace(where, kind="").expression()
        ):
            paths = section_paths(library.passages_table, where.doc_ids)
            raise UsageError(
                f"No section is called {self.section!r}.", f"Sections: {_told(_top_levels(paths))}."
            )
        return where

    def _doc_ids(self, library: Library, named: tuple[str, ...]) -> tuple[str, ...]:
        if self.company is None and self.form_type is None and self.fiscal_year is None:
            return named
        left = [d for d in library.documents() if not named or d.doc_id in named]
        if self.company is not None:
            left = _kept(left, "company", self.company)
        if self.form_type is not None:
            left = _kept(left, "form_type", self.form_type)
        if self.fiscal_year is not None:
            left = _kept(left, "fiscal_year", self.fiscal_year)
        return tuple(sorted(document.doc_id for document in left))


NO_FILTERS = Filters()


def ids_of(library: Library, name: str) -> list[str]:
    """The ids of all documents of a file name, or the one of an id; raises `UnknownDocument`."""
    same = [document.doc_id for document in library.documents() if document.file == name]
    return same or [library.document(name).doc_id]


def _kept(documents: Sequence[Document], field: str, value: str | int) -> list[Document]:
    """The documents whose `field` is `value`: as it is, else with `value` at its beginning."""
    wanted = _squeezed(value)
    values = {d.doc_id: getattr(d, field) or "" for d in documents}
    same = {doc_id for doc_id, known in values.items() if wanted and _squeezed(known) == wanted}
    if not same and field == "company" and wanted:
        same = {doc_id for doc_id, known in values.items() if _squeezed(known).startswith(wanted)}
    if not same:
        name = field.replace("_", " ").replace("form type", "form")
        there = sorted({str(known) for known in values.values() if known})
        raise UsageError(
            f"No document to search has the {name} {value!r}.",
            f"There are: {_told(there)}." if there else f"No document states its {name}.",
        )
    return [document for document in documents if document.doc_id in same]


def _squeezed(value: str | int) -> str:
    """Without case, spaces, punctuation and a leading "the"."""
    return re.sub(r"\W|_", "", re.sub(r"^the\s+", "", str(value).casefold()))


def _top_levels(sections: Iterable[str]) -> list[str]:
    """The outermost two levels of section paths, in order of first sight, each once."""
    return list(dict.fromkeys(" > ".join(path.split(" > ")[:2]) for path in sections if path))


def _told(values: Iterable[object]) -> str:
    listed = [str(value) for value in values]
    more = f" and {len(listed) - MOST_TOLD} more" if len(listed) > MOST_TOLD else ""
    return (", ".join(listed[:MOST_TOLD]) or "none") + more
