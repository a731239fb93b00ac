"""What a question wants to be told: a person, a time, a place, a figure; and whether a sentence
has one that the question does not hold itself."""

from __future__ import annotations

import re
from enum import StrEnum


class Wanted(StrEnum):
    """Kinds of answers."""

    PERSON = "person"
    TIME = "time"
    PLACE = "place"
    FIGURE = "figure"
    MANNER = "manner"  # why or how
    THING = "thing"  # what or which
    ANY = "any"


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_ASKS = {
    Wanted.TIME: r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|time|century|decade)\b"
    r"|什么时候|何时|哪年|哪一年|日期",
    Wanted.PERSON: r"\bwho(?:se|m)?\b|谁",
    Wanted.PLACE: r"\bwhere\b|\b(?:what|which) (?:city|country|state|place|town|county|continent"
    r"|location|island|region|province)\b|哪里|何处|在哪",
    Wanted.FIGURE: r"\bhow (?:much|many|long|high|large|big|old|far|tall|deep|fast|often|heavy"
    r"|wide)\b|\b(?:percent\w*|number|amount|share|population|price|rate|ratio|total|revenues?"
    r"|sales|income|costs?|expenses?|margin|profit)\b|%|多少|几|比例|金额|增长",
    Wanted.MANNER: r"\b(?:why|how)\b|为什么|如何|怎",
    Wanted.THING: r"\b(?:what|which)\b|什么|哪",
}
_ASKS_PATTERNS = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _ASKS.items()}
TIME = re.compile(
    rf"\b(?:1[0-9]|20)\d\d\b|\b{_MONTH}\.? \d|\b\d{{1,2}} {_MONTH}\b|\b\d+(?:th|st|nd|rd) century"
    rf"|\d+\s?[年月日]",
    re.IGNORECASE,
)
FIGURE = re.compile(
    r"\d[\d,.]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty"
    r"|forty|fifty|hundred|thousand|million|billion|dozen|half|twice|once)\b",
    re.IGNORECASE,
)
PLACE = re.compile(r"\b(?:in|at|near|from|to|between|on)\s+(?:the\s+)?(?:\w+\s+)?[A-Z]")
BY_PERSON = re.compile(r"\bby\s+(?:\w+\s+){0,3}[A-Z]")
NAME = re.compile(r"[A-Z][\w'’-]+")


def wanted(question: str) -> Wanted:
    """What `question` wants; the first that fits."""
    for kind, pattern in _ASKS_PATTERNS.items():
        if pattern.search(question):
            return kind
    return Wanted.ANY
