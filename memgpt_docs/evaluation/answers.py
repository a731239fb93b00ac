"""How well answers are quoted, and how well an answer says that nothing answers.

A quotation *holds* an answer when one of the question's gold strings stands in it. Of each question
the whole agent is run. Half of the questions lose their gold passages from the library first, so
that they cannot be answered; how sure an answer is (`sureness` of what was noted) then separates
the halves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean

from memgpt_docs.events import Answer


@dataclass(frozen=True)
class Quoted:
    """The quotations of one answer, first to last, and how sure it is."""

    quotes: tuple[str, ...]
    gold: tuple[str, ...]
    sure: float  # probability that what was read answers
    answerable: bool = True

    def holds(self, first: int) -> bool:
        """Whether one of the first quotations holds a gold string."""
        return any(
            _plain(gold) in _plain(quote) for quote in self.quotes[:first] for gold in self.gold
        )


def quoted(answer: Answer, gold: Sequence[str], sure: float, *, answerable: bool = True) -> Quoted:
    """An answer as it is measured."""
    quotes = tuple(citation.quote for citation in answer.citations)
    return Quoted(quotes, tuple(gold), sure, answerable)


def share_holding(answers: Sequence[Quoted], first: int) -> float:
    """The share of answers of which one of the first quotations holds a gold string."""
    return mean(answer.holds(first) for answer in answers)


def area(answers: Sequence[Quoted]) -> float:
    """The chance that an answerable question is surer than one that is not (area under the
    curve); ties count half."""
    sure, unsure = _halves(answers)
    return mean(1.0 if a > b else 0.5 if a == b else 0.0 for a in sure for b in unsure)


def caught(answers: Sequence[Quoted], wrong: float) -> float:
    """The share of unanswerable questions below the sureness below which a share of `wrong` of
    the answerable ones lies."""
    sure, unsure = _halves(answers)
    least = sorted(sure)[min(len(sure) - 1, int(wrong * len(sure)))]
    return mean(value < least for value in unsure)


def curve_table(answers: Sequence[Quoted], edges: Sequence[float]) -> str:
    """For each band of sureness: how many, the share that can be answered, and the share of those
    whose first quotation holds the answer."""
    lines = ["| sureness | questions | answerable | first quotation right |", "|---|---|---|---|"]
    for low, high in pairwise(edges):
        own = [one for one in answers if low <= one.sure < high or (one.sure == high == edges[-1])]
        if own:
            cells = [f"{mean(one.answerable for one in own):.2f}", f"{share_holding(own, 1):.2f}"]
            lines.append(f"| {low:.2f}–{high:.2f} | {len(own)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _halves(answers: Sequence[Quoted]) -> tuple[list[float], list[float]]:
    return (
        [one.sure for one in answers if one.answerable],
        [one.sure for one in answers if not one.answerable],
    )


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
