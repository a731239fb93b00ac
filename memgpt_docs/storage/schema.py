"""What is stored: documents, their pages and their passages.

Invariants, tested on every real file:
- `passage.text == page.text[passage.start:passage.end]`: a passage lies on one page, so a citation
  of it names exactly one place;
- the spans of a document's passages cover every character of its pages that is not white space;
- a passage has at most `passage_tokens` tokens;
- `passage_id` depends on the document, the position and the text, and on nothing else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import pyarrow as pa


class PageStatus(StrEnum):
    """What was read from a page."""

    TEXT = "text"
    SCANNED = "scanned"
    MIXED = "mixed"
    BLANK = "blank"
    FAILED = "failed"


class PassageKind(StrEnum):
    """What a passage is made of."""

    PROSE = "prose"
    TABLE = "table"


@dataclass(frozen=True)
class Page:
    """One page of a document, as text. Where a format has no pages, a page is one of its own
    units (a section, a sheet), named in `unit`."""

    page_no: int  # 1-based
    text: str
    status: PageStatus
    label: str = ""  # as printed on the page ("iv", "F-12"); empty when the file gives none
    unit: str = "page"
    reason: str = ""  # why the page failed or what was lost
    cells: str = ""  # of a sheet: the cell each line begins with, parted by blanks: "A1 B3 A4"


@dataclass(frozen=True)
class Passage:
    """A stretch of one page, the unit that is ranked, read and cited."""

    passage_id: str
    doc_id: str
    ordinal: int  # 0-based position in the document
    page_no: int  # 1-based
    start: int  # code points into the page's text, half-open with `end`
    end: int
    section: str  # path of headings: "Part II > Item 8 > Cash Flows"; may be empty
    header: str  # context indexed with the text but kept apart from it
    kind: PassageKind
    text: str
    n_tokens: int


# What is known of a filing, and where each of it is from.
METADATA = (
    "company", "form_type", "fiscal_year", "fiscal_period", "period_end", "filing_date",
)  # fmt: skip
COVER, XBRL, FILE_NAME, USER = "cover", "xbrl", "file name", "user"


@dataclass(frozen=True)
class Document:
    """One file of the library. What is not known of a filing is empty, never guessed."""

    doc_id: str  # first 16 hex digits of the file's sha256
    file: str  # name as shown
    title: str
    kind: str  # "pdf", "html", "docx", "pptx", "xlsx", "csv", "mail", "epub", "markdown", "text"
    n_pages: int
    n_passages: int
    n_tokens: int
    n_bytes: int
    sha256: str
    unread_pages: tuple[int, ...]  # 1-based pages from which no text was read though they hold some
    reader: str  # name and version of what read it
    ingested_at: datetime
    company: str = ""  # as the filing writes it
    form_type: str = ""  # "10-K", "10-Q/A", "年度报告", "Earnings release"
    fiscal_year: int | None = None  # as the company names it
    fiscal_period: str = ""  # "FY", "Q1" to "Q4", "H1"
    period_end: str = ""  # ISO date; of an 8-K the date of the report
    filing_date: str = ""  # ISO date
    # (field, COVER, XBRL, FILE_NAME or USER) of each field of METADATA that is known
    sources: tuple[tuple[str, str], ...] = ()
    unit: str = "page"  # what its pages are: "page", "slide", "sheet", "rows", "section", "message"
    pipeline: str = ""  # version of what cut it into passages; empty in older libraries
    session_id: str = ""  # the session whose own note it is; empty for documents of the library

    def source_of(self, name: str) -> str:
        """Where the field `name` of METADATA is from; empty where it is not known."""
        return dict(self.sources).get(name, "")


def passage_id(doc_id: str, page_no: int, start: int, text: str) -> str:
    """A stable id: 16 hex digits of a hash of document, position and text."""
    key = f"{doc_id}\0{page_no}\0{start}\0{text}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(key).hexdigest()[:16]


DOCUMENTS = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("file", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("n_pages", pa.int32(), nullable=False),
        pa.field("n_passages", pa.int32(), nullable=False),
        pa.field("n_tokens", pa.int64(), nullable=False),
        pa.field("n_bytes", pa.int64(), nullable=False),
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("unread_pages", pa.list_(pa.int32()), nullable=False),
        pa.field("reader", pa.string(), nullable=False),
        pa.field("ingested_at", pa.timestamp("us", tz="UTC"), nullable=False),
        # Since schema version 2; null in documents of version 1.
        pa.field("company", pa.string()),
        pa.field("form_type", pa.string()),
        pa.field("fiscal_year", pa.int32()),
        pa.field("fiscal_period", pa.string()),
        pa.field("period_end", pa.string()),
        pa.field("filing_date", pa.string()),
        pa.field("sources", pa.string()),  # a JSON object
        pa.field("unit", pa.string()),
        pa.field("pipeline", pa.string()),
        pa.field("session_id", pa.string()),  # since version 3
    ]
)

PAGES = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("page_no", pa.int32(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        # Since schema version 4; null in pages of older versions.
        pa.field("cells", pa.string()),
    ]
)

RECALL = pa.schema(
    [
        pa.field("session_id", pa.string(), nullable=False),
        pa.field("ordinal", pa.int64(), nullable=False),
        pa.field("time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("role", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("n_tokens", pa.int32(), nullable=False),
        # Since schema version 3; null in entries of older versions.
        pa.field("record", pa.string()),
        pa.field("doc_ids", pa.list_(pa.string())),
    ]
)

SESSIONS = pa.schema(
    [
        pa.field("session_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("created_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("forked_from", pa.string(), nullable=False),
    ]
)


def passages_schema(dimension: int) -> pa.Schema:
    """Columns of the passages table; `search_text` (header and text) is what full text indexes."""
    return pa.schema(
        [
            pa.field("passage_id", pa.string(), nullable=False),
            pa.field("doc_id", pa.string(), nullable=False),
            pa.field("ordinal", pa.int32(), nullable=False),
            pa.field("page_no", pa.int32(), nullable=False),
            pa.field("start", pa.int32(), nullable=False),
            pa.field("end", pa.int32(), nullable=False),
            pa.field("section", pa.string(), nullable=False),
            pa.field("header", pa.string(), nullable=False),
            pa.field("kind", pa.string(), nullable=False),
            pa.field("text", pa.string(), nullable=False),
            pa.field("n_tokens", pa.int32(), nullable=False),
            pa.field("search_text", pa.string(), nullable=False),
            pa.field("vector", pa.list_(pa.float32(), dimension), nullable=False),
        ]
    )
