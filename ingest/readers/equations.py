"""Equations of Office documents as one line of text: a fraction is "1/(x+2)", a power "x^2"."""

from __future__ import annotations

from typing import Any

from lxml import etree

MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
# What stands before a part of an equation. Run together, one half would be twelve.
_BEFORE = {"den": "/", "sup": "^", "sub": "_", "lim": "_"}
# A part of more than one letter or number is set in brackets where it is not alone.
_GROUPED = ("num", "den", "sup", "sub", "lim")
# What stands in these stands apart: rows and cells, the name of a function.
_APART = ("mr", "eqArr")
INTEGRAL, ROOT = "∫", "√"


def equation_text(equation: Any) -> str:
    """The line of an equation (an `m:oMath`, or what holds some)."""
    parts: list[str] = []
    for event, node in etree.iterwalk(equation, events=("start", "end")):
        if not isinstance(node.tag, str) or not node.tag.startswith(MATH):
            continue
        parts.append(_begin(node) if event == "start" else _end(node))
    return "".join(parts).strip()


def _begin(node: Any) -> str:
    match _name(node):
        case "t":
            return node.text or ""
        case "d":
            return _sign(node, "begChr", "(")
        case "nary":
            return _sign(node, "chr", INTEGRAL)
        case "e" if _name(node.getparent()) == "rad":
            return ROOT + ("(" if _is_compound(node) else "")
        case name if _has_words(node):
            bracket = "(" if name in _GROUPED and _is_compound(node) else ""
            return _BEFORE.get(name, "") + bracket
    return ""


def _end(node: Any) -> str:
    name = _name(node)
    if name == "d":
        return _sign(node, "endChr", ")")
    if name == "fName" or (name == "e" and _name(node.getparent()) in _APART):
        return " "
    is_grouped = name in _GROUPED or (name == "e" and _name(node.getparent()) == "rad")
    return ")" if is_grouped and _is_compound(node) else ""


def _name(node: Any) -> str:
    return "" if node is None else etree.QName(node).localname


def _sign(node: Any, name: str, usual: str) -> str:
    """The sign that the properties of `node` name."""
    sign = node.find(f"{MATH}{_name(node)}Pr/{MATH}{name}")
    return usual if sign is None else sign.get(f"{MATH}val", "")


def _words(node: Any) -> str:
    return "".join(one.text or "" for one in node.iter(f"{MATH}t"))


def _has_words(node: Any) -> bool:
    return bool(_words(node))


def _is_compound(node: Any) -> bool:
    words = _words(node)
    return len(words) > 1 and not words.replace(".", "").isalnum()
