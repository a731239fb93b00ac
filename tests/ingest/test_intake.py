"""What may come in, by content."""

from __future__ import annotations

import os
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.intake import MAX_NAME_CHARS, Source, admit, find, safe_name
from memgpt_docs.errors import (
    EmptyFile,
    IngestError,
    LimitExceeded,
    ProtectedFile,
    UnreadableFile,
    UnsupportedFile,
)


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", b"%PDF-1.7 in a file with another ending", "pdf"),
        ("report.pdf", b"<!DOCTYPE html><html><body>x</body></html>", "html"),
        ("filing.txt", b"<?xml version='1.0'?>\n<html xmlns:ix='x'><body/></html>", "html"),
        ("page", b"<!-- saved -->\n<div>x</div>", "html"),
        ("about.txt", b"Group with <div> and <table>, and run a <script>.\n", "text"),
        ("about.html", b"Group with <b>care</b>.\n", "html"),
        ("notes.md", b"# Notes\n\nText", "markdown"),
        ("notes.txt", b"# Notes\n\nText", "text"),
        ("no_ending", "净利润".encode(), "text"),
        ("utf16.txt", "Text".encode("utf-16"), "text"),
        ("old.txt", b"<PAGE>\nFORM 10-K\n", "text"),
        ("rows.csv", b"a,b\n1,2\n", "csv"),
        ("page.csv", b"<html><body>x</body></html>", "html"),
        ("mail", b"Received: by host\r\nFrom: a@b.c\r\nSubject: x\r\n\r\nText", "mail"),
        ("short.eml", b"Subject: x\n\nText", "mail"),
        ("memo.txt", b"From: A\nTo: B\nSubject: C\n\nText", "text"),
    ],
)
def test_kind_is_decided_by_content(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    admitted = admit(Source(write(tmp_path, name, content)), max_file_mb=1)
    assert (admitted.kind, admitted.n_bytes) == (kind, len(content))
    assert admitted.doc_id == admitted.sha256[:16]


def zipped(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        for name in names:
            package.writestr(name, "x")
    return path


@pytest.mark.parametrize(
    ("member", "kind"),
    [("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"), ("ppt/presentation.xml", "pptx"),
     ("META-INF/container.xml", "epub")],
)  # fmt: skip
def test_packages_are_told_apart(tmp_path: Path, member: str, kind: str) -> None:
    assert admit(Source(zipped(tmp_path / "a.zip", member)), max_file_mb=1).kind == kind


def test_packages_that_cannot_come_in(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFile, match=r"is an archive.*Unpack it"):
        admit(Source(zipped(tmp_path / "c.zip", "one.pdf")), max_file_mb=1)
    with pytest.raises(UnreadableFile, match="damaged package"):
        admit(Source(write(tmp_path, "d.docx", b"PK\x03\x04 and nothing")), max_file_mb=1)
    with zipfile.ZipFile(tmp_path / "e.odt", "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    with pytest.raises(UnsupportedFile, match=r"OpenDocument text \(ODT\).*as DOCX or PDF"):
        admit(Source(tmp_path / "e.odt"), max_file_mb=1)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (OLE + "WordDocument".encode("utf-16-le"), UnsupportedFile, r"Word file \(DOC\).*as DOCX"),
        (OLE + "Workbook".encode("utf-16-le"), UnsupportedFile, r"Excel file \(XLS\).*as XLSX"),
        (OLE, UnsupportedFile, "old Office file.*as PDF"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), ProtectedFile, "with a password.*without"),
        (b"{\\rtf1\\ansi text}", UnsupportedFile, r"rich-text file \(RTF\).*as DOCX or PDF"),
        (b"\x89PNG\r\n", UnsupportedFile, "is a picture.*into a PDF"),
        (bytes(range(256)) * 8, UnsupportedFile, "cannot be read.*PPTX, XLSX, CSV"),
    ],
)
def test_a_kind_that_is_not_read_is_named(
    tmp_path: Path, content: bytes, error: type[IngestError], words: str
) -> None:
    with pytest.raises(error, match=rf"^any\.name.*{words}"):
        admit(Source(write(tmp_path, "any.name", content)), max_file_mb=1)


def test_a_pdf_that_lost_its_beginning_is_not_taken_for_text(tmp_path: Path) -> None:
    for content in (b"xref 0 1\ntrailer <</Size 1>>", bytes(range(256))):
        with pytest.raises(UnreadableFile, match=r"a\.pdf is damaged.*not begin as a PDF"):
            admit(Source(write(tmp_path, "a.pdf", content)), max_file_mb=1)


def test_what_cannot_come_in_is_named(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile, match=r"empty\.pdf is empty"):
        admit(Source(write(tmp_path, "empty.pdf", b"")), max_file_mb=1)
    with pytest.raises(EmptyFile, match="only white space"):
        admit(Source(write(tmp_path, "blank.txt", b" \n\n ")), max_file_mb=1)
    with pytest.raises(UnreadableFile, match="does not exist"):
        admit(Source(tmp_path / "gone.pdf"), max_file_mb=1)
    with pytest.raises(LimitExceeded, match=r"big\.txt.*1 MB.*MEMGPT_DOCS_MAX_FILE_MB"):
        admit(Source(write(tmp_path, "big.txt", b"x" * (1024 * 1024 + 1))), max_file_mb=1)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(UnsupportedFile, match="is not a file"):
        admit(Source(tmp_path / "pipe.txt"), max_file_mb=1)


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", b"one")
    admitted = admit(Source(path), max_file_mb=1)
    assert admitted.unchanged()
    path.write_bytes(b"two words")
    assert not admitted.unchanged()
    path.unlink()
    assert not admitted.unchanged()


def test_folders_give_their_documents_in_order(tmp_path: Path) -> None:
    names = ["b.PDF", "a.txt", ".hidden.pdf", "~$a.docx", "sub/c.xlsx", ".git/config.txt",
             "photo.jpg", "index.db", "old.doc"]  # fmt: skip
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = [source.shown for source in find([tmp_path, Source(tmp_path / "a.txt", "up.txt")])]
    assert found == ["a.txt", "b.PDF", "old.doc", "c.xlsx", "up.txt"]


def test_a_file_that_is_named_is_looked_at_whatever_its_ending(tmp_path: Path) -> None:
    path = write(tmp_path, "report.dat", b"%PDF-1.7")
    assert [source.path for source in find([path])] == [path]
    assert admit(Source(path), max_file_mb=1).kind == "pdf"


def test_a_folder_without_documents_is_refused_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    (folder / "sub").mkdir(parents=True)
    write(folder, "data.json", b"{}")
    (named,) = find([folder])
    with pytest.raises(EmptyFile, match=r"^odd is a folder without a document.*PDF, HTML"):
        admit(named, max_file_mb=1)
    (tmp_path / "link").symlink_to(folder)
    (named,) = find([tmp_path / "link"])
    with pytest.raises(EmptyFile, match=r"^odd is"):
        admit(named, max_file_mb=1)


def test_a_linked_folder_is_not_entered_and_named(tmp_path: Path) -> None:
    for name in ("given", "given/sub", "elsewhere"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, "a.txt", b"x")
    (tmp_path / "given" / "link").symlink_to(tmp_path / "elsewhere")
    first, link, last = find([tmp_path / "given"])
    assert (first.shown, last.shown) == ("a.txt", "a.txt")
    with pytest.raises(UnsupportedFile, match=r"^link is a link to a folder.*by itself"):
        admit(link, max_file_mb=1)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_may_not_be_opened_is_named(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", b"x")
    (tmp_path / "closed").mkdir(mode=0)
    for closed in (list(find([tmp_path]))[-1], *find([tmp_path / "closed"])):
        with pytest.raises(UnreadableFile, match=r"^closed cannot be opened: Permission denied"):
            admit(closed, max_file_mb=1)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\folder\\report.pdf", "report.pdf"),
        ("a\u202efdp.exe", "a fdp.exe"),
        ("two\nlines\x00.pdf", "two lines .pdf"),
        ("..", "unnamed"),
        ("", "unnamed"),
        ("年报.pdf", "年报.pdf"),
    ],
)
def test_names_are_safe_to_show(name: str, shown: str) -> None:
    assert safe_name(name) == shown


@given(st.text(max_size=400))
def test_any_name_is_one_short_visible_line(name: str) -> None:
    shown = safe_name(name)
    assert shown.strip() == shown != ""
    assert len(shown) <= MAX_NAME_CHARS
    assert "/" not in shown
    assert "\\" not in shown
    assert all(c == " " or unicodedata.category(c)[0] not in "CZ" for c in shown)


def test_a_long_name_keeps_its_ending() -> None:
    assert safe_name("x" * 300 + ".pdf").endswith("….pdf")
