"""The master supply agreement as a Word document."""

import datetime
import re
import zipfile
from pathlib import Path

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.styles.style import ParagraphStyle

from make.markup import Block, parse
from make.paths import OUTPUT
from make.wording import Wording

NAME = "Halden_Brightmoor_Master_Supply_Agreement.docx"
_MOMENT = datetime.datetime(2024, 9, 9, 12, 0, 0)
_ZIP_MOMENT = (2024, 9, 9, 12, 0, 0)


def write_contract() -> Path:
    """Builds the document and fixes the times in its archive."""
    made = docx.Document()
    _styles(made)
    _properties(made)
    _title(made)
    for block in parse("msa/contract", Wording(None, 2024)):
        _add(made, block)
    _footer(made)
    path = OUTPUT / NAME
    made.save(str(path))
    _settle(path)
    return path


def _styles(made: Document) -> None:
    sizes = {"Normal": 11.5, "Heading 1": 14, "Heading 2": 12, "Title": 24}
    for name, size in sizes.items():
        style = made.styles[name]
        assert isinstance(style, ParagraphStyle)
        style.font.name = "Liberation Serif" if name == "Normal" else "Liberation Sans"
        style.font.size = Pt(size)
        style.paragraph_format.space_after = Pt(8)
        if name != "Normal":
            style.font.color.rgb = RGBColor(0x1F, 0x3A, 0x5F)
    normal = made.styles["Normal"]
    assert isinstance(normal, ParagraphStyle)
    normal.paragraph_format.line_spacing = 1.25


def _properties(made: Document) -> None:
    core = made.core_properties
    core.title = "Master Supply Agreement HR-MSA-2022-0417"
    core.author = "Halden Robotics, Inc. (invented company)"
    core.last_modified_by = "make_sample_docs.py"
    core.created = core.modified = _MOMENT
    core.revision = 1


def _title(made: Document) -> None:
    made.add_paragraph("MASTER SUPPLY AGREEMENT", style="Title")
    for text in (
        "Agreement No. HR-MSA-2022-0417",
        "Contract identifier 7f3c2a91-58d4-4e0b-9c6e-2b1d90aa4417",
        "between Halden Robotics, Inc. and Brightmoor Actuation GmbH",
        "dated April 17, 2022",
        "Conformed copy including Amendments No. 1 (March 1, 2023) and No. 2 (September 9, 2024)",
        "The parties are invented companies; this document is a sample.",
    ):
        made.add_paragraph(text).alignment = WD_ALIGN_PARAGRAPH.CENTER
    made.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)


def _add(made: Document, block: Block) -> None:
    text = re.sub(r"</?[bi]>", "", block.text)
    if block.kind == "table":
        _table(made, block)
    elif block.kind == "heading":
        heading = made.add_heading(text, level=block.level)
        heading.paragraph_format.page_break_before = text.startswith("Schedule ")
    elif block.kind == "item":
        made.add_paragraph(text, style="List Bullet")
    else:
        made.add_paragraph(text)


def _table(made: Document, block: Block) -> None:
    rows = [row.cells for row in block.rows]
    table = made.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for number, cells in enumerate(rows):
        for column, text in enumerate(cells):
            paragraph = table.cell(number, column).paragraphs[0]
            run = paragraph.add_run(text)
            run.font.size = Pt(10)
            run.bold = number == 0
            if column and block.rows[0].kind == "#":
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    made.add_paragraph()


def _footer(made: Document) -> None:
    paragraph = made.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run("HR-MSA-2022-0417 — page ")
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)


def _settle(path: Path) -> None:
    """Rewrites the archive with one fixed time so that each run gives the same bytes."""
    with zipfile.ZipFile(path) as archive:
        parts = [(entry, archive.read(entry)) for entry in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts:
            info = zipfile.ZipInfo(name, _ZIP_MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, body)
