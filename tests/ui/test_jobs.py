"""Jobs, sessions and intake without a page: events, cancelling, failing, memory."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from ingest.intake import Source
from ingest.progress import FileStatus
from memgpt_docs import Library
from memgpt_docs.errors import UnsupportedFile
from memgpt_docs.events import StopReason
from memgpt_docs.settings import Settings
from memgpt_docs.ui import samples
from memgpt_docs.ui.desk import MAX_FINISHED_INTAKES, Desk
from memgpt_docs.ui.intake_job import IntakeJob, Stage
from memgpt_docs.ui.jobs import Cancelled, Job
from memgpt_docs.ui.library_panel import load_samples
from memgpt_docs.ui.open_sessions import MAX_SESSIONS
from tests.conftest import REPORTS, add_file

WAIT_S = 60


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Settings(library=str(tmp_path / "library")))


def text_file(folder: Path, name: str, text: str) -> Source:
    path = folder / name
    path.write_text(text, "utf-8")
    return Source(path)


def finish(job: IntakeJob) -> IntakeJob:
    job.join(WAIT_S)
    assert not job.running
    job.refresh()
    return job


def test_a_job_keeps_its_events_until_they_are_drained() -> None:
    def work(_: Cancelled) -> Iterator[int]:
        yield from range(3)

    job = Job(work)
    job.join(WAIT_S)
    assert job.drain() == [0, 1, 2]
    assert job.drain() == []
    assert not job.running and job.failure is None


def test_a_cancelled_job_keeps_what_it_did() -> None:
    begun = Event()

    def work(cancelled: Cancelled) -> Iterator[str]:
        yield "before"
        begun.set()
        while not cancelled():
            time.sleep(0.01)
        yield "after"

    job = Job(work)
    assert begun.wait(WAIT_S) and job.running and not job.cancelled
    job.cancel()
    job.join(WAIT_S)
    assert job.cancelled and not job.running
    assert job.drain() == ["before", "after"]


def test_a_failed_job_says_what_to_do_and_shows_no_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(_: Cancelled) -> Iterator[int]:
        yield 1
        raise UnsupportedFile("It is a picture.", "Add a PDF.")

    def break_down(_: Cancelled) -> Iterator[int]:
        yield 1
        raise ZeroDivisionError("secret detail")

    job = Job(refuse)
    job.join(WAIT_S)
    assert job.drain() == [1] and job.failure is not None
    assert (job.failure.message, job.failure.help) == ("It is a picture.", "Add a PDF.")
    job = Job(break_down)
    job.join(WAIT_S)
    assert job.failure is not None
    assert "ZeroDivisionError" in job.failure.message
    assert "secret detail" not in job.failure.message + job.failure.help
    assert "secret detail" in caplog.text


def test_files_come_in_and_others_are_refused_with_a_reason(desk: Desk, tmp_path: Path) -> None:
    job = finish(
        desk.take_in(
            [
                text_file(tmp_path, "terms.txt", "The term of the lease is nine years."),
                text_file(tmp_path, "empty.txt", ""),
            ]
        )
    )
    assert [document.file for document in desk.library.documents()] == ["terms.txt"]
    ends = {progress.file: progress.end for progress in job.files}
    assert all(progress.stage is Stage.DONE for progress in job.files)
    assert ends["terms.txt"] is not None and ends["terms.txt"].status is FileStatus.ADDED
    assert ends["empty.txt"] is not None and ends["empty.txt"].status is FileStatus.REFUSED
    assert ends["empty.txt"].reason and ends["empty.txt"].help
    assert job.summary is not None and job.failure is None


def test_uploads_are_gone_from_the_temporary_folder_afterwards(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    names = ["../../etc/passwd.txt", "same.txt", "same.txt"]
    job = finish(
        desk.take_in([(name, io.BytesIO(b"Lease %d of nine." % n)) for n, name in enumerate(names)])
    )
    assert [p.end.status for p in job.files if p.end] == [FileStatus.ADDED] * 3
    assert sorted(d.file for d in desk.library.documents()) == [
        "passwd.txt",
        "same.txt",
        "same.txt",
    ]
    assert not list(folder.glob("memgpt-docs-*"))


def test_a_cancelled_intake_leaves_a_whole_library(desk: Desk, tmp_path: Path) -> None:
    sources = [
        text_file(tmp_path, f"{n}.txt", f"Contract {n}. " + "Clause. " * 2000) for n in range(20)
    ]
    job = desk.take_in(sources)
    waiting = desk.take_in([text_file(tmp_path, "later.txt", "Later.")])
    waiting.cancel()
    job.cancel()
    finish(job)
    finish(waiting)
    documents = desk.library.documents()
    assert len(documents) < 21
    assert "later.txt" not in {document.file for document in documents}
    for document in documents:
        assert len(desk.library.document_passages(document.doc_id)) == document.n_passages


def test_finished_intakes_and_idle_sessions_are_forgotten(desk: Desk, tmp_path: Path) -> None:
    for number in range(MAX_FINISHED_INTAKES + 3):
        added = finish(desk.take_in([text_file(tmp_path, f"{number}.txt", f"Lease {number}.")]))
        refused = finish(desk.take_in([text_file(tmp_path, f"empty-{number}.txt", "")]))
        assert added not in desk.intakes and refused in desk.intakes
    assert len(desk.intakes) <= MAX_FINISHED_INTAKES + 1
    desk.dismiss(desk.intakes[0])
    assert len(desk.intakes) <= MAX_FINISHED_INTAKES
    first = desk.session()
    for _ in range(MAX_SESSIONS + 5):
        desk.session()
    assert desk.session(first.session_id) is not first


def test_a_session_is_found_again_by_its_id_only(desk: Desk) -> None:
    session = desk.session()
    assert desk.session(session.session_id) is session
    assert desk.session() is not session
    for bad in ("", "x", "../..", session.session_id.upper() + "0", "' or 1=1"):
        assert desk.session(bad) is not session


@pytest.fixture
def reading_desk(reports: Library) -> Desk:
    desk = Desk(Settings(library=reports.uri))
    assert len(desk.library.documents()) == len(REPORTS)
    return desk


def test_questions_wait_for_each_other_and_share_a_memory(reading_desk: Desk) -> None:
    session = reading_desk.session()
    turns = [session.ask("What was the revenue of Acme?") for _ in range(3)]
    for turn in turns:
        turn.join(WAIT_S)
    session.refresh()
    assert [turn.number for turn in turns] == [1, 2, 3]
    for turn in turns:
        answer = turn.transcript.answer
        assert answer is not None and answer.stop_reason is StopReason.ANSWERED
        assert turn.steps and turn.transcript.pages
    # The same passages bear the same handles: it is one agent.
    first, *_, last = (turn.transcript.pages[0] for turn in turns)
    assert first.handles == last.handles


def test_a_question_cancelled_while_it_waits_never_begins(reading_desk: Desk) -> None:
    session = reading_desk.session()
    session.ask("What was the revenue of Acme?")
    waiting = session.ask("What was the revenue of Birch?")
    waiting.cancel()
    waiting.join(WAIT_S)
    session.turns[0].join(WAIT_S)
    session.refresh()
    answer = waiting.transcript.answer
    assert answer is None or answer.stop_reason in (StopReason.CANCELLED, StopReason.ANSWERED)
    assert session.turns[0].transcript.answer is not None


def test_deleting_runs_beside_the_page(reading_desk: Desk) -> None:
    document = reading_desk.library.documents()[0]
    job = reading_desk.delete(document)
    job.join(WAIT_S)
    assert document.doc_id not in {d.doc_id for d in reading_desk.library.documents()}
    assert reading_desk.deleting() == set()
    again = reading_desk.delete(document)
    again.join(WAIT_S)
    assert "no document" in " ".join(reading_desk.failed_deletions())
    assert reading_desk.failed_deletions() == []


def test_a_document_added_meanwhile_is_seen(reading_desk: Desk) -> None:
    add_file(reading_desk.library, "New.pdf", ["Profit was 12."])
    assert "New.pdf" in {document.file for document in reading_desk.library.documents()}


def test_only_the_sample_documents_that_are_missing_come_in(desk: Desk) -> None:
    if not samples.sources():
        pytest.skip("the sample documents are not here")
    *there, missing = sorted(samples.sources(), key=lambda one: -one.path.stat().st_size)
    for source in there:
        add_file(desk.library, source.shown, ["A page."])
    load_samples(desk)
    job = finish(desk.intakes[-1])
    assert [(one.file, one.end and one.end.status) for one in job.files] == [
        (missing.shown, FileStatus.ADDED)
    ]
