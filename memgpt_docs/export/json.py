"""The stable JSON of answers, documents and pages of results: fields are added, never renamed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memgpt_docs.citations import Citation, Statement
from memgpt_docs.events import Answer, Transcript
from memgpt_docs.export.report import Report, checked_answer, expressions
from memgpt_docs.storage.archival import ResultsPage
from memgpt_docs.storage.schema import Document

if TYPE_CHECKING:
    from memgpt_docs.comparison import Cell


def results_page(page: ResultsPage) -> dict[str, Any]:
    """A page of a search."""
    return {
        "query": page.query,
        "page": page.page,
        "pages": page.pages,
        "total": page.total,
        "library_version": page.library_version,
        "page_size": page.page_size,
        "past_end": page.past_end,
        "documents": list(page.documents),
        "section": page.section,
        "kind": page.kind,
        "results": [
            {
                "rank": result.rank,
                "passage_id": result.passage.passage_id,
                "doc_id": result.passage.doc_id,
                "file": result.file,
                "page_first": result.passage.page_no,
                "page_last": result.passage.page_no,
                "section": result.passage.section,
                "score": result.score,
                "text": result.passage.text,
                "twins": [
                    {"passage_id": twin.passage_id, "file": twin.file, "page_no": twin.page_no}
                    for twin in result.twins
                ],
            }
            for result in page.results
        ],
    }


def document(document: Document) -> dict[str, Any]:
    """A document of the library."""
    return {
        "doc_id": document.doc_id,
        "file": document.file,
        "title": document.title,
        "kind": document.kind,
        "pages": document.n_pages,
        "unit": document.unit,
        "passages": document.n_passages,
        "tokens": document.n_tokens,
        "bytes": document.n_bytes,
        "sha256": document.sha256,
        "unread_pages": list(document.unread_pages),
        "reader": document.reader,
        "ingested_at": document.ingested_at.isoformat(),
        "company": document.company,
        "form_type": document.form_type,
        "fiscal_year": document.fiscal_year,
        "fiscal_period": document.fiscal_period,
        "period_end": document.period_end,
        "filing_date": document.filing_date,
        "sources": dict(document.sources),
    }


def answer(answer: Answer, transcript: Transcript) -> dict[str, Any]:
    """A question with its answer, citations and every page of results that was read."""
    checked = checked_answer(transcript)
    return {
        "question": answer.question,
        "answer": answer.text,
        "stop_reason": str(answer.stop_reason),
        "reason": answer.reason,
        "citations": [citation(n, one) for n, one in enumerate(answer.citations, start=1)],
        "searches": [
            {
                "query": read.page.query,
                "page": read.page.page,
                "pages": read.page.pages,
                "total": read.page.total,
                "passage_ids": [result.passage.passage_id for result in read.page.results],
            }
            for read in transcript.pages
        ],
        "working_context": answer.working_context,
        "tokens": {
            "window": answer.context_window,
            "peak": answer.peak_context,
            "read": answer.tokens_read,
            "written": answer.tokens_written,
            "cached": answer.tokens_cached,
        },
        "cost": answer.cost,
        "steps": answer.steps,
        "processor": answer.processor,
        "library_version": answer.library_version,
        "statements": [statement(one) for one in checked.statements],
        "warnings": list(checked.warnings),
        "formulas": list(checked.formulas),
        "expressions": expressions(transcript),
        "coverage": [
            {
                "query": search.query,
                "documents": list(search.documents),
                "pages_read": list(search.pages_read),
                "pages": search.pages,
                "total": search.total,
            }
            for search in answer.coverage
        ],
    }


def citation(number: int, citation: Citation) -> dict[str, Any]:
    """A citation with its 1-based number; `start` and `end` are code points into the text of its
    page, both -1 where the words were not found."""
    return {
        "handle": citation.handle,
        "passage_id": citation.passage_id,
        "doc_id": citation.doc_id,
        "file": citation.file,
        "page_no": citation.page_no,
        "section": citation.section,
        "quote": citation.quote,
        "status": str(citation.status),
        "number": number,
        "start": citation.start,
        "end": citation.end,
        "source_text": citation.source_text,
        "note": citation.note,
        "chunk": citation.passage_text,
        "scale": citation.scale,
        "company": citation.company,
        "fiscal_year": citation.fiscal_year,
        "fiscal_period": citation.fiscal_period,
        "element": citation.element,
        "unit": citation.unit,
    }


def statement(statement: Statement) -> dict[str, Any]:
    """A statement of an answer with the numbers of its citations and its figures."""
    return {
        "text": statement.text,
        "start": statement.start,
        "end": statement.end,
        "is_claim": statement.is_claim,
        "citations": list(statement.citations),
        "unknown_handles": list(statement.unknown_handles),
        "figures": [
            {
                "text": one.figure.text,
                "state": str(one.state),
                "note": one.note,
                "citation": one.citation,
            }
            for one in statement.figures
        ],
        "warnings": list(statement.warnings),
    }


def report(report: Report) -> dict[str, Any]:
    """The answers of an export with the documents they cite (schema: docs/answer.schema.json)."""
    return {
        "exported_at": report.written.isoformat(),
        "answers": [answer(one.answer, one) for one in report.transcripts if one.answer],
        "documents": [document(one) for one in report.documents],
    }


def cell(cell: Cell) -> dict[str, Any]:
    """A cell of a comparison."""
    return {
        "doc_id": cell.document.doc_id,
        "file": cell.document.file,
        "company": cell.document.company,
        "fiscal_year": cell.document.fiscal_year,
        "question": cell.question,
        "state": str(cell.state),
        "value": cell.value,
        "citation": citation(1, cell.citation) if cell.citation else None,
    }
