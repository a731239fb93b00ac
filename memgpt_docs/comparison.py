"""Questions asked of many documents, one by one, as a table with a verified citation in each cell.

Rows are documents, by company and fiscal year; columns are questions. "Not disclosed" is a value
like another, and says how far the document was read for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from memgpt_docs.agent import Agent
from memgpt_docs.citations import Checked, Citation, QuoteStatus
from memgpt_docs.citations.statements import FOUND_NOTHING, LIST_MARK, MARKER
from memgpt_docs.errors import UsageError
from memgpt_docs.events import StopReason, Transcript
from memgpt_docs.export.report import Report, checked_answer
from memgpt_docs.export.sheet import Table, evidence
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.schema import Document

MakeAgent = Callable[[], Agent]
MAX_CELLS = 2_000
# By which an answer says that it may be none.
PERHAPS = re.compile(r"\bperhaps\b|\bnot (?:sure|certain|clear)\b|或许|不确定", re.IGNORECASE)


class CellState(StrEnum):
    """What a cell says."""

    VERIFIED = "verified"  # a value, and the words it rests on stand on the page
    UNVERIFIED = "unverified"  # a value that its citations do not bear out
    UNCLEAR = "unclear"  # the words stand on the page; perhaps they are not the answer
    NOT_DISCLOSED = "not_disclosed"  # what was read does not tell
    FAILED = "failed"  # the run ended before an answer


@dataclass(frozen=True)
class Cell:
    """The answer of one document to one question."""

    document: Document
    question: str
    state: CellState
    value: str  # in words; for what is not disclosed, how far was read; for a failure, why
    citation: Citation | None  # the first that bears the value out
    transcript: Transcript


@dataclass
class Comparison:
    """A table of cells. Each cell is a run of its own, so that one can be run again by itself; it
    keeps its transcript, and its session, which would be one of many in a list, is deleted.

    `make_agent` makes the agent of a cell. Raises `UsageError` for a table without a question or
    document, or of more than `MAX_CELLS` cells.
    """

    documents: tuple[Document, ...]
    questions: tuple[str, ...]
    make_agent: MakeAgent
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)  # by doc_id and question

    def __post_init__(self) -> None:
        self.questions = tuple(dict.fromkeys(q.strip() for q in self.questions if q.strip()))
        self.documents = tuple(
            sorted(self.documents, key=lambda d: (d.company, d.fiscal_year or 0, d.file))
        )
        if not self.questions or not self.documents:
            raise UsageError("A comparison needs a question and a document.", "Give both.")
        if len(self.questions) * len(self.documents) > MAX_CELLS:
            raise UsageError(
                f"A comparison has at most {MAX_CELLS} cells.", "Choose fewer documents."
            )

    def fill(self, cancelled: Callable[[], bool] = lambda: False) -> Iterator[Cell]:
        """Works out the cells that are not there yet, row by row, and yields each."""
        agents: list[Agent] = []
        try:
            for document in self.documents:
                for question in self.questions:
                    if cancelled():
                        return
                    if (document.doc_id, question) not in self.cells:
                        agents.append(self.make_agent())
                        yield self._work_out(agents[-1], document, question, cancelled)
        finally:
            _forget(agents)

    def run(
        self, document: Document, question: str, cancelled: Callable[[], bool] = lambda: False
    ) -> Cell:
        """Works out one cell, again where it is there."""
        agent = self.make_agent()
        try:
            return self._work_out(agent, document, question, cancelled)
        finally:
            _forget([agent])

    def _work_out(
        self, agent: Agent, document: Document, question: str, cancelled: Callable[[], bool]
    ) -> Cell:
        transcript = Transcript(question=question)
        for event in agent.run(question, documents=[document.doc_id], cancelled=cancelled):
            transcript.add(event)
        cell = _cell(document, question, transcript)
        self.cells[document.doc_id, question] = cell
        return cell

    def sheets(self) -> dict[str, Table]:
        """What a workbook of it holds: each table by the name of its sheet."""
        sheets = {"Comparison": self.table(), "By company": self.by_company()}
        return {name: table for name, table in sheets.items() if table} | {
            "Evidence": self.evidence()
        }

    def table(self) -> Table:
        """The values with their places, under a head: a row for each document."""
        head = ["document", "company", "fiscal year"]
        for question in self.questions:
            head += [question, "state", "page", "quotation"]
        rows: list[Sequence[str | int | None]] = [head]
        for document in self.documents:
            row: list[str | int | None] = [document.file, document.company, document.fiscal_year]
            for question in self.questions:
                row += _columns(self.cells.get((document.doc_id, question)))
            rows.append(row)
        return rows

    def by_company(self) -> Table:
        """The values by question and company, a column for each fiscal period, under a head;
        documents of which either is not known are left out. Empty where none is left."""
        known = [one for one in self.documents if one.company and one.fiscal_year]
        periods = sorted({_period(one) for one in known})
        companies = list(dict.fromkeys(one.company for one in known))
        rows: list[Sequence[str | int | None]] = []
        for question in self.questions:
            for company in companies:
                values: dict[str, list[str]] = {}
                for document in known:
                    cell = self.cells.get((document.doc_id, question))
                    if document.company == company and cell is not None:
                        values.setdefault(_period(document), []).append(_told(cell))
                rows.append([question, company, *("\n".join(values.get(p, ())) for p in periods)])
        return [["question", "company", *periods], *rows] if rows else []

    def evidence(self) -> Table:
        """The statements and citations behind all cells."""
        return evidence(Report(tuple(cell.transcript for cell in self.cells.values())))


def compare(
    library: Library,
    questions: Sequence[str],
    documents: Sequence[str] = (),
    *,
    make_agent: MakeAgent | None = None,
) -> Comparison:
    """A comparison, still empty, of `documents` (ids or file names; all where none is named).
    Raises `UnknownDocument` and `UsageError`."""
    chosen = [library.document(name) for name in documents] or library.documents()
    return Comparison(
        tuple(dict.fromkeys(chosen)), tuple(questions), make_agent or (lambda: Agent(library))
    )


def _forget(agents: Sequence[Agent]) -> None:
    if agents:
        sessions = agents[0].library.sessions
        known = {one.session_id for one in sessions.list()}
        sessions.delete(*known.intersection(agent.session_id for agent in agents))


def _cell(document: Document, question: str, transcript: Transcript) -> Cell:
    answer = transcript.answer
    assert answer is not None
    if answer.stop_reason not in (StopReason.ANSWERED, StopReason.NO_EVIDENCE):
        reason = answer.reason or str(answer.stop_reason)
        return Cell(document, question, CellState.FAILED, reason, None, transcript)
    checked = checked_answer(transcript)
    value, citation, is_sound = _value(checked, answer.citations)
    if answer.stop_reason is StopReason.NO_EVIDENCE or _begins_with(FOUND_NOTHING, checked):
        read = sum(len(search.pages_read) for search in answer.coverage)
        pages = sum(search.pages for search in answer.coverage)
        closest = f"; closest: {value}" if value else ""
        value = f"not disclosed ({read} of {pages} pages of passages read){closest}"
        return Cell(document, question, CellState.NOT_DISCLOSED, value, citation, transcript)
    state = CellState.VERIFIED if citation and is_sound else CellState.UNVERIFIED
    if state is CellState.VERIFIED and _begins_with(PERHAPS, checked):
        state = CellState.UNCLEAR
    return Cell(document, question, state, value or answer.text, citation, transcript)


def _begins_with(said: re.Pattern[str], checked: Checked) -> bool:
    """Whether the answer begins by saying of itself what `said` finds: it cites nothing there."""
    first = checked.statements[:1]
    return any(not one.citations and said.search(one.text) for one in first)


def _value(checked: Checked, citations: Sequence[Citation]) -> tuple[str, Citation | None, bool]:
    """The first statement with a citation whose words were found, that citation, and whether every
    figure of the statement was found too."""
    for statement in checked.statements:
        for number in statement.citations:
            citation = citations[number - 1]
            if citation.status is not QuoteStatus.NOT_FOUND:
                text = MARKER.sub("", LIST_MARK.sub("", statement.text))
                for place in (f"{citation.file} p.{citation.page_no}", citation.file):
                    text = text.replace(place, "")
                sound = not any(figure.state.fails for figure in statement.figures)
                words = re.sub(r"\s+(?=[.,;。]$)", "", " ".join(text.split()))
                return words, citation, sound
    return "", None, False


def _period(document: Document) -> str:
    """The fiscal year of a document, and the period where it is not all of the year."""
    part = "" if document.fiscal_period in ("", "FY") else f" {document.fiscal_period}"
    return f"{document.fiscal_year}{part}"


def _told(cell: Cell) -> str:
    """The value of a cell, and what is to be known of it."""
    plain = (CellState.VERIFIED, CellState.NOT_DISCLOSED)
    return cell.value if cell.state in plain else f"{cell.value} ({cell.state})"


def _columns(cell: Cell | None) -> list[str | int | None]:
    if cell is None:
        return ["", "", None, ""]
    citation = cell.citation
    page = citation.page_no if citation else None
    return [cell.value, str(cell.state), page, citation.quote if citation else ""]
