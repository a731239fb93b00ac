"""Handles: short numbers for passages, so that a citation costs two tokens."""

from __future__ import annotations

from collections.abc import Sequence


class Handles:
    """Numbers passages from 1 in the order in which a session first sees them.

    A handle never changes its passage and a passage never changes its handle.
    """

    def __init__(self) -> None:
        self._passage_ids: list[str] = []
        self._handles: dict[str, int] = {}

    def restore(self, passage_ids: Sequence[str]) -> None:
        """Takes over the passages of another process; handle 1 is the first."""
        self._passage_ids = list(passage_ids)
        self._handles = {passage_id: n for n, passage_id in enumerate(passage_ids, start=1)}

    def show(self, passage_id: str) -> int:
        """The handle of a passage, given on first sight."""
        if passage_id not in self._handles:
            self._passage_ids.append(passage_id)
            self._handles[passage_id] = len(self._passage_ids)
        return self._handles[passage_id]

    def known(self, passage_id: str) -> bool:
        """Whether the passage was shown before."""
        return passage_id in self._handles

    def passage_id(self, handle: int) -> str | None:
        """The passage of a handle, or None for one that was never shown."""
        if 1 <= handle <= len(self._passage_ids):
            return self._passage_ids[handle - 1]
        return None

    def __len__(self) -> int:
        return len(self._passage_ids)
