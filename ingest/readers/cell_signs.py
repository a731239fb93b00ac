"""Signs and brackets that stand in cells of their own, put back on their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeVar

# Filings put a currency sign, a closing bracket or a percent sign in a cell of its own.
_OPENING = re.compile(r"[$€£¥(\[][\s$€£¥(\[]*|[A-Z]{0,3}\$|R\$")
_CLOSING = re.compile(r"[)\]%]+(?:\s*\(\w{1,3}\))?|\)\s*%")
_BULLET = re.compile(r"[•●○▪■◦‣·*–—\-o☐☒☑✓]|\(?[0-9ivxlc]{1,4}[.)]|\(?[a-zA-Z][.)]")

Place = TypeVar("Place")


def with_signs(cells: Iterable[tuple[Place, str]]) -> list[tuple[Place, str]]:
    """The cells of a row that are not empty, each with its place; signs and brackets are part of
    the number that they belong to, and so is a bullet of its text."""
    joined: list[tuple[Place, str]] = []
    glue: list[tuple[Place, str]] = []
    for place, cell in cells:
        text = " ".join(cell.split())
        if not text:
            continue
        if joined and not glue and _CLOSING.fullmatch(text):
            joined[-1] = (joined[-1][0], joined[-1][1] + text)
        elif _OPENING.fullmatch(text):
            glue.append((place, text))
        else:
            joined.append((place, "".join(sign for _, sign in glue) + text))
            glue = []
    if glue:
        joined.append((glue[0][0], "".join(sign for _, sign in glue)))
    if len(joined) > 1 and _BULLET.fullmatch(joined[0][1]):
        joined[:2] = [(joined[0][0], f"{joined[0][1]} {joined[1][1]}")]
    return joined
