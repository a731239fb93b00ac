"""Routing: which documents a query names, by company, form or year.

The words of a document's file name and title are matched with the query's; a rare word (a
company) counts for more than a common one (a year). What is named is preferred, nothing is
excluded: a query that names nothing, or names it wrongly, is ranked as before.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import PurePath

from memgpt_docs.storage.schema import Document

# Two circles of documents are preferred, one inside the other, by how well they match against the
# best: a query that names a company and a year is about that report, but what it asks for may
# stand in the report of the year after.
CIRCLES = (0.5, 0.8)
# A preference for very many documents says little and makes for slow filters.
MOST_DOCUMENTS = 200
UNTELLING = frozenset(
    ["a", "an", "and", "for", "in", "of", "on", "or", "the", "to", "with", "by", "from", "at"]
)

_WORD = re.compile(r"[0-9a-z]+|[\u4e00-\u9fff]+")
_YEAR_AND_QUARTER = re.compile(r"((?:19|20)\d\d)q([1-4])")
_FISCAL_YEAR = re.compile(r"fy((?:19|20)?\d\d)")
_FORM = re.compile(r"\b(6|8|10|11|20|40)-([kqf])\b")


def route(query: str, documents: Sequence[Document]) -> list[tuple[str, ...]]:
    """Circles of doc_ids that the query names, widest first, each sorted; none when it names no
    document or all alike."""
    names = {document.doc_id: name_words(document.file, document.title) for document in documents}
    asked = query_words(query)
    how_many = Counter(word for words in names.values() for word in words)
    affinity = {
        doc_id: sum(math.log(1 + len(names) / how_many[word]) for word in words & asked)
        for doc_id, words in names.items()
    }
    best = max(affinity.values(), default=0.0)
    if best == 0.0:
        return []
    circles = [
        tuple(sorted(doc_id for doc_id, value in affinity.items() if value >= share * best))
        for share in CIRCLES
    ]
    return [circle for circle in circles if len(circle) < min(len(names), MOST_DOCUMENTS)]


def name_words(file: str, title: str = "") -> set[str]:
    """The words that name a document, in the form in which queries are read."""
    return set(_expanded(f"{PurePath(file).stem} {title}"))


def query_words(query: str) -> set[str]:
    """The words of a query that may name a document, each alone and joined with the next."""
    words = list(_expanded(query))
    # "Best Buy" names BESTBUY_2023_10K as well as Best_Buy_10K.
    joined = {first + second for first, second in pairwise(words)}
    return set(words) | joined


def _expanded(text: str) -> Iterable[str]:
    """Words in one form: possessives dropped, "10-K" as 10k, "FY21" as 2021, "2023Q2" as both."""
    text = re.sub(r"['’]s\b", "", text.casefold())
    for word in _WORD.findall(_FORM.sub(r"\1\2", text)):
        if match := _YEAR_AND_QUARTER.fullmatch(word):
            yield from (match[1], f"q{match[2]}")
        elif match := _FISCAL_YEAR.fullmatch(word):
            yield match[1] if len(match[1]) == 4 else f"20{match[1]}"
        elif word not in UNTELLING:
            yield word
