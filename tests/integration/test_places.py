"""Places on pages: the rectangles of a quotation hold its words, in real and in difficult PDFs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.intake import Source, admit
from ingest.sandbox import read_document
from memgpt_docs.citations import find_quote
from memgpt_docs.citations.comparable import squeezed
from memgpt_docs.citations.page_images import PageImages
from memgpt_docs.citations.rectangles import Box, Rectangle, lines_of
from memgpt_docs.errors import PageUnavailable
from memgpt_docs.settings import Settings

SAMPLES = Path(__file__).resolve().parents[2] / "sample_docs"
LIMITS = Settings(max_read_seconds=30, max_read_memory_mb=2048)


@pytest.fixture(scope="module")
def images() -> Iterator[PageImages]:
    pictures = PageImages()
    yield pictures
    pictures.close()


def page_text(path: Path, page_no: int) -> str:
    document = read_document(admit(Source(path), max_file_mb=LIMITS.max_file_mb), LIMITS)
    return document.pages[page_no - 1].text


def stretches(text: str, count: int = 6, words: int = 9) -> list[str]:
    """Quotations of a page, spread over it: runs of words, which cross the ends of lines."""
    tokens = text.split()
    if len(tokens) <= words:
        return [" ".join(tokens)]
    step = max(1, (len(tokens) - words) // count)
    return [" ".join(tokens[at : at + words]) for at in range(0, len(tokens) - words, step)]


def stands(images: PageImages, path: Path, page_no: int, text: str, quote: str) -> bool:
    """Whether the rectangles of a quotation hold its words and no others."""
    span = find_quote(quote, text)
    assert span is not None, quote
    nth = text[: span[0]].count(text[span[0] : span[1]])
    found = images.find(path, page_no, quote, nth)
    assert found, quote
    for one in found:
        assert 0 <= one.left < one.right <= 1 and 0 <= one.top < one.bottom <= 1
    return squeezed(images.read(path, page_no, found)) == squeezed(quote)


@pytest.mark.parametrize(
    "file", ["Halden_Robotics_10K_FY2024", "Lanchuan_Drive_Annual_Report_2024"]
)
def test_quotations_of_the_samples_stand_in_their_rectangles(file: str, images: PageImages) -> None:
    path = SAMPLES / f"{file}.pdf"
    text = page_text(path, 4)
    quotes = stretches(text)
    assert all(stands(images, path, 4, text, quote) for quote in quotes)


# Chinese, Korean, right to left, ligatures, hyphenated lines in two columns, turned pages.
@pytest.mark.parametrize(
    ("prefix", "page_no"),
    [
        ("3e67fc1a", 2), ("548601e2", 2), ("1c673d35", 1),  # two columns, hyphens at line ends
        ("12a221ee", 1), ("24c68daa", 1), ("3820767f", 1),  # turned
        ("7c2dcada", 1), ("1ea20b84", 1), ("36421881", 1),  # Japanese, Chinese, Korean
        ("1f0d0b33", 1), ("30d675db", 1), ("1ac226f2", 1),  # right to left
        ("105f9d5f", 1),  # ligatures
    ],
)  # fmt: skip
def test_quotations_of_difficult_files_stand_in_their_rectangles(
    prefix: str, page_no: int, images: PageImages, data: Path
) -> None:
    path = next((data / "hardpdfs_dev").glob(f"{prefix}*"))
    text = page_text(path, page_no)
    quotes = stretches(text)
    held = [quote for quote in quotes if stands(images, path, page_no, text, quote)]
    # Letters that are drawn over one another, or twice, stand in one another's boxes.
    assert len(held) >= 0.8 * len(quotes), set(quotes) - set(held)


@pytest.mark.parametrize(
    ("prefix", "quote"),
    [
        ("548601e2", "typical dysmorphic features"),  # a line ends in "dys-"
        ("3e67fc1a", "suboptimal"),
        ("3e67fc1a", "subopti\u00admal"),
    ],
)
def test_a_word_hyphenated_at_the_end_of_a_line_is_quoted_whole(
    prefix: str, quote: str, images: PageImages, data: Path
) -> None:
    path = next((data / "hardpdfs_dev").glob(f"{prefix}*"))
    text = page_text(path, 2)
    span = find_quote(quote, text)
    assert span is not None and "-" in text[span[0] : span[1]]
    assert len(images.find(path, 2, quote)) == 2  # on two lines


def make_pdf(folder: Path, pages: int, rotate: int = 0) -> Path:
    path = folder / "made.pdf"
    canvas = Canvas(str(path), invariant=True)
    for number in range(1, pages + 1):
        canvas.setPageRotation(rotate)
        canvas.drawString(72, 500, f"Revenue of page {number} was 1,577 million.")
        canvas.drawString(72, 200, f"Revenue of page {number} was 1,577 million.")
        canvas.showPage()
    canvas.save()
    return path


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_rectangles_are_where_the_page_as_shown_has_the_ink(
    rotate: int, tmp_path: Path, images: PageImages
) -> None:
    from io import BytesIO

    from PIL import Image

    path = make_pdf(tmp_path, 1, rotate)
    quote = "Revenue of page 1 was 1,577 million."
    first, second = (images.find(path, 1, quote, nth) for nth in (0, 1))
    assert first != second and len(first) == len(second) == 1
    picture = Image.open(BytesIO(images.draw(path, 1).png)).convert("L")
    for one in (*first, *second):
        box = (one.left * picture.width, one.top * picture.height,
               one.right * picture.width, one.bottom * picture.height)  # fmt: skip
        inside = picture.crop(tuple(map(int, box)))
        assert min(inside.get_flattened_data()) < 80
        picture.paste(255, tuple(map(int, box)))
    assert min(picture.get_flattened_data()) > 200, "ink is left outside the rectangles"


def test_what_was_filled_into_a_form_is_shown_and_marked(
    tmp_path: Path, images: PageImages
) -> None:
    from io import BytesIO

    from PIL import Image

    path = tmp_path / "form.pdf"
    canvas = Canvas(str(path), pagesize=(900, 1200), invariant=True)
    canvas.drawString(72, 1150, "Amount:")
    canvas.acroForm.textfield(
        name="amount", x=72, y=680, width=300, height=20, value="42,000 euro", borderWidth=0
    )
    canvas.save()
    assert stands(images, path, 1, page_text(path, 1), "42,000 euro")
    (found,) = images.find(path, 1, "42,000 euro")
    picture = Image.open(BytesIO(images.draw(path, 1).png)).convert("L")
    sides = (found.left * picture.width, found.top * picture.height,
             found.right * picture.width, found.bottom * picture.height)  # fmt: skip
    assert min(picture.crop(tuple(map(int, sides))).get_flattened_data()) < 80


def test_a_page_of_a_thousand_is_opened_by_what_opened_the_first(
    tmp_path: Path, images: PageImages
) -> None:
    path = make_pdf(tmp_path, 1000)
    images.warm(path)
    images.find(path, 1, "Revenue")
    opened = images._children[path]
    found = images.find(path, 977, "Revenue of page 977 was 1,577 million.")
    picture = images.draw(path, 977, found)
    assert images._children[path] is opened
    assert len(found) == 1
    assert picture.png.startswith(b"\x89PNG") and picture.width == 1100


def test_what_no_child_can_draw_is_an_error_that_says_so(
    tmp_path: Path, images: PageImages
) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 nothing more")
    with pytest.raises(PageUnavailable, match="Page 1 cannot"):
        images.draw(broken, 1)
    with pytest.raises(PageUnavailable, match="Page 9 cannot"):
        images.find(make_pdf(tmp_path, 2), 9, "Revenue")


def test_a_child_that_died_is_started_again(tmp_path: Path, images: PageImages) -> None:
    path = make_pdf(tmp_path, 1)
    images.draw(path, 1)
    images._children[path]._process.kill()
    assert images.find(path, 1, "Revenue")


def test_hostile_files_cost_a_message_and_not_the_app(data: Path) -> None:
    pictures = PageImages()
    files = [p for kind in ("fuzz", "loops") for p in (data / "hardpdfs_dev").glob(f"*{kind}*.pdf")]
    for path in sorted(files)[:12]:
        try:
            pictures.draw(path, 1)
        except PageUnavailable as error:
            assert str(error)
    pictures.close()


def test_lines_are_made_of_boxes_that_follow_one_another() -> None:
    line = [Box(10 * n, 0, 10 * n + 9, 10) for n in range(4)]
    column = [Box(200, 0, 209, 10)]
    below = [Box(0, 12, 9, 22)]
    sideways = [Box(0, 30 + 10 * n, 10, 39 + 10 * n, is_vertical=True) for n in range(3)]
    assert lines_of([*line, *column, *below, *sideways]) == [
        Box(0, 0, 39, 10), column[0], below[0], Box(0, 30, 10, 59, is_vertical=True),
    ]  # fmt: skip
    assert Rectangle(0, 0, 0.5, 0.5).holds(0.2, 0.5)
