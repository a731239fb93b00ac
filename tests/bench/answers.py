"""Answers of the extractive processor to 500 questions over one store of 15,948 passages: whether
the first quotations hold a gold string, and whether it knows when nothing answers."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from memgpt_docs import Agent, Library
from memgpt_docs.evaluation.answers import (
    Quoted,
    area,
    caught,
    curve_table,
    quoted,
    share_holding,
)
from memgpt_docs.processors.findings import Findings
from memgpt_docs.processors.sureness import CLEAR, LEAST, LIKELY, VERY_LIKELY, sureness
from tests.bench.retrieval import lines
from tests.conftest import add_file

FITTED = 250  # weights were fitted on the first so many questions
UNANSWERABLE_OF = 200
WRONG = 0.1


Row = dict[str, Any]


def measure(folder: Path) -> None:
    """Prints both measures."""
    passages = list(lines(folder / "passages.jsonl.gz"))
    questions = list(lines(folder / "questions.jsonl"))
    with tempfile.TemporaryDirectory() as path:
        answers = ask_all(_filled(path, passages, set()), questions)
    report(answers)
    taken, gone = unanswerable(questions)
    with tempfile.TemporaryDirectory() as path:
        library = _filled(path, passages, gone)
        report_unanswerable(ask_all(library, questions[-UNANSWERABLE_OF:], taken))


def unanswerable(questions: Sequence[Row]) -> tuple[set[str], set[str]]:
    """Every second of the last 200 questions, and the passages that answer those."""
    taken = questions[-UNANSWERABLE_OF::2]
    gone = {one for row in taken for one in [*row["gold_ids"], *row.get("alt_gold_ids", [])]}
    return {row["qid"] for row in taken}, gone


def ask_all(
    library: Library,
    questions: Sequence[Row],
    taken: Sequence[str] | set[str] = (),
) -> list[Quoted]:
    """Runs the agent for each question; `taken` are those whose passages are gone."""
    answers = []
    for row in questions:
        agent = Agent(library, "extractive")
        answer = agent.ask(row["question"])
        findings = Findings.of(agent.context)
        sure = max((sureness(findings.of_search(n)) for n in range(1, 6)), default=0.0)
        answers.append(quoted(answer, row["answers"], sure, answerable=row["qid"] not in taken))
    return answers


def report(answers: Sequence[Quoted]) -> None:
    print("\n## Quotations that hold the answer: nq, extractive processor\n")
    print("| questions | first quotation | first three | first five |\n|---|---|---|---|")
    halves = {
        f"{FITTED} that weights were fitted on": answers[:FITTED],
        f"{len(answers) - FITTED} others": answers[FITTED:],
        f"all {len(answers)}": answers,
    }
    for name, some in halves.items():
        if some:
            cells = " | ".join(f"{share_holding(some, first):.3f}" for first in (1, 3, 5))
            print(f"| {name} | {cells} |")


def report_unanswerable(answers: Sequence[Quoted]) -> None:
    print(f"\n## Knowing when nothing answers: {len(answers)} questions, half without passages\n")
    print(
        f"Area under the curve {area(answers):.3f}; at {WRONG:.0%} wrong refusals "
        f"{caught(answers, WRONG):.3f} of the unanswerable are caught.\n"
    )
    print(curve_table(answers, (0.0, LEAST, CLEAR, LIKELY, VERY_LIKELY, 1.0)))


def _filled(path: str, passages: Sequence[Row], gone: set[str]) -> Library:
    library = Library(path)
    kept = [row for row in passages if row["id"] not in gone]
    add_file(library, "nq.txt", [f"{row['title']}\n{row['text']}" for row in kept])
    library.refresh()
    return library
