"""Routing: which documents a query names, by company, form, fiscal year or period.

Names are read from what is known of a document (its company, title and file name) and compared
with the query's words; time and form from its fiscal year, period, dates and form type, and from
its name where nothing better is known. What is named is preferred, nothing is excluded: a query
that names nothing, or names it wrongly, is ranked as before.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import PurePath

from memgpt_docs.storage.company_names import SMALL, companies_named, company_words
from memgpt_docs.storage.period import Period, period_asked, period_of
from memgpt_docs.storage.schema import Document

# A circle of documents is preferred: those whose name the query gives, and of them those of the
# time and form it asks for, each within this share of the best.
NAMED_SHARE = 0.6
TIMELY_SHARE = 0.75
# A preference for very many documents says little and makes for slow filters.
MOST_DOCUMENTS = 200
REMEMBERED_NAMES = 50_000

_WORD = re.compile(r"[0-9a-z]+|[\u4e00-\u9fff]+")
_YEAR_AND_QUARTER = re.compile(r"((?:19|20)\d\d)q([1-4])")
_FISCAL_YEAR = re.compile(r"fy((?:19|20)?\d\d)")
_FORM = re.compile(r"\b(6|8|10|11|20|40)-([kqf])\b")
# What any report may be called, and how companies are incorporated.
_OF_ANY = frozenset(
    ["annual", "quarterly", "interim", "report", "earnings", "release", "results", "statement",
     "financial", "form", "final", "draft", "company", "co", "inc", "incorporated", "corp",
     "corporation", "ltd", "limited", "plc", "group", "holding", "holdings"]
)  # fmt: skip
_OF_TIME = re.compile(r"(?:19|20)\d\d|q[1-4]|fy|(?:6|8|10|11|20|40)[kqf]")


def route(query: str, documents: Sequence[Document]) -> tuple[str, ...]:
    """The doc_ids of the documents that the query names, sorted; none when it names no document,
    all alike, or very many."""
    named = _best(_name_scores(query, documents), NAMED_SHARE)
    candidates = [d for d in documents if d.doc_id in named] if named else list(documents)
    years = [d.fiscal_year for d in candidates if d.fiscal_year]
    asked = period_asked(query, years)
    if not asked and named and years:
        # Who names a company and no time means its newest report more often than an old one.
        asked = Period(years=(max(years),))
    circle = _timely(asked, candidates) or named
    return circle if len(circle) < min(len(documents), MOST_DOCUMENTS) else ()


def _timely(asked: Period, documents: Sequence[Document]) -> tuple[str, ...]:
    """Of each company the documents that are best of the time and form asked for."""
    if not asked:
        return ()
    scores = {d.doc_id: asked.match(period_of(d)) for d in documents}
    companies: dict[str, dict[str, float]] = {}
    for d in documents:
        called = company_words(d.company) or _WORD.findall(d.file.casefold())
        # Its first word, for a company that changed its name: Adobe Systems is Adobe.
        companies.setdefault(called[0] if called else "", {})[d.doc_id] = scores[d.doc_id]
    most = max(scores.values(), default=0.0)
    timely = (
        _best(of_one, TIMELY_SHARE)
        for of_one in companies.values()
        if max(of_one.values()) >= TIMELY_SHARE * most / 2
    )
    return tuple(sorted(doc_id for best in timely for doc_id in best))


@lru_cache(maxsize=REMEMBERED_NAMES)
def name_words(file: str, title: str = "") -> frozenset[str]:
    """The words that name a document, in the form in which queries are read."""
    return frozenset(_expanded(f"{PurePath(file).stem} {title}"))


def query_words(query: str) -> set[str]:
    """The words of a query that may name a document, each alone and joined with the next."""
    words = list(_expanded(query))
    # "Best Buy" names BESTBUY_2023_10K as well as Best_Buy_10K.
    joined = {first + second for first, second in pairwise(words)}
    return set(words) | joined


def _name_scores(query: str, documents: Sequence[Document]) -> dict[str, float]:
    """How well a query names each document: up to 1 by common words, above that by company."""
    asked = query_words(query)
    names = {d.doc_id: _telling(name_words(d.file, d.title), d.company) for d in documents}
    how_many = Counter(word for words in names.values() for word in words)
    weight = {word: math.log(1 + len(names) / count) for word, count in how_many.items()}
    found = {d: sum(weight[word] for word in words & asked) for d, words in names.items()}
    best = max(found.values(), default=0.0) or 1.0
    companies = companies_named(query, (d.company for d in documents))
    return {d.doc_id: found[d.doc_id] / best + companies.get(d.company, 0.0) for d in documents}


def _telling(words: Iterable[str], company: str) -> set[str]:
    """Of the words that name a document those that tell it from others by themselves. How a query
    must write the words of a company's name is left to `companies_named`: "the best" is not Best
    Buy."""
    of_company = set(company_words(company))
    return {
        word
        for word in words
        if word not in _OF_ANY and word not in of_company and not _OF_TIME.fullmatch(word)
    }


def _best(scores: Mapping[str, float], share: float) -> tuple[str, ...]:
    """The documents within `share` of the best score, sorted; none where all score zero."""
    best = max(scores.values(), default=0.0)
    if best <= 0.0:
        return ()
    return tuple(sorted(doc_id for doc_id, value in scores.items() if value >= share * best))


def _expanded(text: str) -> Iterable[str]:
    """Words in one form: possessives dropped, "10-K" as 10k, "FY21" as 2021, "2023Q2" as both."""
    text = re.sub(r"['’]s\b", "", text.casefold())
    for word in _WORD.findall(_FORM.sub(r"\1\2", text)):
        if match := _YEAR_AND_QUARTER.fullmatch(word):
            yield from (match[1], f"q{match[2]}")
        elif match := _FISCAL_YEAR.fullmatch(word):
            yield match[1] if len(match[1]) == 4 else f"20{match[1]}"
        elif word not in SMALL:
            yield word
