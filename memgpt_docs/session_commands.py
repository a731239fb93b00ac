"""`memgpt-docs sessions`: list, show, rename, delete, fork, export and import conversations."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memgpt_docs.errors import UsageError

if TYPE_CHECKING:
    from memgpt_docs.sessions import SavedTurn
    from memgpt_docs.storage.library import Library
    from memgpt_docs.storage.sessions import SessionInfo

Open = Callable[[argparse.Namespace], "Library"]


def add_sessions(commands: Any, library: Open) -> None:
    """Adds the commands to the parser of the command line; `library` opens what they are about."""
    sessions = commands.add_parser("sessions", help="conversations: list, show, fork, carry away")
    actions = sessions.add_subparsers(required=True, metavar="ACTION")

    def add(name: str, help: str, run: Callable[..., int], *, of_one: bool = True) -> Any:
        action = actions.add_parser(name, help=help)
        if of_one:
            action.add_argument("session", metavar="ID", help="or the beginning of one")
        action.set_defaults(command=lambda arguments: run(library(arguments), arguments))
        return action

    listed = add("list", "all sessions, newest first", _list, of_one=False)
    listed.add_argument("--json", action="store_true")
    shown = add("show", "its questions and answers", _show)
    shown.add_argument("--trace", action="store_true", help="every step, without a model")
    shown.add_argument("--json", action="store_true", help="a line for each question, or step")
    add("rename", "give it another name", _rename).add_argument("name")
    add("delete", "remove it for good, from disk too", _delete)
    forked = add("fork", "a new session with its beginning", _fork)
    forked.add_argument(
        "--turn", type=int, metavar="N", help="up to its N-th answer (default: all)"
    )
    forked.add_argument("--json", action="store_true")
    exported = add("export", "write it as lines of JSON", _export)
    exported.add_argument("file", type=Path, nargs="?", metavar="FILE", help="default: print it")
    imported = add("import", "a new session from an exported one", _import, of_one=False)
    imported.add_argument("file", type=Path, metavar="FILE")
    imported.add_argument("--json", action="store_true")


def session_of(library: Library, name: str) -> SessionInfo:
    """The session of that id, or of the only id that begins so. Raises `UsageError`."""
    found = [one for one in library.sessions.list() if one.session_id.startswith(name)]
    if len(found) != 1:
        what = "no session" if not found else f"{len(found)} sessions whose ids begin with"
        raise UsageError(f"There is {what} {name!r}.", "`memgpt-docs sessions list` shows them.")
    return found[0]


def _list(library: Library, arguments: argparse.Namespace) -> int:
    sessions = library.sessions.list()
    if arguments.json:
        _print_json([_session(one) for one in sessions])
        return 0
    for one in sessions:
        last = one.last_at or one.created_at
        print(f"{one.session_id}  {last:%Y-%m-%d %H:%M}  {_line(one.name)}")
    if not sessions:
        print('There are no sessions yet. Begin one with: memgpt-docs ask "…"')
    return 0


def _show(library: Library, arguments: argparse.Namespace) -> int:
    from memgpt_docs.sessions import turns

    info = session_of(library, arguments.session)
    known = turns(library, info.session_id)
    if arguments.trace:
        for turn in known:
            for step in _trace(library, info.session_id, turn):
                _print_json(step) if arguments.json else print(_step_line(step))
        return 0
    for turn in known:
        if arguments.json:
            _print_json(_turn(turn))
            continue
        print(f"{turn.number}. {turn.question}")
        if turn.answer is None:
            print("Cut off: the process ended while it was worked on.")
        else:
            print("\n".join(part for part in (turn.answer.text, turn.answer.reason) if part))
            for citation in turn.answer.citations:
                place = f"{citation.file} p.{citation.page_no}"
                print(f"[{citation.handle}] {place}: {citation.status}")
        print()
    return 0


def _rename(library: Library, arguments: argparse.Namespace) -> int:
    info = session_of(library, arguments.session)
    library.sessions.rename(info.session_id, arguments.name)
    print(f"Renamed {info.session_id}.")
    return 0


def _delete(library: Library, arguments: argparse.Namespace) -> int:
    info = session_of(library, arguments.session)
    library.sessions.delete(info.session_id)
    print(f"Deleted {info.session_id}.")
    return 0


def _fork(library: Library, arguments: argparse.Namespace) -> int:
    from memgpt_docs.sessions import turns

    info = session_of(library, arguments.session)
    end = None
    if arguments.turn is not None:
        known = {turn.number: turn for turn in turns(library, info.session_id)}
        if arguments.turn not in known:
            raise UsageError(
                f"{_line(info.name)} has no answer {arguments.turn}.", f"It has {len(known)}."
            )
        end = known[arguments.turn].end
    return _told(library.sessions.fork(info.session_id, end), arguments)


def _export(library: Library, arguments: argparse.Namespace) -> int:
    lines = library.sessions.export(session_of(library, arguments.session).session_id)
    if arguments.file is None:
        for line in lines:
            print(line)
        return 0
    try:
        with arguments.file.open("w", encoding="utf-8", errors="replace") as target:
            target.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise UsageError(f"{arguments.file} cannot be written: {error.strerror}.") from error
    return 0


def _import(library: Library, arguments: argparse.Namespace) -> int:
    from memgpt_docs.session_import import import_session

    try:
        with arguments.file.open(encoding="utf-8") as lines:
            return _told(import_session(library, lines), arguments)
    except OSError as error:
        raise UsageError(f"{arguments.file} cannot be read: {error.strerror}.") from error


def _told(info: SessionInfo, arguments: argparse.Namespace) -> int:
    if arguments.json:
        _print_json(_session(info))
    else:
        print(info.session_id)
    return 0


# -- as JSON ----------------------------------------------------------------------------------


def _session(info: SessionInfo) -> dict[str, Any]:
    return {
        "session_id": info.session_id,
        "name": info.name,
        "created_at": info.created_at.isoformat(),
        "last_at": info.last_at.isoformat() if info.last_at else None,
        "forked_from": info.forked_from or None,
        "entries": info.entries,
    }


def _turn(turn: SavedTurn) -> dict[str, Any]:
    answer = turn.answer
    return {
        "number": turn.number,
        "question": turn.question,
        "answer": answer.text if answer else None,
        "stop_reason": str(answer.stop_reason) if answer else None,
        "reason": answer.reason if answer else None,
        "steps": answer.steps if answer else None,
        "citations": [
            {
                "handle": one.handle,
                "file": one.file,
                "page": one.page_no,
                "quote": one.quote,
                "status": str(one.status),
            }
            for one in (answer.citations if answer else ())
        ],
    }


def _trace(library: Library, session_id: str, turn: SavedTurn) -> Iterator[dict[str, Any]]:
    """Each step of a run, from its records: what was sent, called and returned."""
    from memgpt_docs.memory_trace import memory_of
    from memgpt_docs.records import StepTaken
    from memgpt_docs.sessions import records_of

    memory = memory_of(library, session_id, turn.first, turn.end)
    records = [one for one in records_of(library, session_id, turn) if isinstance(one, StepTaken)]
    for record, step in zip(records, memory, strict=True):
        exchanges = [one for entry in record.entries for one in getattr(entry, "exchanges", ())]
        yield {
            "turn": turn.number,
            "step": record.step,
            "context": {**asdict(record.context), "used": record.context.used},
            "sent": record.sent,
            "calls": [
                {
                    "name": call.name,
                    "arguments": result.arguments,
                    "ok": result.ok,
                    "result": result.message,
                }
                for call, result in exchanges
            ],
            "working_context": step.after,
            "summary": step.summary,
            "warned": step.warned,
            "evicted": record.flush.evicted if record.flush else 0,
            "tokens_read": record.tokens_read,
            "tokens_written": record.tokens_written,
            "tokens_cached": record.tokens_cached,
            "seconds": record.seconds,
        }


def _step_line(step: dict[str, Any]) -> str:
    context = step["context"]
    calls = ", ".join(one["name"] if one["ok"] else f"{one['name']} (failed)"
                      for one in step["calls"]) or "no call"  # fmt: skip
    evicted = f", {step['evicted']} entries flushed" if step["evicted"] else ""
    return (
        f"{step['turn']}.{step['step']}  {context['used']:,} of {context['window']:,} tokens"
        f"{evicted}  sent {step['sent'][:8]}  {calls}  {step['tokens_read']:,} read, "
        f"{step['tokens_written']:,} written, {step['seconds']:.2f} s"
    )


def _line(text: str) -> str:
    """`text` on one line that cannot steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False), file=sys.stdout, flush=True)
