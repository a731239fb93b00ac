"""The child that reads one document: `python -m ingest.reader_process KIND PATH LIMITS`.

It limits itself before it loads a reader, then writes one JSON object a line to its standard
output (`ingest.readers.message`). LIMITS is a JSON object: seconds, memory_mb, pages, and the first
page to read (1-based) where it is not the first of the document.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from ingest.readers import READERS, ReadError, reason_of
from ingest.readers.message import Failed, Message, to_dict
from memgpt_docs.confinement import confine

NICE = 5


def main(arguments: list[str]) -> int:
    """Reads the document named by `arguments`; 0 when all was said, also that it cannot be read."""
    kind, path = arguments[:2]
    limits = json.loads(arguments[2])
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    # A library that prints must not be taken for a message.
    os.dup2(2, 1)
    confine(limits)
    # What was read already goes first: it is searchable sooner, and the user goes on working.
    if hasattr(os, "nice"):
        os.nice(NICE)
    try:
        first_page = int(limits.get("first_page", 1))
        for message in READERS[kind].messages(Path(path), int(limits["pages"]), first_page):
            _say(out, message)
    except ReadError as error:
        _say(out, Failed(error.code, error.detail))
    except MemoryError:
        _say(out, Failed("memory"))
    except RecursionError:
        _say(out, Failed("unreadable", "it is nested too deeply"))
    except Exception as error:
        # Whatever a reader lets out of a hostile file, the parent gets a sentence.
        _say(out, Failed("unreadable", reason_of(error)))
    out.flush()
    # Without tidying up: a reader's threads or finalisers may hang on what the file did to them.
    os._exit(0)


def _say(out: Any, message: Message) -> None:
    out.write(json.dumps(to_dict(message)) + "\n")
    out.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
