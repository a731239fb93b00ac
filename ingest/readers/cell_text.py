"""The value of a spreadsheet's cell as a person sees it there: dates, percents, thousands."""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

# What a format shows as it stands (in quotes, after a backslash, as a currency), what it does not
# show (widths, fillings, colours, conditions), the digits, and any other sign.
_TOKENS = re.compile(
    r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|_.|\*.|\[[^\]]*\]|(?P<digits>[0#?.,]+)|(.)'
)
_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_CONDITION = re.compile(r"\[[<>=]")


def cell_text(value: Any, number_format: str) -> str:
    """`value` written as `number_format` (as Excel stores it) shows it, without its colours,
    widths and conditions."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime.datetime):
        has_time = (value.hour, value.minute, value.second) != (0, 0, 0)
        return value.isoformat(" ", "minutes") if has_time else value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number(value, number_format or "General")
    return str(value)


def _number(value: float, number_format: str) -> str:
    positive, _, rest = number_format.partition(";")
    pattern = _LITERALS.sub("", positive)
    if not re.search(r"[0#]", pattern) or "E" in pattern or "/" in pattern:
        return _plain(value)
    try:
        digits = _digits(value, pattern)
    except ArithmeticError:  # what is infinite, or has more digits than anybody reads
        return _plain(value)
    negative = rest.partition(";")[0]
    is_below = value < 0 and any(digit in digits for digit in "123456789")
    has_negative = is_below and re.search(r"[0#]", _LITERALS.sub("", negative))
    before, after = _around(negative if has_negative else positive)
    # A comma at the end of the digits divides by a thousand; such a number is shown whole, and
    # its unit would then be wrong, as where the format depends on the number.
    if re.search(r",(?![0#?,])", pattern) or _CONDITION.search(number_format):
        before = "".join(sign for sign in before if sign in "$€£¥(")
        after = "".join(sign for sign in after if sign in "%)")
    if is_below and "(" in before:
        return f"({before.replace('(', '')}{digits}{after.replace(')', '')})"
    return f"{'-' if is_below and '-' not in before else ''}{before}{digits}{after}"


def _digits(value: float, pattern: str) -> str:
    """The digits of `value`, rounded as a spreadsheet rounds what it shows, without a sign."""
    shown = abs(Decimal(repr(value))) * (100 if "%" in pattern else 1)
    decimals = len(match[1]) if (match := re.search(r"\.([0#?]+)", pattern)) else 0
    decimals = min(decimals, 10)
    rounded = shown.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    n_digits = min(pattern.partition(".")[0].count("0"), 30)
    whole, point, fraction = f"{rounded:f}".partition(".")
    whole = whole.zfill(n_digits)
    if "," in pattern:
        first = len(whole) % 3
        groups = [whole[:first], *(whole[at : at + 3] for at in range(first, len(whole), 3))]
        whole = ",".join(group for group in groups if group)
    return f"{whole}{point}{fraction}"


def _around(section: str) -> tuple[str, str]:
    """What a section of a format shows before and after the digits: a currency, a unit."""
    before = after = ""
    has_digits = False
    for match in _TOKENS.finditer(section):
        if match["digits"]:
            has_digits, after = True, ""  # what stands between digits is left out
        elif has_digits:
            after += "".join(filter(None, match.groups()))
        else:
            before += "".join(filter(None, match.groups()))
    before = before.lstrip()
    # A currency stands close to its number, so that both are found as one.
    return before.rstrip() if before.rstrip(" ($€£¥-") == "" else before, after.rstrip()


def _plain(value: float) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)
