"""Which companies a query names: in full, by the words a name begins with, by another telling word
of it, by its initials ("AMD", "J&J") or by letters in the manner of a ticker ("JPM", "MSFT").

Only what documents say of themselves is used; there is no list of companies here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

# How sure a way of naming is. Any of them counts for more than any number of common words.
IN_FULL, BY_ITS_FIRST_WORD, BY_LETTERS, BY_A_WORD = 2.0, 1.8, 1.8, 1.6
# Every search looks at the names of all companies; reading them each time would cost most of it.
REMEMBERED_NAMES = 50_000
LETTERS = range(2, 6)

WORD = re.compile(r"[0-9a-z]+|[\u4e00-\u9fff]+")
# Endings that say how a company is incorporated, not what it is called.
_SUFFIX = re.compile(
    r"\b(?:inc|incorporated|corp|corporation|co|company|companies|ltd|limited|plc|llc|lp|llp|nv|sa"
    r"|ag|se|ab|asa|spa|kgaa|gmbh|pte|holdings?|group|the|de)\b"
    r"|(?:股份|集团|集團|控股)*(?:有限)?(?:责任)?公司$",
    re.I,
)
# "PFIZER INC /DE/": the state, as EDGAR's index writes it.
_STATE = re.compile(r"/[a-z]{2,4}/?\s*$")
_DOTTED = re.compile(r"\b(?:[a-z]\.){2,}|\b[a-z]/[a-z]\b", re.I)
_POSSESSIVE = re.compile(r"(?<=\w)['’]s?\b|(?<=s)['’](?=\s|$)")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SMALL = _words("a an and for in of on or the to with by from at")
# Words in which many companies' names begin: alone they name none.
_BEGINNINGS = _words(
    "american general united national first international global best new north south west western"
    " eastern southern northern central pacific atlantic european british canadian us public royal"
    " great universal standard advanced applied digital consolidated federal state bank"
)
# Ordinary words that are whole names, too: written small they are words.
_ORDINARY = _words(
    "target gap block visa apple match square zoom shell progressive travelers discover ball crown"
    " key unity snap citizens regions globe sealed chase principal oracle alphabet charter carrier"
    " rocket toast post ally equity"
)
# What names say of a trade: alone they name nobody.
_TRADES = _BEGINNINGS | _words(
    "systems system foods food energy technologies technology brands brand health healthcare"
    " financial finance industries industrial services service solutions pharmaceuticals pharma"
    " laboratories motors motor airlines water works power electric gas oil insurance life capital"
    " trust partners properties realty media entertainment communications networks network software"
    " semiconductor semiconductors devices instruments materials products stores store platforms"
    " sciences therapeutics medical chemical chemicals steel paper lines logistics express union"
    " enterprise enterprises group resources management investment investments savings interactive"
    " markets market data labs research design home care states"
)
# Written in capitals by whoever asks about filings, and no company.
_TERMS = _words(
    "us usa uk eu fy cy ceo cfo coo cto eps ebit ebitda ppe ppne pp rd sga gaap ifrs usd eur gbp"
    " roa roe roic roce cogs sec it ai hr dpo dso dio fx ma ipo yoy qoq cagr esg ar ap da fcf ni"
    " ocf ttm ltm ytd capex opex pl mda rsu espo sbc nim cet tier arpu arr kpi tsr lifo fifo vie"
    " asc asu ltv noi ffo aum nii pcl roi wacc dcf ev pe pb lbo sox cash net and the for all any"
    " was did has how why who are not its per new top out"
)


def simplified(text: str) -> str:
    """Text as names are compared: lower case, without accents, possessives and dots in
    abbreviations."""
    return _plain(text).casefold()


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    plain = "".join(mark for mark in plain if not unicodedata.combining(mark))
    bare = _POSSESSIVE.sub("", plain)
    return _DOTTED.sub(lambda match: re.sub(r"[./]", "", match[0]), bare)


@lru_cache(maxsize=REMEMBERED_NAMES)
def company_words(company: str) -> tuple[str, ...]:
    """The words that a company is called by, without how it is incorporated."""
    name = _STATE.sub("", simplified(company))
    return tuple(WORD.findall(_SUFFIX.sub(" ", name)) or WORD.findall(name))


@lru_cache(maxsize=REMEMBERED_NAMES)
def initials(company: str) -> frozenset[str]:
    """The initials of a name, with and without its small words and its ending."""
    name = _STATE.sub("", simplified(company))
    made = set()
    for words in (WORD.findall(name), WORD.findall(_SUFFIX.sub(" ", name))):
        made.add("".join(word[0] for word in words))
        made.add("".join(word[0] for word in words if word not in SMALL))
    return frozenset(one for one in made if len(one) in LETTERS)


def companies_named(query: str, companies: Iterable[str]) -> dict[str, float]:
    """How surely `query` names each of `companies`; those that it does not name are absent."""
    known = sorted({company for company in companies if company})
    asked = _Query(query)
    found = {company: IN_FULL for company in known if asked.names_in_full(company)}
    # "American Express" does not name American Airlines as well; "Adobe" names Adobe Systems, too.
    longer = (words for words in map(company_words, found) if len(words) > 1)
    used = {word for words in longer for word in words}
    owners = Counter(word for company in known for word in set(company_words(company)))
    for company in known:
        if company in found:
            continue
        words = company_words(company)
        if not words or not words[0].isascii():
            continue
        if asked.writes_as_name(words[0], used | SMALL | _BEGINNINGS):
            found[company] = BY_ITS_FIRST_WORD
        elif asked.letters & initials(company):
            found[company] = BY_LETTERS
        elif any(
            len(word) > 3 and owners[word] == 1 and asked.writes_as_name(word, used | _TRADES)
            for word in words[1:]
        ):
            found[company] = BY_A_WORD
    return found or _by_ticker(asked, known)


def _by_ticker(asked: _Query, companies: Iterable[str]) -> dict[str, float]:
    """The companies whose names hold the letters that a query writes in capitals, in their order,
    from the first on; those only that are alone with it."""
    found: dict[str, float] = {}
    for letters in (one for one in asked.capitals if len(one) > 2):
        of = [name for name in companies if _holds(letters, "".join(company_words(name)[:2]))]
        if len(of) == 1:
            found[of[0]] = BY_A_WORD
    return found


def _holds(letters: str, name: str) -> bool:
    rest = iter(name)
    return name[:1] == letters[:1] and all(letter in rest for letter in letters)


class _Query:
    """A query, read for names."""

    def __init__(self, query: str) -> None:
        self._text = _plain(query)
        self._is_small = query.islower()
        words = WORD.findall(_SUFFIX.sub(" ", simplified(query)))
        self._runs = {
            "".join(words[i : i + n]) for n in range(1, 6) for i in range(len(words) - n + 1)
        }
        self._words = set(words)
        # As they stand: "AMD", "J&J", "AT&T"; small ones only where everything is small.
        written = re.findall(r"(?<![\w&])[A-Z](?:&?[A-Z]){1,4}(?![\w&])", query)
        self.capitals = {one.replace("&", "").casefold() for one in written} - _TERMS
        small = {word for word in words if len(word) > 2} if self._is_small else set()
        small |= {"".join(one.split("&")) for one in re.findall(r"\b[a-z]&[a-z]\b", query)}
        self.letters = self.capitals | (small - _TERMS - SMALL)

    def names_in_full(self, company: str) -> bool:
        """By its whole name, however spaced, or by the first two words of a longer one."""
        words = company_words(company)
        if not words:
            return False
        if not words[0].isascii():
            return words[0] in self._text
        if len(words) == 1:
            is_word = words[0] in _ORDINARY
            return words[0] in self._runs and (not is_word or self.writes_as_name(words[0], ()))
        if "".join(words) in self._runs:
            return True
        return len(words) > 2 and words[1] not in SMALL and "".join(words[:2]) in self._runs

    def writes_as_name(self, word: str, excluded: Iterable[str]) -> bool:
        """Whether it writes `word`, which is none of `excluded`, with a capital; "general expenses"
        are not those of General Mills."""
        if word not in self._words or word in excluded:
            return False
        if self._is_small:
            return word not in _ORDINARY
        pattern = rf"(?<!\w){re.escape(word)}(?!\w)"
        return any(m[0] != m[0].lower() for m in re.finditer(pattern, self._text, re.I))
