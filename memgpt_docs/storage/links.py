"""Links: passages about something that the best passage names.

What answers a question is often not where its words are: the passage that matches best names the
person, the note or the agreement, and another passage is about it. A passage is about its heading:
the first line of its text, the innermost part of its section path, or the title of a document that
has no other header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from memgpt_docs.storage.ranking import Scored, in_total_order
from memgpt_docs.storage.schema import Passage

# Two fifths of the best match by words; between .2 and .4 it hardly matters.
LINK_WEIGHT = 0.4
HEADING_CHARS = range(4, 61)

_BRACKETED = re.compile(r"\s*\([^)]*\)")
_NUMBERED = re.compile(r"^(?:note|item|section|article)?\s*\d+[a-z]?[\s.:)|—–-]+", re.I)


def with_links(entries: Sequence[Scored], shown: Mapping[str, Passage]) -> list[Scored]:
    """`entries`, best first, in a new order: those whose heading stands in the text of the best
    one get `LINK_WEIGHT` more. Entries that are not in `shown` keep their score."""
    if not entries or entries[0].passage_id not in shown:
        return list(entries)
    best = entries[0]
    body = shown[best.passage_id].text.casefold()
    own = headings(shown[best.passage_id])
    linked = [
        replace(entry, score=entry.score + LINK_WEIGHT)
        if entry is not best
        and entry.passage_id in shown
        and any(_stands_in(body, one) for one in headings(shown[entry.passage_id]) - own)
        else entry
        for entry in entries
    ]
    return in_total_order(linked)


def headings(shown: Passage) -> set[str]:
    """What a passage is about, in lower case, without numbers before and brackets after."""
    first_line, _, rest = shown.text.partition("\n")
    candidates = [shown.section.rsplit(" > ", 1)[-1]]
    if rest:
        candidates.append(first_line)
    if " · " not in shown.header:
        candidates.append(shown.header)
    bare = (_NUMBERED.sub("", _BRACKETED.sub("", text)).strip().casefold() for text in candidates)
    return {text for text in bare if len(text) in HEADING_CHARS and re.search(r"[^\W\d]", text)}


def _stands_in(body: str, heading: str) -> bool:
    if heading not in body:
        return False
    return re.search(rf"(?<!\w){re.escape(heading)}(?!\w)", body) is not None or (
        not heading.isascii()
    )
