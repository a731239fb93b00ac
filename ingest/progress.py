"""What a caller sees of ingestion: typed events, each with the file's name as shown.

Events of different files may interleave; those of one file come in order, and `Summary` is last.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class FileStatus(StrEnum):
    """How a file ended."""

    ADDED = "added"
    SKIPPED = "skipped"  # the library already holds these bytes
    REFUSED = "refused"
    CANCELLED = "cancelled"
    RECOGNISED = "recognised"  # pages that are pictures were looked at


@dataclass(frozen=True)
class FileStarted:
    """A file came in and is about to be read."""

    file: str
    n_bytes: int


@dataclass(frozen=True)
class PagesRead:
    """Pages of a file turned to text so far; `pages_total` is None while it is not known."""

    file: str
    pages_done: int
    pages_total: int | None
    pages_per_s: float
    seconds_left: float | None = None  # at the present rate; None while it is not known


@dataclass(frozen=True)
class PassagesEmbedded:
    """Passages of a file that have a vector so far."""

    file: str
    passages_done: int
    passages_total: int
    passages_per_s: float
    seconds_left: float | None = None


@dataclass(frozen=True)
class PagesRecognised:
    """Pages of a document that are pictures and were looked at for words so far."""

    file: str
    pages_done: int
    pages_total: int
    pages_per_s: float
    seconds_left: float | None = None


@dataclass(frozen=True)
class FileDone:
    """A file ended; `reason` and `help` say why and what to do where it was not added."""

    file: str
    status: FileStatus
    doc_id: str = ""  # empty when the file was not read
    n_pages: int = 0
    n_passages: int = 0
    unread_pages: tuple[int, ...] = ()  # 1-based pages that hold something but gave no text
    seconds: float = 0.0
    reason: str = ""
    help: str = ""


@dataclass(frozen=True)
class Summary:
    """All files with how each ended; `pages` counts the pages of those added."""

    files: tuple[FileDone, ...]
    seconds: float
    pages: int
    pages_per_s: float


Progress = FileStarted | PagesRead | PassagesEmbedded | FileDone | Summary
# What recognition says (`ingest.ocr.recognise`).
Recognition = PagesRecognised | PassagesEmbedded | FileDone | Summary

EVENT_NAMES: dict[type, str] = {
    FileStarted: "file_started",
    PagesRead: "pages_read",
    PassagesEmbedded: "passages_embedded",
    PagesRecognised: "pages_recognised",
    FileDone: "file_done",
    Summary: "summary",
}


def to_json(event: Progress | Recognition) -> dict[str, Any]:
    """A JSON object for `event`: its name under "event", then its fields. Fields are only added
    in later versions, never renamed."""
    return {"event": EVENT_NAMES[type(event)], **_plain(asdict(event))}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return round(value, 3)
    return str(value) if isinstance(value, StrEnum) else value
