"""Rarity: how much a word says, by itself and among the passages that were read.

By itself: the merges of the tokenizer's vocabulary were learned in the order of how often their
letters stand together in very much text, so the number of a word's rarest token grows as the word
gets rarer. Among passages: a word that all of them hold tells none of them apart.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from memgpt_docs.tokens import default_tokenizer

# Tokens of the most frequent words have numbers of some hundreds; there are about 100,000.
COMMON, RARE = math.log(300.0), math.log(100_000.0)
LEAST = 0.15


@lru_cache(maxsize=50_000)
def rarity(word: str) -> float:
    """How rare `word` is in general, from `LEAST` (in every text) to 1 (hardly anywhere); a word
    that takes several tokens counts as rare."""
    tokens = default_tokenizer().encode(f" {word}")
    if len(tokens) > 1:
        return 1.0
    return min(1.0, max(LEAST, (math.log(tokens[0] + 1) - COMMON) / (RARE - COMMON)))


def weights(words: Iterable[str], texts: Sequence[frozenset[str]]) -> dict[str, float]:
    """The weight of each of `words`: its rarity in general times that among `texts`."""
    seen = Counter(word for text in texts for word in text)
    return {
        word: rarity(word) * (1.0 + math.log((1 + len(texts)) / (1 + seen[word])))
        for word in set(words)
    }
