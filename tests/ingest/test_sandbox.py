"""Hostile documents cost only themselves."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pypdf
import pytest
from pypdf.generic import NameObject, StreamObject
from reportlab.pdfgen.canvas import Canvas

from ingest.intake import Admitted, Source, admit
from ingest.readers.message import Failed, ReadPage, clean, from_dict, to_dict
from ingest.sandbox import MAX_BAD_PAGES, Cancelled, read_document
from memgpt_docs.errors import LimitExceeded, UnreadableFile
from memgpt_docs.settings import Settings
from tests.ingest.processes import reading_children

ROOT = Path(__file__).resolve().parents[2]
LIMITS = '{"seconds": 60, "memory_mb": 4096, "pages": 10}'


def admitted(path: Path) -> Admitted:
    return admit(Source(path), max_file_mb=100)


def long_html(path: Path, paragraphs: int) -> Path:
    words = "<p>The quick brown fox number %d jumps over the lazy dog, as it did before.</p>"
    path.write_text("<html><body>" + "".join(words % n for n in range(paragraphs)))
    return path


def test_time_limit(tmp_path: Path) -> None:
    with pytest.raises(LimitExceeded, match=r"slow\.html took longer.*1 seconds.*MAX_READ_SECONDS"):
        read_document(
            admitted(long_html(tmp_path / "slow.html", 30_000)), Settings(max_read_seconds=1)
        )
    assert reading_children() == []


def test_memory_limit(tmp_path: Path) -> None:
    path = long_html(tmp_path / "fat.html", 60_000)
    with pytest.raises(
        LimitExceeded, match=r"fat\.html needs more memory.*256 MB.*MAX_READ_MEMORY_MB"
    ):
        read_document(admitted(path), Settings(max_read_memory_mb=256))


def test_a_deeply_nested_page_ends_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "deep.html").write_text("<html><body>" + "<div>" * 50_000 + "x")
    with pytest.raises(UnreadableFile, match=r"deep\.html is damaged: it is nested too deeply"):
        read_document(admitted(tmp_path / "deep.html"), Settings())


def test_stop_ends_the_child_at_once(tmp_path: Path) -> None:
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    with pytest.raises(Cancelled):
        read_document(admitted(long_html(tmp_path / "a.html", 30_000)), Settings(), stop=stop)
    assert reading_children() == []


# -- one page that its reader does not survive ------------------------------------------------


def heavy_pdf(path: Path, heavy: set[int], n_pages: int = 5, operations: int = 3_000_000) -> Path:
    """A PDF of a few kilobytes whose `heavy` pages place millions of letters: PDFium takes half a
    minute and two gigabytes for each."""
    canvas = Canvas(str(path))
    for number in range(1, n_pages + 1):
        canvas.drawString(50, 700, f"Page {number} has words.")
        canvas.showPage()
    canvas.save()
    writer = pypdf.PdfWriter(clone_from=path)
    letters = StreamObject()
    letters.set_data(b"BT /F1 12 Tf " + b"1 0 0 1 5 5 Tm (a) Tj " * operations + b" ET")
    packed = letters.flate_encode()
    for number in heavy:
        writer.pages[number - 1][NameObject("/Contents")] = writer._add_object(packed)
    writer.write(path)
    return path


def test_a_page_that_crashes_its_reader_costs_only_itself(tmp_path: Path) -> None:
    path = heavy_pdf(tmp_path / "heavy.pdf", {2, 5})
    totals: list[int | None] = []
    document = read_document(
        admitted(path),
        Settings(max_read_memory_mb=512),
        on_page=lambda _, total: totals.append(total),
    )
    assert [page.status for page in document.pages] == ["text", "failed", "text", "text", "failed"]
    assert [page.page_no for page in document.pages] == [1, 2, 3, 4, 5]
    assert "crashed" in document.pages[1].reason or "memory" in document.pages[1].reason
    assert set(totals) == {5}
    assert reading_children() == []


def test_a_page_that_hangs_its_reader_costs_only_itself(tmp_path: Path) -> None:
    path = heavy_pdf(tmp_path / "slow.pdf", {1})
    document = read_document(admitted(path), Settings(max_read_seconds=12))
    assert [page.status for page in document.pages] == ["failed", "text", "text", "text", "text"]
    assert document.pages[0].reason == "it took longer to read than 3 seconds"


def test_after_some_bad_pages_the_others_are_given_up(tmp_path: Path) -> None:
    bad = set(range(2, MAX_BAD_PAGES + 3))
    path = heavy_pdf(tmp_path / "heavy.pdf", bad, n_pages=MAX_BAD_PAGES + 5)
    document = read_document(admitted(path), Settings(max_read_memory_mb=512))
    assert len(document.pages) == MAX_BAD_PAGES + 5
    assert document.pages[0].status == "text"
    assert {page.status for page in document.pages[1:]} == {"failed"}
    assert document.pages[-1].reason.startswith("not read: the reader failed on 4 pages")


def test_a_document_without_a_readable_page_is_refused(tmp_path: Path) -> None:
    path = heavy_pdf(tmp_path / "heavy.pdf", {1}, n_pages=1)
    with pytest.raises(LimitExceeded, match=r"A page of heavy\.pdf took longer.*1 seconds"):
        read_document(admitted(path), Settings(max_read_seconds=4))


CONFINED = """
import json, socket, subprocess, sys, os
from ingest.reader_process import confine
confine(json.loads(sys.argv[1]))
def refused(what):
    try:
        what()
    except OSError:
        return True
    return False
print(json.dumps([
    refused(lambda: socket.create_connection(("127.0.0.1", 9), timeout=1)),
    refused(lambda: socket.getaddrinfo("localhost", 80)),
    refused(lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))),
    refused(lambda: subprocess.run(["true"])),
    refused(lambda: os.fork()),
    refused(lambda: open(sys.argv[2], "w").write("x" * 100_000)),
]))
"""


def test_the_child_has_no_network_no_programs_and_writes_no_files(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CONFINED, LIMITS, str(tmp_path / "file")],
        capture_output=True, text=True, cwd=ROOT, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[true, true, true, true, true, true]"


def test_sentence_model_works_with_sockets_closed() -> None:
    code = (
        "import json, sys\n"
        "from ingest.reader_process import confine\n"
        "confine(json.loads(sys.argv[1]))\n"
        "from ingest.readers import unstructured_offline\n"
        "unstructured_offline.prepare()\n"
        "from unstructured.nlp.tokenize import sent_tokenize\n"
        "print(sent_tokenize('It rained. We stayed.'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, LIMITS],
        capture_output=True, text=True, cwd=ROOT, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "['It rained.', 'We stayed.']"


def test_the_child_gets_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.sandbox import _environment

    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    environment = _environment()
    assert "secret" not in environment.values()
    assert "HTTPS_PROXY" not in environment
    assert environment["DO_NOT_TRACK"] == environment["SCARF_NO_ANALYTICS"] == "1"


def test_messages_cross_the_boundary_and_nothing_else_does() -> None:
    page = ReadPage(3, "text", "text", "iv", "page", "")
    assert from_dict(to_dict(page)) == page
    assert from_dict(to_dict(Failed("memory"))) == Failed("memory")
    for wrong in (None, [], 5, {}, {"message": "page"}, {"message": "call"}, {"message": "opened"}):
        with pytest.raises(ValueError, match="not a message"):
            from_dict(wrong)


def test_text_is_cleaned() -> None:
    assert clean("a\r\nb\rc\x00d\x02e\ufffef\ud800g\x07h\tI") == "a\nb\ncd-e-f\ufffdg h\tI"
