"""A ranking: passage ids in a fixed order, from which pages are cut.

A search freezes one ranking. Its pages are disjoint, their union is the ranking, the total never
changes, and a page past the end is empty and says so. Pages are never cut by the database's own
offset: rows with tied scores come back twice there, and others never.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Reciprocal-rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009): 60 is the paper's constant.
FUSION_CONSTANT = 60


@dataclass(frozen=True)
class Scored:
    """A passage id and how well it matched; larger is better."""

    passage_id: str
    score: float
    folded: tuple[str, ...] = ()  # ids of passages further down that say the same


@dataclass(frozen=True)
class Ranking:
    """The frozen answer to one query at one version of the library, best first."""

    query: str
    documents: tuple[str, ...]  # doc_ids the search was limited to; empty for all
    library_version: int
    entries: tuple[Scored, ...]
    section: str = ""  # and to sections whose path holds this
    kind: str = ""  # and to passages of this kind

    @property
    def total(self) -> int:
        return len(self.entries)

    def pages(self, page_size: int) -> int:
        """How many pages of `page_size` the ranking has; an empty ranking has none."""
        return -(-self.total // page_size)

    def page(self, page: int, page_size: int) -> tuple[Scored, ...]:
        """Entries of the 1-based `page`; empty past the end."""
        first = (page - 1) * page_size
        return self.entries[first : first + page_size]


def in_total_order(scored: Sequence[Scored]) -> list[Scored]:
    """Best first; ties in the order of passage ids, so that the order is always the same."""
    return sorted(scored, key=lambda entry: (-entry.score, entry.passage_id))


def whole_ties(scored: Sequence[Scored], limit: int) -> list[Scored]:
    """What may be trusted of an arm's answer that was cut at `limit` rows, in total order.

    Which rows of the last tie made it into a cut answer is the database's accident, so a tie that
    the cut may have split is left out whole. Empty when all rows tie: ask for more then.
    """
    ordered = in_total_order(scored)
    if len(ordered) < limit:
        return ordered
    last = ordered[-1].score
    return [entry for entry in ordered if entry.score > last]


def fuse(arms: Sequence[tuple[float, Sequence[str]]]) -> list[Scored]:
    """Weighted reciprocal-rank fusion of (weight, passage ids best first), in total order."""
    scores: dict[str, float] = {}
    for weight, passage_ids in arms:
        for rank, passage_id in enumerate(passage_ids, start=1):
            scores[passage_id] = scores.get(passage_id, 0.0) + weight / (FUSION_CONSTANT + rank)
    return in_total_order([Scored(passage_id, score) for passage_id, score in scores.items()])
