"""How well archival search finds what answers: measured on questions whose evidence is known.

For each question the ranking is read from its first passage on, as an agent reads it. A question
is *hit* at k when one of the first k passages is from its evidence; its *recall* at k is the share
of its evidence that the first k passages hold. Questions without evidence are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from statistics import mean, median, quantiles
from time import perf_counter

from memgpt_docs.errors import UsageError
from memgpt_docs.evaluation.questions import Question
from memgpt_docs.storage.archival import ALL_PARTS, ArchivalStorage, Parts, Result
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.tables import index_words

DEPTHS = (1, 5, 10, 20, 50, 100)
PART_NAMES = tuple(field.name for field in fields(Parts))


@dataclass(frozen=True)
class Outcome:
    """What the ranking of one question was like."""

    question: Question
    first_hit: int | None  # 1-based rank, None where the ranking holds no evidence
    found: tuple[int | None, ...]  # of each piece of evidence, the rank at which it is first held
    passages_read: int  # up to the first hit; the whole ranking where there is none
    tokens_read: int
    seconds: float  # to rank and to read the first page

    def recall(self, depth: int) -> float:
        """The share of the evidence within the first `depth` passages."""
        return mean(rank is not None and rank <= depth for rank in self.found)


@dataclass(frozen=True)
class Measures:
    """The outcomes of a set of questions, and what they come to."""

    outcomes: tuple[Outcome, ...] = field(repr=False)

    def hit(self, depth: int) -> float:
        """The share of questions with a hit within the first `depth` passages."""
        return mean(o.first_hit is not None and o.first_hit <= depth for o in self.outcomes)

    def recall(self, depth: int) -> float:
        """The mean recall within the first `depth` passages."""
        return mean(outcome.recall(depth) for outcome in self.outcomes)

    def as_json(self) -> dict[str, object]:
        """Stable JSON: fields are added, never renamed. Times are in milliseconds."""
        times = sorted(1000 * outcome.seconds for outcome in self.outcomes)
        ninety_fifth = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        return {
            "questions": len(self.outcomes),
            "hit": {str(depth): round(self.hit(depth), 4) for depth in DEPTHS},
            "recall": {str(depth): round(self.recall(depth), 4) for depth in DEPTHS},
            "passages_to_first_hit": median(o.passages_read for o in self.outcomes),
            "tokens_to_first_hit": median(o.tokens_read for o in self.outcomes),
            "p50_ms": round(median(times), 1),
            "p95_ms": round(ninety_fifth, 1),
        }


def measure(library: Library, questions: Sequence[Question], parts: Parts = ALL_PARTS) -> Measures:
    """Ranks every question that has evidence, with the given parts of search; rankings that the
    library remembers are not used. Raises `UsageError` where there is no such question."""
    if not parts.header:
        index_words(library.passages_table, "text")
    answerable = [question for question in questions if question.evidence]
    if not answerable:
        raise UsageError("No question names evidence.", "Add a file and page_no to each.")
    archival = ArchivalStorage(library, parts)
    archival.search(answerable[0].question, page_size=1)  # what is loaded once is not timed
    archival = ArchivalStorage(library, parts)
    return Measures(tuple(_outcome(archival, question) for question in answerable))


def without(names: Sequence[str]) -> Parts:
    """All parts of a search but those named; raises `UsageError` for a name that is none."""
    unknown = sorted(set(names) - set(PART_NAMES))
    if unknown:
        raise UsageError(
            f"{unknown[0]!r} is no part of a search.", f"Parts: {', '.join(PART_NAMES)}."
        )
    return Parts(**dict.fromkeys(names, False))


def _outcome(archival: ArchivalStorage, question: Question) -> Outcome:
    started = perf_counter()
    ranking = archival.rank(question.question)
    archival.page(ranking, 1, 5)
    seconds = perf_counter() - started
    results = archival.page(ranking, 1, max(1, ranking.total)).results
    found = tuple(
        next((result.rank for result in results if evidence.found_in(result)), None)
        for evidence in question.evidence
    )
    first = min((rank for rank in found if rank is not None), default=None)
    read: Sequence[Result] = results[: first or len(results)]
    tokens = sum(result.passage.n_tokens for result in read)
    return Outcome(question, first, found, len(read), tokens, seconds)
