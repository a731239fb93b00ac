"""Lines of a page and the pieces they are cut to, with how good a place to cut each begins.

A page of a PDF has no blank lines between paragraphs, so paragraphs are found from what lines look
like: a line that ends a sentence early, a heading, a bullet, the first row of a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from memgpt_docs.tokens import Tokenizer

# How good it is to cut before a piece; differences below 1 are for where in reach it falls.
PARAGRAPH, LINE, IN_TABLE, AFTER_HEADING, SENTENCE, WORD = 6.0, 4.0, 3.0, 2.5, 2.0, 1.0

_NUMBER = re.compile(
    r"(?:^|(?<=[\s|]))[($€£¥(\s]*-?\d[\d,.]*\s?%?\s?\)?(?=$|[\s|])|(?<=\s)[—–-](?=\s|$)"
)
_MAY_BE_ROW = re.compile(r"\d|\s[—–-](?:\s|$)")
_BULLET = re.compile(r"(?:[•●○▪■◦‣·*–—-]|\(?[0-9ivx]{1,3}[.)]|\(?[a-zA-Z][.)])\s")
_SENTENCE_END = re.compile(r"(?:[.!?][\"”’)]*\s+(?=[\"“(]?[A-Z0-9])|[。！？；]+[”」』）]*\s*)")
_WORD_END = re.compile(r"\s+")
_ENDS_SENTENCE = re.compile(r"[.!?:;。！？：；][\"”’)]*$")
MAX_HEAD_CHARS = 120


@dataclass(frozen=True)
class Line:
    """A line that is not blank: `start` to `end` without white space around it, `next` where the
    next one starts (all code points of the page's text)."""

    start: int
    end: int
    next: int
    text: str
    is_row: bool  # of a table: mostly numbers after a label
    table: int  # number of the table on this page, -1 outside tables
    cut: float  # how good it is to cut before it


@dataclass(frozen=True)
class Piece:
    """What a passage is put together from: a line, or a part of one that alone is too long."""

    start: int
    end: int  # with the white space that follows
    n_tokens: int
    cut: float
    # Ends in a line break, and what follows does not begin with white space: no token crosses its
    # end, so that tokens of such pieces add up.
    adds_up: bool = False


def lines_of(text: str) -> list[Line]:
    """The lines of a page that are not blank."""
    found = [match for match in re.finditer(r"[^\n]+", text) if match[0].strip()]
    starts = [match.start() + len(match[0]) - len(match[0].lstrip()) for match in found]
    texts = [match[0].strip() for match in found]
    rows = [_is_row(line) for line in texts]
    tables = _tables(texts, rows)
    width = sorted(len(line) for line in texts)[int(len(texts) * 0.9)] if texts else 0
    lines = []
    for i, line in enumerate(texts):
        blank_before = i > 0 and text.count("\n", starts[i - 1], starts[i]) > 1
        cut = 0.0 if i == 0 else _cut(texts, tables, i, width, blank_before)
        lines.append(
            Line(
                start=starts[i],
                end=starts[i] + len(line),
                next=starts[i + 1] if i + 1 < len(texts) else len(text),
                text=line,
                is_row=rows[i],
                table=tables[i],
                cut=cut,
            )
        )
    return lines


def pieces_of(
    text: str, line: Line, n_tokens: int, limit: int, tokenizer: Tokenizer
) -> Iterator[Piece]:
    """`line` as one piece where it fits `limit` tokens, else cut at sentences, else at words."""
    if n_tokens <= limit:
        yield Piece(line.start, line.next, n_tokens, line.cut, text[line.next - 1] == "\n")
        return
    yield from _split(text, line.start, line.next, line.cut, limit, tokenizer)


def _split(
    text: str, start: int, end: int, cut: float, limit: int, tokenizer: Tokenizer
) -> Iterator[Piece]:
    sentences = _bounds(text, start, end, _SENTENCE_END)
    counts = tokenizer.count_many([text[a:b] for a, b in sentences])
    for (a, b), n_tokens in zip(sentences, counts, strict=True):
        first = cut if a == start else SENTENCE
        if n_tokens <= limit:
            yield Piece(a, b, n_tokens, first)
            continue
        words = _bounds(text, a, b, _WORD_END)
        for (c, d), n in zip(
            words, tokenizer.count_many([text[c:d] for c, d in words]), strict=True
        ):
            here = first if c == a else WORD
            if n <= limit:
                yield Piece(c, d, n, here)
            else:
                yield from _characters(text, c, d, here, limit, tokenizer)


def _characters(
    text: str, start: int, end: int, cut: float, limit: int, tokenizer: Tokenizer
) -> Iterator[Piece]:
    """A word that alone is too long, in runs short enough for any script."""
    # No character has more than a few tokens, so a run of a quarter of the limit nearly always
    # fits; what does not is halved when passages are measured.
    step = max(1, limit // 4)
    runs = [(at, min(at + step, end)) for at in range(start, end, step)]
    counts = tokenizer.count_many([text[a:b] for a, b in runs])
    for (a, b), n_tokens in zip(runs, counts, strict=True):
        if text[a:b].strip():
            yield Piece(a, b, n_tokens, cut if a == start else 0.0)


def _bounds(text: str, start: int, end: int, ends: re.Pattern[str]) -> list[tuple[int, int]]:
    """Stretches between matches of `ends`, each with the match that closes it; none is blank."""
    at, bounds = start, []
    for match in ends.finditer(text, start, end):
        if match.end() > at and text[at : match.end()].strip():
            bounds.append((at, match.end()))
            at = match.end()
    if text[at:end].strip():
        bounds.append((at, end))
    return bounds


# -- what lines look like ---------------------------------------------------------------------


def _is_row(line: str) -> bool:
    """Whether a line is a row of a table: cells, or a label with numbers and few words."""
    if " | " in line:
        return True
    if not _MAY_BE_ROW.search(line):
        return False
    numbers = len(_NUMBER.findall(line))
    if numbers == 0:
        return False
    words = len(re.findall(r"[^\W\d_]{2,}", line))
    ends_in_number = bool(re.search(r"(?:\d\s?%?\s?\)?|\s[—–-])$", line))
    return (ends_in_number and (numbers >= 2 and words <= 6 * numbers)) or numbers > words > 0


def _tables(texts: Sequence[str], rows: Sequence[bool]) -> list[int]:
    """The number of the table each line is in. Lines between rows, and the two lines above the
    first row, belong to it where they are short: labels, captions, heads of columns."""
    inside = [-1] * len(texts)
    number, last_row = -1, -10
    for i, is_row in enumerate(rows):
        if not is_row:
            continue
        gap = range(last_row + 1, i)
        if last_row >= 0 and len(gap) <= 3 and all(_is_label(texts[j]) for j in gap):
            for j in gap:
                inside[j] = number
        else:
            number += 1
            for j in range(i - 1, max(i - 4, last_row, -1), -1):
                if not _is_label(texts[j]):
                    break
                inside[j] = number
        inside[i], last_row = number, i
    sizes = {n: inside.count(n) for n in set(inside)}
    return [n if n >= 0 and sizes[n] >= 3 else -1 for n in inside]


def _is_label(line: str) -> bool:
    return len(line) <= MAX_HEAD_CHARS and not re.search(r"[a-z]{2}\.$", line)


def _is_heading(line: str) -> bool:
    words = line.split()
    return (
        2 < len(line) <= 90
        and not _ENDS_SENTENCE.search(line)
        and line[:1].isupper()
        and sum(word[:1].isupper() or len(word) <= 4 for word in words) >= 0.8 * len(words)
        and not _is_row(line)
    )


def _cut(
    texts: Sequence[str], tables: Sequence[int], i: int, width: int, blank_before: bool
) -> float:
    before, line = texts[i - 1], texts[i]
    if tables[i] != tables[i - 1]:
        # Before a table, and after it.
        return PARAGRAPH + 0.3
    if tables[i] >= 0:
        return AFTER_HEADING if before.endswith(":") else IN_TABLE
    if _is_heading(before):
        return AFTER_HEADING
    ended = _ENDS_SENTENCE.search(before) is not None
    if blank_before or _BULLET.match(line) or (ended and len(before) < 0.8 * width):
        return PARAGRAPH
    if _is_heading(line) and (ended or len(before) < 0.8 * width):
        return PARAGRAPH
    return LINE + (0.5 if ended else 0.0)
