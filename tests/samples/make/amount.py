"""Amounts: whole tenths of a million inside, filing notation outside."""

import re

_NUMBER = re.compile(r"^\(?-?[\d,]+(?:\.\d+)?\)?$")


def tenths(millions: float) -> int:
    """1,186.3 million as 11863."""
    return round(millions * 10)


def shown(value: int) -> str:
    """11863 as '1,186.3', -305 as '(30.5)', 0 as a dash."""
    if value == 0:
        return "—"
    text = f"{abs(value) / 10:,.1f}"
    return f"({text})" if value < 0 else text


def read(text: str) -> float | None:
    """The number a table cell shows, None where it shows none."""
    bare = text.replace("$", "").replace("%", "").replace("¥", "").strip()
    if bare in {"—", "-"}:
        return 0.0
    if not _NUMBER.match(bare):
        return None
    value = float(bare.strip("()-").replace(",", ""))
    return -value if bare.startswith(("(", "-")) else value


def split(total: int, weights: list[float]) -> list[int]:
    """Whole parts in the given proportions that add up to the total exactly."""
    whole = sum(weights)
    parts = [round(total * weight / whole) for weight in weights]
    parts[0] += total - sum(parts)
    return parts
