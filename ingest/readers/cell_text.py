"""The value of a spreadsheet's cell as a person sees it there: dates, percents, thousands."""

from __future__ import annotations

import datetime
import re
from typing import Any

_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_CURRENCY = re.compile(r'\[\$([^\]-]*)[^\]]*\]|"?([$€£¥])"?')


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
    # A comma at the end of the digits divides by a thousand; such a number is shown whole.
    decimals = len(match[1]) if (match := re.search(r"\.([0#?]+)", pattern)) else 0
    is_percent = "%" in pattern
    shown = abs(value) * 100 if is_percent else abs(value)
    try:
        text = f"{shown:{',' if ',' in pattern else ''}.{min(decimals, 10)}f}"
    except (OverflowError, ValueError):
        return _plain(value)
    currency = _CURRENCY.search(positive)
    sign = (currency[1] or currency[2] or "") if currency else ""
    text = f"{sign}{text}{'%' if is_percent else ''}"
    if value >= 0 or not any(digit in text for digit in "123456789"):
        return text
    return f"({text})" if "(" in _LITERALS.sub("", rest.partition(";")[0]) else f"-{text}"


def _plain(value: float) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)
