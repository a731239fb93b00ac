"""The similarity of a query to passages, by the vectors that a library is searched by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from memgpt_docs.storage.arms import Arms, Found, Where
from memgpt_docs.storage.vectors import BetterVectors

if TYPE_CHECKING:
    from memgpt_docs.storage.library import Library

# More documents than this are not named to the database but picked from its answer.
MOST_NAMED = 200


class Similarity:
    """By the vectors that every passage got when it was added."""

    def __init__(self, library: Library, arms: Arms, query: str) -> None:
        self._arms = arms
        self._vector = library.embedder.embed([query])[0]

    def nearest(self, where: Where) -> list[Found]:
        """The passages most similar to the query."""
        return self._arms.vector(self._vector, where)

    def cosines(self, arms: Sequence[Sequence[Found]]) -> dict[str, float]:
        """The cosine to the query of the passages that the arms found."""
        found = {one.passage_id: one.vector for arm in arms for one in arm}
        vectors = {id: vector for id, vector in found.items() if vector is not None}
        if not vectors:
            return {}
        cosines = np.stack(list(vectors.values())) @ self._vector
        return dict(zip(vectors, cosines.tolist(), strict=True))


class BetterSimilarity(Similarity):
    """By better vectors. Documents that do not have all of theirs yet are looked through by the
    vectors made at once, and the best of their passages get better ones for this query."""

    def __init__(self, library: Library, arms: Arms, query: str, better: BetterVectors) -> None:
        super().__init__(library, arms, query)
        self._better = better
        self._at_once = self._vector
        self._vector = better.embedder.embed([query])[0]
        documents = library.documents()
        missing = better.behind(documents, int(library.documents_table.version))
        # A session's notes never get better vectors but for the query that finds them.
        self._behind = missing | (arms.searched - {document.doc_id for document in documents})

    def nearest(self, where: Where) -> list[Found]:
        ahead = [
            one
            for one in self._arms.better_vector(self._better, self._vector, where)
            if one.doc_id not in self._behind
        ]
        behind = self._behind & set(where.doc_ids) if where.doc_ids else self._behind
        if not behind:
            return ahead
        named = where.within(sorted(behind)) if len(behind) <= MOST_NAMED else where
        return [
            *ahead,
            *(
                replace(one, vector=None)
                for one in self._arms.vector(self._at_once, named)
                if one.doc_id in behind
            ),
        ]

    def cosines(self, arms: Sequence[Sequence[Found]]) -> dict[str, float]:
        found = {one.passage_id: one for arm in arms for one in arm if one.vector is None}
        given = {one.passage_id for arm in arms for one in arm if one.vector is not None}
        asked = [one for id, one in found.items() if id not in given]
        made = self._better.of([one.passage_id for one in asked if one.doc_id not in self._behind])
        made |= self._better.made_now([o.passage_id for o in asked if o.doc_id in self._behind])
        completed = [
            replace(one, vector=made[one.passage_id]) for one in asked if one.passage_id in made
        ]
        return super().cosines([*arms, completed])


def similarity(library: Library, arms: Arms, query: str) -> Similarity:
    """That of the vectors which `library` is searched by."""
    if library.better is None:
        return Similarity(library, arms, query)
    return BetterSimilarity(library, arms, query, library.better)
