"""What a processor is: main context in, function calls out.

The agent does not know which one it has.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

from memgpt_docs.calls import FunctionCall, storable
from memgpt_docs.context import MainContext
from memgpt_docs.processors.prices import Price


@dataclass(frozen=True)
class Streamed:
    """All that has arrived so far of a reply that is still being written."""

    thought: str
    message: str = ""  # to the user, when the reply is a call of send_message


@dataclass(frozen=True)
class Reply:
    """One decision, made with at most one billed request. Usually one call; several read calls at
    once are run in order."""

    calls: tuple[FunctionCall, ...]
    thought: str = ""  # why, in a sentence; shown to the user
    tokens_read: int | None = None  # as the server counted them; None where it does not
    tokens_written: int | None = None
    tokens_cached: int | None = None  # of those read, how many the server had kept
    problem: str = ""  # why there is no call in it, told to the processor at the next step

    def __post_init__(self) -> None:
        object.__setattr__(self, "thought", storable(self.thought))


Decision = Generator[Streamed, None, Reply]
T = TypeVar("T")


def ended(work: Generator[object, None, T]) -> T:
    """What `work` returns at its end, where nobody looks at what it yields on the way."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result


class Processor(Protocol):
    """Decides the next step. It sees main context and nothing else."""

    @property
    def name(self) -> str:
        """Shown to the user and exported, with the model where there is one."""
        ...

    @property
    def destination(self) -> str:
        """Where text goes: empty when nothing leaves the machine, else the server's address."""
        ...

    @property
    def price(self) -> Price | None:
        """What its tokens cost; None where nothing is billed or no price is known."""
        ...

    def decide(self, context: MainContext, cancelled: Callable[[], bool]) -> Decision:
        """The next function calls, returned at the end of a generator; until then it yields what
        has arrived, if it can. After `cancelled` it returns soon, with whatever it has. Raises
        `ProcessorError` when it cannot decide."""
        ...


@runtime_checkable
class Summarises(Protocol):
    """What a processor may do besides: put into words what leaves the window."""

    def summarise(self, text: str, limit: int, cancelled: Callable[[], bool]) -> Reply:
        """A summary of `text` of about `limit` tokens, as the thought of a reply without calls; an
        empty one, also soon after `cancelled`, leaves it to the rules. Raises `ProcessorError`."""
        ...
