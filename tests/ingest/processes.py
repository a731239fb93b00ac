"""The processes that ingestion started and that are still there."""

from __future__ import annotations

import os
from pathlib import Path

PROGRAMS = (b"ingest.reader_process", b"ingest.readers.ocr")


def reading_children() -> list[int]:
    """Children of this process that read a document; other tests may have a browser's driver or a
    server of processes among its children."""
    return [pid for pid in _children() if _reads(pid)]


def _children() -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            found.append(int(stat.parent.name))
    return found


def _reads(pid: int) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False  # it has just ended
    return any(program in command for program in PROGRAMS)
