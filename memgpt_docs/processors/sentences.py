"""Sentences: the pieces of a passage that can be quoted, exactly as they stand, and their words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile, zip_longest

from memgpt_docs.storage.archival import Result

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
_CELL = re.compile(r"[($€£¥-]*\d[\d,.]*%?\)?|[—–$€£¥%)-]{1,2}|n/a|n/?m", re.IGNORECASE)
# Not after an initial or an abbreviation that a name or number follows.
_SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\b[A-Z]\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\bNo\.)"
    r"(?<!\bvs\.)[\"”’)]*\s+(?=[\"“(]*[A-Z0-9])|(?<=[。！？])\s*|\n{2,}"
)
_PAGE_NUMBER = re.compile(r"^\d{1,3}\s|\s\d{1,3}$")


def words(text: str) -> list[str]:
    """Stems of the words of `text` that say something; pairs of characters for Chinese."""
    found: list[str] = []
    for word in _WORD.findall(_FISCAL_YEAR.sub(r"\1", text.casefold())):
        if "\u4e00" <= word[0] <= "\u9fff":
            found.extend(word[n : n + 2] for n in range(max(1, len(word) - 1)))
        elif word not in STOPWORDS:
            found.append(_stem(word))
    return found


@lru_cache(maxsize=50_000)
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
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        row = is_row(line, following)
        if row and block:
            yield "\n".join(block)
            block = []
        block.append(line)
        if row or len(line) < MARGIN * width:
            yield "\n".join(block)
            block = []
    if block:
        yield "\n".join(block)


def is_row(line: str, following: str = "") -> bool:
    """Whether a line is a row of a table: cells between bars, or a label and figures. A single
    figure at the end of a line that runs on in the next one is one of prose."""
    if " | " in line:
        return True
    figures = sum(any(map(str.isdigit, cell)) for cell in _cells(line))
    return figures > 2 or (figures > 0 and not following.lstrip()[:1].islower())


def figures_of_row(row: str) -> int:
    """How many figures a row ends in; a dash is one."""
    return sum(any(map(str.isdigit, cell)) or cell in ("—", "–", "-") for cell in _cells(row))


def _cells(line: str) -> Iterator[str]:
    """The cells that a line ends in, last first."""
    return takewhile(_CELL.fullmatch, reversed(line.replace("|", " ").split()))


def _is_cjk(text: str) -> bool:
    return len(text) >= 4 and any("\u4e00" <= character <= "\u9fff" for character in text)


def sentences_without_running_lines(
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


def asked(question: str) -> str:
    """The part of a question that asks: all up to its last question mark, or all of it.

    What follows ("Answer as an analyst would …") says how to answer, not what to find.
    """
    end = max(question.rfind("?"), question.rfind("？"))
    return question[: end + 1] or question
