"""Sentences: which words of a passage answer a question best, without a model.

A sentence is scored by the rarity of the question's words that it shares, by how near its static
vector is to the question's, and a little by what its passage and heading share. On questions over
encyclopedia passages the best-scored sentence holds the answer for a bit under half, the best
three for two thirds.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath

from memgpt_docs.embedding import Embedder
from memgpt_docs.storage.archival import Result

CONTEXT_WEIGHT = 0.4
VECTOR_WEIGHT = 0.5
NUMBER_WEIGHT = 0.15
RANK_WEIGHT = 0.3
TELLING_WORDS = 6
SPEAKING_WORDS = 5  # a shorter sentence says less, however near its vector
LONGEST_QUOTE = 400  # characters
MARGIN = 0.6  # a line shorter than this share of the longest does not run on
LONGEST_RUNNING_LINE = 80
SHORTEST_SENTENCE = 12  # characters; below that it is a heading or a stray cell

_STOPWORDS = """
    a about all an and any are as at be been but by can could did do does for from give had has
    have how if in into is it its me much many of on or our please than that the their them
    there these they this to under was we were what when where which who whom whose why will
    with would you your each both between compared compare tell say says stated state according
    的 了 是 在 和 与 及 多少 什么 哪些 哪 吗 呢
"""
STOPWORDS = frozenset(_STOPWORDS.split())
_WORD = re.compile(r"[a-z0-9]+(?:[.,]\d+)*|[\u4e00-\u9fff]+", re.IGNORECASE)
_FISCAL_YEAR = re.compile(r"\bfy ?((?:19|20)\d\d)\b")
# A label and figures, or cells between bars.
_ROW = re.compile(r" \| |(?:[\s$€£¥(]*-?\d[\d,.]*\s?%?\)?){2,}\s*$|\s[$€£¥(]*\d[\d,.]*%?\)?\s*$")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“(]*[A-Z0-9])|(?<=[。！？])\s*|\n{2,}")
_PAGE_NUMBER = re.compile(r"^\d{1,3}\s|\s\d{1,3}$")
_ASKS_NUMBER = re.compile(
    r"\b(?:how (?:much|many|long|high|large)|amount|percent\w*|rate|ratio|total|number|value|"
    r"price|cost|date|year|when)\b|%|多少|几|比例|金额|增长",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Candidate:
    """A sentence or table row of a shown passage, copied exactly, and how well it fits."""

    handle: int
    result: Result
    quote: str
    score: float


def words(text: str) -> list[str]:
    """Stems of the words of `text` that say something; pairs of characters for Chinese."""
    found: list[str] = []
    for word in _WORD.findall(_FISCAL_YEAR.sub(r"\1", text.casefold())):
        if "\u4e00" <= word[0] <= "\u9fff":
            found.extend(word[n : n + 2] for n in range(max(1, len(word) - 1)))
        elif word not in STOPWORDS:
            found.append(_stem(word))
    return found


def _stem(word: str) -> str:
    if len(word) > 4 and word.isalpha():
        for suffix, instead in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("s", "")):
            if word.endswith(suffix) and not word.endswith("ss"):
                return word[: -len(suffix)] + instead
    return word


def sentences(text: str) -> Iterator[str]:
    """The sentences of prose and the rows of tables, exactly as they stand in `text`."""
    for block in _blocks(text):
        for piece in _SENTENCE_END.split(block):
            sentence = piece.strip()
            if len(sentence) > LONGEST_QUOTE:
                sentence = sentence[:LONGEST_QUOTE].rsplit(None, 1)[0]
            if len(sentence) >= SHORTEST_SENTENCE or _is_cjk(sentence):
                yield sentence


def _blocks(text: str) -> Iterator[str]:
    """Stretches of lines that belong together. A table row stands alone, and a line that ends well
    before the margin without ending a sentence is a heading or the last line of its paragraph."""
    lines = text.split("\n")
    width = max(map(len, lines))
    block: list[str] = []
    for line in lines:
        is_row = bool(_ROW.search(line))
        if is_row and block:
            yield "\n".join(block)
            block = []
        block.append(line)
        if is_row or len(line) < MARGIN * width:
            yield "\n".join(block)
            block = []
    if block:
        yield "\n".join(block)


def _is_cjk(text: str) -> bool:
    return len(text) >= 4 and any("\u4e00" <= character <= "\u9fff" for character in text)


def best_sentences(
    question: str,
    shown: Sequence[tuple[int, Result]],
    embedder: Embedder,
) -> list[Candidate]:
    """All sentences of the shown passages (handle, result), best first."""
    question = asked(question)
    rarity = _rarity(question, shown)
    # A long question is not answered worse by a sentence that shares its telling words only.
    total = sum(sorted(rarity.values(), reverse=True)[:TELLING_WORDS])
    found = [
        (handle, result, sentence, _Surroundings.of(result))
        for handle, result, sentence in _without_running_lines(shown)
    ]
    if not found or not total:
        return []
    vectors = embedder.embed([question, *(sentence for _, _, sentence, _ in found)])
    nearness = vectors[1:] @ vectors[0]
    asks_number = bool(_ASKS_NUMBER.search(question))
    scored = []
    for (handle, result, sentence, around), near in zip(found, nearness, strict=True):
        own = set(words(sentence)) - around.name
        lexical = min(1.0, sum(rarity.get(word, 0.0) for word in own) / total)
        context = sum(rarity.get(word, 0.0) for word in around.words - own) / total
        score = lexical + VECTOR_WEIGHT * float(near)
        score *= min(1.0, len(own) / SPEAKING_WORDS)
        score += CONTEXT_WEIGHT * min(1.0 - lexical, context)
        score += RANK_WEIGHT / math.log2(1 + result.rank)
        if asks_number and any(character.isdigit() for character in sentence):
            score += NUMBER_WEIGHT
        scored.append(Candidate(handle, result, sentence, round(score, 3)))
    return sorted(scored, key=lambda c: (-c.score, c.handle, c.quote))


def _without_running_lines(
    shown: Sequence[tuple[int, Result]],
) -> Iterator[tuple[int, Result, str]]:
    """All sentences, but not the short lines that several pages of a document repeat apart from a
    number at their end: running heads and feet match a question well and answer nothing."""
    all_of_them = [
        (handle, result, sentence)
        for handle, result in shown
        for sentence in sentences(result.passage.text)
    ]
    pages = defaultdict(set)
    for _, result, sentence in all_of_them:
        pages[result.file, _PAGE_NUMBER.sub("", sentence)].add(result.passage.page_no)
    for handle, result, sentence in all_of_them:
        repeated = len(pages[result.file, _PAGE_NUMBER.sub("", sentence)]) > 1
        if not repeated or len(sentence) > LONGEST_RUNNING_LINE:
            yield handle, result, sentence


@dataclass(frozen=True)
class _Surroundings:
    """The words around a sentence: of its passage with its headings, and of its document's name,
    which answers nothing: a running head would match best."""

    words: frozenset[str]
    name: frozenset[str]

    @classmethod
    @lru_cache(maxsize=512)
    def of(cls, result: Result) -> _Surroundings:
        passage = result.passage
        around = f"{result.file} {passage.header} {passage.text}"
        return cls(frozenset(words(around)), frozenset(words(PurePath(result.file).stem)))


def asked(question: str) -> str:
    """The part of a question that asks: all up to its last question mark, or all of it.

    What follows ("Answer as an analyst would …") says how to answer, not what to find.
    """
    end = max(question.rfind("?"), question.rfind("？"))
    return question[: end + 1] or question


def _rarity(question: str, shown: Sequence[tuple[int, Result]]) -> dict[str, float]:
    """How rare each word of the question is among the shown passages, in nats plus one."""
    seen = Counter(word for _, result in shown for word in set(words(result.passage.text)))
    return {
        word: 1.0 + math.log((1 + len(shown)) / (1 + seen[word])) for word in set(words(question))
    }
