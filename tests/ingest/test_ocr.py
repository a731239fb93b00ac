"""Pages that are pictures: told apart, named, and with the extra `ocr` read and found."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ingest import FileDone, FileStatus, Summary, ingest, renew, take_in
from ingest.ocr import HOW, how_to_turn_on, is_available, recognise
from ingest.progress import PagesRecognised, to_json
from ingest.readers.message import NO_LETTERS, ReadPage
from ingest.readers.ocr import rows_of
from ingest.recognised import is_unread, marked, merged
from memgpt_docs import Library
from memgpt_docs.storage.schema import Page, PageStatus

SAMPLES = Path(__file__).resolve().parents[2] / "sample_docs"
ENGLISH = SAMPLES / "Halden_Robotics_10K_FY2024.pdf"
CHINESE = SAMPLES / "Lanchuan_Drive_Annual_Report_2024.pdf"

needs_ocr = pytest.mark.skipif(not is_available(), reason=f"the extra ocr is absent. {HOW}")


def picture(path: Path, index: int) -> Image.Image:
    """A page of a document as a scanner would see it."""
    document = pypdfium2.PdfDocument(path)
    image = document[index].render(scale=150 / 72).to_pil().convert("L")
    document.close()
    return image


def text_of(path: Path, index: int) -> str:
    document = pypdfium2.PdfDocument(path)
    text = document[index].get_textpage().get_text_bounded()
    document.close()
    return text


def scanned(path: Path, *images: Image.Image, caption: str = "") -> Path:
    """A PDF of pictures; with `caption` each has a line of real text above it."""
    canvas = Canvas(str(path), invariant=True)
    for image in images:
        canvas.setPageSize((595, 842))
        canvas.drawImage(ImageReader(image), 0, 0, 595, 770 if caption else 842)
        if caption:
            canvas.drawString(40, 800, caption)
        canvas.showPage()
    canvas.save()
    return path


def with_text_pages(path: Path, source: Path, indices: list[int], scan: Path) -> Path:
    """Pages of text of `source`, then the pages of `scan`."""
    writer = pypdf.PdfWriter()
    reader = pypdf.PdfReader(source)
    for index in indices:
        writer.add_page(reader.pages[index])
    for page in pypdf.PdfReader(scan).pages:
        writer.add_page(page)
    buffer = BytesIO()
    writer.write(buffer)
    path.write_bytes(buffer.getvalue())
    return path


def statuses(library: Library, file: str) -> list[str]:
    return [str(page.status) for page in library.pages(library.document(file).doc_id)]


@pytest.fixture
def scans(tmp_path: Path, library: Library) -> Library:
    """A scanned and a mixed PDF, in English and in Chinese."""
    scanned(tmp_path / "english.pdf", picture(ENGLISH, 4))
    one = scanned(tmp_path / "one.pdf", picture(CHINESE, 8))
    files = [tmp_path / "english.pdf", with_text_pages(tmp_path / "zh.pdf", CHINESE, [5, 6], one)]
    files.append(scanned(tmp_path / "mixed.pdf", picture(ENGLISH, 5), caption="Seen by Brightmoor"))
    list(ingest(library, files))
    return library


def test_the_status_of_every_page_is_right(scans: Library) -> None:
    assert statuses(scans, "english.pdf") == ["scanned"]
    assert statuses(scans, "zh.pdf") == ["text", "text", "scanned"]
    assert statuses(scans, "mixed.pdf") == ["mixed"]
    assert scans.document("english.pdf").unread_pages == (1,)
    assert scans.document("zh.pdf").unread_pages == (3,)
    assert scans.document("mixed.pdf").unread_pages == (1,)


def test_what_was_not_read_is_said_with_what_to_do() -> None:
    assert how_to_turn_on(()) == ""
    message = how_to_turn_on((3,))
    assert message.startswith("Page 3 is or holds a picture of which no words were read.")
    assert ("Run recognition" in message) == is_available()
    assert (HOW in message) != is_available()
    assert "and 8 more" in how_to_turn_on(range(1, 21))


def test_rows_of_a_table_are_lines() -> None:
    def box(x: float, y: float, width: float = 80) -> list[list[float]]:
        return [[x, y], [x + width, y], [x + width, y + 20], [x, y + 20]]

    found = [(box(400, 101), "$681.5"), (box(10, 100), "Logistics"), (box(96, 99), "Automation"),
             (box(10, 140), "Process Robotics")]  # fmt: skip
    assert rows_of(found) == "Logistics Automation | $681.5\nProcess Robotics"
    assert rows_of([]) == ""


@pytest.mark.parametrize(
    ("found", "is_read"), [("words " * 20, True), ("4817", False), ("", False)]
)
def test_a_page_whose_letters_cannot_be_drawn_stays_unread(found: str, is_read: bool) -> None:
    known = Page(1, "平成 20", PageStatus.MIXED, reason=NO_LETTERS)
    page = merged(marked(ReadPage(1, found, "scanned"), "engine 1"), known)
    stored = Page(1, page.text, PageStatus(page.status), reason=page.reason)
    assert page.text.startswith("平成 20")
    assert is_unread(stored) is not is_read
    # A photograph without words in it leaves nothing to read.
    photo = merged(
        marked(ReadPage(1, found, "scanned"), "engine 1"), Page(1, "a", PageStatus.MIXED)
    )
    assert not is_unread(Page(1, photo.text, PageStatus.MIXED, reason=photo.reason))


@needs_ocr
def test_pages_that_are_pictures_are_read_and_found(scans: Library) -> None:
    scans.edit("zh.pdf", filing_date="2025-04-20")
    before = {one.passage_id for one in scans.document_passages(scans.document("zh.pdf").doc_id)}
    events = list(recognise(scans))
    assert [to_json(event)["event"] for event in events if isinstance(event, PagesRecognised)]
    done = [event for event in events if isinstance(event, FileDone)]
    assert {one.status for one in done} == {FileStatus.RECOGNISED}
    assert isinstance(events[-1], Summary)
    assert events[-1].pages == 3
    assert [one.unread_pages for one in scans.documents()] == [(), (), ()]
    assert statuses(scans, "zh.pdf") == ["text", "text", "scanned"]

    found = scans.archival.search("Logistics Automation segment revenue 681.5", page_size=20)
    assert "english.pdf" in [result.file for result in found.results[:3]]
    found = scans.archival.search("研发费用 19,202.5", page_size=20)
    assert ("zh.pdf", 3) in [(one.file, one.passage.page_no) for one in found.results[:3]]
    mixed = scans.page("mixed.pdf", 1)
    assert mixed.text.startswith("Seen by Brightmoor\n\n")
    assert mixed.text.count("Brightmoor") == 1 + text_of(ENGLISH, 5).count("Brightmoor")
    assert mixed.status is PageStatus.MIXED
    # What had text is as it was, and a correction stays.
    document = scans.document("zh.pdf")
    assert before <= {one.passage_id for one in scans.document_passages(document.doc_id)}
    assert document.source_of("filing_date") == "user"

    again = list(recognise(scans))
    assert [type(event) for event in again] == [Summary]


@needs_ocr
def test_a_run_that_is_cut_short_goes_on(library: Library, tmp_path: Path) -> None:
    upside_down = picture(ENGLISH, 4).rotate(180)
    path = scanned(tmp_path / "two.pdf", Image.new("L", (400, 600), 128), upside_down)
    list(ingest(library, [path]))
    events = recognise(library)
    next(events)
    events.close()
    stopped = list(recognise(library, cancelled=lambda: True))
    assert [type(event) for event in stopped] == [Summary]
    assert library.document("two.pdf").unread_pages == (1, 2)
    list(recognise(library))
    assert library.document("two.pdf").unread_pages == (1,)
    assert library.page("two.pdf", 1).reason.startswith("no words found by rapidocr")
    assert "Logistics Automation" in library.page("two.pdf", 2).text
    # What holds no words is not looked at for ever.
    assert [type(event) for event in recognise(library)] == [Summary]


@needs_ocr
def test_taking_in_reads_the_pictures_too_and_the_summary_is_last(
    library: Library, tmp_path: Path
) -> None:
    path = scanned(tmp_path / "scan.pdf", picture(ENGLISH, 4))
    *_, recognised, last = take_in(library, [path])
    assert isinstance(recognised, FileDone) and isinstance(last, Summary)
    assert [str(one.status) for one in last.files] == ["added"]
    assert last.files[0].unread_pages == ()
    assert library.archival.search("Logistics Automation 681.5").total > 0

    # Made anew, it keeps what was recognised.
    text = library.page(recognised.doc_id, 1).text
    library.edit("scan.pdf", company="Halden Robotics")
    list(renew(library, library.document("scan.pdf")))
    document = library.document("scan.pdf")
    assert library.page(document.doc_id, 1).text == text != ""
    headers = [one.header for one in library.document_passages(document.doc_id)]
    assert all("Halden Robotics" in header for header in headers)


@needs_ocr
def test_a_document_deleted_meanwhile_stays_deleted(library: Library, tmp_path: Path) -> None:
    path = scanned(tmp_path / "scan.pdf", picture(ENGLISH, 4))
    list(ingest(library, [path]))
    for event in recognise(library):
        if isinstance(event, PagesRecognised):
            library.delete("scan.pdf")
    assert library.documents() == []
    assert library.archival.search("Logistics Automation").total == 0
