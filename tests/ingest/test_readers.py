"""Every kind of document, read in its child process as in the pipeline."""

from __future__ import annotations

from pathlib import Path

import docx
import pypdf
import pytest
from pypdf.generic import NameObject
from reportlab.pdfgen.canvas import Canvas

from ingest.intake import Source, admit
from ingest.readers import pdf_fallback
from ingest.readers.message import Ended, Heading, ReadPage
from ingest.readers.pdf import _in_columns
from ingest.sandbox import ReadDocument, read_document
from memgpt_docs.errors import LimitExceeded, ProtectedFile, UnreadableFile
from memgpt_docs.settings import Settings
from tests.ingest.conftest import MakePdf


def read(path: Path, settings: Settings | None = None) -> ReadDocument:
    return read_document(admit(Source(path), max_file_mb=100), settings or Settings())


def read_text(tmp_path: Path, name: str, text: str | bytes) -> ReadDocument:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path)


# -- PDF --------------------------------------------------------------------------------------

LONG = [f"Line {n} of a page with enough words on it to be a page of text." for n in range(8)]


def test_pdf_pages_outline_and_title(make_pdf: MakePdf) -> None:
    path = make_pdf(
        [["Cover"], LONG, ["Item 8. Statements", *LONG]],
        outline={2: "Item 1. Business", 3: "Item 8. Statements"},
        title="Annual report",
    )
    document = read(path)
    assert document.title == "Annual report"
    assert document.reader.startswith("pypdfium2 5")
    assert [page.page_no for page in document.pages] == [1, 2, 3]
    assert document.pages[1].text.split("\n") == LONG
    assert [(one.page_no, one.level, one.title) for one in document.headings] == [
        (2, 1, "Item 1. Business"),
        (3, 1, "Item 8. Statements"),
    ]


def test_pdf_says_which_pages_it_could_not_read(make_pdf: MakePdf) -> None:
    document = read(make_pdf([LONG, ["IMAGE"], [], ["Figure 1", "IMAGE"], [*LONG, "IMAGE"]]))
    assert [page.status for page in document.pages] == ["text", "scanned", "blank", "mixed", "text"]
    assert document.pages[1].reason == "an image without text"


def make_form(path: Path, *, size: tuple[int, int] = (595, 842), looks: bool = True) -> Path:
    """A PDF of one page with a form that is filled in. Its size stands with all pages, as it may;
    without `looks` it says only what is in the fields, and the viewer draws them."""
    canvas = Canvas(str(path), pagesize=size, invariant=True)
    canvas.drawString(72, size[1] - 40, "Name of the applicant:")
    canvas.acroForm.textfield(name="name", x=72, y=300, width=300, height=20, value="Jane Doe")
    canvas.acroForm.choice(
        name="unit", x=72, y=200, width=90, height=20, value="Arms", options=["Arms", "Carts"]
    )
    canvas.save()
    writer = pypdf.PdfWriter(clone_from=path)
    page = writer.pages[0]
    page["/Parent"][NameObject("/MediaBox")] = page.pop("/MediaBox")
    if not looks:
        writer.set_need_appearances_writer(True)
        for field in page["/Annots"]:
            field.get_object().pop("/AP")
    writer.write(path)
    return path


@pytest.mark.parametrize("size", [(595, 842), (900, 1200)])
@pytest.mark.parametrize("looks", [True, False])
def test_what_was_filled_into_a_form_is_read(
    size: tuple[int, int], looks: bool, tmp_path: Path
) -> None:
    page = read(make_form(tmp_path / "form.pdf", size=size, looks=looks)).pages[0]
    assert page.text.split() == ["Name", "of", "the", "applicant:", "Jane", "Doe", "Arms"]
    assert page.status == "text"


def encrypt(path: Path, user: str) -> Path:
    writer = pypdf.PdfWriter(clone_from=path)
    writer.encrypt(user, "owner", algorithm="AES-256")
    writer.write(path)
    return path


def test_pdf_that_only_its_owner_may_change_is_read(make_pdf: MakePdf) -> None:
    document = read(encrypt(make_pdf([LONG]), user=""))
    assert document.pages[0].text.split("\n") == LONG


def test_pdf_with_a_password_is_refused(make_pdf: MakePdf) -> None:
    with pytest.raises(ProtectedFile, match=r"made\.pdf is protected.*save it without one"):
        read(encrypt(make_pdf([LONG]), user="secret"))


def test_pypdf_reads_what_pdfium_cannot_open(make_pdf: MakePdf) -> None:
    path = encrypt(make_pdf([LONG, ["IMAGE"], []], outline={2: "Picture"}), user="")
    messages = list(pdf_fallback.read(path, 10))
    pages = [message for message in messages if isinstance(message, ReadPage)]
    assert [page.status for page in pages] == ["text", "scanned", "blank"]
    assert pages[0].text.strip().split("\n") == LONG
    assert messages[-1] == Ended("untitled", (Heading(2, None, 1, "Picture"),))


def test_damaged_pdf_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"bad\.pdf is damaged"):
        read_text(tmp_path, "bad.pdf", b"%PDF-1.7\nnothing of a PDF in here\n%%EOF")


def test_truncated_pdf_is_read_or_refused(make_pdf: MakePdf) -> None:
    path = make_pdf([LONG] * 5)
    whole = path.read_bytes()
    for share in (0.3, 0.6, 0.95):
        path.write_bytes(whole[: int(len(whole) * share)])
        try:
            assert read(path).pages
        except UnreadableFile as error:
            assert "made.pdf" in error.message


def test_page_limit_names_the_setting(make_pdf: MakePdf) -> None:
    with pytest.raises(LimitExceeded, match=r"has 3 pages.*MEMGPT_DOCS_MAX_PAGES"):
        read(make_pdf([LONG] * 3), Settings(max_pages=2))


# -- DOCX, Markdown, text -----------------------------------------------------------------------


def make_docx(path: Path, *, breaks: bool = False) -> Path:
    document = docx.Document()
    document.core_properties.title = "Supply Agreement"
    document.add_heading("Supply Agreement", 0)
    for number in range(1, 4):
        document.add_heading(f"{number}. Clause", 1)
        for _ in range(12):
            document.add_paragraph("The supplier delivers what the buyer has ordered in time.")
        if breaks:
            document.add_page_break()
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["Item", "Price", "Arm", "$ 100"], strict=True):
        cell.text = text
    document.save(str(path))
    return path


def test_docx_sections_and_tables(tmp_path: Path) -> None:
    document = read(make_docx(tmp_path / "agreement.docx"))
    assert document.title == "Supply Agreement"
    assert {page.unit for page in document.pages} == {"section"}
    assert [one.title for one in document.headings] == [
        "Supply Agreement", "1. Clause", "2. Clause", "3. Clause",
    ]  # fmt: skip
    assert document.pages[-1].text.endswith("Item | Price\nArm | $ 100")
    for heading in document.headings:
        assert heading.start is not None
        text = document.pages[heading.page_no - 1].text
        assert text[heading.start :].startswith(heading.title)


def docx_table(path: Path, rows: list[list[str]], *merged: tuple[int, int, int, int]) -> Path:
    """A document with a table of `rows`; cells (row, column) to (row, column) are made one."""
    document = docx.Document()
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for line, row in zip(rows, table.rows, strict=True):
        for text, cell in zip(line, row.cells, strict=True):
            cell.text = text
    for top, left, bottom, right in merged:
        table.cell(top, left).merge(table.cell(bottom, right)).text = rows[top][left]
    document.save(str(path))
    return path


def test_each_number_of_a_docx_table_stays_in_its_column(tmp_path: Path) -> None:
    rows = [
        ["", "December 31", "", "", ""],
        ["Item", "2023", "", "2022", "2021"],
        ["Impairment", "", "", "120", "7"],
        ["Sales", "5", "", "6", ""],
        ["Costs", "1", "", "", "9"],
        ["", "2", "", "8", "3"],
    ]
    path = docx_table(tmp_path / "a.docx", rows, (0, 1, 0, 4), (4, 0, 5, 0))
    assert read(path).pages[0].text.split("\n") == [
        "December 31",
        "Item | 2023 | 2022 | 2021",
        "Impairment |  | 120 | 7",
        "Sales | 5 | 6",
        "Costs | 1 |  | 9",
        "Costs | 2 | 8 | 3",
    ]


def test_signs_of_a_docx_table_are_put_to_their_numbers(tmp_path: Path) -> None:
    rows = [
        ["", "", "2023", "", "", "2022", "", ""],
        ["(a)", "Sales", "$", "1,577", "", "", "1,400", ""],
        ["(b)", "Loss", "", "", "", "$", "(31", ")"],
        ["(c)", "Margin", "", "12.5", "%", "", "—", ""],
    ]
    # The head of a year stands over its sign and its number.
    path = docx_table(tmp_path / "a.docx", rows, (0, 2, 0, 4), (0, 5, 0, 7))
    assert read(path).pages[0].text.split("\n") == [
        "2023 | 2022",
        "(a) Sales | $1,577 | 1,400",
        "(b) Loss |  | $(31)",
        "(c) Margin | 12.5% | —",
    ]


def test_docx_page_breaks_make_pages(tmp_path: Path) -> None:
    document = read(make_docx(tmp_path / "agreement.docx", breaks=True))
    assert {page.unit for page in document.pages} == {"page"}
    assert len(document.pages) == 4


def test_damaged_docx_is_refused(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.docx", "w") as package:
        package.writestr("word/document.xml", "<broken")
    with pytest.raises(UnreadableFile, match=r"a\.docx is damaged"):
        read(tmp_path / "a.docx")


def test_markdown(tmp_path: Path) -> None:
    text = "# Plan\n\nFirst *step*\ngoes on.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    document = read_text(tmp_path, "plan.md", text + "\n![x](http://a.b/c.png) <script>x</script>")
    assert document.title == "Plan"
    assert document.pages[0].text.startswith(
        "Plan\n\nFirst step goes on.\n\n- one\n\n- two\n\na | b\n1 | 2"
    )
    assert "http" not in document.pages[0].text
    assert "script" not in document.pages[0].text


def test_markdown_keeps_what_html_in_it_holds(tmp_path: Path) -> None:
    table = "| Item | 2023 | 2022 |\n|---|---|---|\n| Impairment | | 120 |\n"
    found = read_text(tmp_path, "b.md", table).pages[0].text
    assert found == "Item | 2023 | 2022\nImpairment |  | 120"
    text = "How many?\n\n5\n\n<details><summary>Risk</summary>A lawsuit.</details>\n\nEnd.\n"
    found = read_text(tmp_path, "a.md", text).pages[0].text
    assert found == "How many?\n\n5\n\nRisk\n\nA lawsuit.\n\nEnd."


def test_text_keeps_its_lines_and_pages(tmp_path: Path) -> None:
    table = "                 1999     1998\nNet sales      $  116   $   77"
    document = read_text(tmp_path, "10k.txt", f"FORM 10-K\n\n{table}\n\n<PAGE>  2\nItem 2.\n\fEnd")
    assert [page.text for page in document.pages] == [f"FORM 10-K\n\n{table}", "Item 2.", "End"]
    assert {page.unit for page in document.pages} == {"page"}


def test_text_in_many_encodings(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        text = "年度报告 净利润"
        assert read_text(tmp_path, "a.txt", text.encode(encoding)).pages[0].text == text


def test_long_text_is_cut_to_bounded_units(tmp_path: Path) -> None:
    document = read_text(tmp_path, "a.txt", "A sentence of eight words that goes on. " * 3_000)
    assert len(document.pages) > 10
    assert max(len(page.text) for page in document.pages) <= 6_000
    assert all(page.text.endswith(".") for page in document.pages)


# -- PDF whose fonts do not say what they draw --------------------------------------------------


def pdf_with_letters(path: Path, named: dict[str, int]) -> Path:
    """A PDF of one page with `WORDS`, whose font says that each letter in `named` is another."""
    lines = [WORDS[at : at + 75] for at in range(0, len(WORDS), 75)]
    drawn = " ".join(f"1 0 0 1 40 {800 - 16 * i} Tm ({line}) Tj" for i, line in enumerate(lines))
    content = f"BT /F 12 Tf {drawn} ET".encode()
    chars = "\n".join(f"<{ord(letter):02x}> <{other:04x}>" for letter, other in named.items())
    to_unicode = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def\n"
        "1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{len(named)} beginbfchar\n{chars}\nendbfchar\nendcmap end end"
    ).encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(to_unicode), to_unicode),
    ]
    raw, offsets = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, start=1):
        offsets.append(len(raw))
        raw += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(raw)
    raw += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    raw += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    path.write_bytes(raw)
    return path


WORDS = "The arms of Halden sold well in the north and in the east of the country. " * 5


def test_letters_with_their_bytes_swapped_are_put_right(tmp_path: Path) -> None:
    swapped = {letter: ord(letter) << 8 for letter in set(WORDS) - {" "}}
    page = read(pdf_with_letters(tmp_path / "a.pdf", swapped)).pages[0]
    assert page.text.startswith("The arms of Halden sold well")
    assert page.status == "text"


def test_letters_that_stand_for_nothing_are_not_taken_for_text(tmp_path: Path) -> None:
    private = {letter: 0xE000 + ord(letter) for letter in set(WORDS) - {" "}}
    page = read(pdf_with_letters(tmp_path / "a.pdf", private)).pages[0]
    assert (page.status, page.reason) == ("mixed", "its font does not say which letters it draws")


def test_text_set_from_top_to_bottom_runs() -> None:
    assert _in_columns("第\n二\n条\n" * 9) == "第二条" * 9 + "\n"
    assert _in_columns("Net\nsales\n" * 30) == "Net\nsales\n" * 30
    assert _in_columns("净利润\n增长百分之五\n" * 30) == "净利润\n增长百分之五\n" * 30
