"""`memgpt-docs eval`: measures on documents, conversations and questions of the user's own."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from memgpt_docs.errors import UsageError
from memgpt_docs.settings import Settings


def add_eval(commands: Any) -> None:
    """Adds the command to the parser of the command line."""
    evaluation = commands.add_parser("eval", help="measure on documents and questions of your own")
    measures = evaluation.add_subparsers(required=True, metavar="WHAT")
    retrieval = measures.add_parser(
        "retrieval", help="is what answers among the first passages of a search?"
    )
    retrieval.add_argument(
        "dataset", type=Path, metavar="DATASET", help="a folder of documents and questions.jsonl"
    )
    retrieval.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="PART[,PART]",
        help="measure again without these parts of the search; may be given several times",
    )
    retrieval.add_argument("--json", action="store_true")
    retrieval.set_defaults(command=eval_retrieval)
    recall = measures.add_parser("recall", help="does recall storage find what was said?")
    recall.add_argument(
        "dataset", type=Path, metavar="DATASET", help="a folder of turns.jsonl and questions.jsonl"
    )
    recall.set_defaults(command=eval_recall)


def eval_retrieval(arguments: argparse.Namespace) -> int:
    """Takes the folder into the library that --library names, else into one that is gone
    afterwards, and prints the measures of its questions."""
    from ingest import FileDone, ingest
    from memgpt_docs.evaluation.questions import load_questions
    from memgpt_docs.evaluation.retrieval import measure, without
    from memgpt_docs.evaluation.table import retrieval_table
    from memgpt_docs.storage.library import Library
    from memgpt_docs.storage.reembedding import follow

    file = arguments.dataset / "questions.jsonl"
    if not file.is_file():
        raise UsageError(f"There is no {file}.", "Each of its lines is a question with evidence.")
    questions = load_questions(file)
    variants = {"": without([])}
    variants |= {names: without(names.split(",")) for names in arguments.without}
    documents = [path for path in sorted(arguments.dataset.iterdir()) if path != file]
    with tempfile.TemporaryDirectory() as folder:
        library = Library(arguments.library or folder)
        for event in ingest(library, documents, settings=Settings()):
            if isinstance(event, FileDone) and event.status == "refused":
                print(f"{event.file}: {event.reason}", file=sys.stderr, flush=True)
        for _ in follow(library):  # where it is searched by better vectors
            pass
        rows = {names: measure(library, questions, parts) for names, parts in variants.items()}
    if arguments.json:
        told = [{"without": names, **row.as_json()} for names, row in rows.items()]
        print(json.dumps(told, ensure_ascii=False))
    else:
        print(retrieval_table(rows))
    return 0


def eval_recall(arguments: argparse.Namespace) -> int:
    """Puts the conversations into recall storage of a library that is gone afterwards, and prints
    how many of the turns that answer are found, beside plain BM25."""
    from memgpt_docs.evaluation.recall import measure_recall, recall_table
    from memgpt_docs.storage.library import Library

    with tempfile.TemporaryDirectory() as folder:
        print(recall_table(measure_recall(Library(folder), arguments.dataset)))
    return 0
