"""A completion: what a server replied, put together from chunks or read whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class ToolCall:
    """A native tool call as far as it has arrived; `arguments` is JSON text."""

    name: str = ""
    arguments: str = ""
    call_id: str = ""


@dataclass
class Completion:
    """A fold over the chunks of a stream. Servers differ, so nothing in a chunk is relied on."""

    content: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    finish_reason: str = ""  # empty until the server says that it is done
    tokens_read: int | None = None
    tokens_written: int | None = None
    tokens_cached: int | None = None

    @classmethod
    def of(cls, body: Any) -> Completion:
        """A reply that came whole. Raises `ValueError` when it is not a chat completion."""
        completion = cls()
        completion.add(body, "message")
        if not completion.finish_reason:
            # Some servers leave it out; a body of JSON has arrived whole or not at all.
            completion.finish_reason = "stop"
        return completion

    def add(self, chunk: Any, part: str = "delta") -> None:
        """Takes in the next chunk; raises `ValueError` when it has another shape."""
        if not isinstance(chunk, Mapping) or not isinstance(chunk.get("choices"), list):
            raise ValueError("not a chat completion")
        self._add_usage(chunk.get("usage"))
        choices = chunk["choices"]
        if not choices:
            if part == "message":
                raise ValueError("no choices")
            return
        choice = choices[0]
        piece = choice.get(part) if isinstance(choice, Mapping) else None
        if isinstance(piece, Mapping):
            self.content += _text(piece.get("content"))
            for position, call in enumerate(piece.get("tool_calls") or ()):
                self._add_call(call, position)
        elif part == "message":
            raise ValueError("no message")
        if isinstance(choice, Mapping):
            self.finish_reason = _text(choice.get("finish_reason")) or self.finish_reason

    def _add_call(self, call: Any, position: int) -> None:
        if not isinstance(call, Mapping):
            raise ValueError("a tool call that is not an object")
        index = call.get("index", position)
        call_id = _text(call.get("id"))
        if not isinstance(index, int) or not 0 <= index <= len(self.calls):
            index = len(self.calls)
        if index == len(self.calls):
            self.calls.append(ToolCall())
        elif call_id and self.calls[index].call_id not in ("", call_id):
            # Some servers number every call 0.
            self.calls.append(ToolCall())
            index = len(self.calls) - 1
        known = self.calls[index]
        known.call_id = call_id or known.call_id
        function = call.get("function")
        if isinstance(function, Mapping):
            known.name += _text(function.get("name"))
            known.arguments += _text(function.get("arguments"))

    def _add_usage(self, usage: Any) -> None:
        if not isinstance(usage, Mapping):
            return
        self.tokens_read = _count(usage.get("prompt_tokens"), self.tokens_read)
        self.tokens_written = _count(usage.get("completion_tokens"), self.tokens_written)
        details = usage.get("prompt_tokens_details")
        if isinstance(details, Mapping):
            self.tokens_cached = _count(details.get("cached_tokens"), self.tokens_cached)


def _text(value: Any) -> str:
    """The text of a field: most send a string, some a list of parts, some arguments as an
    object."""
    if isinstance(value, str):
        # Half of a surrogate pair, from a server that cuts characters, cannot be stored.
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return "".join(_text(part.get("text")) for part in value if isinstance(part, Mapping))
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    return ""


def _count(value: Any, known: int | None) -> int | None:
    return value if isinstance(value, int) and value >= 0 else known
