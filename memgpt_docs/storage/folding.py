"""Folding: of passages that say the same, one stands in a ranking and names the others.

Reports repeat themselves from year to year. Two passages of different documents are folded when
they have the same numbers in the same order and nearly the same words; a statement with one other
figure is not the same statement, and what one document says twice stands in two places. Nothing is
lost: the one that is kept carries the ids of those folded into it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from memgpt_docs.storage.ranking import Scored
from memgpt_docs.storage.schema import Passage

# Words that two passages must share, of all words in either (Jaccard).
ALIKE = 0.9

_NUMBER = re.compile(r"\d[\d.,]*")
_WORD = re.compile(r"[^\W\d_]+")
# The number of a page alone on its line, and the way back to the contents.
_FURNITURE = re.compile(r"^\s*(?:(?:F-|S-)?\d{1,4}|table of contents)\s*$", re.I | re.M)


def fold(entries: Sequence[Scored], shown: Mapping[str, Passage]) -> list[Scored]:
    """`entries` in their order, without those that say the same as an earlier one; the earlier
    one gets their ids in `folded`. Entries that are not in `shown` stay as they are."""
    kept: list[Scored] = []
    folded: dict[int, list[str]] = {}  # place in `kept` -> ids
    same_numbers: dict[tuple[str, ...], list[tuple[int, str, frozenset[str]]]] = {}
    for entry in entries:
        if entry.passage_id in shown:
            doc_id = shown[entry.passage_id].doc_id
            bare = _FURNITURE.sub("", shown[entry.passage_id].text)
            words = frozenset(_WORD.findall(bare.casefold()))
            earlier = same_numbers.setdefault(tuple(_NUMBER.findall(bare)), [])
            others = ((at, other) for at, owner, other in earlier if owner != doc_id)
            twin = next((place for place, other in others if _alike(words, other)), None)
            if twin is not None:
                folded.setdefault(twin, []).append(entry.passage_id)
                continue
            earlier.append((len(kept), doc_id, words))
        kept.append(entry)
    return [
        replace(entry, folded=tuple(folded[place])) if place in folded else entry
        for place, entry in enumerate(kept)
    ]


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    either = len(one | other)
    return len(one & other) >= ALIKE * either
