"""Whether what answers a question is among the first passages: every set of questions here, each
in one store, with and without each part of the search."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ingest import ingest
from memgpt_docs import Library
from memgpt_docs.embedding import make_embedder
from memgpt_docs.evaluation.questions import Evidence, Question
from memgpt_docs.evaluation.retrieval import PART_NAMES, Measures, measure, without
from memgpt_docs.evaluation.table import retrieval_table
from memgpt_docs.settings import Settings
from memgpt_docs.storage.reembedding import reembed
from tests.conftest import DATA, add_file

# What is measured without: each part of the search by itself. The last is BM25 alone.
ABLATIONS = [(name,) for name in PART_NAMES]
BM25_ALONE = tuple(name for name in PART_NAMES if name not in ("full_text", "header"))


@dataclass(frozen=True)
class QuestionSet:
    """A store and the questions that are asked of it."""

    name: str
    fill: Callable[[Library], None]
    questions: list[Question]


def financebench(path: Path) -> list[Question]:
    """FinanceBench's own lines as questions."""
    questions = []
    for row in lines(path):
        evidence = tuple(Evidence(f"{e['doc']}.pdf", e["page_no"], "") for e in row["evidence"])
        questions.append(Question(row["id"], row["question"], row["answer"], "", evidence))
    return questions


def sets(data: Path) -> Iterator[QuestionSet]:
    """Every set of questions, one store each."""
    filings = data / "financebench_dev"
    asked = financebench(filings / "questions.jsonl")
    yield QuestionSet("financebench_dev", ingesting(filings / "pdfs"), asked)
    renamed = [renamed_question(question) for question in asked]
    yield QuestionSet("financebench_dev, random names", renaming(filings / "pdfs"), renamed)
    yield passages_set("nq", data / "nq" / "passages.jsonl.gz", data / "nq" / "questions.jsonl")
    for name in ("hotpotqa", "musique"):
        folder = data / "multihop"
        yield passages_set(
            name, folder / f"{name}_corpus.jsonl", folder / f"{name}_questions.jsonl"
        )
    yield chinese(data / "zh" / "multifieldqa_zh_dev.jsonl")
    yield pairs(data / "nested_kv" / "kv-retrieval-140_keys.jsonl.gz")


def ingesting(folder: Path) -> Callable[[Library], None]:
    def fill(library: Library) -> None:
        for _ in ingest(library, [folder]):
            pass

    return fill


def renaming(folder: Path) -> Callable[[Library], None]:
    """The same files under names that say nothing."""

    def fill(library: Library) -> None:
        with tempfile.TemporaryDirectory() as name:
            for path in folder.iterdir():
                (Path(name) / nameless(path.name)).write_bytes(path.read_bytes())
            ingesting(Path(name))(library)

    return fill


def renamed_question(question: Question) -> Question:
    evidence = tuple(Evidence(nameless(e.file), e.page_no, "") for e in question.evidence)
    return Question(question.id, question.question, question.answer, "", evidence)


def nameless(file: str) -> str:
    return sha256(file.encode()).hexdigest()[:10] + ".pdf"


def passages_set(name: str, corpus: Path, asked: Path) -> QuestionSet:
    """A corpus of passages: one document, each passage a page of it."""
    rows = list(lines(corpus))
    page_of = {row["id"]: number for number, row in enumerate(rows, start=1)}
    file = f"{name}.txt"
    texts = [f"{row['title']}\n{row['text']}" for row in rows]
    questions = [
        Question(
            row["qid"],
            row["question"],
            "",
            "",
            tuple(Evidence(file, page_of[gold], "") for gold in row["gold_ids"]),
        )
        for row in lines(asked)
    ]
    return QuestionSet(name, adding({file: texts}), questions)


def chinese(path: Path) -> QuestionSet:
    """Documents cut to passages by ingestion; any passage of the right one is a hit. Some
    questions share a document."""
    rows = list(lines(path))
    file_of = {row["context"]: f"{row['id']}.txt" for row in reversed(rows)}

    def fill(library: Library) -> None:
        with tempfile.TemporaryDirectory() as name:
            for context, file in file_of.items():
                (Path(name) / file).write_text(context, "utf-8")
            ingesting(Path(name))(library)

    questions = [
        Question(row["id"], row["question"], "", "", (Evidence(file, None, ""),))
        for row in rows
        for file in [file_of[row["context"]]]
    ]
    return QuestionSet("zh", fill, questions)


def pairs(path: Path) -> QuestionSet:
    """140 pairs of UUIDs; asked for a key, its own pair is to come first."""
    records = next(iter(lines(path)))["ordered_kv_records"]
    questions = [
        Question(key, key, value, "", (Evidence("pairs.txt", number, ""),))
        for number, (key, value) in enumerate(records, start=1)
    ]
    texts = [f"{key}: {value}" for key, value in records]
    return QuestionSet("nested_kv", adding({"pairs.txt": texts}), questions)


def adding(files: dict[str, list[str]]) -> Callable[[Library], None]:
    def fill(library: Library) -> None:
        for file, pages in files.items():
            add_file(library, file, pages)
        library.refresh()

    return fill


def lines(path: Path) -> Iterator[dict[str, Any]]:
    data = path.read_bytes()
    for line in (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines():
        yield json.loads(line)


# What of each set stands in the table of all: by its name, a measure and a depth.
TOLD = [
    ("financebench_dev", "hit", 10),
    ("financebench_dev", "hit", 50),
    ("financebench_dev, random names", "hit", 10),
    ("financebench_dev, neural", "hit", 10),
    ("financebench_dev, neural", "hit", 50),
    ("nq", "recall", 10),
    ("nq", "recall", 100),
    ("hotpotqa", "recall", 5),
    ("musique", "recall", 5),
    ("zh", "hit", 10),
    ("nested_kv", "hit", 1),
]
Rows = dict[str, Measures]  # by what was left out


def measure_all(data: Path, *, ablations: bool = True) -> None:
    """Prints a table for each set, with what it is like without each part of the search; of the
    first also with better vectors, where the model for them is on this machine. Then one table of
    all sets."""
    measured: dict[str, Rows] = {}
    for number, one in enumerate(sets(data)):
        with tempfile.TemporaryDirectory() as folder:
            library = Library(folder)
            one.fill(library)
            measured[one.name] = _measured(library, one, ablations=ablations)
            model = data.parent / "models" / "all-MiniLM-L6-v2-int8"
            if number == 0 and model.is_dir():
                embedder = make_embedder("neural", Settings(neural_model=str(model)))
                for _ in reembed(library, embedder):
                    pass
                better = Library(folder, embedder=embedder)
                name = f"{one.name}, neural"
                measured[name] = _measured(better, one, embedder.id, ablations=ablations)
    print(f"\n## Retrieval: all sets\n\n{table_of_all(measured)}", flush=True)


def table_of_all(measured: Mapping[str, Rows]) -> str:
    """A row for each part that was left out, with what `TOLD` tells of each set."""
    told = [one for one in TOLD if one[0] in measured]
    heads = ["without", *(f"{name} {measure}@{depth}" for name, measure, depth in told)]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for left_out in next(iter(measured.values())):
        cells = [
            f"{getattr(measured[name][left_out], measure)(depth):.3f}"
            for name, measure, depth in told
        ]
        lines.append("| " + " | ".join([left_out or "–", *cells]) + " |")
    return "\n".join(lines)


def _measured(library: Library, one: QuestionSet, by: str = "", *, ablations: bool) -> Rows:
    """Measures a set, prints its table and gives the rows of it."""
    left_out = [(), *ABLATIONS, BM25_ALONE] if ablations else [()]
    rows = {
        "all but BM25" if names is BM25_ALONE else ", ".join(names): measure(
            library, one.questions, without(names)
        )
        for names in left_out
    }
    vectors = f", by {by}" if by else ""
    print(f"\n## Retrieval: {one.name}{vectors}, {len(one.questions)} questions\n")
    print(retrieval_table(rows), flush=True)
    return rows


if __name__ == "__main__":
    measure_all(DATA)
