"""Near quotations: the stretch of a text that a quotation almost is, and where they part.

A near quotation differs in a few characters and in no word that carries the meaning: figures,
words for numbers, negations and directions ("increase", "decrease") must be the same, in the same
order. What differs is always shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rapidfuzz import fuzz

from memgpt_docs.citations.comparable import FIGURE, Comparable, Span

# Likeness in per cent; below it the words are another text.
LEAST_LIKENESS = 90.0
# Shorter ones are found by accident.
LEAST_CHARACTERS = 12
# Longer ones take too long to align, and are no quotations.
MOST_CHARACTERS = 10_000

_NUMBER_WORD = re.compile(
    r"(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    r"fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|"
    r"ninety|hundreds?|thousands?|millions?|billions?|trillions?|half|halves|quarters?|thirds?|"
    r"first|second|third|fourth|double[ds]?|triple[ds]?|percent|per cent|basis points?|bps|"
    r"january|february|march|april|may|june|july|august|september|october|november|december)"
)
_NEGATION = re.compile(
    r"no|not|never|none|neither|nor|nothing|nobody|nowhere|without|cannot|unless|except|"
    r"excluding|including|only|\w*n't|non|"
    r"ne|pas|sans|jamais|nicht|kein\w*|ohne|nie|sin|nunca|ni|не|нет|ни|без|"
    r"لا|لم|لن|ليس|ليست|غير|بدون|לא|אין|בלי|ללא"
)
_DIRECTION = re.compile(
    r"(?:in|de)creas\w*|declin\w*|grow\w*|grew|r[io]se[ns]?|rising|f[ae]ll(?:s|en|ing)?|"
    r"gain\w*|loss\w*|lost|los[et]s?|profits?|up|down|above|below|before|after|over|under|"
    r"high\w*|low\w*|more|less|few\w*|most|least|greater|smaller|larger|"
    r"maximum|minimum|assets?|liabilit\w*|debits?|credits?|favou?rabl[ey]|"
    r"gross|net|buys?|sells?|bought|sold|purchases?|sales?|may|must|shall|will|should|can|could"
)
_NEGATING_PREFIX = re.compile(r"(?:un|in|im|ir|il|dis|non|mis|de)-?")
_CJK_MEANING = (
    "不无未没非否勿莫无無沒零〇一二三四五六七八九十百千万萬亿億兆增减減升降涨跌高低上下亏盈"
)
# Characters on either side of a stretch that are looked at for where it begins and ends.
MARGIN = 24
_TOKEN = re.compile(r"[\u2e80-\u9fff]|[^\s\u2e80-\u9fff]+")
_WORD = re.compile(r"\w+(?:['’]\w+)*", re.UNICODE)


@dataclass(frozen=True)
class Near:
    """Where a text almost says what was quoted, and how alike the two are in per cent."""

    span: Span
    likeness: float


def nearest(quote: Comparable, source: Comparable) -> Near | None:
    """The stretch of `source` that `quote` almost is, or None."""
    wanted, text = quote.characters, source.characters
    if not LEAST_CHARACTERS <= len(wanted) <= min(len(text), MOST_CHARACTERS):
        return None
    found = fuzz.partial_ratio_alignment(wanted, text, score_cutoff=LEAST_LIKENESS)
    if found is None:
        return None
    # The stretch found is as long as the quotation; the true one may be longer or shorter.
    reach = MARGIN + len(wanted) // 10
    first, last = max(0, found.dest_start - reach), min(len(text), found.dest_end + reach)
    span = _by_words(quote.text, source.text, source.origin[first], source.origin[last - 1] + 1)
    said, stands = quote.text.strip(), source.text[span[0] : span[1]]
    likeness = fuzz.ratio(wanted, Comparable.of(stands).characters)
    if likeness < LEAST_LIKENESS or not same_meaning(said, stands):
        return None
    return Near(span, likeness)


def _by_words(quote: str, text: str, start: int, end: int) -> Span:
    """The words of `text` from `start` to `end` that answer to those of `quote`: as many before
    the first that is the same, and behind the last, as the quotation has."""
    start, end = _widened(text, start, end)
    ours = [match.group() for match in _TOKEN.finditer(quote)]
    theirs = list(_TOKEN.finditer(text, start, end))
    matcher = SequenceMatcher(
        None,
        [_folded(word) for word in ours],
        [_folded(match.group()) for match in theirs],
        autojunk=False,
    )
    same = [block for block in matcher.get_matching_blocks() if block.size]
    if not same:
        return start, end
    first = max(0, same[0].b - same[0].a)
    behind = len(ours) - (same[-1].a + same[-1].size)
    last = min(len(theirs), same[-1].b + same[-1].size + behind) - 1
    return theirs[first].start(), theirs[last].end()


def _folded(word: str) -> str:
    return Comparable.of(word).characters


def same_meaning(said: str, stands: str) -> bool:
    """Whether no figure, number word, negation or direction differs between the two."""
    if figures(said) != figures(stands):
        return False
    ours, theirs = _words(said), _words(stands)
    for what, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        gone, new = ours[a:b], theirs[c:d]
        if _run_together(gone, new):
            continue
        if any(_matters(word) for word in gone + new):
            return False
        if any(_negates(one, other) for one in gone for other in new):
            return False
    ours_cjk = [c for c in said if c in _CJK_MEANING]
    return ours_cjk == [c for c in stands if c in _CJK_MEANING]


def _run_together(gone: Sequence[str], new: Sequence[str]) -> bool:
    """Whether the two are the same but for blanks that a tool lost. Two words that became one are
    not when one of them negates: "not able" is not "notable"."""
    ours, theirs = (re.sub(r"\W", "", "".join(words)) for words in (gone, new))
    negates = any(_NEGATION.fullmatch(word) for word in (*gone, *new))
    return ours == theirs and (abs(len(gone) - len(new)) > 1 or not negates)


def figures(text: str) -> list[str]:
    """The figures of `text` in order, with their signs and per cents, without white space."""
    # With its gaps: without them the columns "5 363" would be one figure.
    return ["".join(match.group().split()) for match in FIGURE.finditer(_spaced(text))]


def difference(said: str, stands: str) -> list[tuple[str, str]]:
    """Where a quotation and its source part: pairs of words quoted and words of the source; one
    of a pair may be empty."""
    ours, theirs = said.split(), stands.split()
    codes = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    return [
        (" ".join(ours[a:b]), " ".join(theirs[c:d]))
        for what, a, b, c, d in codes
        if what != "equal"
    ]


def _spaced(text: str) -> str:
    """The comparable form of `text` with one blank for each stretch of white space."""
    plain = Comparable.of(text)
    return "".join(
        f" {character}" if gap else character
        for character, gap in zip(plain.characters, plain.gaps, strict=True)
    ).strip()


def _widened(text: str, start: int, end: int) -> Span:
    """The stretch from `start` to `end` up to where its first and last words begin and end."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while start > 0 and _joined(text[start - 1], text[start]):
        start -= 1
    while end < len(text) and _joined(text[end - 1], text[end]):
        end += 1
    return start, end


def _joined(left: str, right: str) -> bool:
    """Whether the two stand in one word, figures with their signs and points being words."""
    if left.isspace() or right.isspace():
        return False
    return ord(left) < 0x2E80 and ord(right) < 0x2E80


def _words(text: str) -> list[str]:
    return [match.group().casefold() for match in _WORD.finditer(_spaced(text))]


def _matters(word: str) -> bool:
    return any(c.isdigit() for c in word) or any(
        kind.fullmatch(word) for kind in (_NUMBER_WORD, _NEGATION, _DIRECTION)
    )


def _negates(one: str, other: str) -> bool:
    """Whether one of the two is the other with a negating prefix."""
    short, long = sorted((one, other), key=len)
    prefix = _NEGATING_PREFIX.match(long)
    if len(short) >= 3 and prefix is not None and long[prefix.end() :] == short:
        return True
    return long.endswith("less") and long[:-4] == short
