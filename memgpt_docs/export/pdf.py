"""A report as a PDF.

Letters are drawn with a font of the machine where one is found, and the file holds what it needs of
it. Without one, Latin letters and Chinese, Japanese and Korean ones are left to the fonts that most
readers have. A character that no font has becomes a box, and what runs from right to left is not in
its order: a line at the end says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate

from memgpt_docs.export.report import Block, Kind, Report, printable

_CJK = "STSong-Light"
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+")
# Where fonts with many scripts are kept on the systems the project runs on.
_FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/Library/Fonts/Arial Unicode.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "C:/Windows/Fonts/arial.ttf",
)
_CJK_FONTS = (
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/google-droid-sans-fonts/DroidSansFallbackFull.ttf",
    "/Library/Fonts/Arial Unicode.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simsun.ttc",
)
_MISSING = "\u25a1"
_MARGIN = 56  # points
_LOST = "A box stands for a character that no font of this machine has. "
_LEFTWARD = "Text that runs from right to left is not in its order here. "
_INSTEAD = "The HTML and DOCX exports show it."


def write(report: Report) -> bytes:
    """The report as the bytes of a PDF."""
    stream = BytesIO()
    template = SimpleDocTemplate(
        stream,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title="Answers with evidence",
        author="memgpt-docs",
    )
    styles = _styles()
    blocks = list(report.blocks())
    drawn: list[Any] = [part for block in blocks for part in _drawn(block, styles)]
    if failings := _failings("".join(printable(block.text) for block in blocks)):
        drawn.append(Paragraph(failings, styles[Kind.TEXT]))
    template.build(drawn, onFirstPage=_foot, onLaterPages=_foot)
    return stream.getvalue()


def _drawn(block: Block, styles: dict[Kind, ParagraphStyle]) -> Iterator[Paragraph]:
    # A paragraph that is longer than a page is cut between its lines.
    bullet = "•" if block.kind is Kind.ITEM else None
    text = _drawable(printable(block.text))
    lines = text.split("\n")
    for at in range(0, len(lines), 40):
        words = "<br/>".join(_markup(line) for line in lines[at : at + 40])
        yield Paragraph(words, styles[block.kind], bulletText=bullet)


def _markup(line: str) -> str:
    """`line` as the markup of a paragraph, in which nothing of it is markup."""
    safe = escape(line.replace("\t", "    "), quote=False)
    return _WIDE.sub(lambda match: f'<font name="{_cjk_font()}">{match[0]}</font>', safe)


def _failings(text: str) -> str:
    """What of `text` is not drawn as it should be, in words; empty where all is."""
    said = ""
    if not all(map(_has_font, text)):
        said += _LOST
    if any(unicodedata.bidirectional(c) in ("R", "AL") for c in text):
        said += _LEFTWARD
    return said and said + _INSTEAD


def _drawable(text: str) -> str:
    """`text` with a box for each character that no font has."""
    box = _MISSING if _has_font(_MISSING) else "[]"
    return "".join(c if _has_font(c) else box for c in text)


def _has_font(character: str) -> bool:
    _, known = _font()
    return ord(character) < 0x80 or ord(character) in known or bool(_WIDE.match(character))


@cache
def _cjk_font() -> str:
    """The name of the font for Chinese, Japanese and Korean letters."""
    if _first_font("cjk", _CJK_FONTS) is not None:
        return "cjk"
    pdfmetrics.registerFont(UnicodeCIDFont(_CJK))
    return _CJK


def _first_font(name: str, paths: Sequence[str]) -> Any:
    """The first font of `paths` that is there and can be embedded, registered by `name`."""
    for path in paths:
        try:
            font = TTFont(name, path)
        except (TTFError, OSError):
            continue
        pdfmetrics.registerFont(font)
        return font
    return None


@cache
def _font() -> tuple[str, frozenset[int]]:
    """The name of the font for text and the characters beyond ASCII it has."""
    found = _first_font("report", _FONTS)
    if found is not None:
        return "report", frozenset(found.face.charToGlyph)
    latin = (bytes([n]).decode("cp1252", "ignore") for n in range(0x80, 0x100))
    return "Helvetica", frozenset(ord(c) for c in latin if c)


def _styles() -> dict[Kind, ParagraphStyle]:
    font, _ = _font()

    def style(name: str, size: float, **more: Any) -> ParagraphStyle:
        values: dict[str, Any] = {"spaceAfter": 4, **more}
        return ParagraphStyle(
            name, fontName=font, fontSize=size, leading=size * 1.4, splitLongWords=1, **values
        )

    return {
        Kind.TITLE: style("title", 16, spaceAfter=10, spaceBefore=14, keepWithNext=1),
        Kind.HEADING: style("heading", 12.5, spaceBefore=12, keepWithNext=1,
                            textColor=HexColor("#1f3a5f")),
        Kind.SUBHEADING: style("subheading", 10.5, spaceBefore=8, keepWithNext=1),
        Kind.TEXT: style("text", 10),
        Kind.ITEM: style("item", 10, leftIndent=14, bulletIndent=2),
        Kind.SOURCE: style("source", 8.5, leftIndent=10, backColor=HexColor("#f3f4f6"),
                           borderPadding=4, spaceBefore=4, spaceAfter=8),
        Kind.WARNING: style("warning", 10, textColor=HexColor("#a14b00")),
    }  # fmt: skip


def _foot(canvas: Any, template: Any) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawRightString(A4[0] - _MARGIN, _MARGIN / 2, str(template.page))
