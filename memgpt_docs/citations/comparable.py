"""Text in the form in which a quotation is compared with its source, with a way back.

Two texts are the same when they differ only in white space, in typographic forms of a character
(ligatures, quotation marks, dashes, full-width and presentation forms, composed and decomposed
accents), in characters nobody sees (soft hyphens, direction marks), and in a hyphen that the source
has between two small letters and the quotation has not: a line may have ended there. Everything
else is a difference, white space between two words or two figures too: "not able" is not "notable",
and the columns "5 363" are not "5363".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

Span = tuple[int, int]  # half-open, code points

_SAME_CHARACTER = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "″": '"', "′": "'",
     "–": "-", "—": "-", "―": "-", "‐": "-", "‑": "-", "‒": "-", "−": "-",
     # What PDFium writes for a hyphen at the end of a line.
     "\x02": "-", "\ufffe": "-"}
)  # fmt: skip
# A raised or lowered digit behind a digit is a note or a power, not one more digit of it.
_RAISED = ("<super>", "<sub>")
_KEPT = ("<circle>", "<fraction>")
# Characters without width: soft hyphens, joiners, marks of direction, byte order marks.
_UNSEEN = frozenset("\u00ad\u061c\ufeff") | {
    chr(code)
    for run in ((0x200B, 0x2010), (0x202A, 0x202F), (0x2060, 0x2070))
    for code in range(*run)
}
_DROPPED = {ord(character): None for character in _UNSEEN | {"-"}}
# Scripts whose white space does not part words: a figure may follow a letter of theirs.
UNSPACED = r"\u0e00-\u0eff\u2e80-\ud7ff\uf900-\ufaff"
# Where a dash can be a minus: not behind a letter, a digit or what a figure counts in, where it
# tells two of them apart ("3%-5%").
BEFORE_SIGN = rf"(?<![^\W{UNSPACED}])(?<![%‰千万萬亿億元年月日个個股人倍吨])"
CURRENCY = "[$€£¥₹₩]"
# A figure with what belongs to it: its sign or the brackets that stand for one, its per cent.
FIGURE = re.compile(
    rf"[(\[]\s?(?:[A-Z]{{0,3}}{CURRENCY})?\s?\d[\d,.]*\s?%?\s?[)\]](?:\s?[%‰])?"
    rf"|(?:{BEFORE_SIGN}-(?:[A-Z]{{0,3}}{CURRENCY})?)?\d+(?:[.,]\d+)*(?:\s?[%‰])?"
)
LONGEST_FIGURE = 40
_BEFORE_SIGN = re.compile(BEFORE_SIGN)
_DASH_BEFORE_FIGURE = re.compile(rf"-(?:[A-Z]{{0,3}}{CURRENCY})?\d")
_OF_FIGURES = str.maketrans("（）［］－﹣⁻％﹪．＄￥￡", "()[]---%%.$¥£")
_WIDE_SEPARATOR = re.compile(r"(?<=\d)，(?=\d{3}(?!\d))")
_CJK_NUMERAL = frozenset("〇零一二三四五六七八九十百千万萬亿億两兩")


@dataclass(frozen=True)
class Comparable:
    """`characters` without white space; `origin[i]` is the place in the text of the i-th, and
    `gaps[i]` says whether white space stands before it."""

    text: str
    characters: str
    origin: list[int]
    gaps: bytearray

    @classmethod
    def of(cls, text: str) -> Comparable:
        """The comparable form of `text`."""
        characters: list[str] = []
        origin: list[int] = []
        gaps = bytearray()
        gap = False
        for index, character in enumerate(text):
            if character.isspace():
                gap = True
                continue
            forms, raised = _forms(character)
            if raised and characters and characters[-1].isdigit():
                forms = character
            for form in forms:
                characters.append(form)
                origin.append(index)
                gaps.append(gap)
                gap = False
        return cls(text, "".join(characters), origin, gaps)

    def find(self, quote: Comparable, begin: int = 0) -> Span | None:
        """The first place from `begin` (an index of the text) on where `quote` stands, as a span
        of the text, or None. It begins and ends where words and figures do."""
        wanted, of_quote = _without_hyphens(quote)
        if not wanted:
            return None
        mine, of_mine = _without_hyphens(self)
        at = mine.find(wanted)
        while at != -1:
            places = of_mine[at : at + len(wanted)]
            first, last = places[0], places[-1]
            if (
                self.origin[first] >= begin
                and self._whole(first, last)
                and self._same_breaks(quote, of_quote, places)
            ):
                return self.origin[first], self.origin[last] + 1
            at = mine.find(wanted, at + 1)
        return None

    def _same_breaks(self, quote: Comparable, of_quote: list[int], places: list[int]) -> bool:
        """Whether words and figures part at the same places in both."""
        steps = zip(pairwise(of_quote), pairwise(places), strict=True)
        for (q_before, q_after), (before, after) in steps:
            quote_hyphen, hyphen = q_after - q_before > 1, after - before > 1
            if quote_hyphen and not hyphen:
                return False
            if quote_hyphen or hyphen:
                continue
            if bool(quote.gaps[q_after]) == bool(self.gaps[after]):
                continue
            signed = self._signed(after) if quote.gaps[q_after] else quote._signed(q_after)
            if signed or self._parts(after):
                return False
        return True

    def _signed(self, at: int) -> bool:
        """Whether the figure at `at` (above 0), with no white space before it, follows its minus.
        With white space the dash would be an empty cell of a table."""
        dash = at - 1
        if not _DASH_BEFORE_FIGURE.match(self.characters, dash):
            return False
        return bool(self.gaps[dash]) or _BEFORE_SIGN.match(self.characters, dash) is not None

    def _parts(self, at: int) -> bool:
        """Whether white space before the character at `at` would tell two words or figures
        apart."""
        chars = self.characters
        before, after = chars[at - 1], chars[at]
        if before.isdigit() and after.isdigit():
            return True
        if before in ".," and after.isdigit():
            return at > 1 and chars[at - 2].isdigit()
        if after in ".," and before.isdigit():
            return at + 1 < len(chars) and chars[at + 1].isdigit()
        return _in_spaced_script(before) and _in_spaced_script(after) and (
            before.isalpha() and after.isalpha()
        )  # fmt: skip

    def _whole(self, first: int, last: int) -> bool:
        """Whether the characters from `first` to `last` end where characters of the text, words
        and figures with their sign and their per cent end."""
        chars, origin = self.characters, self.origin
        if first > 0:
            if origin[first - 1] == origin[first]:
                return False
            if not self.gaps[first] and _splits(chars[first - 1], chars[first]):
                return False
        if last + 1 < len(chars):
            after = chars[last + 1]
            # As the text has it: what is compared of an accent that stands alone combines too.
            combines = unicodedata.combining(self.text[origin[last + 1]])
            if origin[last + 1] == origin[last] or combines:
                return False
            if not self.gaps[last + 1] and _splits(chars[last], after):
                return False
        return not self._cuts_figure(first, last)

    def _cuts_figure(self, first: int, last: int) -> bool:
        """Whether the stretch begins or ends inside a figure: "1,577" does not end in "1,57", and
        "5" is not "5%", nor "(5)", nor "-5"."""
        start, end = self.origin[first], self.origin[last] + 1
        return any(_inside_figure(self.text, at) for at in (start, end))


def find_quote(quote: str, text: str) -> Span | None:
    """Where `quote` stands in `text`, as a half-open span of code points, or None."""
    return Comparable.of(text).find(Comparable.of(quote))


def plain_figures(text: str) -> str:
    """`text`, as long as it is, with the signs, brackets and per cents of its figures in their
    plain forms: Chinese texts write "（1,234）" and "5％"."""
    return _WIDE_SEPARATOR.sub(",", text.translate(_OF_FIGURES))


def squeezed(text: str) -> str:
    """A coarse form, quick to make: texts that are the same for `find_quote` hold one another in
    it, and some that are not the same do too."""
    folded = unicodedata.normalize("NFKD", text).translate(_SAME_CHARACTER).translate(_DROPPED)
    return "".join(folded.split())


@lru_cache(maxsize=65536)
def _forms(character: str) -> tuple[str, bool]:
    """What `character` is compared as, and whether it is a raised or lowered one."""
    if character in _UNSEEN:
        return "", False
    tag = unicodedata.decomposition(character).partition(" ")[0]
    if tag in _KEPT:
        return character, False
    folded = unicodedata.normalize("NFKD", character).translate(_SAME_CHARACTER)
    return "".join(folded.split()), tag in _RAISED


def _without_hyphens(comparable: Comparable) -> tuple[str, list[int]]:
    """The characters without hyphens between small letters, and the index of each."""
    chars = comparable.characters
    dropped = {
        match.start() + 1
        for match in re.finditer(r"(?=[^\W\d_]-[^\W\d_])", chars)
        if chars[match.start()].islower() and chars[match.start() + 2].islower()
    }
    kept = [i for i in range(len(chars)) if i not in dropped]
    return ("".join(chars[i] for i in kept), kept) if dropped else (chars, kept)


def _splits(left: str, right: str) -> bool:
    """Whether a cut between the two would cut a word or a figure."""
    if left.isdigit() and right.isdigit():
        return True
    if _is_numeral(left) and _is_numeral(right):
        return True
    return _in_spaced_script(left) and _in_spaced_script(right)


def _is_numeral(character: str) -> bool:
    return character.isdigit() or character in _CJK_NUMERAL


def _in_spaced_script(character: str) -> bool:
    """Whether it is a letter or digit of a script that parts words by white space."""
    if not character.isalnum():
        return False
    code = ord(character)
    return code < 0x0E00 or 0x10A0 <= code < 0x1100 or 0x1200 <= code < 0x1780


def _inside_figure(text: str, at: int) -> bool:
    begin = max(0, at - LONGEST_FIGURE)
    window = plain_figures(text[begin : at + LONGEST_FIGURE]).translate(_SAME_CHARACTER)
    return any(m.start() < at - begin < m.end() for m in FIGURE.finditer(window))
