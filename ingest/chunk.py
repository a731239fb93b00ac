"""Pages to passages, by tokens.

Invariants, tested with hypothesis and on real files:
- `passage.text == page.text[passage.start:passage.end]`: a passage never crosses a page;
- the spans of a page's passages cover every character that is not white space, and do not overlap;
- `passage.n_tokens` is the number of tokens of its text and at most the limit;
- ordinals rise by one in document order, and ids are the same in every run.

A passage begins where a section begins. Where a section is too long it is cut at a paragraph or
before a table, else between lines, else between sentences, else between words, and only a word
longer than the limit is cut inside. Small neighbours on a page share a passage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from ingest.heads import heads_above
from ingest.lines import Line, Piece, lines_of, pieces_of
from ingest.sections import Section
from memgpt_docs.storage.schema import Page, Passage, PassageKind, passage_id
from memgpt_docs.tokens import Tokenizer

# A piece below this share of the limit goes with a neighbour where both fit.
SMALL = 0.4
# Below this share it is hardly more than a heading or the running head of a page.
TINY = 0.15
# A cut may leave this share of the limit unused to fall in a better place.
SLACK = 0.5
MAX_HEADER_CHARS = 480
# Pages whose lines are counted together.
COUNT_BATCH = 64


@dataclass(frozen=True)
class _Span:
    """A stretch of a page that becomes a passage; `end` excludes white space after it."""

    start: int
    end: int
    n_tokens: int
    section: str


def chunk(
    doc_id: str,
    pages: Sequence[Page],
    sections: Sequence[Section],
    *,
    header: str,
    limit: int,
    tokenizer: Tokenizer,
) -> list[Passage]:
    """Passages of `pages`, of at most `limit` tokens each; `header` names the document."""
    by_page: dict[int, list[Section]] = {
        page_no: list(group)
        for page_no, group in groupby(sections, key=lambda section: section.page_no)
    }
    passages: list[Passage] = []
    section = ""
    measured = _measured(pages, limit, tokenizer)
    for page, (lines, pieces) in zip(pages, measured, strict=True):
        starts = by_page.get(page.page_no, [])
        spans = _page_spans(page.text, pieces, starts, section, limit, tokenizer)
        for span in spans:
            text = page.text[span.start : span.end]
            passages.append(
                Passage(
                    passage_id=passage_id(doc_id, page.page_no, span.start, text),
                    doc_id=doc_id,
                    ordinal=len(passages),
                    page_no=page.page_no,
                    start=span.start,
                    end=span.end,
                    section=span.section,
                    header=_header(header, span, lines),
                    kind=_kind(span, lines),
                    text=text,
                    n_tokens=span.n_tokens,
                )
            )
        if starts:
            section = starts[-1].path
    return passages


def _measured(
    pages: Sequence[Page], limit: int, tokenizer: Tokenizer
) -> Iterator[tuple[list[Line], list[Piece]]]:
    """The lines of every page, and its pieces with their tokens, counted in batches of pages."""
    for first in range(0, len(pages), COUNT_BATCH):
        batch = pages[first : first + COUNT_BATCH]
        lines = [lines_of(page.text) for page in batch]
        texts = [
            page.text[line.start : line.next]
            for page, here in zip(batch, lines, strict=True)
            for line in here
        ]
        counts = iter(tokenizer.count_many(texts))
        for page, here in zip(batch, lines, strict=True):
            pieces = [
                piece
                for line in here
                for piece in pieces_of(page.text, line, next(counts), limit, tokenizer)
            ]
            yield here, pieces


def _page_spans(
    text: str,
    pieces: list[Piece],
    starts: Sequence[Section],
    section: str,
    limit: int,
    tokenizer: Tokenizer,
) -> list[_Span]:
    groups = _merge_small(_by_section(pieces, starts, section), limit)
    cut = [(part, path) for group, path in groups for part in _fill(group, limit)]
    spans: list[_Span] = []
    while cut:
        counts = _counted(text, [part for part, _ in cut], tokenizer)
        again: list[tuple[list[Piece], str]] = []
        for (part, path), n_tokens in zip(cut, counts, strict=True):
            if n_tokens <= limit:
                start = part[0].start
                spans.append(_Span(start, start + len(_text(text, part)), n_tokens, path))
            else:
                # Tokens of the whole are not always the sum over its pieces.
                again.extend((half, path) for half in _halves(text, part))
        cut = again
    return sorted(spans, key=lambda span: span.start)


def _counted(text: str, parts: Sequence[Sequence[Piece]], tokenizer: Tokenizer) -> list[int]:
    """Tokens of the text of each part. Whole lines add up; only the last, without the line break
    after it, is counted again."""
    known = [
        _tokens(part[:-1]) if all(piece.adds_up for piece in part[:-1]) else None for part in parts
    ]
    texts = [
        _text(text, part if sum_ is None else part[-1:])
        for part, sum_ in zip(parts, known, strict=True)
    ]
    counts = tokenizer.count_many(texts)
    return [(sum_ or 0) + count for sum_, count in zip(known, counts, strict=True)]


def _text(text: str, part: Sequence[Piece]) -> str:
    return text[part[0].start : part[-1].end].rstrip()


def _by_section(
    pieces: Sequence[Piece], starts: Sequence[Section], section: str
) -> list[tuple[list[Piece], str]]:
    """Pieces grouped by the section they are in; a section begins with the piece that holds its
    first character."""
    groups: list[tuple[list[Piece], str]] = []
    waiting = list(starts)
    for piece in pieces:
        began = False
        while waiting and waiting[0].start < piece.end:
            section, began = waiting.pop(0).path, True
        if began or not groups:
            groups.append(([], section))
        groups[-1][0].append(piece)
    return groups


def _merge_small(
    groups: list[tuple[list[Piece], str]], limit: int
) -> list[tuple[list[Piece], str]]:
    """Groups with small neighbours put together; together they have the section of the larger.
    What is hardly more than a heading goes with what follows it, whatever the size of that."""
    sized = [(pieces, path, _tokens(pieces)) for pieces, path in groups]
    for i in range(len(sized) - 2, -1, -1):
        pieces, _, size = sized[i]
        if size < TINY * limit:
            after, path, total = sized.pop(i + 1)
            sized[i] = (pieces + after, path, size + total)
    merged: list[tuple[list[Piece], str, int, int]] = []  # pieces, section, tokens, of the section
    for pieces, path, size in sized:
        if merged:
            before, known, total, largest = merged[-1]
            small = min(total, size)
            if small < TINY * limit or (small < SMALL * limit and total + size <= limit):
                name = path if size > largest else known
                merged[-1] = (before + pieces, name, total + size, max(size, largest))
                continue
        merged.append((pieces, path, size, size))
    return [(pieces, path) for pieces, path, _, _ in merged]


def _tokens(pieces: Sequence[Piece]) -> int:
    return sum(piece.n_tokens for piece in pieces)


def _fill(pieces: list[Piece], limit: int) -> Iterator[list[Piece]]:
    """`pieces` cut to runs of at most `limit` tokens, each cut in the best place within reach."""
    left, first = _tokens(pieces), 0
    while left > limit:
        # The last two runs share what is left, so that no scrap stays behind.
        goal = left / 2 if left <= 2 * limit else limit
        total, best, best_score = 0, first + 1, -2.0
        for index in range(first, len(pieces) - 1):
            total += pieces[index].n_tokens
            if total > limit and index > first:
                break
            in_reach = total >= SLACK * limit and left - total >= min(SLACK * limit, left / 3)
            score = pieces[index + 1].cut - abs(goal - total) / limit if in_reach else -1.0
            if score >= best_score:
                best, best_score = index + 1, score
        yield pieces[first:best]
        left -= _tokens(pieces[first:best])
        first = best
    if first < len(pieces):
        yield pieces[first:]


def _halves(text: str, part: list[Piece]) -> list[list[Piece]]:
    if len(part) > 1:
        middle = len(part) // 2
        return [part[:middle], part[middle:]]
    piece = part[0]
    middle = (piece.start + piece.end) // 2
    halves = (
        Piece(start, end, piece.n_tokens // 2, 0.0)
        for start, end in ((piece.start, middle), (middle, piece.end))
    )
    # A half may be white space only, which no passage has to cover.
    return [[_trimmed(text, half)] for half in halves if text[half.start : half.end].strip()]


def _trimmed(text: str, piece: Piece) -> Piece:
    inside = text[piece.start : piece.end]
    start = piece.start + len(inside) - len(inside.lstrip())
    return Piece(start, piece.end, piece.n_tokens, piece.cut)


def _kind(span: _Span, lines: Sequence[Line]) -> PassageKind:
    here = [line for line in lines if line.start < span.end and line.end > span.start]
    rows = sum(line.is_row for line in here)
    return PassageKind.TABLE if rows * 2 > len(here) and rows > 1 else PassageKind.PROSE


def _header(header: str, span: _Span, lines: Sequence[Line]) -> str:
    """Document, section path, and the heads of a table's columns where they stand before it."""
    parts = [header]
    if span.section:
        parts.append(span.section)
    first = next((i for i, line in enumerate(lines) if line.end > span.start), len(lines))
    last = next((i for i in range(first, len(lines)) if lines[i].end >= span.end), len(lines) - 1)
    if first < len(lines) and (heads := heads_above(lines, first, last)):
        parts.append(heads)
    return " · ".join(part for part in parts if part)[:MAX_HEADER_CHARS]


def check(pages: Sequence[Page], passages: Sequence[Passage], limit: int) -> list[str]:
    """Broken invariants, as sentences; empty when all hold. For tests and for `make check`."""
    broken = []
    by_page: dict[int, list[Passage]] = {page.page_no: [] for page in pages}
    for passage in passages:
        by_page[passage.page_no].append(passage)
    for page in pages:
        at = 0
        for passage in by_page[page.page_no]:
            if passage.text != page.text[passage.start : passage.end]:
                broken.append(f"{passage.passage_id} is not the text of its span")
            if page.text[at : passage.start].strip():
                broken.append(f"page {page.page_no}: characters before {passage.start} are in none")
            if passage.start < at:
                broken.append(f"page {page.page_no}: passages overlap at {passage.start}")
            at = passage.end
        if page.text[at:].strip():
            broken.append(f"page {page.page_no}: characters after {at} are in no passage")
    broken += [
        f"{one.passage_id} has {one.n_tokens} tokens" for one in passages if one.n_tokens > limit
    ]
    broken += [
        "ordinals do not rise by one" for a, b in pairwise(passages) if b.ordinal != a.ordinal + 1
    ]
    return broken
