"""How often the extractive processor cites a page that answers, on the sample documents."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from time import perf_counter

from ingest import ingest
from memgpt_docs import Agent, Library
from memgpt_docs.evaluation.questions import load_questions

SAMPLES = Path(__file__).resolve().parents[2] / "sample_docs"


def measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        library = Library(folder)
        for _ in ingest(library, [SAMPLES]):
            pass
        asked: Counter[str] = Counter()
        right: Counter[str] = Counter()
        started = perf_counter()
        for question in load_questions(SAMPLES / "questions.jsonl"):
            answer = Agent(library).ask(question.question)
            asked[question.kind] += 1
            right[question.kind] += (
                question.cited_by(answer) if question.evidence else not answer.citations
            )
        seconds = perf_counter() - started
    print("\n## Sample questions, extractive processor\n")
    print("| kind | questions | an expected page is cited (unanswerable: refused) |")
    print("|---|---|---|")
    for kind in sorted(asked):
        print(f"| {kind} | {asked[kind]} | {right[kind]} |")
    answerable = [kind for kind in asked if kind != "unanswerable"]
    cited, all_ = (sum(counts[kind] for kind in answerable) for counts in (right, asked))
    print(
        f"\n{cited} of {all_} answerable questions ({cited / all_:.0%}) cite an expected page; "
        f"{seconds / asked.total():.2f} s a question."
    )
