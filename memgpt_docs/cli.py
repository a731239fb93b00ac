"""The command line. Exit codes: 0 done, 1 the job failed with a message, 2 wrong usage."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from memgpt_docs import __version__
from memgpt_docs.calls import storable
from memgpt_docs.errors import MemGPTDocsError, UsageError
from memgpt_docs.evaluation.command import add_eval
from memgpt_docs.evidence_commands import bundle, can_be_written, print_doubts, verify, write
from memgpt_docs.processor_commands import add_processor
from memgpt_docs.reembed_command import add_reembed
from memgpt_docs.session_commands import add_sessions, session_of

DONE, FAILED, WRONG_USAGE = 0, 1, 2
LARGEST_PAGE = 200
PROCESSOR = "extractive (default), llama_cpp or openai_compat"
ENDINGS = ".md .docx .pdf .html .json .xlsx .csv .ris .bib, or .zip for an evidence bundle"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the console script `memgpt-docs`."""
    arguments = parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except UsageError as error:
        print(f"memgpt-docs: {error}", file=sys.stderr)
        return WRONG_USAGE
    except MemGPTDocsError as error:
        print(f"memgpt-docs: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        return FAILED
    except KeyboardInterrupt:
        print("memgpt-docs: stopped.", file=sys.stderr)
        return FAILED


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(
        prog="memgpt-docs",
        description="Ask long documents questions and check every claim on its page.",
    )
    top.add_argument("--version", action="version", version=f"memgpt-docs {__version__}")
    top.add_argument("--library", metavar="URI", help="a folder, or any URI that LanceDB opens")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    ingest = commands.add_parser("ingest", help="read files and folders into the library")
    ingest.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    ingest.add_argument("--json", action="store_true", help="progress as JSON lines")
    ingest.add_argument(
        "--no-recognition", action="store_true", help="leave pages that are pictures unread"
    )
    ingest.set_defaults(command=_ingest)

    edit = commands.add_parser("edit", help="correct what is known of a filing")
    edit.add_argument("document", metavar="DOCUMENT", help="id or file name")
    edit.add_argument("field", nargs="+", metavar="FIELD=VALUE", help="such as fiscal_year=2023")
    edit.set_defaults(command=_edit)

    documents = commands.add_parser("documents", help="list the documents of the library")
    documents.add_argument("--json", action="store_true")
    documents.set_defaults(command=_documents)

    _add_search(commands)

    ask = commands.add_parser("ask", help="let the agent answer a question")
    ask.add_argument("question", type=storable)
    ask.add_argument("--processor", metavar="NAME", help=PROCESSOR)
    ask.add_argument("--context-window", type=_positive, metavar="N", help="tokens")
    ask.add_argument("--document", action="append", default=[], metavar="ID")
    ask.add_argument("--session", metavar="ID", help="go on with this one (default: a new one)")
    ask.add_argument("--json", action="store_true")
    ask.add_argument(
        "--export",
        type=Path,
        metavar="FILE",
        help=f"write the answer with its evidence; its ending says how: {ENDINGS}",
    )
    ask.set_defaults(command=_ask)

    _add_evidence(commands)

    delete = commands.add_parser("delete", help="remove a document and everything made of it")
    delete.add_argument("document", metavar="DOCUMENT", help="id or file name")
    delete.set_defaults(command=_delete)

    add_sessions(commands, _library)
    add_reembed(commands)
    add_processor(commands)

    add_eval(commands)

    app = commands.add_parser("app", help="open the app in the browser")
    app.add_argument("--port", type=_positive, default=8501)
    app.set_defaults(command=_app)
    return top


def _add_search(commands: Any) -> None:
    search = commands.add_parser("search", help="one page of the ranking for a query")
    search.add_argument("query", type=storable)
    search.add_argument("--page", type=_positive, default=1, help="1-based")
    search.add_argument("--page-size", type=_page_size, default=10, help="up to 200")
    search.add_argument("--document", action="append", default=[], metavar="ID")
    search.add_argument("--company", metavar="NAME")
    search.add_argument("--form", metavar="TYPE", help='"10-K"')
    search.add_argument("--year", type=_positive, help="fiscal year")
    search.add_argument("--section", metavar="TEXT", help='part of its path: "Item 7"')
    search.add_argument("--kind", help="prose or table")
    search.add_argument("--json", action="store_true")
    search.set_defaults(command=_search)


def _add_evidence(commands: Any) -> None:
    compare = commands.add_parser("compare", help="ask the same of many documents: a table")
    compare.add_argument("questions", nargs="+", type=storable, metavar="QUESTION")
    compare.add_argument("--processor", metavar="NAME", help=PROCESSOR)
    compare.add_argument("--document", action="append", default=[], metavar="ID")
    compare.add_argument("--json", action="store_true", help="a line for each cell")
    compare.add_argument("--export", type=Path, metavar="FILE", help="by its ending: .xlsx .csv")
    compare.set_defaults(command=_compare)

    check = commands.add_parser("verify", help="re-check an evidence bundle, offline")
    check.add_argument("bundle", type=Path, metavar="BUNDLE.zip")
    check.add_argument("--documents", type=Path, metavar="DIR", help="the source documents")
    check.add_argument("--json", action="store_true")
    check.set_defaults(command=_verify)


def _verify(arguments: argparse.Namespace) -> int:
    from ingest.intake import Source, admit
    from ingest.sandbox import read_document

    settings = _settings(arguments)

    def read(path: Path) -> list[str]:
        admitted = admit(Source(path), max_file_mb=settings.max_file_mb)
        return [page.text for page in read_document(admitted, settings).pages]

    return verify(arguments, read)


def _ingest(arguments: argparse.Namespace) -> int:
    from ingest import Summary, take_in, to_json

    missing = [path for path in arguments.paths if not path.exists()]
    if missing:
        raise UsageError(f"There is no file or folder {missing[0]}.", "Check the path.")
    failed = False
    if not arguments.json:
        # The database takes a second to load.
        print("Opening the library …", flush=True)
    events = take_in(
        _library(arguments),
        arguments.paths,
        settings=_settings(arguments),
        recognition=not arguments.no_recognition,
    )
    for event in events:
        if arguments.json:
            _print_json(to_json(event))
        else:
            _print_progress(event)
        if isinstance(event, Summary):
            failed = any(file.status == "refused" for file in event.files)
    return FAILED if failed else DONE


def _print_progress(event: Any) -> None:
    from ingest import FileDone, PagesRead, PagesRecognised, PassagesEmbedded, Summary

    match event:
        case PagesRead() | PagesRecognised():
            doing = "pages" if isinstance(event, PagesRead) else "pictures recognised"
            total = f" of {event.pages_total}" if event.pages_total else ""
            left = event.seconds_left
            wait = f", {left:.0f} s left" if left is not None and left >= 1 else ""
            rate = f", {event.pages_per_s:.3g} pages/s{wait}" if event.pages_per_s else ""
            print(f"{event.file}: {event.pages_done}{total} {doing}{rate}", flush=True)
        case PassagesEmbedded():
            told = f"{event.passages_done} of {event.passages_total} passages indexed"
            print(f"{event.file}: {told}", flush=True)
        case FileDone():
            unread = f", {len(event.unread_pages)} pages not read" if event.unread_pages else ""
            why = " ".join(part for part in (event.reason, event.help) if part)
            told = f": {why}" if why else ""
            print(f"{event.file}: {event.status}, {event.n_pages} pages{unread}{told}", flush=True)
        case Summary():
            rate = f"{event.pages_per_s:.0f} pages/s"
            print(f"{len(event.files)} files, {event.pages} pages, {rate}", flush=True)


def _edit(arguments: argparse.Namespace) -> int:
    from ingest import renew
    from memgpt_docs.export.json import document as to_json

    pairs = [field.partition("=") for field in arguments.field]
    if wrong := [name for name, sign, _ in pairs if not sign]:
        raise UsageError(f"{wrong[0]!r} gives no value.", "Write it as FIELD=VALUE.")
    library = _library(arguments)
    doc_id = _id_of(library, arguments.document)
    document = library.edit(doc_id, **{name: value for name, _, value in pairs})
    for _ in renew(library, document, settings=_settings(arguments)):
        pass
    _print_json(to_json(library.document(document.doc_id)))
    return DONE


def _id_of(library: Any, name: str) -> str:
    """The id of a document that is to be changed: a file name must leave no choice."""
    from memgpt_docs.storage.filters import ids_of

    doc_id, *others = ids = ids_of(library, name)
    if others:
        raise UsageError(
            f"{len(ids)} documents are called {name}.", f"Give an id: {', '.join(ids)}."
        )
    return doc_id


def _documents(arguments: argparse.Namespace) -> int:
    from memgpt_docs.export.json import document as to_json

    documents = _library(arguments).documents()
    if arguments.json:
        _print_json([to_json(document) for document in documents])
        return DONE
    for document in documents:
        unread = f", {len(document.unread_pages)} unread" if document.unread_pages else ""
        print(f"{document.doc_id}  {document.file}  ({document.n_pages} pages{unread})")
    if not documents:
        print("The library is empty. Add documents with: memgpt-docs ingest PATH")
    return DONE


def _search(arguments: argparse.Namespace) -> int:
    from memgpt_docs.export.json import results_page
    from memgpt_docs.storage.filters import Filters

    filters = Filters(
        tuple(arguments.document), arguments.company, arguments.form, arguments.year,
        arguments.section, arguments.kind,
    )  # fmt: skip
    page = _library(arguments).archival.search(
        arguments.query, arguments.page, arguments.page_size, filters=filters
    )
    if arguments.json:
        _print_json(results_page(page))
        return DONE
    print(f"Page {page.page} of {page.pages}, {page.total} passages")
    if page.past_end:
        print("This page is past the end.")
    for result in page.results:
        passage = result.passage
        print(f"\n{result.rank}. {result.file} p.{passage.page_no} · {passage.section}")
        print(passage.text)
        for twin in result.twins:
            print(f"The same stands in {twin.file} p.{twin.page_no}")
    return DONE


def _ask(arguments: argparse.Namespace) -> int:
    from memgpt_docs.agent import Agent
    from memgpt_docs.events import FunctionCalled, Transcript
    from memgpt_docs.export.formats import format_of
    from memgpt_docs.export.json import answer as to_json
    from memgpt_docs.export.report import Report

    target: Path | None = arguments.export
    is_bundle = target is not None and target.suffix.casefold() == ".zip"
    wanted = format_of(target.name) if target and not is_bundle else None
    if target is not None:
        can_be_written(target)
    library, known = _library(arguments), arguments.session
    session_id = session_of(library, known).session_id if known else None
    agent = Agent(library, settings=_settings(arguments), session_id=session_id)
    print(f"Session {agent.session_id}", file=sys.stderr, flush=True)
    transcript = Transcript()
    for event in agent.run(arguments.question, documents=arguments.document):
        transcript.add(event)
        if isinstance(event, FunctionCalled) and not arguments.json:
            print(f"· {event.name}: {event.thought}", file=sys.stderr, flush=True)
    answer = transcript.answer
    assert answer is not None
    if arguments.json:
        _print_json(to_json(answer, transcript))
    else:
        print("\n".join(part for part in (answer.text, answer.reason) if part))
        for citation in answer.citations:
            note = f" ({citation.note})" if citation.note else ""
            place = f"{citation.file} p.{citation.page_no}"
            print(f"[{citation.handle}] {place}: {citation.status}{note}")
        print_doubts(transcript)
    if target is not None:
        report = Report.of([transcript], agent.library)
        write(target, wanted.write(report) if wanted else bundle(report, agent.library))
    return FAILED if answer.stop_reason == "processor_failure" else DONE


def _compare(arguments: argparse.Namespace) -> int:
    from memgpt_docs.agent import Agent
    from memgpt_docs.comparison import compare
    from memgpt_docs.export.json import cell as to_json
    from memgpt_docs.export.sheet import to_csv, to_xlsx

    target: Path | None = arguments.export
    if target is not None and target.suffix.casefold() not in (".xlsx", ".csv"):
        raise UsageError(f"{target} cannot hold a table.", "Choose a file ending in .xlsx or .csv.")
    if target is not None:
        can_be_written(target)
    library, settings = _library(arguments), _settings(arguments)
    table = compare(
        library,
        arguments.questions,
        arguments.document,
        make_agent=lambda: Agent(library, settings=settings),
    )
    for cell in table.fill():
        if arguments.json:
            _print_json(to_json(cell))
            continue
        place = f" (page {cell.citation.page_no})" if cell.citation else ""
        print(f"{cell.document.file} | {cell.question} | {cell.state}: {cell.value}{place}")
    if target is not None and target.suffix.casefold() == ".xlsx":
        write(target, to_xlsx(table.sheets()))
    elif target is not None:
        write(target, to_csv(table.table()).encode("utf-8-sig", "replace"))
    return DONE


def _delete(arguments: argparse.Namespace) -> int:
    library = _library(arguments)
    freed = library.delete(_id_of(library, arguments.document))
    print(f"Deleted {arguments.document}; {freed:,} bytes freed.")
    return DONE


def _app(arguments: argparse.Namespace) -> int:
    script = Path(__file__).resolve().parents[1] / "app.py"
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    return subprocess.call([*command, "--server.port", str(arguments.port)])


def _settings(arguments: argparse.Namespace) -> Any:
    from pydantic import ValidationError

    from memgpt_docs.settings import Settings

    chosen = {
        name: value
        for name in ("library", "processor", "context_window")
        if (value := getattr(arguments, name, None)) is not None
    }
    try:
        return Settings(**chosen)
    except ValidationError as error:
        problem = error.errors()[0]
        name = "_".join(str(part) for part in problem["loc"])
        raise UsageError(f"The setting {name} cannot be used: {problem['msg']}.") from error


def _library(arguments: argparse.Namespace) -> Any:
    from memgpt_docs.storage.library import Library

    library = Library(_settings(arguments).library)
    if library.better is not None and library.better.embedder.destination:
        embedder = library.better.embedder
        print(f"Text goes to {embedder.destination} ({embedder.id}).", file=sys.stderr)
    return library


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)


def _page_size(text: str) -> int:
    size = _positive(text)
    if size > LARGEST_PAGE:
        raise argparse.ArgumentTypeError(f"at most {LARGEST_PAGE} passages fit on a page")
    return size


if __name__ == "__main__":
    sys.exit(main())
