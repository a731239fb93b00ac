"""Documents made for the tests of ingestion, and where real ones may be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from memgpt_docs import Library
from memgpt_docs.settings import Settings

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
MakePdf = Callable[..., Path]

STATEMENT = [
    "Consolidated Statements of Cash Flows",
    "(in millions) 2024 2023 2022",
    *(f"Line {number} of the statement 1,{number:03} (2,{number:03}) 31" for number in range(40)),
]


def real_files(folder: str) -> list[Path]:
    """Files of a folder of real documents; skips the test where there are none."""
    files = sorted((DATA / folder).glob("*")) if (DATA / folder).is_dir() else []
    if not files:
        pytest.skip(f"no real documents: {DATA / folder} is absent")
    return files


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


@pytest.fixture
def make_pdf(tmp_path: Path) -> MakePdf:
    """Makes a PDF with a page for each list of lines; an empty list is a blank page and the word
    "IMAGE" a picture over most of the page."""

    def make(
        pages: list[list[str]],
        name: str = "made.pdf",
        *,
        outline: dict[int, str] | None = None,
        title: str = "",
    ) -> Path:
        path = tmp_path / name
        canvas = Canvas(str(path), pagesize=A4, invariant=True)
        if title:
            canvas.setTitle(title)
        for number, lines in enumerate(pages, start=1):
            if outline and number in outline:
                canvas.bookmarkPage(f"page-{number}")
                canvas.addOutlineEntry(outline[number], f"page-{number}", level=0)
            for index, line in enumerate(lines):
                if line == "IMAGE":
                    canvas.drawInlineImage(_picture(), 50, 50, 480, 600)
                else:
                    canvas.drawString(50, 800 - 16 * index, line)
            canvas.showPage()
        canvas.save()
        return path

    return make


def _picture() -> object:
    from PIL import Image

    return Image.new("RGB", (40, 60), (120, 130, 140))
