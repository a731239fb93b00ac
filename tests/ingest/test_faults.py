"""After a crash at any point every document is whole or absent, the library opens, and a second
run completes."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ingest import FileStatus, Source, Summary, ingest
from ingest.chunk import check
from memgpt_docs import Library
from memgpt_docs.settings import Settings
from tests.ingest import fault_process
from tests.ingest.conftest import MakePdf
from tests.ingest.processes import reading_children

# 52 points in all.
PARENT_KILLS = 10
WRITER_KILLS = 24
REPLACEMENT_KILLS = 6
CHILD_KILLS = 12


@pytest.fixture(scope="module")
def processes() -> Any:
    """Starts processes that have loaded everything and have no threads to be forked with."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.ingest.fault_process"])
    return context


@pytest.fixture
def folder(tmp_path: Path, make_pdf: MakePdf) -> Path:
    """Small documents, a PDF among them."""
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(2):
        lines = [f"Document {number} says on line {line} that sales rose." for line in range(40)]
        (folder / f"{number}.txt").write_text("\n\n".join(lines))
    made = make_pdf([["Annual report", "Net sales rose."], ["Costs fell."]], "four.pdf")
    made.rename(folder / "four.pdf")
    return folder


def assert_whole(library: Library, passage_tokens: int = 2048) -> None:
    """Every document has all its pages and passages, and its file; nothing else is there."""
    known = {document.doc_id for document in library.documents()}
    for document in library.documents():
        pages = [library.page(document.doc_id, n + 1) for n in range(document.n_pages)]
        passages = library.document_passages(document.doc_id)
        assert len(passages) == document.n_passages, document.file
        assert check(pages, passages, passage_tokens) == []
    found = library.archival.search("sales rose", page_size=500)
    assert {result.passage.doc_id for result in found.results} <= known


def assert_completes(library: Library, folder: Path, settings: Settings) -> None:
    *_, last = ingest(library, [folder], settings=settings)
    assert isinstance(last, Summary)
    assert {done.status for done in last.files} <= {FileStatus.ADDED, FileStatus.SKIPPED}
    assert [one.file for one in library.documents()] == sorted(p.name for p in folder.iterdir())
    assert_whole(library, settings.passage_tokens)
    for document in library.documents():
        assert library.file_path(document) is not None, document.file


def kill_at(process: Any, library: str, n_events: int, seconds: float) -> None:
    """Kills `process` so long after its `n_events`-th event, whatever the machine's speed."""
    events = Path(f"{library}.events")
    events.write_text("")
    process.start()
    while process.is_alive() and events.stat().st_size < n_events:
        time.sleep(0.005)
    process.join(seconds)
    process.kill()  # nothing, where it has just ended by itself
    process.join()


def kill_after(process: Any, seconds: float) -> None:
    process.start()
    process.join(seconds)
    process.kill()  # nothing, where it has just ended by itself
    process.join()


def test_the_parent_is_killed(processes: Any, tmp_path: Path, folder: Path) -> None:
    rng = random.Random(3)
    states = []
    for number in range(PARENT_KILLS):
        # Another limit makes every document come in again: some runs replace, others add.
        tokens = 64 if number % 5 < 3 else 96
        if number % 5 == 0:
            path = str(tmp_path / f"library{number}")
        process = processes.Process(target=fault_process.take_in, args=(path, str(folder), tokens))
        kill_at(process, path, rng.randrange(14), rng.uniform(0, 0.2))
        library = Library(path, embedder=fault_process.EMBEDDER)
        assert_whole(library)
        states.append(len(library.documents()))
        if number % 5 == 4:
            assert_completes(library, folder, Settings(passage_tokens=tokens))
    # The points fell all over the run.
    assert len(set(states)) > 1, states


def test_the_parent_is_killed_while_it_writes(processes: Any, tmp_path: Path, folder: Path) -> None:
    rng = random.Random(5)
    path = str(tmp_path / "library")
    settings = Settings(passage_tokens=64)
    names = ["0.txt", "four.pdf"]
    for number in range(WRITER_KILLS):
        library = Library(path, embedder=fault_process.EMBEDDER)
        if number % 6 == 0:
            assert_completes(library, folder, settings)
        present = [one.file for one in library.documents() if one.file in names]
        process = processes.Process(target=fault_process.rewrite, args=(path, present))
        kill_after(process, rng.uniform(0.15, 0.9))
        library = Library(path, embedder=fault_process.EMBEDDER)
        assert_whole(library)
        # Those that were not written are as they were.
        assert {"1.txt"} <= {one.file for one in library.documents()}
    assert_completes(library, folder, settings)


def test_a_replacement_that_is_cut_short_leaves_the_older_document(
    processes: Any, tmp_path: Path, folder: Path
) -> None:
    """A document that is only ever replaced is never absent after a crash."""
    rng = random.Random(7)
    path = str(tmp_path / "library")
    assert_completes(Library(path), folder, Settings(passage_tokens=64))
    for number in range(REPLACEMENT_KILLS):
        args = (path, str(folder), 96 if number % 2 else 128)
        process = processes.Process(target=fault_process.take_in, args=args)
        kill_at(process, path, rng.randrange(3, 14), rng.uniform(0, 0.2))
        library = Library(path, embedder=fault_process.EMBEDDER)
        assert_whole(library)
        assert len(library.documents()) == 3


def test_the_child_is_killed(library: Library, folder: Path) -> None:
    rng = random.Random(11)
    killed: set[int] = set()
    stop = threading.Event()

    def kill() -> None:
        while not stop.is_set():
            time.sleep(rng.uniform(0.02, 0.25))
            for pid in reading_children():
                if pid not in killed and rng.random() < 0.5 and len(killed) < CHILD_KILLS:
                    killed.add(pid)
                    os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    began = time.monotonic()
    tokens = 64
    try:
        while len(killed) < CHILD_KILLS and time.monotonic() - began < 40:
            tokens += 1
            for _ in ingest(library, [folder], settings=Settings(passage_tokens=tokens)):
                pass
            assert_whole(library)
    finally:
        stop.set()
        killer.join()
    assert len(killed) == CHILD_KILLS
    assert_completes(library, folder, Settings(passage_tokens=64))


@pytest.mark.parametrize("file_limit", [700, 8_000, 30_000])
def test_the_disk_is_full(processes: Any, tmp_path: Path, folder: Path, file_limit: int) -> None:
    path = str(tmp_path / "library")
    before = Library(path, embedder=fault_process.EMBEDDER)
    list(ingest(before, [folder / "0.txt"], settings=Settings(passage_tokens=64)))
    process = processes.Process(
        target=fault_process.take_in, args=(path, str(folder), 96, file_limit)
    )
    kill_after(process, 30)
    assert process.exitcode == 0
    library = Library(path, embedder=fault_process.EMBEDDER)
    assert "0.txt" in [one.file for one in library.documents()]
    assert_whole(library)
    assert_completes(library, folder, Settings(passage_tokens=96))


def test_a_file_changes_while_it_is_read(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "growing.txt"
    for number in range(3):
        path.write_text("Sales rose. " * 2_000 + str(number))
        events = ingest(library, [Source(path, "growing.txt")])
        for event in events:
            if type(event).__name__ == ("FileStarted", "PagesRead", "PassagesEmbedded")[number]:
                path.write_text("Costs fell.")
        assert_whole(library)
        assert library.documents() == []
    assert_completes_alone(library, path)


def assert_completes_alone(library: Library, path: Path) -> None:
    *_, last = ingest(library, [path])
    assert isinstance(last, Summary)
    assert [str(done.status) for done in last.files] == ["added"]
    assert_whole(library)
