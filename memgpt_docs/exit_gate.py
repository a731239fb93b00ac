"""The exit gate: an answer that gives up too early goes back to the processor, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from memgpt_docs.errors import FunctionError
from memgpt_docs.events import Coverage

MAX_RETURNS = 1
LEAST_STEPS_LEFT = 3


@dataclass
class ExitGate:
    """Whether an answer that cites nothing may end the turn.

    One that does while pages of its searches are unread and steps are left is returned once, with
    what could be read next; the next one is accepted, and its stop reason says that it cites
    nothing.
    """

    returned: int = 0
    steps_left: int = 0

    def begin(self) -> None:
        """Starts over, for a new question."""
        self.returned = 0

    def judge(self, cites: bool, searches: Sequence[Coverage]) -> None:
        """Raises `FunctionError` with what to read next."""
        unread = [search for search in searches if search.unread]
        if cites or not unread or self.returned >= MAX_RETURNS:
            return
        if self.steps_left < LEAST_STEPS_LEFT:
            return
        self.returned += 1
        search = unread[-1]
        following = next(n for n in range(1, search.pages + 1) if n not in search.pages_read)
        pages = sum(one.unread for one in unread)
        raise FunctionError(
            f"The answer cites nothing, and {pages} pages of your searches are unread.",
            f"Read on, for example archival_search(query={search.query!r}, page={following}), or "
            "search with other words. If the documents do not answer, send the same answer again.",
        )
