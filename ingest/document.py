"""What was read of a file becomes a document with its pages and passages."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from ingest.chunk import chunk
from ingest.intake import Admitted
from ingest.metadata import metadata_of
from ingest.recognised import is_unread
from ingest.running import bodies
from ingest.sandbox import ReadDocument
from ingest.sections import find_sections
from ingest.title import header_of, title_of
from memgpt_docs.errors import EmptyFile
from memgpt_docs.settings import Settings
from memgpt_docs.storage.schema import Document, Page, PageStatus, Passage
from memgpt_docs.tokens import default_tokenizer

# Raised when sections, metadata, headers or passages of the same text come out differently: then
# a document that is added again replaces its older self.
PIPELINE_VERSION = 5


@dataclass(frozen=True)
class Made:
    """A document that is ready to be embedded and stored."""

    document: Document
    pages: list[Page]
    passages: list[Passage]
    search_texts: list[str]  # of each passage, without running heads and feet


def make(
    admitted: Admitted, read: ReadDocument, settings: Settings, older: Document | None
) -> Made:
    """The document that `read` is; corrections in `older`, its older self, are kept.

    Raises `EmptyFile` where no page holds anything.
    """
    pages = [
        Page(
            page.page_no,
            page.text,
            PageStatus(page.status),
            page.label,
            page.unit,
            page.reason,
            page.cells,
        )
        for page in read.pages
    ]
    unread = tuple(page.page_no for page in pages if is_unread(page))
    if not any(page.text.strip() for page in pages) and not unread:
        raise EmptyFile(f"{admitted.file} holds no text.", "Check that it is the right file.")
    metadata = metadata_of(admitted.file, read.pages, dict(read.facts), older)
    title = title_of(admitted.file, read.title, metadata)
    passages = chunk(
        admitted.doc_id,
        pages,
        find_sections(read.pages, read.headings),
        header=header_of(admitted.file, title, metadata),
        limit=settings.passage_tokens,
        tokenizer=default_tokenizer(),
    )
    document = Document(
        doc_id=admitted.doc_id,
        file=admitted.file,
        title=title,
        kind=admitted.kind,
        n_pages=len(pages),
        n_passages=len(passages),
        n_tokens=sum(passage.n_tokens for passage in passages),
        n_bytes=admitted.n_bytes,
        sha256=admitted.sha256,
        unread_pages=unread,
        reader=read.reader,
        ingested_at=datetime.now(UTC),
        company=metadata.company,
        form_type=metadata.form_type,
        fiscal_year=metadata.fiscal_year,
        fiscal_period=metadata.fiscal_period,
        period_end=metadata.period_end,
        filing_date=metadata.filing_date,
        sources=metadata.sources,
        unit=Counter(page.unit for page in pages).most_common(1)[0][0] if pages else "page",
        pipeline=pipeline_name(settings),
    )
    between = bodies(pages)
    search_texts = [between[passage.page_no].text_of(passage) for passage in passages]
    return Made(document, pages, passages, search_texts)


def pipeline_name(settings: Settings) -> str:
    """What a document's passages depend on beside its reader: version and most tokens."""
    return f"{PIPELINE_VERSION}/{settings.passage_tokens}"


def is_current(document: Document, settings: Settings) -> bool:
    """Whether reading the same bytes again would give the same document."""
    return document.pipeline == pipeline_name(settings) and all(
        _is_installed(reader) for reader in document.reader.split(" + ")
    )


def _is_installed(reader: str) -> bool:
    """Whether `reader`, a name and a version, is what would read now; one without a version is
    part of the pipeline, and what is no longer installed cannot do better."""
    name, _, known = reader.rpartition(" ")
    if not name:
        return True
    try:
        return version(name) == known
    except PackageNotFoundError:
        return True
