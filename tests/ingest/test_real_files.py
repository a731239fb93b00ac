"""The same invariants on real filings, where they are at hand."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from ingest import FileStatus, Summary, ingest
from ingest.chunk import check
from memgpt_docs import Library
from memgpt_docs.storage.schema import Page, PageStatus
from tests.ingest.conftest import real_files


@pytest.fixture(scope="module")
def filings(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """All real filings, PDF and HTML, in one library."""
    files = [*real_files("financebench_dev/pdfs"), *real_files("filings")]
    library = Library(tmp_path_factory.mktemp("filings") / "library")
    *_, last = ingest(library, files)
    assert isinstance(last, Summary)
    assert Counter(done.status for done in last.files) == {FileStatus.ADDED: len(files)}
    return library


def pages_of(library: Library, doc_id: str) -> list[Page]:
    # All at once: page by page is a query for each.
    rows = library.pages_table.search().to_arrow().to_pylist()
    return [
        Page(row["page_no"], row["text"], PageStatus(row["status"]))
        for row in sorted(rows, key=lambda row: row["page_no"])
        if row["doc_id"] == doc_id
    ]


def test_invariants_hold_on_every_real_file(filings: Library) -> None:
    for document in filings.documents():
        passages = filings.document_passages(document.doc_id)
        assert check(pages_of(filings, document.doc_id), passages, 256) == [], document.file
        assert [passage.ordinal for passage in passages] == list(range(document.n_passages))


def test_ids_are_the_same_in_every_run(filings: Library, library: Library) -> None:
    for file in (real_files("financebench_dev/pdfs")[6], real_files("filings")[-1]):
        for _ in ingest(library, [file]):
            pass
    assert library.documents()
    for document in library.documents():
        assert library.document_passages(document.doc_id) == filings.document_passages(
            document.doc_id
        )


def test_passages_are_rarely_tiny(filings: Library) -> None:
    sizes = [
        passage.n_tokens
        for document in filings.documents()
        for passage in filings.document_passages(document.doc_id)
    ]
    assert sum(size < 24 for size in sizes) < 0.02 * len(sizes)
    assert sum(sizes) / len(sizes) > 150


def test_annual_reports_have_their_items(filings: Library) -> None:
    for document in filings.documents():
        if not re.search(r"_10K\.pdf$", document.file):
            continue
        sections = {
            passage.section.split(" > ")[1].split(".")[0].title()
            for passage in filings.document_passages(document.doc_id)
            if " > " in passage.section
        }
        assert {"Item 1", "Item 1A", "Item 7", "Item 8"} <= sections, document.file


def test_hidden_facts_of_inline_xbrl_are_not_text(filings: Library) -> None:
    document = filings.document("AAPL_0000320193-24-000123.html")
    text = "\n".join(page.text for page in pages_of(filings, document.doc_id))
    assert "http://fasb.org" not in text
    assert "Depreciation and amortization | 11,445 | 11,519 | 11,104" in text
    assert "| (2,266) | (2,227) | 1,006" in text
