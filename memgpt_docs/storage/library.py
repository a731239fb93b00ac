"""A library: the documents, pages and passages of one LanceDB database.

A document's row is its commit: it is written last and removed first, and pages or passages
without it are invisible to every reader and swept by the next writer. So after a crash at any
point a document is wholly in the library or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from memgpt_docs.embedding import Embedder, Vectors, default_embedder, make_embedder
from memgpt_docs.errors import MemGPTDocsError, StorageError, UnknownDocument, UsageError
from memgpt_docs.settings import Settings, default_library
from memgpt_docs.storage.correction import corrected
from memgpt_docs.storage.kept_files import KeptFiles
from memgpt_docs.storage.lookups import RememberedPassages, passages_of
from memgpt_docs.storage.rollback import is_noted, roll_back, strike_out, write_down
from memgpt_docs.storage.rows import (
    distinct_documents,
    document_from_row,
    document_to_arrow,
    forget_deleted_rows,
    page_from_row,
    pages_to_arrow,
    passages_to_arrow,
)
from memgpt_docs.storage.schema import Document, Page, PageStatus, Passage
from memgpt_docs.storage.tables import (
    Embedders,
    forget_recall,
    index_words,
    load_indices,
    open_recall,
    open_tables,
    present_tables,
    refresh_indices,
)
from memgpt_docs.storage.vectors import BetterVectors

if TYPE_CHECKING:
    from memgpt_docs.storage.archival import ArchivalStorage
    from memgpt_docs.storage.recall import RecallStorage
    from memgpt_docs.storage.sessions import SessionStorage

WRITER_WAIT_S = 600
COMPACT_EVERY = 64  # documents


class Library:
    """Opens the library at `uri` (default: the user's own), creating it where there is none.

    Safe to share between threads. Raises `StorageError` when it cannot be opened,
    `EmbedderMismatch` when it is searched by another embedder and `SchemaTooNew` when a newer
    version of the project made it.
    """

    def __init__(
        self,
        uri: str | Path | None = None,
        *,
        embedder: Embedder | None = None,
        switching: bool = False,
    ) -> None:
        """`embedder` is the one that the library is searched by (default: what the settings name);
        `switching` opens it whichever that is, to switch to another (see `reembed`)."""
        self.uri = str(uri) if uri is not None else default_library()
        # Makes the vectors with which a document comes in, whoever makes better ones later.
        self.embedder: Embedder = default_embedder()
        chosen = embedder or (self.embedder if switching else _chosen())
        better = None if chosen.id == self.embedder.id else chosen
        self._embedders = Embedders(self.embedder, better, is_checked=not switching)
        self._lock = RLock()
        # Versions of the tables after the last change of ours, when nothing was left to sweep.
        self._swept_at: dict[str, int] = {}
        self._added = 0
        self._documents_at: tuple[int, list[Document]] = (-1, [])
        self._passages = RememberedPassages()
        self._files = KeptFiles(self.uri)
        self._is_prepared = False
        try:
            self._open()
        except StorageError:
            raise
        except Exception as error:
            raise StorageError(
                f"The library at {self.uri} could not be opened: {error}.",
                "Check that the folder can be read and written, or choose another with --library.",
            ) from error

    # -- reading ------------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """A number that grows with every change that could change a search."""
        better = self.better.version if self.better else 0
        return int(self.documents_table.version) + int(self.passages_table.version) + better

    @cached_property
    def archival(self) -> ArchivalStorage:
        """Archival storage: ranked passages, page by page."""
        from memgpt_docs.storage.archival import ArchivalStorage

        return ArchivalStorage(self)

    @cached_property
    def recall(self) -> RecallStorage:
        """Recall storage: everything that was ever said, read or done in a session."""
        from memgpt_docs.storage.recall import RecallStorage

        return RecallStorage(lambda: open_recall(self.uri))

    @cached_property
    def sessions(self) -> SessionStorage:
        """The sessions over this library."""
        from memgpt_docs.storage.sessions import SessionStorage

        return SessionStorage(self)

    def documents(self) -> list[Document]:
        """Every document, by file name; not the notes of sessions."""
        return [document for document in self._all() if not document.session_id]

    def notes(self, session_id: str) -> list[Document]:
        """What a session put into archival storage for itself, by file name."""
        return [one for one in self._all() if session_id and one.session_id == session_id]

    def _all(self) -> list[Document]:
        with self._lock:
            version = int(self.documents_table.version)
            if self._documents_at[0] != version:
                rows = self.documents_table.search().to_arrow().to_pylist()
                self._remember([document_from_row(row) for row in rows], version)
            return list(self._documents_at[1])

    def document(self, name: str) -> Document:
        """The document of that id or file name, or note of that id; raises `UnknownDocument`."""
        documents = self.documents()
        for document in self._all():
            if name == document.doc_id or (name == document.file and not document.session_id):
                return document
        folded = [document for document in documents if document.file.casefold() == name.casefold()]
        if len(folded) == 1:
            return folded[0]
        known = ", ".join(document.file for document in documents[:8]) or "no document yet"
        more = f" and {len(documents) - 8} more" if len(documents) > 8 else ""
        raise UnknownDocument(
            f"There is no document {name!r}.", f"The library holds: {known}{more}."
        )

    def page(self, doc_id: str, page_no: int) -> Page:
        """One page of a document, 1-based; raises `UnknownDocument` or `UsageError`."""
        from lancedb.expr import col, lit

        document = self.document(doc_id)
        rows = (
            self.pages_table.search()
            .where((col("doc_id") == lit(document.doc_id)) & (col("page_no") == lit(page_no)))
            .to_arrow()
            .to_pylist()
        )
        if not rows:
            raise UsageError(
                f"{document.file} has no page {page_no}.", f"Its pages are 1 to {document.n_pages}."
            )
        return page_from_row(rows[0])

    def pages(self, doc_id: str) -> list[Page]:
        """All pages of a document, in order."""
        from lancedb.expr import col, lit

        rows = self.pages_table.search().where(col("doc_id") == lit(doc_id)).to_arrow().to_pylist()
        return sorted((page_from_row(row) for row in rows), key=lambda page: page.page_no)

    def pages_of_status(self, *statuses: PageStatus) -> list[tuple[str, int, str]]:
        """Doc_id, number (1-based) and reason of every page with one of `statuses`, in order."""
        from lancedb.expr import col

        query = self.pages_table.search().where(col("status").isin([str(one) for one in statuses]))
        rows = query.select(["doc_id", "page_no", "reason"]).to_arrow().to_pylist()
        return sorted((row["doc_id"], row["page_no"], row["reason"]) for row in rows)

    def passages(self, passage_ids: Sequence[str]) -> dict[str, Passage]:
        """Passages by id; an id that is gone is absent."""
        return self._passages.get(self.passages_table, self.version, passage_ids)

    def document_passages(self, doc_id: str, page_no: int | None = None) -> list[Passage]:
        """All passages of a document, or of one of its pages, in document order."""
        return passages_of(self.passages_table, doc_id, page_no)

    def neighbours(self, passage: Passage) -> list[Passage]:
        """The passages before and after one, in document order; it is not among them."""
        around = (passage.ordinal - 1, passage.ordinal + 1)
        return passages_of(self.passages_table, passage.doc_id, ordinals=around)

    def file_path(self, document: Document) -> Path | None:
        """The kept original of a document, or None when it is not there."""
        path = self._files.path(document)
        return path if path.exists() else None

    # -- writing ------------------------------------------------------------------------------

    def add(
        self,
        document: Document,
        pages: Sequence[Page],
        passages: Sequence[Passage],
        vectors: Vectors,
        source: Path | None = None,
        search_texts: Sequence[str] | None = None,
        must_exist: bool = False,
    ) -> None:
        """Adds a document whole, replacing one of the same id; keeps a copy of `source`.

        `vectors` is float32 of shape (len(passages), dimension), rows of unit length;
        `search_texts` are what passages are found by, where that is not all of their text. With
        `must_exist` it only replaces: raises `UnknownDocument` where it was deleted meanwhile.
        """
        if vectors.shape != (len(passages), self.embedder.dimension):
            raise StorageError(
                f"{document.file}: {len(passages)} passages but vectors of shape {vectors.shape}."
            )
        with self.writing():
            known = self._all()
            others = [one for one in known if one.doc_id != document.doc_id]
            replaces = len(others) < len(known)
            if must_exist and not replaces:
                raise UnknownDocument(f"{document.file} was deleted.", "Add it again.")
            if replaces:
                write_down(self.tables.library, self.tables.of_documents())
                self._remove_rows(document.doc_id)
            if source is not None:
                self._files.keep(source, document)
            if pages:
                self.pages_table.add(pages_to_arrow(document.doc_id, pages))
            if passages:
                self.passages_table.add(passages_to_arrow(passages, vectors, search_texts))
            self.documents_table.add(document_to_arrow(document))
            if replaces:
                strike_out(self.tables.library)
            # Nobody else writes meanwhile: reading all of them again would only cost time.
            self._remember([*others, document])
            self._added += 1
            if self._added % COMPACT_EVERY == 0:
                # One small file a document: reading hundreds of them takes longer and longer.
                self.documents_table.optimize()
                self._remember([*others, document])

    def edit(self, name: str, /, **fields: str | int | None) -> Document:
        """Corrects what is known of a filing (the fields of `METADATA`); an empty value says that
        it is not known. Corrections stay when the document is taken in again, which also renews
        the headers of its passages. Raises `UnknownDocument` and `UsageError`.
        """
        with self.writing():
            document = self.document(name)
            edited = corrected(document, fields)
            merge = self.documents_table.merge_insert("doc_id").when_matched_update_all()
            merge.execute(document_to_arrow(edited))
            return edited

    def refresh(self) -> None:
        """Brings the indices up to date when it pays; call once after a batch of documents."""
        with self.writing():
            refresh_indices(self.tables)

    def prepare(self) -> None:
        """Loads what every search of a large library needs; once, before the first."""
        with self._lock:
            if not self._is_prepared:
                self._is_prepared = True
                load_indices(self.passages_table)

    def delete(self, name: str) -> int:
        """Removes a document with its rows, index entries, vectors and kept file, and its text from
        what sessions were shown; what a processor or a user wrote stays with its session.
        Returns the bytes freed on disk (0 where the library is not a local folder)."""
        from lancedb.expr import col, lit

        document = self.document(name)
        with self.writing():
            before = self._files.bytes_of_library()
            if self.recall.strike(document.doc_id, self.document_passages):
                forget_recall(self.tables)
            self._remove_rows(document.doc_id)
            for table in self.tables.of_vectors().values():
                table.delete(col("doc_id") == lit(document.doc_id))
            self._forget()
            # Last: after a crash it tells the next writer that bytes may be left to forget.
            self._files.path(document).unlink(missing_ok=True)
            return max(0, before - self._files.bytes_of_library())

    # -- opening ------------------------------------------------------------------------------

    def _open(self) -> None:
        local = self._files.local
        if local is not None:
            local.mkdir(parents=True, exist_ok=True)
        tables = present_tables(self.uri, self._embedders)
        if tables is None or is_noted(tables.library):
            with self._writer_lock():
                tables = open_tables(self.uri, self._embedders)
                roll_back(tables.library, tables.of_documents())
        self.tables = tables
        self.documents_table = tables.documents
        self.pages_table = tables.pages
        self.passages_table = tables.passages
        # What searches use in the place of the vectors made at once; None where those serve.
        better = self._embedders.better
        self.better: BetterVectors | None = tables.better_vectors(better) if better else None

    # -- helpers ------------------------------------------------------------------------------

    def _remember(self, documents: list[Document], version: int | None = None) -> None:
        """Keeps `documents` as those of `version` of their table; of the present one, when the
        writer's lock is held."""
        ordered = sorted(documents, key=lambda document: (document.file, document.doc_id))
        self._documents_at = (version or int(self.documents_table.version), ordered)

    @contextmanager
    def _writer_lock(self) -> Iterator[None]:
        local = self._files.local
        try:
            with (
                FileLock(local / ".writer.lock", timeout=WRITER_WAIT_S) if local else nullcontext()
            ):
                yield
        except Timeout as error:
            raise StorageError(
                f"Another program is writing to the library at {self.uri}.",
                "Wait for it to finish and try again.",
            ) from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One writer at a time, over threads and processes. Where the last change was not one of
        ours that succeeded, what a crash left behind is swept first."""
        with self._lock, self._writer_lock():
            try:
                # Of another process, too: what is written now must not be rolled back with it.
                roll_back(self.tables.library, self.tables.of_documents())
                if self._versions() != self._swept_at:
                    self._sweep()
                self._swept_at = {}
                yield
                self._swept_at = self._versions()
            except MemGPTDocsError:
                raise
            except Exception as error:
                with suppress(Exception):
                    roll_back(self.tables.library, self.tables.of_documents())
                raise StorageError(
                    f"The library at {self.uri} could not be written: {error}.",
                    "Check that its disk has space and can be written, then try again.",
                ) from error

    def _versions(self) -> dict[str, int]:
        return {name: int(table.version) for name, table in self.tables.of_documents().items()}

    def _sweep(self) -> None:
        from lancedb.expr import col

        documents = self._all()
        known = {document.doc_id for document in documents}
        orphaned = False
        for table in (self.passages_table, self.pages_table, *self.tables.of_vectors().values()):
            present = distinct_documents(table)
            orphans = sorted(present - known)
            if orphans:
                table.delete(col("doc_id").isin(orphans))
                orphaned = True
        # A kept file without a document is what a crash left of one, or of its deletion.
        orphaned = self._files.remove_others(documents) or orphaned
        if orphaned:
            self._forget()

    def _forget(self) -> None:
        """Removes from disk what was deleted from the tables of documents."""
        # An index made in several parts keeps the words of what was deleted.
        index_words(self.passages_table)
        tables = {**self.tables.of_documents(), **self.tables.of_vectors()}
        for table in tables.values():
            forget_deleted_rows(table)

    def _remove_rows(self, doc_id: str) -> None:
        from lancedb.expr import col, lit

        for table in (self.documents_table, self.passages_table, self.pages_table):
            table.delete(col("doc_id") == lit(doc_id))


def _chosen() -> Embedder:
    settings = Settings()
    return make_embedder(settings.embedder, settings)
