"""Text that came from documents, models and file names, made safe to show.

Streamlit's Markdown is lively: it loads images, makes links of addresses, draws LaTeX, icons and
emoji, and rewrites arrows and dashes. Whatever was not written in this package goes through
`literal` (one line) or `prose` (an answer) before it comes near Markdown, or is shown by `st.text`
and `st.code` after `clean`.
"""

from __future__ import annotations

import re
from collections.abc import Collection

# Invisible and without width; it keeps its neighbours on one line.
JOINER = "\u2060"

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# What is recognised in text even when its characters are escaped: addresses, mail addresses,
# :shortcodes:, arrows and dashes. A joiner inside keeps them what they are.
_LIVELY = re.compile(
    r"(?<=https)(?=:)|(?<=http)(?=:)|(?<=www)(?=\.)|(?=@)|(?<=:)(?=[\w+-]+:)|(?<=[<>~-])(?=[->=])",
    re.IGNORECASE,
)
# Controls except tab and line feed, lone surrogates, and characters that turn the direction of
# what follows (a file "fdp.exe" can be made to look like "exe.pdf" with them).
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_BULLET = re.compile(r"^(?:[-*•]|(\d{1,3})[.)])\s+(?=\S)")
_HEADING = re.compile(r"^#{1,6}\s+(?=\S)")
_BOLD = re.compile(r"\\\*\\\*(\S(?:.*?\S)?)\\\*\\\*")
_HANDLE = re.compile(r"\\\[(\d{1,6})\\\]")


def clean(text: str) -> str:
    """`text` without characters that hide, break or reorder what is shown."""
    return _UNSAFE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def literal(text: str) -> str:
    """Markdown that shows `text` on one line exactly as it is, apart from white space."""
    return _escaped(" ".join(clean(text).split()))


def prose(text: str, handles: Collection[int] = ()) -> str:
    """Markdown for the words of a processor: paragraphs, lists and bold survive, nothing else.

    `[7]` becomes a badge where 7 is one of `handles`.
    """
    lines: list[str] = []
    for line in clean(text).split("\n"):
        stripped = line.strip()
        bullet = _BULLET.match(stripped)
        if bullet:
            number = bullet.group(1)
            start = f"{number}." if number else "-"
            lines.append(f"{start} {_marked(stripped[bullet.end() :], handles)}")
        elif heading := _HEADING.match(stripped):
            words = _escaped(stripped[heading.end() :].replace("*", ""))
            lines.extend(["", f"**{words}**", ""])
        elif stripped:
            # A list ends before a paragraph; lines of a paragraph stay lines.
            if lines and re.match(r"(?:-|\d+\.) ", lines[-1]):
                lines.append("")
            lines.append(_marked(stripped, handles) + "  ")
        else:
            lines.append("")
    return "\n".join(lines).strip()


def handles_in(text: str) -> list[int]:
    """The handles that stand in `text` in brackets, each once, in order."""
    return list(dict.fromkeys(int(handle) for handle in re.findall(r"\[(\d{1,6})\]", text)))


def shortened(text: str, limit: int) -> str:
    """`text` on one line, cut after at most `limit` characters."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def counted(number: int, noun: str, plural: str = "") -> str:
    """ "1 page", "2 pages": a number with its noun."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def remaining(seconds: float | None) -> str:
    """ " · 12 s left", " · 3 min left": what is added to progress; empty where it is not worth
    saying."""
    if seconds is None or seconds < 1:
        return ""
    return f" · {seconds:.0f} s left" if seconds < 90 else f" · {seconds / 60:.0f} min left"


def _escaped(text: str) -> str:
    return _PUNCTUATION.sub(r"\\\1", _LIVELY.sub(JOINER, text))


def _marked(line: str, handles: Collection[int]) -> str:
    escaped = _BOLD.sub(r"**\1**", _escaped(line))

    def badge(match: re.Match[str]) -> str:
        return f":blue-badge[{match[1]}]" if int(match[1]) in handles else match[0]

    return _HANDLE.sub(badge, escaped)
