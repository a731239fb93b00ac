"""What the processor may call. Names, parameters and docstrings are read by people and by models:
the docstring of a method is the description that the processor is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from memgpt_docs.calculation import calculate
from memgpt_docs.calls import (
    FunctionResult,
    MessageSent,
    PassagesShown,
    WorkingContextEdited,
)
from memgpt_docs.citations import Acceptance, Claim, resolve
from memgpt_docs.coverage import CoverageLog, coverage_line
from memgpt_docs.errors import FunctionError
from memgpt_docs.exit_gate import ExitGate
from memgpt_docs.handles import Handles
from memgpt_docs.notes import insert_note
from memgpt_docs.paging import first_that_fit, read_page
from memgpt_docs.storage.archival import ArchivalStorage, Result, ResultsPage
from memgpt_docs.storage.filters import Filters
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.recall import RecallPage
from memgpt_docs.storage.schema import Document
from memgpt_docs.tokens import Tokenizer
from memgpt_docs.working_context import Part, WorkingContext

RECALL_PAGE_SIZE = 5
DOCUMENTS_PAGE_SIZE = 20
FILTERS = ("company", "form_type", "fiscal_year", "section", "kind")


class CitationArgument(BaseModel):
    # A docstring here would become a description in the schema and cost tokens in every window.
    model_config = ConfigDict(extra="forbid")
    handle: int
    quote: str


@dataclass
class Functions:
    """The functions of one session, over its library and its memory."""

    library: Library
    session_id: str
    working_context: WorkingContext
    tokenizer: Tokenizer
    page_tokens: int
    largest_page: int
    handles: Handles = field(default_factory=Handles)
    coverage: CoverageLog = field(default_factory=CoverageLog)
    acceptance: Acceptance = field(default_factory=Acceptance)
    gate: ExitGate = field(default_factory=ExitGate)
    documents: tuple[str, ...] = ()  # doc_ids that the present question is limited to
    archival: ArchivalStorage = field(init=False)

    def __post_init__(self) -> None:
        # Of its own, so that its rankings stay frozen whatever other sessions search.
        self.archival = ArchivalStorage(self.library, session_id=self.session_id)

    def begin(self, question: str, documents: tuple[str, ...]) -> None:
        """Starts over, for a new question."""
        self.documents = documents
        self.coverage.clear()
        self.acceptance.begin(question)
        self.gate.begin()

    def what_was_read(self) -> str:
        """What an answer without evidence rests on: documents, queries, pages of pages."""
        read = self.coverage.searches()
        documents = self.library.documents()
        count = len(self.documents) or len(documents)
        unread = sum(search.unread for search in read)
        searched = "1 document" if count == 1 else f"{count} documents"
        lines = [f"Searched {searched}; pages of results unread: {unread}."]
        return "\n".join(lines + [coverage_line(search, documents) for search in read])

    def send_message(self, message: str, citations: list[CitationArgument]) -> FunctionResult:
        """Answer the user and end the turn. Back every claim by a citation: the handle of a
        passage you were shown and words copied exactly from it. Write [handle] in the message."""
        checked = []
        for citation in citations:
            passage_id = self.handles.passage_id(citation.handle)
            if passage_id is None:
                raise FunctionError(
                    f"No passage with handle {citation.handle} was shown.",
                    "Cite handles as they stand in brackets before a passage.",
                )
            passage = self.library.passages([passage_id]).get(passage_id)
            if passage is None:
                raise FunctionError(
                    f"The document of passage [{citation.handle}] was deleted.", "Cite another."
                )
            checked.append(resolve(Claim(citation.handle, citation.quote), passage, self.library))
        self.gate.judge(bool(checked), self.coverage.searches())
        self.acceptance.judge(message, checked)
        return FunctionResult(True, "Sent.", MessageSent(message, tuple(checked)))

    def working_context_append(self, text: str, part: Part = "findings") -> FunctionResult:
        """Add a line to a part of working context: a finding with its [handle], a plan, an open
        question, what the user prefers."""
        before = self.working_context.text
        self.working_context.append(text, part)
        return self._edited(before)

    def working_context_replace(self, old: str, new: str) -> FunctionResult:
        """Replace text of working context; an empty new text removes the old one."""
        before = self.working_context.text
        self.working_context.replace(old, new)
        return self._edited(before)

    def calculate(self, expression: str) -> FunctionResult:
        """Work out a figure that no passage states, from figures of passages, for example
        (1577 - 1373) / 1373 * 100. State the result in the answer and cite its figures."""
        done = calculate(expression)
        self.acceptance.expressions.append(done.expression)
        return FunctionResult(True, str(done))

    def archival_search(
        self,
        query: str,
        page: int = 1,
        document: str | None = None,
        company: str | None = None,
        form_type: str | None = None,
        fiscal_year: int | None = None,
        section: str | None = None,
        kind: str | None = None,
    ) -> FunctionResult:
        """Search all documents, or by file name, company, form, year, section, kind (prose, table).
        Gives one page of ranked passages with handles; read on with page 2, 3, ... of it."""
        limits = self._limits(document, company, form_type, fiscal_year, section, kind)
        shown, cut_anew = read_page(
            self.archival,
            query,
            page,
            limits,
            room=self.page_tokens,
            largest=self.largest_page,
            library=self.library,
        )
        self.coverage.read(shown)
        handles, text = self._show(shown.results, ranked=True)
        same = {"document": document, **{name: getattr(limits, name) for name in FILTERS}}
        message = f"{_heading(shown)}{cut_anew}\n{text}{_footer(shown, same)}"
        return FunctionResult(True, message, PassagesShown(shown.results, handles, shown))

    def rank_ahead(self, search: Mapping[str, Any]) -> None:
        """Makes the ranking of an `archival_search` to come, given its arguments."""
        limits = self._limits(search["document"], *(search[name] for name in FILTERS))
        if search["page"] == 1:
            self.archival.rank(search["query"], filters=limits)

    def archival_insert(self, text: str) -> FunctionResult:
        """Put a note of your own into archival storage, to find it by archival_search later."""
        if not text.strip():
            raise FunctionError("The note is empty.", "Give its text.")
        note = insert_note(self.library, self.session_id, text, self.tokenizer)
        return FunctionResult(True, f"Stored as {note.file!r}, {note.n_passages} passages.")

    def read_document(self, document: str, page: int) -> FunctionResult:
        """Read one page of a document in order, by file name and page number."""
        found = self.library.document(self._allowed(document))
        passages = self.library.document_passages(found.doc_id, page)
        self.library.page(found.doc_id, page)  # says which pages there are when this one is not
        results = tuple(Result(n, 0.0, found.file, p) for n, p in enumerate(passages, start=1))
        kept = first_that_fit(results, self.page_tokens)
        handles, text = self._show(kept)
        left = len(results) - len(kept)
        note = f"\n{left} more passages on this page: search for them by words." if left else ""
        heading = f"{found.file}, page {page} of {found.n_pages}:"
        return FunctionResult(
            True, f"{heading}\n{text or '(no text)'}{note}", PassagesShown(kept, handles, None)
        )

    def neighbours(self, handle: int) -> FunctionResult:
        """Read what stands just before and after a passage you were shown, by its handle."""
        passage_id = self.handles.passage_id(handle)
        found = self.library.passages([passage_id] if passage_id else []).get(passage_id or "")
        if found is None:
            raise FunctionError(
                f"There is no passage [{handle}].", "Use the handle of a passage you were shown."
            )
        file = self.library.document(self._allowed(found.doc_id)).file
        around = self.library.neighbours(found)
        results = tuple(Result(n, 0.0, file, p) for n, p in enumerate(around, start=1))
        handles, text = self._show(results)
        return FunctionResult(
            True,
            f"Around [{handle}]:\n{text or '(nothing)'}",
            PassagesShown(results, handles, None),
        )

    def list_documents(self, page: int = 1) -> FunctionResult:
        """List the documents of the library, page by page."""
        known = [*self.library.documents(), *self.library.notes(self.session_id)]
        allowed = [d for d in known if self._in_scope(d)]
        pages = max(1, -(-len(allowed) // DOCUMENTS_PAGE_SIZE))
        first = (page - 1) * DOCUMENTS_PAGE_SIZE
        lines = [
            f"{document.file} ({document.n_pages} pages): {document.title}{_filing(document)}"
            for document in allowed[max(0, first) : first + DOCUMENTS_PAGE_SIZE]
        ]
        heading = f"{len(allowed)} documents (page {page} of {pages}):"
        return FunctionResult(True, "\n".join([heading, *lines]))

    def recall_search(self, query: str, page: int = 1) -> FunctionResult:
        """Search what was said, read and done in this session, also what left the window."""
        found = self.library.recall.search(self.session_id, query, page, RECALL_PAGE_SIZE)
        return FunctionResult(True, self._recalled(found))

    def recall_search_date(self, start: datetime, end: datetime, page: int = 1) -> FunctionResult:
        """List what happened in this session from start until before end (ISO dates)."""
        found = self.library.recall.search_date(
            self.session_id, _utc(start), _utc(end), page, RECALL_PAGE_SIZE
        )
        return FunctionResult(True, self._recalled(found))

    # -- showing ------------------------------------------------------------------------------

    def _show(self, results: Sequence[Result], ranked: bool = False) -> tuple[tuple[int, ...], str]:
        """Handles of the results, in their order, and the text that shows them. Evidence of one
        document stands in its order: `ranked` results are brought into it."""
        lines = []
        for result in _in_document_order(results) if ranked else results:
            passage = result.passage
            seen = " (seen before)" if self.handles.known(passage.passage_id) else ""
            handle = self.handles.show(passage.passage_id)
            section = f" · {passage.section}" if passage.section else ""
            place = f"{result.file} p.{passage.page_no}{section}"
            twins = ", ".join(f"{twin.file} p.{twin.page_no}" for twin in result.twins)
            same = f"\n(The same stands in {self.tokenizer.truncate(twins, 64)}.)" if twins else ""
            place = self.tokenizer.truncate(place, 64)
            lines.append(f"[{handle}] {place}{seen}\n{passage.text}{same}\n")
        handles = tuple(self.handles.show(result.passage.passage_id) for result in results)
        return handles, "\n".join(lines)

    def _recalled(self, found: RecallPage) -> str:
        if found.page > found.pages:
            return f"No more results: {found.total} in all, on {found.pages} pages."
        share = self.page_tokens // (RECALL_PAGE_SIZE + 1)
        lines = [
            f"{entry.time:%Y-%m-%d %H:%M} {entry.role} {entry.name}: "
            f"{self.tokenizer.truncate(entry.text, share)}"
            for entry in found.entries
        ]
        heading = f"{found.total} results (page {found.page} of {found.pages}):"
        return "\n".join([heading, *lines])

    def _edited(self, before: str) -> FunctionResult:
        block = self.working_context
        return FunctionResult(
            True,
            f"Working context holds {block.tokens} of {block.limit} tokens.",
            WorkingContextEdited(before, block.text),
        )

    def _limits(self, document: str | None, *filters: Any) -> Filters:
        return Filters(self._chosen(document), *filters)

    def _chosen(self, document: str | None) -> tuple[str, ...]:
        return self.documents if document is None else (self._allowed(document),)

    def _allowed(self, name: str) -> str:
        notes = [note for note in self.library.notes(self.session_id) if note.file == name]
        document = notes[0] if notes else self.library.document(name)
        if not self._in_scope(document):
            raise FunctionError(
                f"The question is limited to other documents than {document.file}.",
                "Leave the document out to search all that are allowed.",
            )
        return document.doc_id

    def _in_scope(self, document: Document) -> bool:
        """Whether the question may look into a document. The session's own notes are always
        allowed: a message too long for the window is one."""
        limited = self.documents and document.session_id != self.session_id
        return not limited or document.doc_id in self.documents


def _filing(document: Document) -> str:
    """Company, form and year as filters take them, where they are known."""
    year = str(document.fiscal_year or "")
    known = [part for part in (document.company, document.form_type, year) if part]
    return f" [{', '.join(known)}]" if known else ""


def _in_document_order(results: Sequence[Result]) -> list[Result]:
    """Documents in the order of their best result, and each one's results by their place in it."""
    first = {one.passage.doc_id: one.rank for one in sorted(results, key=lambda one: -one.rank)}
    return sorted(results, key=lambda one: (first[one.passage.doc_id], one.passage.ordinal))


def _heading(shown: ResultsPage) -> str:
    if shown.total == 0:
        return f"No passage matches “{shown.query}”."
    if shown.past_end:
        return (
            f"Page {shown.page} is past the end: “{shown.query}” has {shown.total} passages "
            f"on {shown.pages} pages."
        )
    first = (shown.page - 1) * shown.page_size + 1
    last = min(first + shown.page_size - 1, shown.total)
    gone = f" {shown.gone} of them were deleted since." if shown.gone else ""
    unread = (
        f"{shown.unread_pages} pages follow." if shown.unread_pages else "This is the last page."
    )
    return (
        f"Showing {first}-{last} of {shown.total} passages (page {shown.page} of {shown.pages}) "
        f"for “{shown.query}”. {unread}{gone}"
    )


def _footer(shown: ResultsPage, limits: Mapping[str, str | int | None]) -> str:
    if not shown.unread_pages:
        return ""
    limited = "".join(f", {name}={value!r}" for name, value in limits.items() if value is not None)
    return f"\nNext: archival_search(query={shown.query!r}, page={shown.page + 1}{limited})"


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


# Functions that only read: several in one reply run side by side, and asking the same twice tells
# nothing new.
READS = frozenset(
    {"archival_search", "read_document", "neighbours", "list_documents"}
    | {"recall_search", "recall_search_date"}
)
# What may be called, in the order in which the processor is told of it.
CALLABLE: tuple[Callable[..., FunctionResult], ...] = (
    Functions.send_message,
    Functions.working_context_append,
    Functions.working_context_replace,
    Functions.calculate,
    Functions.archival_search,
    Functions.archival_insert,
    Functions.read_document,
    Functions.neighbours,
    Functions.list_documents,
    Functions.recall_search,
    Functions.recall_search_date,
)
