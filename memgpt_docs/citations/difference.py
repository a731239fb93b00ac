"""Near quotations: the stretch of a text that a quotation almost is, and where they part.

A near quotation may differ in how words are written, never in which words they are: blanks that a
tool lost, apostrophes, the ending of a word, an article. A figure with its sign, currency and per
cent, a negation, a direction, a name and every other word must be the same, in the same order. What
differs is always shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile

from rapidfuzz import fuzz

from memgpt_docs.citations.comparable import BEFORE_SIGN, UNSPACED, Comparable, Span

# Likeness in per cent; below it the words are another text.
LEAST_LIKENESS = 90.0
# Shorter ones are found by accident.
LEAST_CHARACTERS = 12
# Longer ones take too long to align, and are no quotations.
MOST_CHARACTERS = 10_000

_NEGATION = re.compile(
    r"no|not|never|none|neither|nor|nothing|nobody|nowhere|without|cannot|unless|except|\w*n't|non|"
    r"ne|pas|sans|jamais|nicht|kein\w*|ohne|nie|sin|nunca|ni|не|нет|ни|без|"
    r"لا|لم|لن|ليس|ليست|غير|بدون|לא|אין|בלי|ללא"
)
_ARTICLES = frozenset(("the", "a", "an"))
# Two words of one stem that part in these endings are forms of one word. Not "ly": "hard" is not
# "hardly"; nor "er" and "ee": an employer is no employee.
_ENDINGS = frozenset(("", "e", "s", "es", "d", "ed", "ing"))
_SHORTEST_STEM = 3
# Beginnings that make another word: what begins with "able" may be "unable" on the page.
_PREFIX = re.compile(
    r"an?|[adi]b?|be|bi|co|de|di[sf]?|[ei]n|em|ex|i[lmr]|mis|non|out|over|pre|pro|re|sub|un|under|up"
)
# What some tools lose from the middle of a word.
_LIGATURE = re.compile("ffi|ffl|ff|fi|fl")
# Characters on either side of a stretch that are looked at for where it begins and ends.
MARGIN = 24
_TOKEN = re.compile(r"[\u2e80-\u9fff]|[^\s\u2e80-\u9fff]+")
# Where white space does not part words, each character is one.
_WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+(?:['’][^\W{UNSPACED}]+)*")
# A figure with its brackets, sign, currency and per cent. A dash that a blank parts from what
# follows is an empty cell, which tools lose.
_FIGURE = re.compile(
    r"(?:[(\[]\s?)*(?:-(?=[A-Z]{0,3}[$€£¥₹₩])|[+±~<>≤≥]\s?)?"
    r"(?:(?:(?<!\w)[A-Z]{1,3})?[$€£¥₹₩](?:-\s?|\s?))?(?:[(\[]\s?)*"
    rf"(?:{BEFORE_SIGN}-)?\d+(?:[.,]\d+)*(?:\s?[%‰])?(?:\s?[)\]])*(?:-(?!\w))?"
    # A hyphen between two figures makes one of them.
    r"|(?<=\d)-(?=\d)"
)


@dataclass(frozen=True)
class Near:
    """Where a text almost says what was quoted, and how alike the two are in per cent."""

    span: Span
    likeness: float


def nearest(quote: Comparable, source: Comparable) -> Near | None:
    """The stretch of `source` that `quote` almost is, or None."""
    found = closest(quote, source)
    if found is None or not same_words(quote.text, source.text[slice(*found.span)]):
        return None
    return found


def closest(quote: Comparable, source: Comparable) -> Near | None:
    """The stretch of `source` that is most like `quote`, whatever differs; None where nothing is
    like it."""
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
    stands = source.text[span[0] : span[1]]
    likeness = fuzz.ratio(wanted, Comparable.of(stands).characters)
    return Near(span, likeness) if likeness >= LEAST_LIKENESS else None


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
    plain = Comparable.of(word).characters
    return plain.strip(".,;:!?\"'") or plain


def same_words(said: str, stands: str) -> bool:
    """Whether the two have the same figures and the same words, written differently at most."""
    if figures(said) != figures(stands):
        return False
    ours, theirs = _words(said), _words(stands)
    if ours and theirs and _is_cut(ours[0], theirs[0]):
        ours[0] = theirs[0]
    keys = [word.casefold() for word in ours], [word.casefold() for word in theirs]
    codes = SequenceMatcher(None, *keys, autojunk=False).get_opcodes()
    return all(
        what == "equal" or _same(ours[a:b], theirs[c:d], is_first=a == 0 or c == 0)
        for what, a, b, c, d in codes
    )


def _is_cut(word: str, whole: str) -> bool:
    """Whether a quotation begins within a word, with `word` of `whole`."""
    lost = whole[: -len(word)].casefold()
    ends = len(word) < len(whole) and whole.casefold().endswith(word.casefold())
    return ends and len(word) >= _SHORTEST_STEM and word.isalpha() and not _PREFIX.fullmatch(lost)


def _same(gone: Sequence[str], new: Sequence[str], *, is_first: bool) -> bool:
    """Whether two stretches of words that differ say the same: run together, or word by word forms
    of one another, articles left aside."""
    if _run_together(gone, new):
        return True
    ours = [word for word in gone if word.casefold() not in _ARTICLES]
    theirs = [word for word in new if word.casefold() not in _ARTICLES]
    if len(ours) != len(theirs):
        return False
    return all(
        _forms_of_one(one, other, may_be_name=n > 0 or not is_first)
        for n, (one, other) in enumerate(zip(ours, theirs, strict=True))
    )


def _run_together(gone: Sequence[str], new: Sequence[str]) -> bool:
    """Whether the two are the same but for blanks that a tool lost. Two words that became one are
    not when one of them negates: "not able" is not "notable"."""
    ours, theirs = (re.sub(r"\W", "", "".join(words)).casefold() for words in (gone, new))
    negates = any(_NEGATION.fullmatch(word.casefold()) for word in (*gone, *new))
    return ours == theirs and (abs(len(gone) - len(new)) > 1 or not negates)


def _forms_of_one(one: str, other: str, *, may_be_name: bool) -> bool:
    """Whether two words are one in another form: "increases" and "increased", "efficiency" and
    what a tool left of it. Names have one form."""
    if may_be_name and one[:1].isupper() and other[:1].isupper():
        return False
    one, other = (re.sub(r"\W", "", word).casefold() for word in (one, other))
    if one == other:
        return True
    if any(_NEGATION.fullmatch(word) or not word.isalpha() for word in (one, other)):
        return False
    stem = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    if stem >= _SHORTEST_STEM and {one[stem:], other[stem:]} <= _ENDINGS:
        return True
    return any(
        long[: match.start()] + long[match.end() :] == short
        for short, long in ((one, other), (other, one))
        for match in _LIGATURE.finditer(long)
    )


def figures(text: str) -> list[str]:
    """The figures of `text` in order, with their brackets, signs, currencies and per cents, without
    white space."""
    # With its gaps: without them the columns "5 363" would be one figure.
    return ["".join(match.group().split()) for match in _FIGURE.finditer(_spaced(text))]


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
    return [match.group() for match in _WORD.finditer(_spaced(text))]
