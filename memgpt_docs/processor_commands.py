"""What the command line does with processors: list them, test a server, choose one."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from memgpt_docs.errors import MemGPTDocsError
from memgpt_docs.settings import Settings


def add_processor(commands: Any) -> None:
    """Adds `memgpt-docs processor list|probe|use`."""
    processor = commands.add_parser("processor", help="see, test and choose who decides")
    actions = processor.add_subparsers(required=True, metavar="ACTION")

    listed = actions.add_parser("list", help="what there is, and where text goes")
    listed.set_defaults(command=_list)

    probe = actions.add_parser("probe", help="find out what a server or model can really do")
    _add_choice(probe)
    probe.add_argument("--json", action="store_true")
    probe.set_defaults(command=_probe)

    use = actions.add_parser("use", help="remember a processor for all questions")
    use.add_argument("name", help="extractive, llama_cpp or openai_compat")
    _add_choice(use)
    use.set_defaults(command=_use)


def _add_choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", metavar="URL", help="of a Chat Completions server")
    parser.add_argument("--model", metavar="NAME", help="to ask the server for")
    parser.add_argument("--file", type=Path, metavar="GGUF", help="a model on this machine")


def _chosen(arguments: argparse.Namespace) -> dict[str, Any]:
    given = {
        "openai_base_url": arguments.url,
        "openai_model": arguments.model,
        "llama_model": str(arguments.file.resolve()) if arguments.file else None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _list(_: argparse.Namespace) -> int:
    settings = Settings()
    for name, line in states(settings):
        mark = "*" if name == settings.processor else " "
        print(f"{mark} {name}: {line}")
    return 0


def states(settings: Settings) -> Iterator[tuple[str, str]]:
    """Each processor with where its text goes, or with what it lacks."""
    from memgpt_docs.processors import PROCESSORS, make_processor

    for name in PROCESSORS:
        try:
            processor = make_processor(name, settings)
        except MemGPTDocsError as error:
            yield name, str(error)
            continue
        where = processor.destination
        goes = f"text goes to {where}" if where else "nothing leaves this machine"
        yield name, f"ready, {goes}" + (f" ({processor.name})" if processor.name != name else "")


def _probe(arguments: argparse.Namespace) -> int:
    from memgpt_docs.processors.testing import found_lines, test_connection

    chosen = _chosen(arguments)
    name = "llama_cpp" if arguments.file else "openai_compat"
    settings = Settings(processor=name, **chosen)
    found = test_connection(settings, lambda: False)
    assert found is not None  # nobody cancels
    if arguments.json:
        print(json.dumps(asdict(found)))
    else:
        print("\n".join(found_lines(found, settings)))
    return 0 if found.sound else 1


def _use(arguments: argparse.Namespace) -> int:
    from memgpt_docs.processors import make_processor
    from memgpt_docs.user_settings import remember

    chosen = _chosen(arguments)
    settings = Settings(processor=arguments.name, **chosen)
    processor = make_processor(arguments.name, settings)  # says what is missing
    path = remember(processor=arguments.name, **chosen)
    where = processor.destination
    goes = f"Text of your documents goes to {where}." if where else "Nothing leaves this machine."
    print(f"{processor.name} decides from now on. {goes}\nRemembered in {path}.")
    return 0
