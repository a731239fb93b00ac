"""Places: the sentences of shown passages with what stands around each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePath

from memgpt_docs.processors.column_heads import is_head
from memgpt_docs.processors.sentences import sentences_without_running_lines, words
from memgpt_docs.processors.signals import Place
from memgpt_docs.storage.archival import Result

LONGEST_TITLE = 90  # characters of a first line that heads the passage
_ENDS = re.compile(r"[.!?:;,]\s*$|\d\s*$")

Found = tuple[int, Result, Place]  # handle, passage, sentence


def places_of(shown: Sequence[tuple[int, Result]]) -> list[Found]:
    """All sentences of the shown passages (handle, result) in their order, but not the heads of
    columns, which answer nothing by themselves."""
    found: list[Found] = []
    by_passage: dict[str, list[tuple[int, Result, str]]] = {}
    for handle, result, sentence in sentences_without_running_lines(shown):
        by_passage.setdefault(result.passage.passage_id, []).append((handle, result, sentence))
    for own in by_passage.values():
        result = own[0][1]
        heading = heading_of(result)
        name = _words(PurePath(result.file).stem.replace("_", " "))
        title = name | _words(f"{result.passage.header} {heading}")
        passage = _words(result.passage.text)
        for handle, _, sentence in own:
            if is_head(sentence):
                continue
            place = Place(sentence, result.rank, title, name, sentence == heading, passage)
            found.append((handle, result, place))
    return found


def heading_of(result: Result) -> str:
    """The first line of a passage where it is a heading, else nothing."""
    first, _, rest = result.passage.text.partition("\n")
    is_heading = rest and len(first) <= LONGEST_TITLE and not _ENDS.search(first)
    return first.strip() if is_heading else ""


@lru_cache(maxsize=8192)
def _words(text: str) -> frozenset[str]:
    return frozenset(words(text))
