"""Fonts that draw signs in the place of letters, of which Word notes the place alone."""

from __future__ import annotations

_SIGNS = {
    "wingdings": {
        0x6C: "●", 0x6E: "■", 0x6F: "☐", 0x71: "☐", 0x72: "☐", 0x78: "☒", 0xA7: "▪", 0xA8: "☐",
        0xD8: "➢", 0xE0: "→", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
    },
    "wingdings 2": {
        0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "☐",
    },
    "symbol": {
        0x2D: "−", 0x6D: "µ", 0xA3: "≤", 0xAE: "→", 0xB0: "°", 0xB1: "±", 0xB3: "≥", 0xB4: "×",
        0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBB: "≈",
    },
}  # fmt: skip


def sign_of(font: str, place: str) -> str:
    """The sign at a place, a hexadecimal number, of a font; empty where it is not known."""
    try:
        code = int(place, 16)
    except ValueError:
        return ""
    signs = _SIGNS.get(font.strip().lower())
    if signs is not None:
        return signs.get(code & 0xFF, "")
    # Another font has letters, or places of its own use, which mean nothing outside of it.
    return chr(code) if 0x20 <= code < 0xD800 else ""
