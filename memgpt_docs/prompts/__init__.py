"""Prompts: the texts that models are given, one a file."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def prompt(name: str) -> str:
    """The text of the file `name`."""
    return (resources.files(__name__) / name).read_text("utf-8").strip()
