"""Handles: short numbers for passages, so that a citation costs two tokens."""

from __future__ import annotations

from collections.abc import Mapping


class Handles:
    """Numbers passages from 1 in the order in which a session first sees them.

    A handle never changes its passage and a passage never changes its handle.
    """

    def __init__(self) -> None:
        self._passage_ids: dict[int, str] = {}
        self._handles: dict[str, int] = {}
        self._next = 1

    def restore(self, passage_ids: Mapping[int, str]) -> None:
        """Takes over the passages of another process, by handle. Handles may be missing: of a step
        that was cut off."""
        self._passage_ids = dict(passage_ids)
        self._handles = {passage_id: handle for handle, passage_id in passage_ids.items()}
        self._next = max(passage_ids, default=0) + 1

    def show(self, passage_id: str) -> int:
        """The handle of a passage, given on first sight."""
        if passage_id not in self._handles:
            self._passage_ids[self._next] = passage_id
            self._handles[passage_id] = self._next
            self._next += 1
        return self._handles[passage_id]

    def known(self, passage_id: str) -> bool:
        """Whether the passage was shown before."""
        return passage_id in self._handles

    def passage_id(self, handle: int) -> str | None:
        """The passage of a handle, or None for one that was never shown."""
        return self._passage_ids.get(handle)

    def __len__(self) -> int:
        return len(self._passage_ids)
