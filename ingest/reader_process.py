"""The child that reads one document: `python -m ingest.reader_process KIND PATH LIMITS`.

It limits itself before it loads a reader, then writes one JSON object a line to its standard
output (`ingest.readers.message`). LIMITS is a JSON object: seconds, memory_mb, pages, and the first
page to read (1-based) where it is not the first of the document.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from ingest.readers import READERS, ReadError
from ingest.readers.message import Failed, Message, to_dict

# What no reader needs: connections, name look-ups, other programs.
_FORBIDDEN = (
    "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname",
    "socket.sendto", "socket.sendmsg", "subprocess.Popen", "os.system", "os.exec",
    "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn",
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Reads the document named by `arguments`; 0 when all was said, also that it cannot be read."""
    kind, path = arguments[:2]
    limits = json.loads(arguments[2])
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    # A library that prints must not be taken for a message.
    os.dup2(2, 1)
    confine(limits)
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
        _say(out, Failed("unreadable", f"{type(error).__name__}: {error}"[:300]))
    out.flush()
    # Without tidying up: a reader's threads or finalisers may hang on what the file did to them.
    os._exit(0)


def confine(limits: dict[str, Any]) -> None:
    """Limits of memory, processor time, wall time and file size for this process, and no network.

    The network is closed for everything written in Python, for good (an audit hook cannot be
    taken out). A C library that opened a socket by itself would not be stopped; none of the
    readers' libraries does.
    """
    seconds = int(limits["seconds"])
    try:
        import resource
    except ImportError:  # not on Windows, where only the parent's wall clock is left
        pass
    else:
        memory = int(limits["memory_mb"]) * 1024 * 1024
        _limit(resource, resource.RLIMIT_AS, memory)
        _limit(resource, resource.RLIMIT_CPU, seconds + 1)
        _limit(resource, resource.RLIMIT_FSIZE, 0)
        _limit(resource, resource.RLIMIT_CORE, 0)
        # The parent keeps the wall clock; this one is for a parent that was killed.
        signal.setitimer(signal.ITIMER_REAL, seconds + 30)
    # Looking for a folder for temporary files means writing one, which is no longer possible.
    tempfile.tempdir = os.sep
    sys.addaudithook(_refuse)


def _limit(resource: Any, which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    try:
        resource.setrlimit(which, (value, value))
    except (ValueError, OSError):
        return  # some systems do not know this limit; the others still hold


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    if event in _FORBIDDEN:
        raise PermissionError(f"{event} is closed while a document is read")


def _say(out: Any, message: Message) -> None:
    out.write(json.dumps(to_dict(message)) + "\n")
    out.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
