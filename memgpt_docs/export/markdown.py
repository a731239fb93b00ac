"""An answer with its evidence, as Markdown that can be handed on."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from memgpt_docs.citations import Citation, QuoteStatus
from memgpt_docs.context import coverage_line
from memgpt_docs.events import Answer, Transcript

STATUS = {
    QuoteStatus.EXACT: "exact: these words stand on the page",
    QuoteStatus.NEAR: "near: the page differs slightly",
    QuoteStatus.NOT_FOUND: "NOT FOUND in the cited passage",
}
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$!&])")


def to_markdown(transcript: Transcript, now: datetime | None = None) -> str:
    """The question, the answer, each cited chunk with its place and status, how far each search
    was read, and the working context. Raises `ValueError` for a run that is not over."""
    answer = transcript.answer
    if answer is None:
        raise ValueError("the run is not over")
    written = (now or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M UTC")
    parts = [
        f"# {plain(answer.question)}",
        _answer(answer),
        "## Evidence",
        *(_citation(number, c) for number, c in enumerate(answer.citations, start=1)),
        *([] if answer.citations else ["None."]),
        "## What was read",
        "\n".join(f"- {plain(coverage_line(search))}" for search in answer.coverage) or "Nothing.",
        "## Working context",
        fenced(answer.working_context or "(empty)"),
        "## About this answer",
        "\n".join(
            [
                f"- Stop reason: {answer.stop_reason}",
                f"- Processor: {plain(answer.processor)}",
                f"- Steps: {answer.steps}; largest main context: {answer.peak_context} of "
                f"{answer.context_window} tokens",
                f"- Library version: {answer.library_version}",
                f"- Exported: {written}",
            ]
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _answer(answer: Answer) -> str:
    text = "\n".join(plain(line) for line in answer.text.split("\n"))
    reason = plain(answer.reason)
    return "\n\n".join(part for part in (text, reason) if part) or "No answer."


def _citation(number: int, citation: Citation) -> str:
    place = f"{citation.file}, page {citation.page_no}"
    section = f" ({citation.section})" if citation.section else ""
    lines = [
        f"### {number}. [{citation.handle}] {plain(place + section)}",
        f"Quotation ({STATUS[citation.status]}):",
        fenced(citation.quote),
    ]
    if citation.status is QuoteStatus.NEAR:
        lines += ["The page says:", fenced(citation.source_text)]
    lines += ["Cited chunk:", fenced(citation.passage_text)]
    return "\n\n".join(lines)


def plain(text: str) -> str:
    """`text` on one line, with nothing in it that Markdown would read as markup."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def fenced(text: str) -> str:
    """`text` as a code block, whatever stands in it: the fence is longer than any inside."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{text}\n{fence}"
