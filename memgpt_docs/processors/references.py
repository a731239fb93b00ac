"""References: identifiers that a text names, and what an identifier points to.

An identifier is a word that stands for one thing and says nothing else: a UUID, a contract or
order number (HR-MSA-2022-0417), an article code (SKU-10042). A record gives one behind another of
the same form ("key = A, value = B", "A was replaced by B", a row of two cells): the first points to
the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from memgpt_docs.processors.sentences import sentences

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# Letters or digits in groups; what has no letter or too few digits is a date, a range or a form.
_CODE = r"[A-Za-z0-9]+(?:[-/_.][A-Za-z0-9]+)+|[A-Z]+\d{4,}|[0-9a-f]{16,}"
_IDENTIFIER = re.compile(
    rf"(?<![\w.@/-])(?:(?P<uuid>{_UUID})|(?P<code>{_CODE}))(?![\w@]|[-/.]\w)", re.IGNORECASE
)
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|(?:FY|Q\d|CY|H\d)?[-/ ]?(?:19|20)\d\d", re.I)
LEAST_CHARACTERS = 7
LEAST_DIGITS = 3


def identifiers(text: str) -> Iterator[str]:
    """The identifiers of `text` in the order in which they stand, each once, as written."""
    seen = set()
    for match in _IDENTIFIER.finditer(text):
        word = match[0]
        if word.casefold() not in seen and (match["uuid"] or _is_code(word)):
            seen.add(word.casefold())
            yield word


def pointed_to(identifier: str, text: str) -> tuple[str, str] | None:
    """What `identifier` points to in a record of `text`: the next identifier of the same form
    behind it in the same sentence or row, with that sentence. None where there is no such."""
    for sentence in sentences(text):
        named = list(identifiers(sentence))
        lower = [name.casefold() for name in named]
        if identifier.casefold() not in lower:
            continue
        behind = named[lower.index(identifier.casefold()) + 1 :]
        if behind and form_of(behind[0]) == form_of(identifier):
            return behind[0], sentence
    return None


def told_of(identifier: str, text: str) -> str:
    """The first sentence or row of `text` that begins with `identifier` or names no other before
    it; empty where there is none."""
    for sentence in sentences(text):
        first = next(identifiers(sentence), "")
        if first.casefold() == identifier.casefold():
            return sentence
    return ""


def form_of(identifier: str) -> str:
    """How an identifier is made up: UUIDs are alike, of others the runs of letters and digits."""
    if re.fullmatch(_UUID, identifier, re.IGNORECASE):
        return "uuid"
    return re.sub(r"\d+", "9", re.sub(r"[A-Za-z]+", "A", identifier))


def _is_code(word: str) -> bool:
    digits = sum(character.isdigit() for character in word)
    letters = sum(character.isalpha() for character in word)
    return (
        len(word) >= LEAST_CHARACTERS
        and digits >= LEAST_DIGITS
        and letters >= 1
        and _DATE.fullmatch(word) is None
        and re.search(r"\d\d?[A-Za-z]+-", word) is None
    )
