"""A row of the table of terms: what people ask for and what filings call it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from memgpt_docs.storage.statements import Statement


@dataclass(frozen=True)
class Term:
    """One row of the table."""

    asked: tuple[str, ...]  # lower case, English in the singular
    written: str  # words as filings write them; empty where they are the same
    statements: tuple[Statement, ...]
    source: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds the words asked for: whole English words, in the plural too, however spaced."""
        return re.compile("|".join(_pattern(words) for words in self.asked), re.I)


def _pattern(words: str) -> str:
    if not words.isascii():
        return re.escape(words)
    parts = [r"(?:and|&)" if w == "and" else re.escape(w) for w in re.split(r"[\s,-]+", words)]
    spaced = r"[\s,-]*".join(parts)
    return rf"(?<![A-Za-z0-9]){spaced}(?:'?s|es)?(?![A-Za-z0-9])"
