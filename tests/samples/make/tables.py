"""Tables of figures and of words, set from parsed rows."""

import re
from typing import Any

from reportlab.lib.colors import black
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer, Table, TableStyle

from make.amount import read
from make.markup import Block, Row
from make.styles import Look

Command = tuple[Any, ...]
_LONGEST_KEPT = 34
_LATIN = re.compile(r"[!-~“”·]+(?: +[!-~]+)*")


def escaped(text: str) -> str:
    """Bare ampersands made safe for paragraph markup."""
    return re.sub(r"&(?!\w+;|#)", "&amp;", text)


def marked(text: str, look: Look) -> str:
    """Paragraph markup; where the look has a Latin font, Latin runs are set in it."""
    safe = escaped(text)
    if not look.latin or "<" in safe:
        return safe
    return _LATIN.sub(rf'<font name="{look.latin}">\g<0></font>', safe)


def table(block: Block, look: Look, width: float) -> list[Flowable]:
    """The flowables of one table block."""
    head = block.rows[0].kind
    made = _words(block, look, width) if head.startswith("h") else _figures(block, look, width)
    parts: list[Flowable] = [Spacer(1, 2), made, Spacer(1, 10)]
    if len(block.rows) <= _LONGEST_KEPT and not head.startswith("h"):
        return [KeepTogether(parts)]
    return parts


def _words(block: Block, look: Look, width: float) -> Table:
    count = len(block.rows[0].cells)
    given = re.findall(r"\d+", block.rows[0].kind)
    shares = [int(share) for share in given] or [1] * count
    widths = [width * share / sum(shares) for share in shares]
    head, cell = look.style("cell_head"), look.style("cell")
    data = [
        [Paragraph(marked(text, look), head if number == 0 else cell) for text in row.cells]
        for number, row in enumerate(block.rows)
    ]
    commands: list[Command] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.9, look.accent),
        ("LINEBELOW", (0, 1), (-1, -1), 0.25, look.grey),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 5),
    ]
    return Table(data, widths, style=TableStyle(commands), repeatRows=1)


def _figures(block: Block, look: Look, width: float) -> Table:
    columns = len(block.rows[0].cells) - 1
    each = min(86.0, width * 0.66 / columns)
    widths = [width - each * columns] + [each] * columns
    data: list[list[Any]] = []
    pad = 1.9 if len(block.rows) <= _LONGEST_KEPT else 0.9
    commands: list[Command] = [
        ("FONT", (0, 0), (-1, -1), look.body, look.table_size),
        ("FONTNAME", (1, 0), (-1, -1), look.latin or look.body),
        ("LEADING", (0, 0), (-1, -1), look.table_size + 2.4),
        ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
        ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
        ("LINEBELOW", (1, 0), (-1, 0), 0.7, black),
        ("TOPPADDING", (0, 0), (-1, -1), pad),
        ("BOTTOMPADDING", (0, 0), (-1, -1), pad + 0.6),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ]
    for number, row in enumerate(block.rows):
        data.append(_line(row, number, look, widths))
        commands += _line_style(row, number, look)
    return Table(data, widths, style=TableStyle(commands), repeatRows=1)


def _line(row: Row, number: int, look: Look, widths: list[float]) -> list[Any]:
    if number == 0:
        right = look.style("figure_head")
        left = look.style("note")
        cells: list[Any] = [Paragraph(marked(row.cells[0], look), left)]
        return cells + [Paragraph(marked(text, look), right) for text in row.cells[1:]]
    label = row.cells[0].removeprefix(">").strip()
    font = look.body_bold if row.kind else look.body
    fits = stringWidth(label, font, look.table_size) < widths[0] - 22
    if fits and not look.latin:
        first: Any = label.replace("&amp;", "&")
    else:
        style = look.style("cell_bold" if row.kind else "cell")
        first = Paragraph(marked(label, look), style)
    blank = [""] * (len(widths) - len(row.cells))
    return [first, *row.cells[1:], *blank]


def _line_style(row: Row, number: int, look: Look) -> list[Command]:
    commands: list[Command] = []
    if number and number % 2:
        commands.append(("BACKGROUND", (0, number), (-1, number), look.tint))
    if row.kind and number:
        bold = f"{look.latin}-Bold" if look.latin else look.body_bold
        commands.append(("FONTNAME", (0, number), (-1, number), bold))
    if row.cells[0].startswith(">"):
        commands.append(("LEFTPADDING", (0, number), (0, number), 14))
    if row.kind in {"+", "=", "++", "=="}:
        commands.append(("LINEABOVE", (1, number), (-1, number), 0.6, black))
    if row.kind in {"++", "=="}:
        for offset in (0, 1.6):
            line = ("LINEBELOW", (1, number), (-1, number), 0.5, black)
            commands.append((*line, None, None, None, 2, 1.6) if offset else line)
    paren = stringWidth(")", look.body, look.table_size)
    for index, cell in enumerate(row.cells[1:], start=1):
        hang = cell.endswith(")") and read(cell) is not None
        pad = 5.0 if hang or cell.endswith("%") else 5.0 + paren
        commands.append(("RIGHTPADDING", (index, number), (index, number), pad))
    return commands
