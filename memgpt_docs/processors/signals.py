"""Signals: what speaks for a sentence as the answer to a question, in numbers between 0 and 1.

How much of the question's words it and its passage cover, weighted by how rare they are and how
well they tell the passages of the page apart; whether it has words like them; whether it has a
thing of the kind that is asked for; where it stands.

The weights were fitted on 250 questions over encyclopedia passages, as those of a softmax over all
sentences of the first 20 passages, each kept to the sign that its meaning gives it; that of the
telling words was set beforehand, because filings need it more. docs/performance.md has what they
come to on questions that they were not fitted on.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from memgpt_docs.embedding import Embedder, Vectors
from memgpt_docs.processors import wanted as kinds
from memgpt_docs.processors.sentences import STOPWORDS, words
from memgpt_docs.processors.wanted import Wanted, wanted
from memgpt_docs.tokens import default_tokenizer

# Numbers of tokens in the tokenizer's vocabulary: its merges were learned in the order of how
# often their letters stand together, so the rarer a word, the larger its number.
COMMON, RARE = math.log(300.0), math.log(100_000.0)
LEAST_RARITY = 0.15
FEW_WORDS, MANY_WORDS = 5, 40
_PRONOUN = re.compile(
    r"^(?:he|she|it|they|his|her|its|their|this|these|the (?:film|song|series|show|book|company"
    r"|team|band|album|game|city|story|character|episode|novel|movie))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Place:
    """A sentence with what stands around it."""

    text: str
    rank: int  # of its passage, 1-based
    title: frozenset[str]  # words of the headings over it
    name: frozenset[str]  # words of its document's name: all its sentences could say them
    is_title: bool
    passage: frozenset[str]  # words of its passage


@lru_cache(maxsize=50_000)
def rarity(word: str) -> float:
    """How rare `word` is in general, from `LEAST_RARITY` to 1; a word of several tokens is rare."""
    tokens = default_tokenizer().encode(f" {word}")
    if len(tokens) != 1:
        return 1.0
    return min(1.0, max(LEAST_RARITY, (math.log(tokens[0] + 1) - COMMON) / (RARE - COMMON)))


class Asked:
    """A question, read once for all the sentences of a page."""

    def __init__(
        self, question: str, embedder: Embedder, without: frozenset[str] = frozenset()
    ) -> None:
        self.words = [word for word in dict.fromkeys(words(question)) if word not in without]
        self.wanted = wanted(question)
        self.rarity = np.array([rarity(word) for word in self.words], dtype=np.float32)
        self.lower = question.casefold()
        self.word_vectors = embedder.embed(self.words)


def signals(asked: Asked, places: Sequence[Place], embedder: Embedder) -> Vectors:
    """A row for each place, of shape (len(places), number of signals)."""
    own = [words(place.text) for place in places]
    vocabulary = sorted({word for found in own for word in found}.union(*(p.title for p in places)))
    column = {word: number for number, word in enumerate(vocabulary)}
    # One call: each costs more than the few words in it.
    similar = np.clip(asked.word_vectors @ embedder.embed(vocabulary).T, 0.0, 1.0)
    passages = list({id(place.passage): place.passage for place in places}.values())
    seen = Counter(word for passage in passages for word in passage)
    telling: Vectors = np.array(
        [1.0 + math.log((1 + len(passages)) / (1 + seen[word])) for word in asked.words],
        dtype=np.float32,
    )
    rows = [
        _row(asked, place, found, similar, column, telling)
        for place, found in zip(places, own, strict=True)
    ]
    return np.array(rows, dtype=np.float32)


def _row(
    asked: Asked,
    place: Place,
    found: Sequence[str],
    similar: Vectors,
    column: Mapping[str, int],
    telling: Vectors,
) -> list[float]:
    own = frozenset(found)
    columns = [column[word] for word in own | place.title]
    best = similar[:, columns].max(axis=1) if columns else np.zeros(len(asked.words), np.float32)
    named = [
        word
        for word in kinds.NAME.findall(place.text[1:])
        if word.casefold() not in asked.lower
        and word.casefold() not in STOPWORDS
        and not place.title.issuperset(words(word))
    ]
    figures = [x for x in kinds.FIGURE.findall(place.text) if x.casefold() not in asked.lower]
    time = float(any(m[0].casefold() not in asked.lower for m in kinds.TIME.finditer(place.text)))
    figure, name = float(bool(figures)), float(bool(named))
    by_person = float(bool(kinds.BY_PERSON.search(place.text)))
    at_place = float(bool(kinds.PLACE.search(place.text[1:])))
    return [
        _share(_held(asked, own - place.name), telling),
        _share(_held(asked, place.passage), asked.rarity),
        _share(best, asked.rarity),
        1.0 / math.log2(1 + place.rank),
        max(0.0, 1.0 - len(own) / FEW_WORDS),
        math.log1p(len(own - set(asked.words) - place.title)) / math.log1p(MANY_WORDS),
        float(place.is_title),
        float(bool(_PRONOUN.match(place.text))),
        len(place.title & set(asked.words)) / max(1, len(place.title)),
        float(place.text.rstrip().endswith("?")),
        time if asked.wanted is Wanted.TIME else 0.0,
        figure if asked.wanted is Wanted.TIME else 0.0,
        name if asked.wanted is Wanted.PERSON else 0.0,
        by_person if asked.wanted is Wanted.PERSON else 0.0,
        at_place if asked.wanted is Wanted.PLACE else 0.0,
        figure if asked.wanted is Wanted.FIGURE else 0.0,
        name if asked.wanted is Wanted.THING else 0.0,
    ]


# The names of the signals, in their order, and what each weighs.
WEIGHTS = {
    "telling words": 5.0,
    "rare words, in passage": 4.38,
    "similar words": 0.91,
    "rank of passage": 3.07,
    "few words": -1.17,
    "new words": 1.89,
    "a title": -0.73,
    "begins with a pronoun": -0.33,
    "title asked for": 3.3,
    "asks itself": -2.53,
    "a time, asked for": 0.96,
    "a figure, time asked for": 1.31,
    "a name, person asked for": 2.08,
    "by somebody, person asked for": 0.98,
    "a place, asked for": 2.13,
    "a figure, asked for": 2.97,
    "a name, thing asked for": 0.6,
}
SIMILAR_WORDS = list(WEIGHTS).index("similar words")


def _held(asked: Asked, own: frozenset[str]) -> Vectors:
    return np.array([word in own for word in asked.words], dtype=np.float32)


def _share(held: Vectors, weight: Vectors) -> float:
    total = float(weight.sum())
    return float(held @ weight) / total if total else 0.0
