"""Function calls: what a processor may call, what it called, and what came of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from memgpt_docs.citations import Citation
from memgpt_docs.storage.archival import Result, ResultsPage

LONGEST_NAME = 64  # bytes; servers take no longer names either


@dataclass(frozen=True)
class FunctionSpec:
    """A function as the processor is told of it."""

    name: str
    description: str
    parameters: dict[str, Any]  # JSON schema of an object

    def to_json(self) -> str:
        """The form in which its tokens are counted."""
        return json.dumps(
            {"name": self.name, "description": self.description, "parameters": self.parameters},
            separators=(",", ":"),
        )


def storable(text: str) -> str:
    """`text` without halves of surrogate pairs, which models write and nothing can store."""
    return text.encode("utf-8", "replace").decode("utf-8")


def parsed(text: str | bytes, strict: bool = True) -> Any:
    """What JSON text from outside holds, of a model or in a file. Raises `ValueError` where it is
    none, also where it is nested too deeply or has a number with too many digits."""
    try:
        return json.loads(text, strict=strict)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


@dataclass(frozen=True)
class FunctionCall:
    """A call as the processor made it; `arguments` is JSON text and may be malformed. Its texts can
    always be stored, and its name is no longer than names are."""

    name: str
    arguments: str
    call_id: str = ""

    def __post_init__(self) -> None:
        for name in ("name", "arguments", "call_id"):
            object.__setattr__(self, name, storable(getattr(self, name)))
        name = self.name.encode()[:LONGEST_NAME].decode(errors="ignore")
        object.__setattr__(self, "name", name)


@dataclass(frozen=True)
class PassagesShown:
    """Passages were paged in with their handles."""

    results: tuple[Result, ...]
    handles: tuple[int, ...]
    page: ResultsPage | None  # the page of results they are; None for a page of a document


@dataclass(frozen=True)
class WorkingContextEdited:
    """Working context was changed."""

    before: str
    after: str


@dataclass(frozen=True)
class MessageSent:
    """The processor answered the user."""

    text: str
    citations: tuple[Citation, ...]


Payload = PassagesShown | WorkingContextEdited | MessageSent | None


@dataclass(frozen=True)
class FunctionResult:
    """What came of a call: `message` is what the processor reads, `payload` what code reads."""

    ok: bool
    message: str
    payload: Payload = None
    heartbeat: bool = True  # whether the processor runs again at once
    arguments: dict[str, Any] = field(default_factory=dict)  # as validated; empty on failure
