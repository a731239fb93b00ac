"""`memgpt-docs reembed`: searches by the vectors of another embedder."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from memgpt_docs.settings import Settings


def add_reembed(commands: Any) -> None:
    """Adds the command to the parser of the command line."""
    reembed = commands.add_parser("reembed", help="search by the vectors of another embedder")
    reembed.add_argument(
        "embedder",
        metavar="EMBEDDER",
        nargs="?",
        help="static, neural or openai_compat (default: MEMGPT_DOCS_EMBEDDER)",
    )
    reembed.add_argument(
        "--volume", action="store_true", help="only say how much would be embedded, and where"
    )
    reembed.add_argument("--json", action="store_true", help="progress as JSON lines")
    reembed.set_defaults(command=reembed_library)


def reembed_library(arguments: argparse.Namespace) -> int:
    """Says what is to be done and where text goes, does it, and switches the library over."""
    from memgpt_docs.embedding import make_embedder
    from memgpt_docs.storage.library import Library
    from memgpt_docs.storage.reembedding import reembed, volume

    settings = Settings()
    name = arguments.embedder or settings.embedder
    embedder = make_embedder(name, settings)
    library = Library(arguments.library or settings.library, switching=True)
    to_do = volume(library, embedder, settings.embedding_price)
    print(json.dumps(asdict(to_do)) if arguments.json else f"{embedder.id}: {to_do}.", flush=True)
    if arguments.volume:
        return 0
    for made in reembed(library, embedder):
        if arguments.json:
            print(json.dumps(asdict(made)), flush=True)
        else:
            left = f", {made.seconds_left:.0f} s left" if made.seconds_left else ""
            print(
                f"{made.file}: {made.passages_done:,} of {made.passages_total:,} passages, "
                f"{made.passages_per_s:.3g} a second{left}",
                flush=True,
            )
    if not arguments.json:
        print(f"Searches go by {embedder.id} now. Open it with MEMGPT_DOCS_EMBEDDER={name}.")
    if to_do.destination:
        print(f"Every query goes to {to_do.destination} from now on.", file=sys.stderr)
    return 0
