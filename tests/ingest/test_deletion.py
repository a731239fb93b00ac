"""After a document was deleted, its words, its name and what was known of it are gone from disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from ingest import ingest, renew
from ingest.ocr import HOW, is_available, recognise
from memgpt_docs import Library
from memgpt_docs.storage.tables import index_vectors
from tests.ingest.conftest import MakePdf
from tests.ingest.test_ocr import scanned

WORD = "Zanzibarquux"
FORMS = [WORD.encode(), WORD.lower().encode(), WORD.upper().encode(), WORD.encode("utf-16-le")]


def traces(folder: Path) -> list[str]:
    """Files under `folder` in which, or in whose name, the word stands."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    named = [path.name for path in files if WORD.lower() in path.name.lower()]
    return named + [path.name for path in files if any(f in path.read_bytes() for f in FORMS)]


def test_name_title_headings_and_metadata_go_too(
    library: Library, tmp_path: Path, make_pdf: MakePdf
) -> None:
    other = make_pdf([["Net sales of another company rose by 77."]], "other.pdf")
    pages = [["Annual report", f"The codename is {WORD}."], ["Net sales rose by 4,123."]]
    secret = make_pdf(pages, f"{WORD}_2023_10K.pdf", outline={1: f"{WORD} part"}, title=WORD)
    list(ingest(library, [other, secret]))
    document = library.edit(secret.name, company=f"{WORD} Corp")
    list(renew(library, document))
    index_vectors(library.passages_table, pays_from=1)
    library.refresh()
    assert library.archival.search(WORD).total > 0
    assert traces(tmp_path / "library")
    assert library.delete(secret.name) > 0
    assert traces(tmp_path / "library") == []
    assert [one.file for one in library.documents()] == ["other.pdf"]
    assert library.archival.search("net sales").results[0].file == "other.pdf"


@pytest.mark.skipif(not is_available(), reason=f"the extra ocr is absent. {HOW}")
def test_recognised_words_go_too(library: Library, tmp_path: Path) -> None:
    image = Image.new("L", (1200, 1700), 255)
    ImageDraw.Draw(image).text((100, 200), WORD, font=ImageFont.load_default(60), fill=0)
    list(ingest(library, [scanned(tmp_path / "scan.pdf", image)]))
    list(recognise(library))
    assert WORD in library.page("scan.pdf", 1).text
    assert traces(tmp_path / "library")
    library.delete("scan.pdf")
    assert traces(tmp_path / "library") == []
