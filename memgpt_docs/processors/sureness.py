"""How sure it is that what was found answers the question, as a probability and in words.

The probability was fitted on questions over encyclopedia passages, half of them with the passages
that answer taken away; docs/performance.md has the curve on questions that it was not fitted on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from memgpt_docs.processors.findings import Finding
from memgpt_docs.processors.wording import Wording

# Of a logistic regression on how far the best score stands above the last of `KEPT`, and on how
# much of the question's words the best sentence has.
ABOVE, COVERS, BIAS = 0.434, 4.028, -4.411
KEPT = 8  # quotations kept of a search, so that there is something to stand above
# Below this nothing is offered at all; below CLEAR what is offered is said to be no clear answer.
# On the questions that the probability was fitted on, one in ten of those that the passages answer
# is below CLEAR, and more than half of those that they do not answer.
LEAST, CLEAR = 0.1, 0.3
VERY_LIKELY, LIKELY = 0.8, 0.6


def sureness(found: Sequence[Finding]) -> float:
    """The probability that the passages read answer the question; 0 where nothing was found."""
    if not found:
        return 0.0
    ordered = sorted(found, key=lambda one: -one.score)[:KEPT]
    best = ordered[0]
    above = best.score - ordered[-1].score
    logit = ABOVE * above + COVERS * best.covers + BIAS
    return 1.0 / (1.0 + math.exp(-logit))


def in_words(probability: float, words: Wording) -> str:
    """What is said of a probability: the same words for the same share of right answers."""
    if probability >= VERY_LIKELY:
        return words.very_likely
    if probability >= LIKELY:
        return words.likely
    return words.perhaps if probability >= CLEAR else words.unclear
