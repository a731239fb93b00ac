"""Reranking: the first passages of a ranking in the order of a judge that reads query and passage
together, or compares them by vectors too slow to have for all passages. Off unless one is given to
`ArchivalStorage`."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import Protocol

import numpy as np

from memgpt_docs.embedding import Embedder, Vectors
from memgpt_docs.storage.ranking import Scored
from memgpt_docs.storage.schema import Passage

# Passages that are judged: two seconds of a small neural model.
JUDGED = 50
REMEMBERED_VECTORS = 10_000


class Reranker(Protocol):
    """Judges how well passages answer a query. The same question gets the same scores."""

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """A score for each of `texts`; larger is better."""
        ...


class EmbedderReranker:
    """Judges by the vectors of an embedder, made for the passages at hand and remembered."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._made: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        with self._lock:
            missing = [text for text in dict.fromkeys(texts) if text not in self._made]
        made = dict(zip(missing, self._embedder.embed(missing), strict=True))
        with self._lock:
            known = {text: made[text] if text in made else self._made[text] for text in texts}
            for text, vector in known.items():
                self._made[text] = vector
                self._made.move_to_end(text)
            while len(self._made) > REMEMBERED_VECTORS:
                self._made.popitem(last=False)
        vectors = np.stack([known[text] for text in texts])
        return [float(score) for score in vectors @ self._embedder.embed([query])[0]]


def reranked(
    entries: Sequence[Scored], passages: Mapping[str, Passage], query: str, judge: Reranker
) -> list[Scored]:
    """`entries` with the first `JUDGED` of them that are in `passages` in the order of `judge`,
    before all others; ties stay in the order in which they were."""
    judged = [entry for entry in entries[:JUDGED] if entry.passage_id in passages]
    if not judged:
        return list(entries)
    texts = [_text(passages[entry.passage_id]) for entry in judged]
    # Six digits: sums of floats may differ in the last ones from run to run.
    scores = [round(score, 6) for score in judge.scores(query, texts)]
    order = sorted(range(len(judged)), key=lambda place: -scores[place])
    best = max(entry.score for entry in entries)
    first = [
        replace(judged[place], score=best + len(order) - rank) for rank, place in enumerate(order)
    ]
    known = {entry.passage_id for entry in judged}
    return [*first, *(entry for entry in entries if entry.passage_id not in known)]


def _text(passage: Passage) -> str:
    return f"{passage.header}\n{passage.text}" if passage.header else passage.text
