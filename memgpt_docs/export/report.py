"""What an export holds, whatever its format: answers with their evidence, as blocks of text.

Every format shows the same: the answer with numbered citations and what is doubtful about it, each
cited chunk with its place and state, how far each search was read, why the run ended, who decided,
and the documents with their checksums.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from memgpt_docs.citations import Checked, Citation, QuoteStatus, Statement, examine
from memgpt_docs.citations.difference import difference
from memgpt_docs.citations.statements import LIST_MARK, MARKER, numbers_of
from memgpt_docs.coverage import coverage_line
from memgpt_docs.events import Answer, Transcript
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.schema import Document

STATUS = {
    QuoteStatus.EXACT: "exact: these words stand on the page",
    QuoteStatus.NEAR: "near: the page differs slightly",
    QuoteStatus.NOT_FOUND: "NOT FOUND in the cited passage",
}
# What no format takes: controls but tab and line feed, lone surrogates, non-characters.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Kind(StrEnum):
    """What a block is."""

    TITLE = "title"
    HEADING = "heading"
    SUBHEADING = "subheading"
    TEXT = "text"
    ITEM = "item"  # of a list
    SOURCE = "source"  # words of a document, shown as they stand
    WARNING = "warning"


@dataclass(frozen=True)
class Block:
    """A paragraph of an export. Its text comes from documents and processors: never markup."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Report:
    """The answers of a session, or one, with the documents they cite. Raises `ValueError` for a
    run that is not over."""

    transcripts: tuple[Transcript, ...]
    documents: tuple[Document, ...] = ()
    written: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        if any(transcript.answer is None for transcript in self.transcripts):
            raise ValueError("the run is not over")

    @classmethod
    def of(cls, transcripts: Sequence[Transcript], library: Library) -> Report:
        """The report on `transcripts`, those without an answer left out."""
        ended = tuple(transcript for transcript in transcripts if transcript.answer is not None)
        cited = {c.doc_id for one in ended if one.answer for c in one.answer.citations}
        documents = tuple(one for one in library.documents() if one.doc_id in cited)
        return cls(ended, documents)

    def blocks(self) -> Iterator[Block]:
        """Everything, in order."""
        for transcript in self.transcripts:
            yield from _answer_blocks(transcript)
        if self.documents:
            yield Block(Kind.HEADING, "Documents")
            for document in self.documents:
                yield Block(Kind.ITEM, describe(document))
        written = self.written.strftime("%Y-%m-%d %H:%M UTC")
        yield Block(Kind.TEXT, f"Exported: {written}")


def checked_answer(transcript: Transcript) -> Checked:
    """The answer of a run taken apart and checked, with the figures it worked out."""
    answer = transcript.answer
    assert answer is not None
    return examine(
        answer.text,
        answer.citations,
        question=answer.question,
        expressions=expressions(transcript),
    )


def expressions(transcript: Transcript) -> list[str]:
    """What was worked out during a run."""
    steps = (step for step in transcript.steps if step.name == "calculate")
    return [str(step.arguments["expression"]) for step in steps if "expression" in step.arguments]


def printable(text: str) -> str:
    """`text` without characters that a file of some format cannot hold."""
    return _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def is_right_to_left(text: str) -> bool:
    """Whether `text` is read from right to left: whether its first letter is."""
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((one for one in directions if one in ("L", "R", "AL")), "L") != "L"


def numbered(text: str, citations: Sequence[Citation]) -> str:
    """A line of an answer with the numbers of citations in place of handles."""

    def numbers(match: re.Match[str]) -> str:
        handles = {int(handle) for handle in re.findall(r"\d+", match[1])}
        found = numbers_of(handles, text, citations)
        return f"[{', '.join(map(str, found))}]" if found else match[0]

    return MARKER.sub(numbers, text)


def place(citation: Citation) -> str:
    """File, page, element and section in words."""
    section = f" ({citation.section})" if citation.section else ""
    element = f", {citation.element}" if citation.element else ""
    return f"{citation.file}, {citation.unit} {citation.page_no}{element}{section}"


def describe(document: Document) -> str:
    """A document in one line."""
    known = [document.title, document.company, document.form_type, document.fiscal_period,
             str(document.fiscal_year or "")]  # fmt: skip
    about = ", ".join(dict.fromkeys(part for part in known if part and part != document.file))
    return f"{document.file} ({about}; {document.n_pages} pages; sha256 {document.sha256})"


def doubts(statement: Statement) -> list[str]:
    """What is doubtful about a statement, in words."""
    found = ["no citation"] if statement.uncited else []
    for figure in statement.figures:
        if figure.state.fails and statement.citations:
            note = f" ({figure.note})" if figure.note else ""
            found.append(f"{figure.figure.text} is not in what is cited{note}")
    return found


def _answer_blocks(transcript: Transcript) -> Iterator[Block]:
    answer = transcript.answer
    assert answer is not None
    checked = checked_answer(transcript)
    yield Block(Kind.TITLE, answer.question)
    yield from _text(answer, checked)
    for warning in checked.warnings:
        yield Block(Kind.WARNING, warning)
    for formula in checked.formulas:
        yield Block(Kind.TEXT, f"Worked out: {formula}")
    yield Block(Kind.HEADING, "Evidence")
    chunks: dict[str, int] = {}  # the citation under which each was shown
    for number, citation in enumerate(answer.citations, start=1):
        yield from _citation(number, citation)
        shown = chunks.setdefault(citation.passage_text, number)
        if shown != number:
            yield Block(Kind.TEXT, f"Cited chunk: the same as of {shown}.")
            continue
        yield Block(Kind.TEXT, "Cited chunk:")
        yield Block(Kind.SOURCE, citation.passage_text)
    if not answer.citations:
        yield Block(Kind.TEXT, "None.")
    yield Block(Kind.HEADING, "What was read")
    for search in answer.coverage:
        yield Block(Kind.ITEM, coverage_line(search))
    if not answer.coverage:
        yield Block(Kind.TEXT, "Nothing.")
    yield Block(Kind.HEADING, "Working context")
    yield Block(Kind.SOURCE, answer.working_context or "(empty)")
    yield Block(Kind.HEADING, "About this answer")
    for line in (
        f"Stop reason: {answer.stop_reason}",
        f"Processor: {answer.processor}",
        f"Steps: {answer.steps}; largest main context: {answer.peak_context} of "
        f"{answer.context_window} tokens",
        f"Library version: {answer.library_version}",
    ):
        yield Block(Kind.ITEM, line)


def _text(answer: Answer, checked: Checked) -> Iterator[Block]:
    """The answer line by line, with what is doubtful of each line under it."""
    at = 0
    for line in answer.text.split("\n"):
        end = at + len(line)
        if line.strip():
            mark = LIST_MARK.match(line)
            words = line[mark.end() :] if mark else line
            kind = Kind.ITEM if mark else Kind.TEXT
            yield Block(kind, numbered(words.strip(), answer.citations))
        found = [d for one in checked.statements if at <= one.start < end for d in doubts(one)]
        if found:
            yield Block(Kind.WARNING, f"Not supported: {'; '.join(dict.fromkeys(found))}.")
        at = end + 1
    if answer.reason:
        yield Block(Kind.TEXT, answer.reason)
    if not answer.text.strip() and not answer.reason:
        yield Block(Kind.TEXT, "No answer.")


def _citation(number: int, citation: Citation) -> Iterator[Block]:
    yield Block(Kind.SUBHEADING, f"{number}. {place(citation)}")
    if citation.note:
        yield Block(Kind.TEXT, citation.note)
    yield Block(Kind.TEXT, f"Quotation ({STATUS[citation.status]}):")
    yield Block(Kind.SOURCE, citation.quote)
    if citation.status is QuoteStatus.NEAR:
        yield Block(Kind.TEXT, "The page says:")
        yield Block(Kind.SOURCE, citation.source_text)
        parts = difference(citation.quote, citation.source_text)
        told = "; ".join(f"“{said}” is “{stands}” on the page" for said, stands in parts)
        yield Block(Kind.TEXT, f"Difference: {told or 'white space only'}.")
