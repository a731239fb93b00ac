"""What a processor is: main context in, function calls out.

The agent does not know which one it has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from memgpt_docs.calls import FunctionCall
from memgpt_docs.context import MainContext


@dataclass(frozen=True)
class Reply:
    """One decision. Usually one call; several read calls at once are run in order."""

    calls: tuple[FunctionCall, ...]
    thought: str = ""  # why, in a sentence; shown to the user
    tokens_read: int | None = None  # as the server counted them; None where it does not
    tokens_written: int | None = None


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

    def decide(self, context: MainContext, cancelled: Callable[[], bool]) -> Reply:
        """The next function calls. Raises `ProcessorError` when it cannot decide."""
        ...
