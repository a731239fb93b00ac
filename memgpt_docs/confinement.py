"""Limits that a child process puts on itself before it opens a hostile document."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

# What no reader of a document needs: connections, name look-ups, other programs.
_FORBIDDEN = (
    "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname",
    "socket.sendto", "socket.sendmsg", "subprocess.Popen", "os.system", "os.exec",
    "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn",
)  # fmt: skip


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


def environment(**more: str) -> dict[str, str]:
    """The environment of such a child: only what an interpreter needs, no keys, no proxies."""
    kept = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "TZ")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return environment | {
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8",
        # Threads of a maths library cost address space and win nothing here.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        **more,
    }
