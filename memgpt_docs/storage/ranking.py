"""A ranking: passage ids in a fixed order, from which pages are cut.

A search freezes one ranking. Its pages are disjoint, their union is the ranking, the total never
changes, and a page past the end is empty and says so. Pages are never cut by the database's own
offset: rows with tied scores come back twice there, and others never.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Sums of floats may differ in their last digits from run to run.
DIGITS = 6
# How slowly a score falls with the rank: 60, as in reciprocal-rank fusion (Cormack, Clarke and
# Büttcher, SIGIR 2009).
RANK_CONSTANT = 60


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


def fuse(arms: Sequence[Mapping[str, float]]) -> list[Scored]:
    """The sum of each passage's scores in all arms, in total order.

    An arm's scores are weighted and in proportion to its best. Sums of scores rank better than
    reciprocal ranks here, as Bruch, Gai and Ingber found ("An Analysis of Fusion Functions for
    Hybrid Retrieval", ACM TOIS 2023).
    """
    scores: dict[str, float] = {}
    for arm in arms:
        for passage_id, score in arm.items():
            scores[passage_id] = scores.get(passage_id, 0.0) + score
    return in_total_order(
        [Scored(passage_id, round(score, DIGITS)) for passage_id, score in scores.items()]
    )


def in_proportion(scores: Mapping[str, float], weight: float) -> dict[str, float]:
    """`scores` between 0 and `weight`, which the best gets; negative ones become 0."""
    best = max(scores.values(), default=0.0)
    if best <= 0.0:
        return dict.fromkeys(scores, 0.0)
    return {passage_id: weight * max(0.0, score) / best for passage_id, score in scores.items()}


def by_rank(passage_ids: Sequence[str], weight: float) -> dict[str, float]:
    """Scores that fall slowly from `weight` with the rank."""
    return {
        passage_id: weight * RANK_CONSTANT / (RANK_CONSTANT + rank)
        for rank, passage_id in enumerate(passage_ids)
    }
