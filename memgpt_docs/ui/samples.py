"""The sample documents that come with the project, and questions to ask of them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from ingest.intake import Source

FOLDER = Path(__file__).resolve().parents[2] / "sample_docs"
KINDS = frozenset({".pdf", ".html", ".htm", ".docx"})
# Short ones that cross documents, and a plain one: ids in questions.jsonl.
EXAMPLES = ("sample-018", "sample-021", "sample-017", "sample-004")


def sources() -> list[Source]:
    """The sample documents, or none where they are not installed."""
    if not FOLDER.is_dir():
        return []
    return [Source(path) for path in sorted(FOLDER.iterdir()) if path.suffix.lower() in KINDS]


@cache
def questions() -> tuple[str, ...]:
    """A few questions to start with."""
    path = FOLDER / "questions.jsonl"
    if not path.is_file():
        return ()
    lines = path.read_text("utf-8").splitlines()
    records = {record["id"]: record for record in map(json.loads, filter(None, lines))}
    return tuple(records[name]["question"] for name in EXAMPLES if name in records)
