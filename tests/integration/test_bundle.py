"""An evidence bundle verifies anywhere, and names whatever was changed in it or in its sources."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from ingest import ingest
from memgpt_docs import Agent, Library
from memgpt_docs.citations.page_images import PageImages
from memgpt_docs.cli import main
from memgpt_docs.errors import UsageError
from memgpt_docs.events import Transcript
from memgpt_docs.export.bundle import MANIFEST, write
from memgpt_docs.export.report import Report
from memgpt_docs.export.verification import Finding, verify
from memgpt_docs.processors.scripted import ScriptedProcessor, call

FACT = "Revenue of Northwind was $1,577 million in fiscal 2023."


@pytest.fixture(scope="module")
def images() -> Iterator[PageImages]:
    pictures = PageImages()
    yield pictures
    pictures.close()


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    canvas = Canvas(str(folder / "Northwind_2023.pdf"), invariant=True)
    for number in range(1, 4):
        canvas.drawString(60, 700, FACT if number == 2 else f"Page {number} says nothing much.")
        canvas.showPage()
    canvas.save()
    (folder / "note.txt").write_text("The lease of Northwind ends in 2031.\n")
    return folder


@pytest.fixture(scope="module")
def bundle(documents: Path, images: PageImages, tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = Library(tmp_path_factory.mktemp("made") / "library")
    list(ingest(library, [documents]))
    transcript = Transcript()
    steps = [
        call("archival_search", query="Northwind revenue fiscal 2023"),
        call("archival_search", query="lease of Northwind ends"),
    ]
    for event in Agent(library, ScriptedProcessor(steps)).run("When and how much?"):
        transcript.add(event)
    handles = {
        result.passage.text: handle
        for read in transcript.pages
        for result, handle in zip(read.page.results, read.handles, strict=True)
    }
    revenue = next(handle for text, handle in handles.items() if FACT in text)
    lease = next(handle for text, handle in handles.items() if "lease" in text)
    send = call(
        "send_message",
        message=f"Revenue was $1,577 million [{revenue}]. The lease ends in 2031 [{lease}].",
        citations=[
            {"handle": revenue, "quote": "Revenue of Northwind was $1,577 million"},
            {"handle": lease, "quote": "The lease of Northwind ends in 2031."},
        ],
    )
    transcript = Transcript()
    for event in Agent(library, ScriptedProcessor([*steps, send])).run("When and how much?"):
        transcript.add(event)
    report = Report.of([transcript], library)
    path = tmp_path_factory.mktemp("bundle") / "bundle.zip"
    path.write_bytes(write(report, library, images))
    assert write(report, library, images) == path.read_bytes()
    return path


def problems(path: Path, images: PageImages, documents: Path | None = None) -> list[Finding]:
    return [finding for finding in verify(path, documents, images) if finding.problem]


Change = Callable[[dict[str, bytes]], None]


def changed(bundle: Path, folder: Path, change: Change, *, mend_sums: bool = False) -> Path:
    """A copy of a bundle with its members changed; with `mend_sums` as one who hides it would."""
    with zipfile.ZipFile(bundle) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    if mend_sums:
        manifest = json.loads(members[MANIFEST])
        for name in manifest["members"]:
            manifest["members"][name] = sha256(members[name]).hexdigest()
        members[MANIFEST] = json.dumps(manifest).encode()
    path = folder / "changed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, contents in members.items():
            archive.writestr(name, contents)
    return path


def replacing(member: str, old: str, new: str) -> Change:
    def change(members: dict[str, bytes]) -> None:
        text = members[member].decode()
        assert old in text
        members[member] = text.replace(old, new).encode()

    return change


def everywhere(old: str, new: str) -> Change:
    """A forgery that is consistent with itself."""

    def change(members: dict[str, bytes]) -> None:
        for name in ("answers.json", "pages.json", "answers.md", "trace.json"):
            members[name] = members[name].replace(old.encode(), new.encode())

    return change


def test_a_bundle_holds_what_is_needed(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        names = archive.namelist()
        manifest = json.loads(archive.read(MANIFEST))
        pages = json.loads(archive.read("pages.json"))
        trace = json.loads(archive.read("trace.json"))
        picture = archive.read(next(name for name in names if name.endswith(".png")))
    assert {"answers.json", "answers.md", "pages.json", "trace.json", MANIFEST} < set(names)
    assert {source["file"] for source in manifest["sources"]} == {"Northwind_2023.pdf", "note.txt"}
    assert all(len(source["sha256"]) == 64 for source in manifest["sources"])
    assert picture.startswith(b"\x89PNG")
    assert any(quotation["rectangles"] for page in pages for quotation in page["quotations"])
    assert [one["function"] for one in trace[0]["calls"]][-1] == "send_message"


def test_it_verifies_in_another_folder_with_and_without_the_documents(
    bundle: Path, documents: Path, images: PageImages, tmp_path: Path
) -> None:
    copy = Path(shutil.copy(bundle, tmp_path / "elsewhere.zip"))
    renamed = tmp_path / "renamed"
    renamed.mkdir()
    shutil.copy(documents / "Northwind_2023.pdf", renamed / "another name.pdf")
    shutil.copy(documents / "note.txt", renamed / "note.txt")
    assert problems(copy, images) == []
    assert problems(copy, images, renamed) == []
    assert main(["verify", str(copy), "--documents", str(renamed)]) == 0


@pytest.mark.parametrize("mend_sums", [False, True])
@pytest.mark.parametrize(
    ("member", "old", "new", "named"),
    [
        ("answers.json", "Northwind was $1,577 million\"", "Northwind was $1,578 million\"",
         "$1,578 million"),
        ("answers.json", "Revenue was $1,577 million", "Revenue was $1,677 million", "1,677"),
        ("answers.json", "ends in 2031.\"", "ends in 2032.\"", "2032"),
        ("pages.json", "$1,577 million", "$1,579 million", "quotation 1"),
        ("answers.json", '"status": "exact"', '"status": "near"', "was near and is now exact"),
    ],
)  # fmt: skip
def test_a_changed_quotation_or_number_is_named_even_when_the_sums_were_mended(
    bundle: Path, images: PageImages, tmp_path: Path,
    member: str, old: str, new: str, named: str, mend_sums: bool,
) -> None:  # fmt: skip
    path = changed(bundle, tmp_path, replacing(member, old, new), mend_sums=mend_sums)
    found = problems(path, images)
    assert any(named in str(finding) for finding in found), found
    assert any(finding.what == member for finding in found) != mend_sums
    assert main(["verify", str(path)]) == 1


def test_quotation_page_and_sums_changed_together_are_found_in_the_source(
    bundle: Path, documents: Path, images: PageImages, tmp_path: Path
) -> None:
    path = changed(bundle, tmp_path, everywhere("1,577", "1,777"), mend_sums=True)
    assert problems(path, images) == []  # it is consistent with itself
    found = problems(path, images, documents)
    assert any("does not stand there" in str(finding) for finding in found)


def test_what_was_forged_of_any_kind_of_document_is_found_when_it_is_read_again(
    bundle: Path, documents: Path, images: PageImages, tmp_path: Path, capsys: Any
) -> None:
    path = changed(bundle, tmp_path, everywhere("2031", "2032"), mend_sums=True)
    assert problems(path, images, documents) == []  # a text has no page to be looked at
    assert main(["verify", str(path), "--documents", str(documents)]) == 1
    told = capsys.readouterr().out
    assert "in note.txt" in told and "does not stand on page 1" in told


FAKE = "Revenue of Northwind was $9,999 million, a record."


def with_a_fake_quotation(file: str, **more: Any) -> Change:
    """Puts a quotation into answer and page, as one who forges would, and leaves the chunk."""

    def change(members: dict[str, bytes]) -> None:
        report = json.loads(members["answers.json"])
        citation = next(c for c in report["answers"][0]["citations"] if c["file"] == file)
        citation.update(quote=FAKE, **more)
        members["answers.json"] = json.dumps(report).encode()
        pages = json.loads(members["pages.json"])
        for page in pages:
            if page["doc_id"] == citation["doc_id"]:
                page["text"] += f"\n{FAKE}"
        members["pages.json"] = json.dumps(pages).encode()

    return change


@pytest.mark.parametrize("file", ["note.txt", "Northwind_2023.pdf"])
@pytest.mark.parametrize("more", [{}, {"source_text": "Northwind"}])
def test_a_quotation_must_stand_in_its_chunk_and_not_only_on_the_page_in_the_bundle(
    bundle: Path, images: PageImages, tmp_path: Path, file: str, more: dict[str, str]
) -> None:
    path = changed(bundle, tmp_path, with_a_fake_quotation(file, **more), mend_sums=True)
    assert any("was exact and is now not_found" in str(one) for one in problems(path, images))


def test_what_is_cited_is_looked_for_even_when_the_manifest_does_not_name_it(
    bundle: Path, documents: Path, images: PageImages, tmp_path: Path
) -> None:
    def forge(members: dict[str, bytes]) -> None:
        everywhere("1,577", "1,777")(members)
        manifest = json.loads(members[MANIFEST])
        members[MANIFEST] = json.dumps(manifest | {"sources": []}).encode()

    path = changed(bundle, tmp_path, forge, mend_sums=True)
    found = problems(path, images, documents)
    assert any("does not stand there" in str(finding) for finding in found)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    absent = {f.what for f in problems(path, images, elsewhere) if "is not in" in f.problem}
    assert absent == {"source Northwind_2023.pdf", "source note.txt"}


def test_a_page_that_a_source_does_not_have_is_named(
    bundle: Path, documents: Path, tmp_path: Path, capsys: Any
) -> None:
    def forge(members: dict[str, bytes]) -> None:
        for name in ("answers.json", "pages.json"):
            members[name] = members[name].replace(b'"page_no": 1,', b'"page_no": 777,')

    path = changed(bundle, tmp_path, forge, mend_sums=True)
    assert main(["verify", str(path), "--documents", str(documents)]) == 1
    assert "there is no page 777" in capsys.readouterr().out


@settings(max_examples=60)
@given(st.data())
def test_a_bundle_with_a_damaged_byte_is_read_with_words(
    bundle: Path, images: PageImages, data: st.DataObject
) -> None:
    contents = bytearray(bundle.read_bytes())
    place = data.draw(st.integers(0, len(contents) - 1))
    contents[place] ^= 1 << data.draw(st.integers(0, 7))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "damaged.zip"
        path.write_bytes(contents)
        with suppress(UsageError):
            list(verify(path, None, images))


def test_a_compressed_member_that_is_damaged_is_named(
    bundle: Path, images: PageImages, tmp_path: Path
) -> None:
    with zipfile.ZipFile(bundle) as archive:
        info = archive.getinfo("trace.json")
    contents = bytearray(bundle.read_bytes())
    start = info.header_offset + 30 + len("trace.json")
    contents[start : start + 20] = b"\xff" * 20
    (tmp_path / "damaged.zip").write_bytes(contents)
    found = {finding.what for finding in problems(tmp_path / "damaged.zip", images)}
    assert found == {"trace.json"}


def test_a_short_quotation_that_was_not_found_is_not_found_on_its_page_either(
    images: PageImages, tmp_path: Path
) -> None:
    (tmp_path / "rates.txt").write_text(f"Sales were 2,561.4.\n\n{'Other matters follow. ' * 99}")
    library = Library(tmp_path / "library")
    list(ingest(library, [tmp_path / "rates.txt"]))
    transcript = Transcript()
    cited = [{"handle": 2, "quote": "2,561.4"}]  # the second passage
    steps = [
        call("archival_search", query="other matters follow", page=1),
        *[call("send_message", message="It was so [2].", citations=cited)] * 3,
    ]
    for event in Agent(library, ScriptedProcessor(steps)).run("How much?"):
        transcript.add(event)
    assert transcript.answer is not None
    (citation,) = transcript.answer.citations
    assert citation.status == "not_found"
    path = tmp_path / "bundle.zip"
    path.write_bytes(write(Report.of([transcript], library), library, images))
    assert problems(path, images) == []


def test_a_changed_byte_of_a_source_is_named(
    bundle: Path, documents: Path, images: PageImages, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(documents, tmp_path / "documents"))
    contents = bytearray((copy / "Northwind_2023.pdf").read_bytes())
    contents[-2] ^= 1
    (copy / "Northwind_2023.pdf").write_bytes(contents)
    found = problems(bundle, images, copy)
    assert [finding.what for finding in found] == ["source Northwind_2023.pdf"]
    assert "changed" in found[0].problem
    (copy / "Northwind_2023.pdf").unlink()
    assert "is not in" in problems(bundle, images, copy)[0].problem


def test_members_that_are_missing_added_or_damaged_are_named(
    bundle: Path, images: PageImages, tmp_path: Path
) -> None:
    def change(members: dict[str, bytes]) -> None:
        del members["trace.json"]
        members["pages/extra.png"] = b"x"
        members["answers.json"] = b"{"

    found = {f.what: f.problem for f in problems(changed(bundle, tmp_path, change), images)}
    assert "missing" in found["trace.json"] and "added" in found["pages/extra.png"]
    assert "cannot be read" in found["answers.json"]


def test_what_is_no_bundle_is_refused_with_words(
    images: PageImages, tmp_path: Path, capsys: Any
) -> None:
    wrong = tmp_path / "wrong.zip"
    with pytest.raises(UsageError, match="no file"):
        problems(wrong, images)
    wrong.write_bytes(b"PK no zip")
    with pytest.raises(UsageError, match="not a zip"):
        problems(wrong, images)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "b")
    wrong.write_bytes(stream.getvalue())
    assert main(["verify", str(wrong)]) == 2
    assert "manifest.json" in capsys.readouterr().err
