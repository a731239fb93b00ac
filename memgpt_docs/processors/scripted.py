"""A processor that plays back replies: the fake behind the real seam, for tests and demos."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from memgpt_docs.calls import FunctionCall
from memgpt_docs.context import MainContext, Message
from memgpt_docs.errors import ProcessorError
from memgpt_docs.processors.base import Decision, Reply, Streamed
from memgpt_docs.processors.prices import Price

Step = Reply | Callable[[MainContext], Reply]


def call(name: str, /, **arguments: Any) -> Reply:
    """A reply that calls one function."""
    return Reply((FunctionCall(name, json.dumps(arguments, ensure_ascii=False), "scripted"),))


class ScriptedProcessor:
    """Gives its replies in order and keeps what it was shown; raises `ProcessorError` after the
    last one."""

    name = "scripted"
    destination = ""

    def __init__(self, steps: Iterable[Step], price: Price | None = None) -> None:
        self.price = price
        self._steps = iter(steps)
        self.seen: list[list[Message]] = []

    def decide(self, context: MainContext, cancelled: Callable[[], bool]) -> Decision:
        self.seen.append(context.messages())
        step = next(self._steps, None)
        if step is None:
            raise ProcessorError("The script has no more replies.")
        reply = step if isinstance(step, Reply) else step(context)
        if reply.thought:
            yield Streamed(reply.thought)
        return reply
