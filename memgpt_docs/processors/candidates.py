"""Candidates: the sentences of shown passages as answers to a question, best first.

On questions over encyclopedia passages the best-scored sentence holds the answer for more than
half, the best three for three quarters; see docs/performance.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from memgpt_docs.embedding import Embedder
from memgpt_docs.processors.places import places_of
from memgpt_docs.processors.sentences import asked
from memgpt_docs.processors.signals import SIMILAR_WORDS, WEIGHTS, Asked, signals
from memgpt_docs.storage.archival import Result

_WEIGHTS = np.array(list(WEIGHTS.values()), dtype=np.float32)


@dataclass(frozen=True)
class Candidate:
    """A sentence or table row of a shown passage, copied exactly, and how well it fits."""

    handle: int
    result: Result
    quote: str
    score: float
    covers: float  # share of the question's words that it has, or words like them


def best_sentences(
    question: str,
    shown: Sequence[tuple[int, Result]],
    embedder: Embedder,
    without: frozenset[str] = frozenset(),
) -> list[Candidate]:
    """All sentences of the shown passages (handle, result), best first; the words of the question
    that are in `without` do not count."""
    wanted = Asked(asked(question), embedder, without)
    found = places_of(shown)
    if not found or not wanted.words:
        return []
    values = signals(wanted, [place for _, _, place in found], embedder)
    candidates = [
        Candidate(handle, result, place.text, round(float(score), 3), round(float(covers), 3))
        for (handle, result, place), score, covers in zip(
            found, values @ _WEIGHTS, values[:, SIMILAR_WORDS], strict=True
        )
    ]
    return sorted(candidates, key=lambda one: (-one.score, one.handle, one.quote))
