"""A file becomes passages in archival storage: intake, parse, sections, chunk, embed, store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.progress import (
    FileDone,
    FileStarted,
    FileStatus,
    PagesRead,
    PagesRecognised,
    PassagesEmbedded,
    Progress,
    Summary,
    to_json,
)

if TYPE_CHECKING:
    from ingest.intake import Source
    from ingest.pipeline import ingest
    from ingest.taking_in import renew, take_in

__all__ = [
    "FileDone",
    "FileStarted",
    "FileStatus",
    "PagesRead",
    "PagesRecognised",
    "PassagesEmbedded",
    "Progress",
    "Source",
    "Summary",
    "ingest",
    "renew",
    "take_in",
    "to_json",
]


def __getattr__(name: str) -> Any:
    # Loaded on first use: the child that reads a document imports this package for every file
    # and needs neither the database nor the embedder.
    if name == "ingest":
        from ingest.pipeline import ingest

        return ingest
    if name in ("renew", "take_in"):
        from ingest import taking_in

        return getattr(taking_in, name)
    if name == "Source":
        from ingest.intake import Source

        return Source
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
