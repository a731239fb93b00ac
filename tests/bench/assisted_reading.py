"""Assisted reading on and off, with a small model in a file: how often the quotation of an answer
holds the gold string.

    python -m tests.bench.assisted_reading MODEL.gguf RESULTS.jsonl [PART PARTS]

Each answer is a line of RESULTS, so that a run which was stopped goes on; the table is printed at
the end of what there is. On and off take turns at each question, with the same budget of steps.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from ingest import ingest
from memgpt_docs import Agent, Library
from memgpt_docs.evaluation.questions import load_questions
from memgpt_docs.events import Answer
from memgpt_docs.settings import Settings
from tests.bench.retrieval import lines, passages_set
from tests.conftest import DATA

WINDOW = 8192
STEPS = 8
PAGE_SIZE = 3
N_NQ, N_SAMPLES = 30, 10
SAMPLES = Path(__file__).resolve().parents[2] / "sample_docs"

Asked = tuple[str, str, list[str]]  # id, question, gold strings


def questions_nq() -> list[Asked]:
    rows = list(lines(DATA / "nq" / "questions.jsonl"))[:N_NQ]
    return [(row["qid"], row["question"], row["answers"]) for row in rows]


def questions_samples() -> list[Asked]:
    """The first questions with one place of evidence that holds a figure of the answer: that is
    the gold string."""
    found = []
    for question in load_questions(SAMPLES / "questions.jsonl"):
        if len(question.evidence) != 1 or not question.question.isascii():
            continue
        gold = figure(question.answer, question.evidence[0].phrase)
        if gold:
            found.append((question.id, question.question, [gold]))
    return found[:N_SAMPLES]


def figure(answer: str, phrase: str) -> str:
    """The first figure of the answer that stands in the phrase, and is no year."""
    figures = re.findall(r"\d[\d.,]*\d%?|\d%?", answer)
    held = [one for one in figures if folded(one) in folded(phrase)]
    return next((one for one in held if not re.fullmatch(r"(19|20)\d\d", one)), "")


def folded(text: str) -> str:
    return " " + " ".join(re.findall(r"[\w.,%]*\w%?", text.casefold())) + " "


def holds(answer: Answer, gold: list[str]) -> bool:
    """Whether a quotation that was found in its document holds a gold string."""
    quotes = [c.quote for c in answer.citations if c.status in ("exact", "near")]
    return any(folded(g).strip() in folded(quote) for quote in quotes for g in gold)


def run(model: Path, results: Path, part: int = 0, parts: int = 1) -> None:
    """Asks every `parts`-th question, three of nq to one of the samples; on and off in turn."""
    samples, nq = questions_samples(), questions_nq()
    per = -(-len(nq) // len(samples))
    order = [
        (name, question)
        for n, sample in enumerate(samples)
        for name, question in [*(("nq", q) for q in nq[n * per : (n + 1) * per]), ("s", sample)]
    ]
    with tempfile.TemporaryDirectory() as folder:
        libraries = {name: Library(str(Path(folder) / name)) for name in ("nq", "s")}
        for name, library in libraries.items():
            fill(library, name)
        for name, question in order[part::parts]:
            for assisted in ("on", "off"):
                done = {(row["id"], row["assisted"]) for row in read(results)}
                if (question[0], assisted) not in done:
                    row = measured(libraries[name], model, question, assisted)
                    with results.open("a") as file:
                        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def fill(library: Library, name: str) -> None:
    if name == "s":
        for _ in ingest(library, [SAMPLES]):
            pass
        return
    passages_set(name, DATA / "nq" / "passages.jsonl.gz", DATA / "nq" / "questions.jsonl").fill(
        library
    )


def measured(library: Library, model: Path, asked: Asked, assisted: str) -> dict[str, Any]:
    number, question, gold = asked
    settings = Settings(
        processor="llama_cpp",
        llama_model=model,
        context_window=WINDOW,
        max_steps=STEPS,
        page_size=PAGE_SIZE,
        openai_timeout_s=600,
        openai_temperature=0,
        assisted=assisted,  # type: ignore[arg-type]
    )
    started = perf_counter()
    answer = Agent(library, settings=settings).ask(question)
    return {
        "id": number,
        "assisted": assisted,
        "holds": holds(answer, gold),
        "gold": gold,
        "quotes": [(c.status, c.quote) for c in answer.citations],
        "answer": answer.text,
        "stop": answer.stop_reason,
        "reason": answer.reason,
        "pages": sum(len(coverage.pages_read) for coverage in answer.coverage),
        "steps": answer.steps,
        "seconds": round(perf_counter() - started, 1),
        "read": answer.tokens_read,
        "cached": answer.tokens_cached,
        "written": answer.tokens_written,
    }


def read(results: Path) -> Iterator[dict[str, Any]]:
    if results.exists():
        yield from lines(results)


def table(results: Path) -> None:
    """Prints what was measured, of questions that were asked both ways."""
    rows = list(read(results))
    both = {row["id"] for row in rows if row["assisted"] == "on"}
    both &= {row["id"] for row in rows if row["assisted"] == "off"}
    print(
        "| questions | assisted | quotation holds the gold string | seconds | tokens read | "
        "of them cached | written | pages |\n|---|---|---|---|---|---|---|---|"
    )
    for name in ("nq", "sample"):
        for assisted in ("on", "off"):
            kept = [
                row
                for row in rows
                if row["id"] in both and row["id"].startswith(name) and row["assisted"] == assisted
            ]
            if kept:
                means = (
                    sum(row[field] for row in kept) / len(kept)
                    for field in ("seconds", "read", "cached", "written", "pages")
                )
                seconds, tokens, cached, written, pages = means
                print(
                    f"| {name} | {assisted} | {sum(r['holds'] for r in kept)} of {len(kept)} | "
                    f"{seconds:.0f} | {tokens:.0f} | {cached / max(1, tokens):.0%} | "
                    f"{written:.0f} | {pages:.1f} |"
                )


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:5]))
    table(Path(sys.argv[2]))
