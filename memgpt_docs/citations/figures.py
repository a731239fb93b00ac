"""Figures of an answer, looked for in the passages it cites.

A figure is found when a cited passage holds the same amount: "$1.58 billion" where a page in
millions says 1,577; "12%" where a column of per cents says 12.0. The sign must not be turned round;
a loss that a page writes in parentheses may be told in words. A figure that no passage holds may be
the result of a calculation, which is then shown as its formula. All else is marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from memgpt_docs.calculation import Calculation
from memgpt_docs.citations.comparable import (
    BEFORE_SIGN,
    CURRENCY,
    LONGEST_FIGURE,
    UNSPACED,
    plain_figures,
)
from memgpt_docs.citations.verification import Citation


class FigureState(StrEnum):
    """What became of looking for a figure."""

    FOUND = "found"
    ROUNDED = "rounded"  # found, with more digits
    DERIVED = "derived"  # the result of a calculation whose numbers were found
    ASKED = "asked"  # a figure of the question, or of what is known of the document
    SIGN_DIFFERS = "sign_differs"  # the page has it without the minus
    NOT_FOUND = "not_found"

    @property
    def fails(self) -> bool:
        """Whether the figure is marked as unsupported."""
        return self in (FigureState.SIGN_DIFFERS, FigureState.NOT_FOUND)


@dataclass(frozen=True)
class Figure:
    """A number in a text, with what it counts in."""

    text: str
    start: int  # code points into the text it was read from, half-open
    end: int
    number: Decimal  # as written, not negative
    unit: int  # 1,000,000 for "million"; 1 where no word says
    is_percent: bool
    is_negative: bool
    places: int  # decimals as written
    is_vague: bool = False  # "about", "nearly": its trailing zeros are rounded
    currency: str = ""  # a symbol; empty where none stands at it
    is_name: bool = False  # a part of a name or a date: "Item 7", "December 31"
    is_aside: bool = False  # its parentheses may be those of an aside: "by $577 million (12%)"

    @property
    def is_year(self) -> bool:
        """Whether it can be a year: four digits without a separator, a unit or a currency."""
        plain = self.text.isdigit() and len(self.text) == 4 and not self.currency
        return plain and 1900 <= int(self.text) <= 2100

    @property
    def tolerance(self) -> Decimal:
        """Half a unit of the last digit that counts, in the unit it is written in."""
        places = self.places
        if self.is_vague and places == 0 and self.number:
            digits = str(int(self.number))
            places = len(digits.rstrip("0")) - len(digits)
        return Decimal(10) ** -places / 2

    @property
    def is_amount(self) -> bool:
        """Whether what stands at it makes it an amount, which no name or date is."""
        return self.unit != 1 or self.is_percent or bool(self.currency) or self.places > 0

    @property
    def is_minus(self) -> bool:
        """Whether it is negative in every reading."""
        return self.is_negative and not self.is_aside

    @property
    def is_coarse(self) -> bool:
        """Whether it is a lone digit, which something always rounds to."""
        return self.unit == 1 and not self.is_percent and len(str(self.number)) < 2


@dataclass(frozen=True)
class CheckedFigure:
    """A figure of an answer and what became of looking for it."""

    figure: Figure
    state: FigureState
    note: str = ""  # the formula, or how the page writes it
    citation: int = 0  # 1-based number of the citation that holds it; 0 for none


_UNITS = {
    "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "mn": 10**6, "bn": 10**9, "tn": 10**12, "k": 10**3, "m": 10**6, "b": 10**9,
    "千": 10**3, "万": 10**4, "萬": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8, "億": 10**8,
    "万亿": 10**12,
}  # fmt: skip
_PERCENTS = ("%", "percent", "per cent", "percentage points", "percentage point")
_CODES = {
    "USD": "US$", "HKD": "HK$", "CAD": "C$", "CA$": "C$", "AUD": "A$", "AU$": "A$", "SGD": "S$",
    "SG$": "S$", "TWD": "NT$", "NZD": "NZ$", "BRL": "R$", "EUR": "€", "GBP": "£", "INR": "₹",
    "Rs": "₹", "Rs.": "₹", "KRW": "₩", "RMB": "CN¥", "CNY": "CN¥", "JPY": "JP¥", "CHF": "CHF",
    "SEK": "SEK", "NOK": "NOK", "DKK": "DKK", "MXN": "MXN", "ZAR": "ZAR",
}  # fmt: skip
# A code before a blank and a year is the head of a column: "in EUR 2023 2022".
_CODE = "|".join(re.escape(code) for code in sorted(_CODES, reverse=True) if code[-1] != "$")
_FIGURE = re.compile(
    rf"(?P<open>\(\s?)?(?P<sign>{BEFORE_SIGN}(?<!\))[-−–])?"
    rf"(?:(?P<currency>(?-i:(?<![A-Za-z])[A-Z]{{1,3}})?{CURRENCY}"
    rf"|(?-i:(?<![A-Za-z])(?:{_CODE}))(?!\s(?:19|20)\d\d(?![\d,.])))\s?(?P<inner>[-−–(])?)?"
    # No figure begins within a word, but behind a currency or where no blank parts words.
    rf"(?P<digits>(?(currency)|(?<![^\W{UNSPACED}])(?<![.,]))"
    r"(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+))"
    r"(?P<close>\s?\))?"
    r"(?:\s?(?P<unit>%|percentage points?|per\s?cent|thousand|million|billion|trillion|mn|bn|tn"
    r"|[kKmMbB](?![a-zA-Z])|万亿|亿|億|千万|百万|万|萬|千)(?![a-z]))?"
    r"(?P<close_after>\s?\))?",
    re.IGNORECASE,
)
# What is a name and not an amount: "10-K", "Item 7", "page 60", "FY2018", "December 31,", "[3]".
_NAME_BEFORE = re.compile(
    r"(?:\b(?:items?|notes?|pages?|pp?\.|no\.|form|part|exhibit|section|step|chapter|figure|table"
    r"|paragraph|clause|article|schedule|appendix|annex|question|column|row|line|level|phase"
    r"|january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan\.?|feb\.?|mar\.?|apr\.?|jun\.?|jul\.?|aug\.?|sept?\.?|oct\.?|nov\.?|dec\.?)\s*"
    r"|(?:第|附注|附註|注释|[见見如][表图圖])\s*)$",
    re.IGNORECASE,
)
_NAME_AFTER = re.compile(r"-?[A-Za-z]|[年月日页頁章节節季号號]|\s?(?:st|nd|rd|th)\b")
_VAGUE = re.compile(r"\b(?:about|around|approximately|nearly|almost|roughly|some|over|under)\s*$",
                    re.IGNORECASE)  # fmt: skip
# Parentheses are an aside behind an amount that ends in its unit, and in an answer wherever no
# amount is awaited: "Robots (262)", but not "it was (262)".
_UNIT_BEFORE = re.compile(r"(?:thousand|million|billion|trillion|\d\s?[mb]n|[万亿萬億元])\s*$",
                          re.IGNORECASE)  # fmt: skip
_AMOUNT_AWAITED = re.compile(
    r"(?:^|[:：=|)]|\b(?:is|are|was|were|been|be|of|to|from|by|at|than|and|or|totall?ed)"
    r"|[为為是至到达達])[\s*]*$",
    re.IGNORECASE,
)
# The head of a column or row of per cents; one behind a figure speaks for that figure only.
_PERCENT_HEAD = re.compile(r"(?<![\d)）])(?<![\d)）]\s)(?:[%％]|per\s?cent)", re.IGNORECASE)
_REACH = 40  # characters before a figure that tell what it is
_RISES = re.compile(
    r"\b(?:increas|grew|grow|rose|ris(?:e|ing)|gain|higher|improv|up\b)", re.IGNORECASE
)
_FALLS = re.compile(
    r"\b(?:decreas|declin|fell|fall|drop|los[st]|lower|reduc|down\b|negative|minus|shr[aiu]nk|offset)",
    re.IGNORECASE,
)
UNSTATED_SCALES = (1, 10**3, 10**6, 10**9)


def read_figures(text: str, *, of_page: bool = False) -> Iterator[Figure]:
    """The figures of an answer in order, or with `of_page` those of a page or a question, also
    the parts of names and dates."""
    plain = plain_figures(text)
    for match in _FIGURE.finditer(plain):
        start, end = match.span("digits")
        digits = match["digits"]
        if len(digits) > LONGEST_FIGURE:
            continue  # an identifier, and more than can be reckoned with
        unit = (match["unit"] or "").casefold().replace("  ", " ")
        if unit in ("k", "m", "b") and not match["currency"]:
            unit = "name"  # "3M" is a company
        is_name = unit == "name" or _ends(_NAME_BEFORE, plain, start)
        is_name = is_name or (not unit and _NAME_AFTER.match(plain, end) is not None)
        year = plain[end : end + 1] == "年"
        if is_name and not of_page and not year:
            continue
        has_minus = bool(match["sign"]) or match["inner"] in ("-", "−", "–")
        closes = bool(match["close"] or match["close_after"])
        in_parentheses = closes and bool(match["open"] or match["inner"] == "(")
        ambiguous = in_parentheses and not has_minus and match["inner"] != "("
        shown_end = match.end("unit") if match["unit"] and unit != "name" else end
        yield Figure(
            text=text[start:shown_end],
            start=start,
            end=shown_end,
            number=Decimal(digits.replace(",", "")),
            unit=_UNITS.get(unit, 1),
            is_percent=unit in _PERCENTS or unit == "percent",
            is_negative=in_parentheses or has_minus,
            places=len(digits.partition(".")[2]),
            is_vague=_ends(_VAGUE, plain, match.start()),
            currency=_currency(match["currency"]),
            is_name=is_name,
            is_aside=ambiguous and _may_be_aside(plain, match.start(), of_page=of_page),
        )


def _may_be_aside(text: str, at: int, *, of_page: bool) -> bool:
    """Whether the parentheses at `at` may be those of an aside. In the tables of a page nothing
    tells, and they are a minus."""
    return _ends(_UNIT_BEFORE, text, at) or not (of_page or _ends(_AMOUNT_AWAITED, text, at))


def _ends(pattern: re.Pattern[str], text: str, end: int) -> bool:
    """Whether `text` up to `end` ends in `pattern`."""
    return pattern.search(text[max(0, end - _REACH) : end]) is not None


def _currency(written: str | None) -> str:
    return _CODES.get(written or "", written or "")


def _same_currency(one: str, other: str) -> bool:
    """Whether the two can be one: "$" can be any dollar."""
    return one.endswith(other) or other.endswith(one)


def look_up(
    figure: Figure,
    cited: Sequence[tuple[int, Citation]],
    known: str,
    calculations: Sequence[Calculation],
    statement: str = "",
) -> CheckedFigure:
    """Looks for `figure` of `statement` in the `cited` passages (pairs of number and citation), in
    `known` (the question and what is known of the documents) and among the results of
    `calculations`."""
    best: CheckedFigure | None = None
    # "Grew by 5%" where the page says (5)%: said of per cents only, as the costs of a statement of
    # cash flows rise too, and stand in parentheses.
    rises = figure.is_percent and bool(_RISES.search(statement)) and not _FALLS.search(statement)
    for number, citation in cited:
        for other in read_figures(citation.passage_text, of_page=True):
            state, note = _compare(figure, other, citation)
            if rises and other.is_minus and state is not None:
                state, note = FigureState.SIGN_DIFFERS, f"the page says it fell: ({other.text})"
            if state is FigureState.FOUND:
                return CheckedFigure(figure, state, note, number)
            if state is not None and (best is None or best.state.fails):
                best = CheckedFigure(figure, state, note, number)
    if best is not None and not best.state.fails:
        return best
    derived = _derived(figure, cited, calculations, rises)
    if derived is not None:
        return derived
    if _stands_in(figure, known):
        return CheckedFigure(figure, FigureState.ASKED)
    return best or CheckedFigure(figure, FigureState.NOT_FOUND)


def _compare(figure: Figure, other: Figure, citation: Citation) -> tuple[FigureState | None, str]:
    """What `other`, a figure of a cited passage, is to `figure`."""
    if figure.is_year or other.is_year:
        # "2000 employees" are the "2,000 employees" of a page; a year is nothing else.
        same = figure.number == other.number and not (
            other.unit != 1 or other.is_percent or other.places or figure.is_amount
        )
        return (FigureState.FOUND if same else None), ""
    if other.is_name and figure.is_amount:
        return None, ""
    if not _same_currency(figure.currency, other.currency):
        return None, ""
    if not _same_kind(figure, other, citation.passage_text):
        return None, ""
    wanted = figure.number * figure.unit
    tolerance = figure.tolerance * figure.unit
    turned = figure.is_minus and not other.is_negative
    without_minus = FigureState.SIGN_DIFFERS, f"the page says {other.text}, without a minus"
    if figure.unit == 1 and other.unit > 1 and figure.number == other.number:
        # Cut off before its "million", as the end of a quotation may be.
        return without_minus if turned else (FigureState.FOUND, f"the page says {other.text}")
    for scale in _scales(figure, other, citation):
        amount = other.number * other.unit * scale
        if amount == wanted:
            state = FigureState.FOUND
        elif abs(amount - wanted) <= tolerance and other.number and not figure.is_coarse:
            state = FigureState.ROUNDED
        else:
            continue
        if turned:
            return without_minus
        return state, _how_written(figure, other, scale, citation)
    return None, ""


def _same_kind(figure: Figure, other: Figure, passage: str) -> bool:
    """Per cents are compared with per cents; a table says so in the head of a column."""
    if figure.is_percent == other.is_percent:
        return True
    bare = other if figure.is_percent else figure
    return bare is other and other.unit == 1 and _PERCENT_HEAD.search(passage) is not None


def _scales(figure: Figure, other: Figure, citation: Citation) -> tuple[int, ...]:
    if other.unit != 1 or figure.is_percent:
        return (1,)
    if citation.scale:
        return 1, citation.scale
    return (1,) if figure.unit == 1 else UNSTATED_SCALES


def _how_written(figure: Figure, other: Figure, scale: int, citation: Citation) -> str:
    parts = []
    if other.is_minus and not figure.is_negative:
        parts.append(f"the page writes it as negative: ({other.text})")
    if scale != 1:
        says = "the page counts" if citation.scale else "the page does not say it counts"
        parts.append(f"{says} in units of {scale:,}")
    elif figure.unit == 1 and other.unit == 1 and citation.scale > 1 and not figure.is_percent:
        parts.append(f"the page may count in units of {citation.scale:,}")
    return "; ".join(parts)


def _derived(
    figure: Figure,
    cited: Sequence[tuple[int, Citation]],
    calculations: Sequence[Calculation],
    rises: bool,
) -> CheckedFigure | None:
    for calculation in reversed(calculations):
        if not _is_result(figure, calculation.value):
            continue
        if rises and calculation.value < 0:
            return CheckedFigure(figure, FigureState.SIGN_DIFFERS, str(calculation))
        lost = [
            operand
            for operand in calculation.operands
            if not _is_constant(operand) and not _operand_stands(operand, cited)
        ]
        if lost:
            missing = ", ".join(f"{operand:,}" for operand in lost)
            note = f"{calculation}; not in the cited passages: {missing}"
            return CheckedFigure(figure, FigureState.NOT_FOUND, note)
        return CheckedFigure(figure, FigureState.DERIVED, str(calculation))
    return None


def _is_result(figure: Figure, value: Decimal) -> bool:
    if figure.is_minus and value > 0:
        return False
    scales = (1, 100) if figure.is_percent else (1, *UNSTATED_SCALES)
    wanted, tolerance = figure.number * figure.unit, figure.tolerance * figure.unit
    return any(abs(abs(value) * scale - wanted) <= tolerance for scale in scales)


def _is_constant(operand: Decimal) -> bool:
    """Numbers of formulas, not of documents: how many are averaged, per cents, days."""
    return operand in (1, 2, 3, 4, 12, 100, 360, 365, 1000, 1_000_000)


def _operand_stands(operand: Decimal, cited: Sequence[tuple[int, Citation]]) -> bool:
    return any(
        other.number == abs(operand) or other.number * other.unit == abs(operand)
        for _, citation in cited
        for other in read_figures(citation.passage_text, of_page=True)
    )


def _stands_in(figure: Figure, known: str) -> bool:
    return any(
        other.number == figure.number
        and other.unit == figure.unit
        and other.is_percent == figure.is_percent
        for other in read_figures(_apart(known), of_page=True)
    )


def _apart(text: str) -> str:
    """`text` with letters and digits told apart: "FY2018" names the year 2018."""
    return re.sub(r"(?<=[A-Za-z_])(?=\d)", " ", text.replace("_", " "))
