"""A document is wholly in the library or not at all, and what is deleted is gone from disk."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import lancedb
import numpy as np
import pyarrow as pa
import pytest
from filelock import FileLock

from ingest import ingest
from memgpt_docs import Library
from memgpt_docs.errors import (
    EmbedderMismatch,
    SchemaTooNew,
    StorageError,
    UnknownDocument,
    UsageError,
)
from memgpt_docs.storage.rollback import write_down
from memgpt_docs.storage.rows import pages_to_arrow, passages_to_arrow
from memgpt_docs.storage.schema import DOCUMENTS, METADATA
from memgpt_docs.storage.tables import SCHEMA_VERSION
from tests.conftest import add_file


def test_an_empty_library_finds_nothing_and_says_so(tmp_path: Path) -> None:
    library = Library(tmp_path / "new")
    assert library.documents() == []
    page = library.archival.search("anything")
    assert (page.total, page.pages, page.results, page.past_end) == (0, 0, (), True)


def test_rows_without_a_document_row_are_invisible_and_swept(reports: Library) -> None:
    acme = reports.document("Acme_2023.pdf")
    passages = reports.document_passages(acme.doc_id)
    pages = [reports.page(acme.doc_id, passage.page_no) for passage in passages]
    reports.delete(acme.doc_id)
    # What a crash before the document's row leaves behind:
    vectors = reports.embedder.embed([passage.text for passage in passages])
    reports.pages_table.add(pages_to_arrow(acme.doc_id, pages))
    reports.passages_table.add(passages_to_arrow(passages, vectors))

    found = reports.archival.search("property plant equipment", page_size=50)
    assert acme.doc_id not in {result.passage.doc_id for result in found.results}
    with pytest.raises(UnknownDocument):
        reports.page(acme.doc_id, 1)

    add_file(Library(reports.uri), "other.txt", ["something else"])
    assert reports.passages([passage.passage_id for passage in passages]) == {}


def test_what_a_crash_left_of_a_document_is_not_added_to(reports: Library) -> None:
    acme = reports.document("Acme_2023.pdf")
    passages = reports.document_passages(acme.doc_id)
    pages = [reports.page(acme.doc_id, passage.page_no) for passage in passages]
    vectors = reports.embedder.embed([passage.text for passage in passages])
    reports.delete(acme.doc_id)
    reports.passages_table.add(passages_to_arrow(passages, vectors))
    reports.add(acme, pages, passages, vectors)
    assert reports.document_passages(acme.doc_id) == passages


def test_adding_again_replaces(reports: Library) -> None:
    before = len(reports.documents())
    add_file(reports, "again.txt", ["first text", "second text"])
    document = add_file(reports, "again.txt", ["first text", "second text"])
    assert len(reports.documents()) == before + 1
    assert len(reports.document_passages(document.doc_id)) == 2


SECRET = "Zwillingskrähen"
# The word, as the index stems it, and as other programs would write it.
TRACES = [
    trace.encode(encoding)
    for trace in ("Zwillingskrähen", "zwillingskrähen", "zwillingskräh", "zwillingskrah")
    for encoding in ("utf-8", "utf-16-le", "utf-16-be")
]


def traces(folder: Path) -> list[Path]:
    """Files under `folder` in which the secret word stands in any of its forms."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and any(trace in path.read_bytes() for trace in TRACES)
    ]


@pytest.mark.parametrize("refreshed", ["after each", "after all", "never"])
def test_a_deleted_word_is_nowhere_under_the_folder(tmp_path: Path, refreshed: str) -> None:
    folder = tmp_path / "library"
    library = Library(folder)
    for number in range(6):
        add_file(library, f"open{number}.txt", [f"hello from document {number}", "and more"])
        if number == 3:
            pages = [f"the word is {SECRET}", f"{SECRET.lower()} again, with others"]
            add_file(library, "secret.txt", pages)
            # Replaced once: its older self must not stay either.
            add_file(library, "secret.txt", pages)
        if refreshed == "after each":
            library.refresh()
    if refreshed == "after all":
        library.refresh()
    assert library.archival.search(SECRET).total > 0
    assert traces(folder)
    before = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    freed = library.delete("secret.txt")
    after = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    assert freed == before - after > 0
    assert traces(folder) == []
    library.refresh()
    assert traces(folder) == []
    assert len(library.documents()) == 6
    assert {one.file for one in library.archival.search("hello", page_size=50).results} == {
        f"open{number}.txt" for number in range(6)
    }
    assert Library(folder).archival.search("document 4").results[0].file == "open4.txt"


@pytest.mark.parametrize("refreshed", ["after each", "after all", "never"])
def test_the_index_forgets_the_words_of_what_is_deleted(tmp_path: Path, refreshed: str) -> None:
    """Its dictionary is coded, so that no byte search finds a word in it: it is the same as if
    another word had been deleted."""
    dictionaries = []
    for word in (SECRET, "Xylophonspieler"):
        library = Library(tmp_path / word)
        for number in range(4):
            add_file(library, f"open{number}.txt", [f"hello from {number}"])
            if number == 2:
                add_file(library, "secret.txt", [f"the word is {word}"])
            if refreshed == "after each":
                library.refresh()
        if refreshed == "after all":
            library.refresh()
        library.delete("secret.txt")
        files = list((tmp_path / word).rglob("part_*tokens.lance"))
        assert files
        dictionaries.append(sorted(path.read_bytes() for path in files))
    assert dictionaries[0] == dictionaries[1]


def test_the_kept_file_goes_and_one_that_a_crash_left_too(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text(f"The word is {SECRET}.")
    folder = tmp_path / "library"
    library = Library(folder)
    list(ingest(library, [path]))
    assert traces(folder)
    library.delete("secret.txt")
    assert traces(folder) == []
    for name in ("abc.txt", "abc.partial"):
        (folder / "files" / name).write_text(SECRET)
    add_file(Library(folder), "open.txt", ["hello"])
    assert traces(folder) == []


# Documents of schema version 1, as its tables had them.
VERSION_1 = pa.schema(
    [field for field in DOCUMENTS if field.name not in (*METADATA, "sources", "unit", "pipeline")]
)


def test_a_library_of_version_1_is_migrated(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    document = add_file(library, "old.txt", ["an old document about turbines"])
    connection = lancedb.connect(tmp_path / "library")
    rows = connection.open_table("documents").to_arrow().select(VERSION_1.names).cast(VERSION_1)
    connection.create_table("documents", rows, mode="overwrite")
    connection.open_table("library").update(where="key = 'schema_version'", values={"value": "1"})

    opened = Library(tmp_path / "library")
    migrated = opened.document("old.txt")
    assert migrated == replace(document, ingested_at=migrated.ingested_at)
    assert (migrated.company, migrated.fiscal_year, migrated.sources) == ("", None, ())
    assert migrated.pipeline == ""
    assert opened.archival.search("turbines").results[0].file == "old.txt"
    assert opened.edit("old.txt", company="Acme").company == "Acme"
    about = connection.open_table("library").to_arrow().to_pylist()
    assert {"key": "schema_version", "value": str(SCHEMA_VERSION)} in about
    assert Library(tmp_path / "library").document("old.txt").company == "Acme"


def test_a_library_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    Library(tmp_path / "library")
    table = lancedb.connect(tmp_path / "library").open_table("library")
    table.update(where="key = 'schema_version'", values={"value": str(SCHEMA_VERSION + 1)})
    with pytest.raises(SchemaTooNew, match="Update memgpt-docs"):
        Library(tmp_path / "library")


def test_a_replacement_that_was_cut_short_is_rolled_back(reports: Library) -> None:
    acme = reports.document("Acme_2023.pdf")
    passages = reports.document_passages(acme.doc_id)
    write_down(reports.tables.library, reports.tables.of_documents())
    reports.passages_table.delete(f"doc_id = '{acme.doc_id}'")
    reports.documents_table.delete(f"doc_id = '{acme.doc_id}'")
    # Another process, whose own document must not be rolled back later on.
    other = Library(reports.uri)
    assert other.document("Acme_2023.pdf") == acme
    add_file(other, "new.txt", ["something new"])
    assert Library(reports.uri).document_passages(acme.doc_id) == passages
    assert len(Library(reports.uri).documents()) == 3


def test_another_embedder_is_refused_by_name(tmp_path: Path) -> None:
    class Other:
        id = "other-3"
        dimension = 256

        def embed(self, texts: object) -> object:
            raise AssertionError

    Library(tmp_path / "library")
    with pytest.raises(EmbedderMismatch, match=r"wordllama.*other-3"):
        Library(tmp_path / "library", embedder=Other())  # type: ignore[arg-type]


def test_a_folder_that_cannot_be_a_library_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageError, match="could not be opened"):
        Library(tmp_path / "file")


def test_vectors_that_do_not_match_are_refused(reports: Library) -> None:
    document = reports.documents()[0]
    with pytest.raises(StorageError, match="shape"):
        reports.add(document, [], [], np.zeros((2, 256), dtype=np.float32))


def test_names_are_data_not_filters(reports: Library) -> None:
    hostile = "x' OR '1'='1"
    with pytest.raises(UnknownDocument):
        reports.archival.search("revenue", documents=[hostile])
    assert reports.passages([hostile]) == {}
    assert reports.document_passages(hostile) == []
    add_file(reports, hostile, ["a file with a strange name"])
    found = reports.archival.search("strange", documents=[hostile])
    assert {result.file for result in found.results} == {hostile}


def test_a_page_that_is_not_there_says_which_are(reports: Library) -> None:
    with pytest.raises(UsageError, match="1 to 4"):
        reports.page("Acme_2023.pdf", 5)


def test_other_processes_and_threads_see_a_new_document(reports: Library, tmp_path: Path) -> None:
    other = Library(tmp_path / "library")
    version = other.version
    add_file(reports, "late.txt", ["a late addition about turbines"])
    assert other.version > version
    assert other.archival.search("turbines").results[0].file == "late.txt"


def test_two_writers_take_turns(tmp_path: Path) -> None:
    libraries = [Library(tmp_path / "library") for _ in range(2)]

    def write(library: Library, name: str) -> None:
        for number in range(5):
            add_file(library, f"{name}{number}.txt", [f"text {number} of {name}"])

    threads = [
        threading.Thread(target=write, args=(library, name))
        for library, name in zip(libraries, "ab", strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(libraries[0].documents()) == 10
    for library in libraries:
        assert library.documents() == Library(tmp_path / "library").documents()
    assert libraries[1].passages_table.count_rows() == 10


def test_a_library_opens_while_another_program_writes(reports: Library) -> None:
    with FileLock(Path(reports.uri) / ".writer.lock"):
        assert len(Library(reports.uri).documents()) == 2
