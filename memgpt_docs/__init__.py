"""Ask long documents questions and check every claim on the page it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memgpt_docs.agent import Agent
    from memgpt_docs.storage.library import Library

__all__ = ["Agent", "Library"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Loaded on first use: importing the database takes a second or two, `--help` should not.
    if name == "Agent":
        from memgpt_docs.agent import Agent

        return Agent
    if name == "Library":
        from memgpt_docs.storage.library import Library

        return Library
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
