"""A report as a Word document."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from memgpt_docs.export.report import Block, Kind, Report, is_right_to_left, printable

_STYLES = {
    Kind.TITLE: "Heading 1",
    Kind.HEADING: "Heading 2",
    Kind.SUBHEADING: "Heading 3",
    Kind.ITEM: "List Bullet",
}
_SOURCE_SIZE = Pt(9)
_INDENT = Pt(14)
_WARNING_COLOUR = RGBColor(0xB3, 0x5C, 0x00)


def write(report: Report) -> bytes:
    """The report as the bytes of a DOCX."""
    document = docx.Document()
    properties = document.core_properties
    properties.author, properties.comments = "memgpt-docs", ""
    properties.created = properties.modified = report.written.replace(tzinfo=None)
    for block in report.blocks():
        _add(document, block)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def _add(document: Any, block: Block) -> None:
    style = _STYLES.get(block.kind)
    paragraph = document.add_paragraph(style=style)
    if block.kind is Kind.SOURCE:
        paragraph.paragraph_format.left_indent = _INDENT
    # A heading is ours, and begins with the name of a file.
    turned = block.kind is not Kind.SUBHEADING and is_right_to_left(block.text)
    if turned:
        paragraph._element.get_or_add_pPr().append(OxmlElement("w:bidi"))
    for number, line in enumerate(printable(block.text).split("\n")):
        run = paragraph.add_run()
        if number:
            run.add_break()
        # As text: a tab or a field in it stays what it is.
        run.add_text(line.replace("\t", "    "))
        if turned and is_right_to_left(line):
            run._element.get_or_add_rPr().append(OxmlElement("w:rtl"))
        match block.kind:
            case Kind.SOURCE:
                run.font.size = _SOURCE_SIZE
                run.font.name = "Courier New"
                run._element.rPr.rFonts.set(qn("w:eastAsia"), "SimSun")
            case Kind.WARNING:
                run.font.color.rgb, run.bold = _WARNING_COLOUR, True
            case _:
                pass
