"""Nothing a person sees in a Word document is lost: tracked changes, controls, boxes and notes."""

from __future__ import annotations

from pathlib import Path

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from ingest.intake import Source, admit
from ingest.sandbox import ReadDocument, read_document
from memgpt_docs.settings import Settings

W = nsdecls("w")
RUN = "<w:r><w:t>{}</w:t></w:r>"
NOTES = f"""<w:footnotes {W}>
<w:footnote w:type="separator" w:id="0"><w:p>{RUN.format("---")}</w:p></w:footnote>
<w:footnote w:id="1"><w:p>{RUN.format("Net of a rebate of 4 percent.")}</w:p></w:footnote>
<w:footnote w:id="2"><w:p>{RUN.format("Unless Schedule 2 says")}{RUN.format(" otherwise.")}</w:p>
</w:footnote></w:footnotes>"""


def read(path: Path) -> ReadDocument:
    return read_document(admit(Source(path), max_file_mb=10), Settings())


def text_of(document: ReadDocument) -> str:
    return "\n\n".join(page.text for page in document.pages)


def with_paragraphs(path: Path, *markup: str) -> Path:
    """A document with a paragraph of each `markup` between two others."""
    document = docx.Document()
    document.add_paragraph("The first clause.")
    for inside in markup:
        document.element.body.insert(-1, parse_xml(f"<w:p {W}>{inside}</w:p>"))
    document.add_paragraph("The last clause.")
    document.save(str(path))
    return path


def test_inserted_text_is_read_and_deleted_text_is_not(tmp_path: Path) -> None:
    price = (
        RUN.format("The price is ")
        + f'<w:ins w:id="1" w:author="a">{RUN.format("90")}</w:ins>'
        + '<w:del w:id="2" w:author="a"><w:r><w:delText>75</w:delText></w:r></w:del>'
        + RUN.format(" euro.")
    )
    moved = f'<w:moveTo w:id="3" w:author="a">{RUN.format("It ends in 2027.")}</w:moveTo>'
    gone = f'<w:moveFrom w:id="4" w:author="a">{RUN.format("It ended in 2024.")}</w:moveFrom>'
    text = text_of(read(with_paragraphs(tmp_path / "a.docx", price, moved, gone)))
    assert text == (
        "The first clause.\n\nThe price is 90 euro.\n\nIt ends in 2027.\n\nThe last clause."
    )


def test_controls_and_fields_are_read(tmp_path: Path) -> None:
    control = (
        "<w:sdt><w:sdtPr><w:alias w:val='Buyer'/></w:sdtPr><w:sdtContent>"
        + f"<w:smartTag>{RUN.format('Halden Robotics')}</w:smartTag></w:sdtContent></w:sdt>"
    )
    field = f'<w:fldSimple w:instr="DATE">{RUN.format("31 March 2027")}</w:fldSimple>'
    path = with_paragraphs(tmp_path / "a.docx", RUN.format("Buyer: ") + control, field)
    document = docx.Document(str(path))
    whole = f"<w:sdt {W}><w:sdtContent><w:p>{RUN.format('A whole paragraph.')}</w:p>"
    document.element.body.insert(-1, parse_xml(f"{whole}</w:sdtContent></w:sdt>"))
    document.save(str(path))
    text = text_of(read(path))
    assert "Buyer: Halden Robotics\n\n31 March 2027" in text
    assert "The last clause.\n\nA whole paragraph." in text


MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def math(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


def test_an_equation_is_read_as_a_line(tmp_path: Path) -> None:
    share = f"<m:f><m:num>{math('1')}</m:num><m:den>{math('x+2')}</m:den></m:f>"
    power = (
        f"<m:sSup><m:e><m:d><m:e>{math('a')}</m:e></m:d></m:e><m:sup>{math('2')}</m:sup></m:sSup>"
    )
    root = f"<m:rad><m:deg/><m:e>{math('42')}</m:e></m:rad>"
    equation = f"<m:oMath {MATH}>{math('y=')}{share}{math('+')}{power}{math('-')}{root}</m:oMath>"
    inside, alone = RUN.format("Where ") + equation, f"<m:oMathPara {MATH}>{equation}</m:oMathPara>"
    text = text_of(read(with_paragraphs(tmp_path / "a.docx", inside, alone)))
    assert "Where y=1/(x+2)+(a)^2-√42\n\ny=1/(x+2)+(a)^2-√42\n\nThe last" in text


def test_signs_that_are_places_in_a_font_are_read(tmp_path: Path) -> None:
    places = [
        *(("Wingdings", at) for at in ("F0FE", "F0A8", "F0FD")),
        *(("Symbol", "F0A3"), ("Arial", "20AC"), ("Webdings", "F041")),
    ]
    signs = "".join(f'<w:r><w:sym w:font="{f}" w:char="{at}"/></w:r>' for f, at in places)
    text = text_of(read(with_paragraphs(tmp_path / "a.docx", signs + RUN.format(" signed"))))
    assert "\n\n☑☐☒≤€ signed\n\n" in text


def test_a_row_that_was_deleted_is_not_read(tmp_path: Path) -> None:
    document = docx.Document()
    for texts in (["Arm", "Cart", "Grip"], ["Gone"]):
        table = document.add_table(rows=len(texts), cols=2)
        for row, text in zip(table.rows, texts, strict=True):
            row.cells[0].text, row.cells[1].text = text, "10"
            if text in ("Cart", "Gone"):
                row._tr.get_or_add_trPr().append(parse_xml(f'<w:del {W} w:id="1" w:author="a"/>'))
        document.add_paragraph("After it.")
    document.save(str(tmp_path / "a.docx"))
    text = text_of(read(tmp_path / "a.docx"))
    assert text == "Arm | 10\nGrip | 10\n\nAfter it.\n\nAfter it."


def test_a_text_box_is_read_once_after_its_paragraph(tmp_path: Path) -> None:
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    lines = "".join(f"<w:p>{RUN.format(line)}</w:p>" for line in ("Confidential", "Draft of May"))
    box = f"<w:pict><w:txbxContent>{lines}</w:txbxContent></w:pict>"
    both = (
        f"<w:r><mc:AlternateContent {mc}><mc:Choice Requires='wps'>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
    )
    text = text_of(read(with_paragraphs(tmp_path / "a.docx", RUN.format("The cover.") + both)))
    assert text == (
        "The first clause.\n\nThe cover.\n\nConfidential\n\nDraft of May\n\nThe last clause."
    )


def test_comments_stand_at_the_end_with_who_made_them(tmp_path: Path) -> None:
    document = docx.Document()
    price = document.add_paragraph("The price is 90 euro.")
    document.add_comment(price.runs, text="Too high.", author="Ada Berg")
    document.save(str(tmp_path / "a.docx"))
    text = text_of(read(tmp_path / "a.docx"))
    assert text == "The price is 90 euro.\n\nComments\n\n1. Ada Berg: Too high."


def test_footnotes_stand_at_the_end_under_a_heading(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("The price is 90 euro. " * 30)
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    package = document.part.package
    part = Part(PackURI("/word/footnotes.xml"), kind, NOTES.encode(), package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    document.save(str(tmp_path / "a.docx"))
    read_of = read(tmp_path / "a.docx")
    assert text_of(read_of).endswith(
        "Footnotes\n\n1. Net of a rebate of 4 percent.\n\n2. Unless Schedule 2 says otherwise."
    )
    assert [heading.title for heading in read_of.headings] == ["Footnotes"]
