"""The pipeline as its callers see it: events in, documents in the library."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from ingest import (
    FileDone,
    FileStarted,
    FileStatus,
    PagesRead,
    PassagesEmbedded,
    Progress,
    Source,
    Summary,
    ingest,
    to_json,
)
from memgpt_docs import Library
from memgpt_docs.settings import Settings
from tests.ingest.conftest import STATEMENT, MakePdf
from tests.ingest.processes import reading_children
from tests.ingest.test_sandbox import long_html


def run(
    library: Library, *sources: Path | str | Source, settings: Settings | None = None
) -> list[Progress]:
    return list(ingest(library, sources, settings=settings))


def summary(events: Iterable[Progress]) -> Summary:
    *_, last = events
    assert isinstance(last, Summary)
    return last


def statuses(events: Iterable[Progress]) -> dict[str, str]:
    return {done.file: str(done.status) for done in summary(events).files}


def test_a_document_goes_in_whole(library: Library, make_pdf: MakePdf) -> None:
    path = make_pdf([["Halden Robotics annual report"], STATEMENT, []], "Halden_2024.pdf")
    events = run(library, path)
    kinds = [type(event) for event in events]
    assert kinds[0] is FileStarted
    assert kinds[-2:] == [FileDone, Summary]
    assert {PagesRead, PassagesEmbedded} < set(kinds)
    document = library.document("Halden_2024.pdf")
    done = summary(events).files[0]
    assert (done.doc_id, done.n_pages, done.n_passages) == (document.doc_id, 3, document.n_passages)
    assert (document.kind, document.n_bytes) == ("pdf", path.stat().st_size)
    assert library.page(document.doc_id, 2).text.split("\n") == STATEMENT
    passages = library.document_passages(document.doc_id)
    assert len(passages) == document.n_passages > 2
    assert all("Halden 2024" in passage.header for passage in passages)
    kept = library.file_path(document)
    assert kept is not None
    assert kept.read_bytes() == path.read_bytes()


def test_the_same_bytes_again_are_skipped(library: Library, make_pdf: MakePdf) -> None:
    path = make_pdf([STATEMENT], "first.pdf")
    run(library, path)
    again = summary(run(library, Source(path, "second.pdf")))
    assert again.files[0].status is FileStatus.SKIPPED
    assert again.files[0].reason == "The library already holds these bytes as first.pdf."
    assert [document.file for document in library.documents()] == ["first.pdf"]


def test_the_same_bytes_twice_in_one_call(library: Library, make_pdf: MakePdf) -> None:
    path = make_pdf([STATEMENT], "first.pdf")
    events = run(library, path, Source(path, "second.pdf"), Source(path, "third.pdf"))
    assert statuses(events) == {
        "first.pdf": "added", "second.pdf": "skipped", "third.pdf": "skipped",
    }  # fmt: skip


def test_one_bad_file_does_not_stop_the_others(
    library: Library, make_pdf: MakePdf, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a_bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    (folder / "b_empty.txt").write_bytes(b"")
    (folder / "c_old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "d_good.txt").write_text("Net sales rose to 116 million.")
    (folder / "e_long.pdf").write_bytes(make_pdf([STATEMENT] * 3).read_bytes())
    (folder / ".hidden").write_text("x")
    events = run(library, folder, "/no/such/file.pdf", settings=Settings(max_pages=2))
    assert statuses(events) == {
        "a_bad.pdf": "refused", "b_empty.txt": "refused", "c_old.doc": "refused",
        "d_good.txt": "added", "e_long.pdf": "refused", "file.pdf": "refused",
    }  # fmt: skip
    refused = [done for done in summary(events).files if done.status is FileStatus.REFUSED]
    assert all(done.reason.startswith(done.file) and done.help for done in refused)


def test_scanned_pages_are_reported(library: Library, make_pdf: MakePdf) -> None:
    done = summary(run(library, make_pdf([STATEMENT, ["IMAGE"], STATEMENT]))).files[0]
    assert (done.status, done.unread_pages) == (FileStatus.ADDED, (2,))
    assert library.documents()[0].unread_pages == (2,)


def test_a_document_of_scans_only_is_kept_with_its_pages(
    library: Library, make_pdf: MakePdf
) -> None:
    done = summary(run(library, make_pdf([["IMAGE"]] * 2))).files[0]
    assert (done.status, done.n_passages, done.unread_pages) == (FileStatus.ADDED, 0, (1, 2))


def test_events_are_stable_json(library: Library, make_pdf: MakePdf) -> None:
    lines = [
        json.loads(json.dumps(to_json(event))) for event in run(library, make_pdf([STATEMENT]))
    ]
    assert {line["event"] for line in lines} == {
        "file_started", "pages_read", "passages_embedded", "file_done", "summary",
    }  # fmt: skip
    assert list(lines[0]) == ["event", "file", "n_bytes"]
    assert list(lines[-2]) == [
        "event", "file", "status", "doc_id", "n_pages", "n_passages", "unread_pages", "seconds",
        "reason", "help",
    ]  # fmt: skip
    assert list(lines[-1]) == ["event", "files", "seconds", "pages", "pages_per_s"]
    assert lines[-1]["files"][0]["status"] == "added"


def test_progress_is_visible_before_anything_is_read(library: Library, make_pdf: MakePdf) -> None:
    events = ingest(library, [make_pdf([STATEMENT] * 20)])
    assert isinstance(next(events), FileStarted)
    assert reading_children() == []
    events.close()


def test_closing_the_generator_ends_the_children(
    library: Library, make_pdf: MakePdf, tmp_path: Path
) -> None:
    slow = long_html(tmp_path / "slow.html", 30_000)
    events = ingest(library, [slow, make_pdf([STATEMENT])])
    assert any(isinstance(event, PagesRead) for event in events)
    assert reading_children() != []
    events.close()
    assert reading_children() == []
    assert "slow.html" not in {document.file for document in library.documents()}


def test_cancelling_keeps_what_was_added(
    library: Library, make_pdf: MakePdf, tmp_path: Path
) -> None:
    quick = make_pdf([STATEMENT], "quick.pdf")
    slow = long_html(tmp_path / "slow.html", 30_000)
    added: list[str] = []
    events = []
    for event in ingest(library, [quick, slow, "later.pdf"], cancelled=lambda: bool(added)):
        events.append(event)
        if isinstance(event, FileDone) and event.status is FileStatus.ADDED:
            added.append(event.file)
    found = statuses(events)
    assert (found["quick.pdf"], found["slow.html"]) == ("added", "cancelled")
    assert reading_children() == []
    assert library.archival.search("statement").total > 0


def test_an_upload_is_shown_under_its_own_name(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "tmpabc123"
    path.write_text("# Plan\n\nThe robots are ready.")
    run(library, Source(path, "../Plan\u202e.md"))
    assert library.documents()[0].file == "Plan .md"
    assert library.documents()[0].kind == "markdown"


def test_a_file_that_changes_while_it_is_read_is_refused(
    library: Library, make_pdf: MakePdf
) -> None:
    path = make_pdf([STATEMENT])
    events = ingest(library, [path])
    next(events)
    path.write_bytes(path.read_bytes() + b"\n")
    done = summary(events).files[0]
    assert (done.status, library.documents()) == (FileStatus.REFUSED, [])
    assert "changed while it was read" in done.reason


def test_nothing_to_do(library: Library) -> None:
    assert summary(run(library)).files == ()


@pytest.mark.parametrize("limit", [32, 512])
def test_passages_hold_the_limit_that_is_set(
    library: Library, make_pdf: MakePdf, limit: int
) -> None:
    run(library, make_pdf([STATEMENT] * 2), settings=Settings(passage_tokens=limit))
    passages = library.document_passages(library.documents()[0].doc_id)
    assert max(passage.n_tokens for passage in passages) <= limit


def test_what_other_versions_made_is_replaced(library: Library, make_pdf: MakePdf) -> None:
    path = make_pdf([STATEMENT] * 2, "first.pdf")
    run(library, path)
    before = library.documents()[0]
    assert statuses(run(library, path)) == {"first.pdf": "skipped"}
    finer = summary(run(library, path, settings=Settings(passage_tokens=64))).files[0]
    assert (finer.status, finer.doc_id) == (FileStatus.ADDED, before.doc_id)
    assert finer.reason == "It replaces what an older version made of it."
    document = library.documents()[0]
    assert document.n_passages > before.n_passages
    assert len(library.document_passages(document.doc_id)) == document.n_passages
    # An older reader, or a library from before there was a pipeline version.
    for older in (replace(before, reader="pypdfium2 0.1"), replace(before, pipeline="")):
        library.add(older, [], [], library.embedder.embed([]).reshape(0, 256))
        assert statuses(run(library, path)) == {"first.pdf": "added"}
        assert statuses(run(library, path)) == {"first.pdf": "skipped"}


def test_the_time_left_is_told(library: Library, make_pdf: MakePdf) -> None:
    events = run(library, make_pdf([STATEMENT] * 30))
    read = [event for event in events if isinstance(event, PagesRead)]
    embedded = [event for event in events if isinstance(event, PassagesEmbedded)]
    assert read[-1].seconds_left == 0
    assert embedded[-1].seconds_left == 0
    assert all(event.seconds_left is None or event.seconds_left >= 0 for event in read)
