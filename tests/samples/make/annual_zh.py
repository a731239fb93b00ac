"""The Chinese annual report, set in a subset of Droid Sans Fallback."""

import os
from collections.abc import Callable
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, HRFlowable, Paragraph, Spacer

from make.filing import Filing, Heads, write
from make.markup import parse
from make.paths import OUTPUT
from make.styles import Look
from make.tables import marked
from make.wording import Wording

NAME = "Lanchuan_Drive_Annual_Report_2024.pdf"
_FONT = "DroidSansFallback"
_FONTS = Path("/usr/share/fonts")


def font_file() -> Path:
    """The font of Debian's fonts-droid-fallback, or the file CJK_FONT names."""
    named = os.environ.get("CJK_FONT", "")
    for place in [Path(named)] if named else sorted(_FONTS.rglob("DroidSansFallback*.ttf")):
        if place.is_file():
            return place
    raise SystemExit("install fonts-droid-fallback, or set CJK_FONT to a TrueType CJK font")


def _look() -> Look:
    pdfmetrics.registerFont(TTFont(_FONT, str(font_file())))
    pdfmetrics.registerFontFamily(_FONT, _FONT, _FONT, _FONT, _FONT)
    return Look(
        body=_FONT, body_bold=_FONT, body_italic=_FONT, head=_FONT, light=_FONT,
        size=11.2, leading=20.5, table_size=10, wrap="CJK", latin="Helvetica",
        first_indent=22.4,
    )  # fmt: skip


def _cover(doc: Filing) -> dict[str, Callable[[], list[Flowable]]]:
    def line(text: str, size: float, space: float) -> Paragraph:
        style = ParagraphStyle(
            "cover", fontName=_FONT, fontSize=size, leading=size * 1.5, alignment=1,
            spaceAfter=space, textColor=doc.look.accent,
        )  # fmt: skip
        return Paragraph(marked(text, doc.look), style)

    def story() -> list[Flowable]:
        return [
            Spacer(1, 150),
            line("澜川精密传动股份有限公司", 26, 8),
            line("Lanchuan Precision Drive Co., Ltd.", 13, 26),
            HRFlowable(width="60%", thickness=1.2, color=doc.look.accent, spaceAfter=26),
            line("2024 年年度报告", 22, 40),
            line("股票简称：澜川传动　股票代码：309917", 12, 8),
            line("2025 年 4 月", 12, 150),
            line("本公司为虚构企业，本文件仅作样本之用", 10, 0),
        ]

    return {"cover": story}


def write_annual_zh() -> Path:
    """Builds the report."""
    path = OUTPUT / NAME
    heads = Heads(
        title="澜川精密传动股份有限公司 2024 年年度报告",
        author="澜川精密传动股份有限公司(虚构企业)",
        subject="Sample annual report in Chinese",
        left="澜川精密传动股份有限公司",
        right="2024 年年度报告",
        footer="股票代码 309917",
    )
    blocks = parse("lanchuan/filing", Wording(None, 2024))
    write(path, _look(), heads, blocks, _cover, A4, "zh-CN")
    return path
