"""A report as Markdown that can be handed on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from memgpt_docs.events import Transcript
from memgpt_docs.export.report import Block, Kind, Report, printable

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$!&])")


def to_markdown(transcript: Transcript, now: datetime | None = None) -> str:
    """One answer as Markdown. Raises `ValueError` for a run that is not over."""
    return write(Report((transcript,), written=now or datetime.now(UTC)))


def write(report: Report) -> str:
    """The report as Markdown."""
    return _joined(list(report.blocks()))


def _joined(blocks: Sequence[Block]) -> str:
    text = ""
    for before, block in zip([None, *blocks], blocks, strict=False):
        if before is not None:
            both_items = before.kind is Kind.ITEM and block.kind is Kind.ITEM
            text += "\n" if both_items else "\n\n"
        text += _block(block)
    return text + "\n"


def _block(block: Block) -> str:
    match block.kind:
        case Kind.TITLE:
            return f"# {plain(block.text)}"
        case Kind.HEADING:
            return f"## {plain(block.text)}"
        case Kind.SUBHEADING:
            return f"### {plain(block.text)}"
        case Kind.ITEM:
            return f"- {_paragraph(block.text)}"
        case Kind.WARNING:
            return f"**Warning:** {plain(block.text)}"
        case Kind.SOURCE:
            return fenced(block.text)
        case Kind.TEXT:
            return _paragraph(block.text)


def plain(text: str) -> str:
    """`text` on one line, with nothing in it that Markdown would read as markup."""
    return _MARKUP.sub(r"\\\1", " ".join(printable(text).split()))


def _paragraph(text: str) -> str:
    """`plain`, with nothing at its beginning that would make a list of it."""
    return re.sub(r"^(\d+)([.)])(?=\s|$)|^([-+=])", _not_a_list, plain(text))


def _not_a_list(match: re.Match[str]) -> str:
    return f"{match[1]}\\{match[2]}" if match[1] else f"\\{match[3]}"


def fenced(text: str) -> str:
    """`text` as a code block, whatever stands in it: the fence is longer than any inside."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{printable(text)}\n{fence}"
