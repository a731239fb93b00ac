"""An answer examined as a whole: what a user is shown of it, and what goes back to the processor.

Before the user sees an answer, `check_answer` lists what is wrong with it; the processor is asked
once or twice to mend it (`repair_request`), then the answer is accepted with its marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from memgpt_docs.calculation import Calculation, calculate
from memgpt_docs.citations.figures import CheckedFigure, FigureState, look_up, read_figures
from memgpt_docs.citations.provenance import warnings_for
from memgpt_docs.citations.statements import (
    LIST_MARK,
    MARKER,
    Statement,
    statements_of,
    supports,
)
from memgpt_docs.citations.verification import Citation, QuoteStatus
from memgpt_docs.errors import FunctionError

MAX_REPAIRS = 2  # times that one answer goes back
MAX_PROBLEMS_TOLD = 5
MAX_WORDS_TOLD = 120  # characters of a quotation or statement


class ProblemKind(StrEnum):
    """What can be wrong with an answer."""

    QUOTE = "quote"  # a quotation that is not in the document
    FIGURE = "figure"  # a figure that nothing cited holds
    UNCITED = "uncited"  # a claim with a figure and no citation
    HANDLE = "handle"  # a handle in the text from which nothing is quoted


@dataclass(frozen=True)
class Problem:
    """Something wrong with an answer, said so that a processor can mend it."""

    kind: ProblemKind
    text: str


@dataclass(frozen=True)
class Checked:
    """An answer with everything that code found out about it."""

    statements: tuple[Statement, ...]
    problems: tuple[Problem, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """Each warning once, in the order of the statements."""
        return tuple(dict.fromkeys(w for one in self.statements for w in one.warnings))

    @property
    def formulas(self) -> tuple[str, ...]:
        """How the derived figures were worked out."""
        return tuple(
            dict.fromkeys(
                figure.note
                for statement in self.statements
                for figure in statement.figures
                if figure.state is FigureState.DERIVED
            )
        )


def examine(
    text: str,
    citations: Sequence[Citation],
    *,
    question: str = "",
    expressions: Iterable[str] = (),
) -> Checked:
    """Takes `text` apart and checks each statement: its citations, its figures, and whether it
    mixes years or companies. `expressions` are those that were worked out on the way."""
    calculations = _worked_out(expressions)
    # The name of a file and its page behind a quotation are not figures of the answer.
    places = {place for c in citations for place in (c.file, f"{c.file} p.{c.page_no}")}
    statements = []
    for statement in statements_of(_without(text, places), citations):
        words = text[statement.start : statement.end]
        # A figure may be quoted beside the claim it belongs to; what is uncited has no passage.
        cited = [(n, citations[n - 1]) for n in statement.citations if supports(citations[n - 1])]
        facts = " ".join(f"{c.file} {c.fiscal_year or ''} {c.fiscal_period}" for _, c in cited)
        figures = tuple(
            look_up(figure, cited, f"{question} {facts}", calculations, words)
            for figure in read_figures(_blank(_blank(statement.text, LIST_MARK), MARKER))
        )
        warnings = warnings_for(words, [c for _, c in cited], question)
        statements.append(replace(statement, text=words, figures=figures, warnings=warnings))
    return Checked(tuple(statements), tuple(_problems(statements, citations)))


def check_answer(
    text: str,
    citations: Sequence[Citation],
    *,
    question: str = "",
    expressions: Iterable[str] = (),
) -> list[Problem]:
    """What must be mended before a user sees the answer; empty where nothing is wrong.

    An answer that cites nothing is not judged here: whether it may say so depends on what was
    read.
    """
    if not citations:
        return []
    return list(examine(text, citations, question=question, expressions=expressions).problems)


@dataclass
class Acceptance:
    """Whether the answer to the present question is sent: one with problems goes back to the
    processor, at most `MAX_REPAIRS` times for a question, then it is sent with its marks."""

    question: str = ""
    expressions: list[str] = field(default_factory=list)  # worked out for this question
    returned: int = 0

    def begin(self, question: str) -> None:
        """Starts over, for a new question."""
        self.question, self.expressions, self.returned = question, [], 0

    def judge(self, text: str, citations: Sequence[Citation]) -> None:
        """Raises `FunctionError` with what must be mended before the answer is sent."""
        problems = check_answer(
            text, citations, question=self.question, expressions=self.expressions
        )
        if problems and self.returned < MAX_REPAIRS:
            self.returned += 1
            raise FunctionError(repair_request(problems, MAX_REPAIRS - self.returned + 1))


def repair_request(problems: Sequence[Problem], tries_left: int) -> str:
    """What the processor is told of an answer that goes back to it."""
    told = [f"- {problem.text}" for problem in problems[:MAX_PROBLEMS_TOLD]]
    if len(problems) > MAX_PROBLEMS_TOLD:
        told.append(f"- and {len(problems) - MAX_PROBLEMS_TOLD} more.")
    tries = "one more try" if tries_left == 1 else f"{tries_left} more tries"
    return "\n".join(
        ["The answer was checked and not sent:", *told, f"Mend it and call send_message ({tries})."]
    )


def _problems(statements: Sequence[Statement], citations: Sequence[Citation]) -> Iterable[Problem]:
    for citation in citations:
        if citation.status is QuoteStatus.NOT_FOUND:
            hint = f" {_cut(citation.note)}" if citation.note else ""
            yield Problem(
                ProblemKind.QUOTE,
                f"“{_cut(citation.quote)}” is not in passage [{citation.handle}] nor elsewhere in "
                f"{citation.file}: copy the words and numbers exactly, or leave it "
                f"out.{hint}",
            )
    for statement in statements:
        for handle in statement.unknown_handles:
            yield Problem(ProblemKind.HANDLE, f"[{handle}] has no quotation: add its citation.")
        if statement.uncited and statement.figures and citations:
            if any(figure.state is not FigureState.ASKED for figure in statement.figures):
                yield Problem(
                    ProblemKind.UNCITED,
                    f"“{_cut(statement.text)}” has no [handle] behind it: add one.",
                )
            continue
        for figure in statement.figures:
            if figure.state.fails and statement.citations:
                yield Problem(ProblemKind.FIGURE, _figure_problem(figure, statement, citations))


def _cut(text: str) -> str:
    """`text` short enough to be told in a small window."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_WORDS_TOLD else f"{line[:MAX_WORDS_TOLD]}…"


def _figure_problem(
    figure: CheckedFigure, statement: Statement, citations: Sequence[Citation]
) -> str:
    handles = sorted({citations[number - 1].handle for number in statement.citations})
    where = ", ".join(f"[{handle}]" for handle in handles)
    note = f" ({figure.note})" if figure.note else ""
    return (
        f"{figure.figure.text} is not in {where}{note}: cite the passage that has it, or work it "
        "out with calculate."
    )


def _worked_out(expressions: Iterable[str]) -> list[Calculation]:
    done = []
    for expression in expressions:
        try:
            done.append(calculate(expression))
        except FunctionError:
            continue  # what could not be worked out explains no figure
    return done


def _without(text: str, places: Iterable[str]) -> str:
    """`text` with `places` blanked, so that what is left keeps its position."""
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(place, " " * len(place))
    return text


def _blank(text: str, pattern: re.Pattern[str]) -> str:
    return pattern.sub(lambda match: " " * len(match.group()), text)
