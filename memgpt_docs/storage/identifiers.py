"""Identifiers in a query: what must be found to the letter, not by similar words.

UUIDs, accession numbers, section and item numbers, amounts of money, ticker symbols that are said
to be such ("NYSE: ABC", "$ABC", "ticker ABC") and quoted phrases. Passages that contain one rank
before all that do not; `contains` decides, never the tokenizer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_DIGITS = 30  # of an amount that is also looked for written in other ways
MOST_IDENTIFIERS = 8  # of one query; each costs a look-up
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ACCESSION = r"\d{10}-\d{2}-\d{6}"
_AMOUNT = r"[$€£¥]\s?\d[\d,]*(?:\.\d+)?|(?<![\d.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?"
_PART_WORDS = {
    "section": r"(?:sections?|sec\.|§+)",
    "§": r"(?:sections?|sec\.|§+)",
    "item": "item",
    "note": "note",
    "article": "article",
    "clause": "clause",
    "exhibit": "exhibit",
}
_PART = (
    r"(?:\b(?:section|item|note|article|clause|exhibit)\s+|§\s*)(?:\d+(?:\.\d+)*[A-C]?\b|[IVX]+\b)"
)
_QUOTED = r"\"([^\"\n]{2,200})\"|“([^”\n]{2,200})”|「([^」\n]{2,200})」|《([^》\n]{2,200})》"
_TICKER = re.compile(
    r"\b(?:NYSE(?:\s+American|\s+Arca)?|NASDAQ|Nasdaq|AMEX|LSE|TSX|HKEX|SSE|SZSE)\s*:\s*([A-Z0-9.]{1,6}\b)"
    r"|(?<![\w$])\$([A-Z]{1,5})\b"
    r"|\b(?:[Tt]icker|[Tt]rading)(?:\s+symbol)?\s+([A-Z][A-Z.]{0,5}\b)"
)
_EXACT = re.compile(rf"({_UUID})|({_ACCESSION})|({_PART})|({_AMOUNT})", re.I)


@dataclass(frozen=True)
class Identifier:
    """Something a query gives to the letter."""

    text: str  # as the query gives it, without quotation marks
    pattern: re.Pattern[str]  # finds it in a passage
    words: tuple[str, ...]  # the ways in which the index may hold it

    def contained_in(self, text: str) -> bool:
        """Whether a passage's text contains it, whole."""
        return self.pattern.search(text) is not None

    def begins(self, text: str) -> bool:
        """Whether a passage's text begins with it, as an entry does with its key."""
        return self.pattern.match(text.lstrip()) is not None


def identifiers_in(query: str) -> tuple[Identifier, ...]:
    """The identifiers of a query in the order in which it gives them, each once."""
    found: dict[str, Identifier] = {}
    for match in re.finditer(_QUOTED, query):
        phrase = " ".join(next(group for group in match.groups() if group).split())
        if re.search(r"\w", phrase):
            found.setdefault(phrase.casefold(), _whole(phrase))
    for match in _TICKER.finditer(query):
        symbol = next(group for group in match.groups() if group)
        # As it is written: "ALL" is no word of a sentence.
        pattern = re.compile(rf"(?<![A-Za-z0-9]){re.escape(symbol)}(?![A-Za-z0-9])")
        found.setdefault(symbol.casefold(), Identifier(symbol, pattern, (symbol,)))
    for match in _EXACT.finditer(query):
        text = match[0]
        if match[3]:
            made = _part(text)
        elif match[4]:
            made = _amount(text)
        else:
            made = _whole(text)
        found.setdefault(text.casefold(), made)
    return tuple(found.values())[:MOST_IDENTIFIERS]


def _whole(text: str) -> Identifier:
    spaced = r"\s+".join(re.escape(word) for word in text.split())
    # A script without spaces has no word ends to stand between.
    start = r"(?<![A-Za-z0-9])" if text[0].isascii() else ""
    end = r"(?![A-Za-z0-9])" if text[-1].isascii() else ""
    return Identifier(text, re.compile(f"{start}{spaced}{end}", re.I), (text,))


def _part(text: str) -> Identifier:
    word, number = re.fullmatch(r"(§|\w+)\s*(\S+)", text.strip()).groups()  # type: ignore[union-attr]
    name = _PART_WORDS.get(word.casefold())
    if name is None:  # of letters that only look alike: a dotless i
        return _whole(text)
    pattern = re.compile(rf"(?<![A-Za-z]){name}\s*{re.escape(number)}(?![A-Za-z0-9]|\.\d)", re.I)
    return Identifier(text, pattern, (f"{word.strip('§') or 'section'} {number}", number))


def _amount(text: str) -> Identifier:
    digits = re.sub(r"[^\d.]", "", text).rstrip(".")
    whole, _, cents = digits.partition(".")
    if len(whole) > MOST_DIGITS:
        return _whole(text)
    cents = cents.rstrip("0")
    grouped = f"{int(whole):,}"
    after = rf"\.{cents}0*" if cents else r"(?:\.0+)?"
    pattern = re.compile(rf"(?<![\d.,])(?:{grouped}|{int(whole)}){after}(?!\d|,\d|\.\d)")
    shown = f".{cents}" if cents else ""
    words = [f"{form}{shown}" for form in (grouped, str(int(whole)))]
    if not cents:
        words += [f"{form}.{zeros}" for form in (grouped, str(int(whole))) for zeros in ("0", "00")]
    return Identifier(text, pattern, tuple(dict.fromkeys(words)))
