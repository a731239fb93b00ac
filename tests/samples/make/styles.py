"""How a filing is set: one look for the Latin documents, one for the Chinese report."""

from dataclasses import dataclass, field

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle


@dataclass
class Look:
    """Fonts, sizes and colours of one document."""

    body: str = "Times-Roman"
    body_bold: str = "Times-Bold"
    body_italic: str = "Times-BoldItalic"
    head: str = "Helvetica-Bold"
    light: str = "Helvetica"
    size: float = 11.2
    leading: float = 17.7
    table_size: float = 9.7
    wrap: str | None = None
    latin: str | None = None
    first_indent: float = 0
    accent: Color = field(default_factory=lambda: HexColor("#1F3A5F"))
    tint: Color = field(default_factory=lambda: HexColor("#EAF0F6"))
    grey: Color = field(default_factory=lambda: HexColor("#5A6470"))

    def style(self, name: str) -> ParagraphStyle:
        """The paragraph style of a block kind."""
        made = ParagraphStyle(
            name, fontName=self.body, fontSize=self.size, leading=self.leading, spaceAfter=10
        )
        if self.wrap:
            made.wordWrap = self.wrap
        getattr(self, f"_{name}")(made)
        return made

    def _para(self, made: ParagraphStyle) -> None:
        made.alignment = TA_LEFT if self.wrap else TA_JUSTIFY
        made.firstLineIndent = self.first_indent

    def _note(self, made: ParagraphStyle) -> None:
        made.fontSize = self.size - 1.8
        made.leading = self.leading - 3

    def _item(self, made: ParagraphStyle) -> None:
        made.leftIndent, made.bulletIndent, made.spaceAfter = 22, 10, 4.5
        made.bulletFontName = "Times-Roman"

    def _title(self, made: ParagraphStyle) -> None:
        made.fontName = self.body_italic
        made.spaceBefore, made.spaceAfter, made.keepWithNext = 5, 4, 1

    def _h1(self, made: ParagraphStyle) -> None:
        made.fontName, made.fontSize, made.leading = self.head, 17, 22
        made.textColor, made.alignment = self.accent, TA_CENTER
        made.spaceBefore, made.spaceAfter, made.keepWithNext = 4, 16, 1

    def _h2(self, made: ParagraphStyle) -> None:
        made.fontName, made.fontSize, made.leading = self.head, 13.2, 17
        made.textColor = self.accent
        made.spaceBefore, made.spaceAfter, made.keepWithNext = 12, 9, 1

    def _h3(self, made: ParagraphStyle) -> None:
        made.fontName, made.fontSize, made.leading = self.head, 10.8, 14
        made.spaceBefore, made.spaceAfter, made.keepWithNext = 10, 5.5, 1

    def _h4(self, made: ParagraphStyle) -> None:
        made.fontName, made.fontSize = self.body_italic, self.size
        made.spaceBefore, made.spaceAfter, made.keepWithNext = 5, 4, 1

    def _cell(self, made: ParagraphStyle) -> None:
        made.fontSize, made.leading, made.spaceAfter = self.table_size, self.table_size + 2.4, 0

    def _cell_head(self, made: ParagraphStyle) -> None:
        self._cell(made)
        made.fontName = self.head
        made.fontSize = self.table_size - 1.4

    def _figure_head(self, made: ParagraphStyle) -> None:
        self._cell_head(made)
        made.alignment = TA_RIGHT

    def _cell_bold(self, made: ParagraphStyle) -> None:
        self._cell(made)
        made.fontName = self.body_bold

    def _center(self, made: ParagraphStyle) -> None:
        made.alignment = TA_CENTER

    def _toc1(self, made: ParagraphStyle) -> None:
        made.wordWrap = None
        made.fontName = self.latin or self.head
        made.fontSize, made.textColor = 9.6, self.accent
        made.spaceBefore, made.spaceAfter, made.leading = 3, 0, 13

    def _toc2(self, made: ParagraphStyle) -> None:
        made.wordWrap = None
        made.leftIndent, made.spaceAfter = 12, 0
        made.fontName = self.latin or self.body
        made.fontSize, made.leading = self.size - 1.6, self.size + 2.2
