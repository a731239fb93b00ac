"""A library that is searched by better vectors: they follow, switch over at once, and stay true to
the documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from memgpt_docs import Library
from memgpt_docs.cli import main
from memgpt_docs.embedding import Embedder, make_embedder
from memgpt_docs.errors import EmbedderMismatch, EmbedderUnavailable
from memgpt_docs.evaluation.retrieval import without
from memgpt_docs.settings import Settings
from memgpt_docs.storage.archival import ArchivalStorage
from memgpt_docs.storage.filters import Filters
from memgpt_docs.storage.reembedding import follow, reembed, volume
from memgpt_docs.storage.vectors import AT_ONCE
from memgpt_docs.ui.chat import processor_line
from memgpt_docs.ui.chosen_processor import ChosenProcessor
from memgpt_docs.ui.recognition_job import RecognitionJob
from tests.conftest import REPORTS, add_file
from tests.integration.embedding_server import EmbeddingServer, Reply, Request, answered


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    server = EmbeddingServer()
    yield server
    server.close()


@pytest.fixture
def better(server: EmbeddingServer) -> Embedder:
    return make_embedder(
        "openai_compat", Settings(embedding_base_url=server.url, embedding_model="m")
    )


def switched(uri: str, embedder: Embedder) -> Library:
    for _ in reembed(Library(uri, switching=True), embedder):
        pass
    return Library(uri, embedder=embedder)


def sent_texts(server: EmbeddingServer) -> list[str]:
    return [text for request in server.requests for text in request["input"]]


def test_a_library_switches_over_whole(reports: Library, better: Embedder) -> None:
    before = reports.archival.rank("employees at year end")
    library = Library(reports.uri, switching=True)
    progress = list(reembed(library, better))
    assert progress[-1].passages_done == progress[-1].passages_total == 7
    opened = Library(reports.uri, embedder=better)
    assert opened.better is not None and opened.better.version > 0
    found = ArchivalStorage(opened, without(["full_text"])).search("Employees numbered 12,400")
    assert "12,400" in found.results[0].passage.text
    again = ArchivalStorage(Library(reports.uri, embedder=better)).rank("employees")
    assert ArchivalStorage(opened).rank("employees") == again
    # Who had it open goes on as before: the same ranking, at a version of its own.
    assert ArchivalStorage(reports).rank("employees at year end").entries == before.entries


def test_another_embedder_is_an_error_that_names_both_and_the_command(
    reports: Library, better: Embedder
) -> None:
    told = rf"{reports.embedder.id}.*not {better.id}.*memgpt-docs reembed openai_compat"
    with pytest.raises(EmbedderMismatch, match=told):
        Library(reports.uri, embedder=better)
    switched(reports.uri, better)
    told = rf"{better.id}.*not {reports.embedder.id}.*EMBEDDER=openai_compat.*reembed static"
    with pytest.raises(EmbedderMismatch, match=told):
        Library(reports.uri)
    back = switched(reports.uri, reports.embedder)
    assert back.better is None


def test_a_new_library_is_searched_by_what_the_settings_name(
    tmp_path: Path, server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "EMBEDDER": "openai_compat", "EMBEDDING_BASE_URL": server.url, "EMBEDDING_MODEL": "m",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"MEMGPT_DOCS_{name}", value)
    library = Library(tmp_path / "library")
    assert library.better is not None and library.better.embedder.id == "openai_compat/m"
    (tmp_path / "a.txt").write_text("The flywheel patent ends in 2031.")
    assert main(["--library", library.uri, "ingest", str(tmp_path / "a.txt")]) == 0
    assert any("flywheel" in text for text in sent_texts(server))
    version = int(library.documents_table.version)
    assert library.better.behind(library.documents(), version) == frozenset()


def test_what_is_not_embedded_yet_is_found_at_once(
    reports: Library, better: Embedder, server: EmbeddingServer
) -> None:
    library = switched(reports.uri, better)
    add_file(library, "late.txt", ["the orchestra rehearsed a symphony", "the hall was full"])
    server.requests.clear()
    only_vectors = ArchivalStorage(library, without(["full_text"]))
    first = only_vectors.search("the orchestra rehearsed a symphony")
    assert first.results[0].file == "late.txt" and first.total > 2
    assert len(sent_texts(server)) == 3  # the query and two passages, for this query only
    again = ArchivalStorage(Library(reports.uri, embedder=better), without(["full_text"]))
    assert again.rank("the orchestra rehearsed a symphony") == only_vectors.rank(
        "the orchestra rehearsed a symphony"
    )
    server.requests.clear()
    only_vectors.search("a symphony")
    assert sent_texts(server) == ["a symphony"]  # the passages' vectors are remembered
    version = library.version
    assert [made.passages_done for made in follow(library)][-1] == 2
    assert library.version > version
    server.requests.clear()
    followed = ArchivalStorage(library, without(["full_text"])).search("a symphony")
    assert followed.results[0].file == "late.txt"
    assert sent_texts(server) == ["a symphony"]
    assert list(follow(library)) == []


def test_at_most_so_many_passages_are_embedded_for_a_query(
    reports: Library, better: Embedder, server: EmbeddingServer
) -> None:
    library = switched(reports.uri, better)
    add_file(library, "late.txt", [f"valve number {n}" for n in range(2 * AT_ONCE)])
    server.requests.clear()
    assert library.archival.search("valve", page_size=200).total == 2 * AT_ONCE + 7
    assert len(sent_texts(server)) == 1 + AT_ONCE


def test_notes_of_a_session_are_found_by_it_alone(reports: Library, better: Embedder) -> None:
    library = switched(reports.uri, better)
    note = replace(add_file(library, "note", ["the orchestra"]), session_id="one")
    vectors = library.embedder.embed(["the orchestra"])
    library.add(note, library.pages(note.doc_id), library.document_passages(note.doc_id), vectors)
    by_vectors = without(["full_text"])
    own = ArchivalStorage(library, by_vectors, session_id="one").search("the orchestra")
    assert own.results[0].passage.text == "the orchestra"
    other = ArchivalStorage(library, by_vectors, session_id="two").search("the orchestra")
    assert "the orchestra" not in {result.passage.text for result in other.results}


def test_filters_hold_for_better_vectors(reports: Library, better: Embedder) -> None:
    library = switched(reports.uri, better)
    add_file(library, "late.txt", ["revenue of late"])
    for file in ("Acme_2023.pdf", "late.txt"):
        found = library.archival.search("revenue", filters=Filters(documents=(file,)))
        assert {result.file for result in found.results} == {file}
    assert library.archival.search("revenue", filters=Filters(kind="prose")).total > 0


def test_a_run_that_is_cut_short_goes_on_where_it_was(reports: Library) -> None:
    answers = iter([True, True])  # for the dimension, and one batch

    def then_down(request: Request) -> Reply:
        return answered(request) if next(answers, False) else (400, {"error": {"message": "no"}})

    failing, working = EmbeddingServer(then_down), EmbeddingServer()
    try:
        one, other = (
            make_embedder(
                "openai_compat", Settings(embedding_base_url=server.url, embedding_model="m")
            )
            for server in (failing, working)
        )
        library = Library(reports.uri, switching=True)
        assert volume(library, one).passages == 7
        with pytest.raises(EmbedderUnavailable):
            list(reembed(library, one))
        with pytest.raises(EmbedderMismatch):
            Library(reports.uri, embedder=one)
        left = volume(Library(reports.uri, switching=True), other)
        assert 0 < left.passages < 7
        opened = switched(reports.uri, other)
        texts = [text for text in sent_texts(working) if text != "dimension"]
        assert len(texts) == left.passages and opened.archival.search("revenue").total == 7
    finally:
        failing.close()
        working.close()


def test_a_cancelled_run_does_not_switch(reports: Library, better: Embedder) -> None:
    library = Library(reports.uri, switching=True)
    assert list(reembed(library, better, cancelled=lambda: True)) == []
    assert list(islice(reembed(library, better), 1))
    assert Library(reports.uri).better is None


def test_vectors_stay_true_to_their_documents(reports: Library, better: Embedder) -> None:
    library = switched(reports.uri, better)
    assert library.better is not None
    acme = library.document("Acme_2023.pdf")
    pages = library.pages(acme.doc_id)
    passages = library.document_passages(acme.doc_id)[:2]
    vectors = library.embedder.embed([passage.text for passage in passages])
    anew = replace(acme, n_passages=2, ingested_at=datetime.now(UTC))
    library.add(anew, pages, passages, vectors)
    behind = library.better.behind(library.documents(), int(library.documents_table.version))
    assert behind == {acme.doc_id}
    list(follow(library))
    rows = library.better.table.search().select(["doc_id"]).to_arrow()["doc_id"].to_pylist()
    assert rows.count(acme.doc_id) == 2
    library.delete("Acme_2023.pdf")
    rows = library.better.table.search().select(["doc_id"]).to_arrow()["doc_id"].to_pylist()
    assert acme.doc_id not in rows and rows


def test_searches_go_on_while_vectors_are_made(reports: Library, better: Embedder) -> None:
    archival = ArchivalStorage(reports)
    first = archival.search("revenue", 1, 2)
    library = Library(reports.uri, switching=True)
    for _ in reembed(library, better):
        page = archival.search("revenue", 2, 2)
        assert page.library_version == first.library_version == reports.version
    assert archival.search("revenue", 1, 2) == first


def test_in_the_app_they_follow_in_the_background(reports: Library, better: Embedder) -> None:
    library = switched(reports.uri, better)
    assert library.better is not None
    add_file(library, "late.txt", ["the orchestra rehearsed a symphony"])
    job = RecognitionJob(library, Settings())
    job.go_on()
    job.join(60)
    assert job.failure is None
    version = int(library.documents_table.version)
    assert library.better.behind(library.documents(), version) == frozenset()


def test_the_app_says_that_text_goes_to_the_embedder(reports: Library, better: Embedder) -> None:
    switched(reports.uri, better)
    settings = Settings(
        embedding_base_url="https://embeddings.example/v1", embedding_model="m",
        embedding_api_key="sk-0123",
    )  # fmt: skip
    remote = Library(reports.uri, embedder=make_embedder("openai_compat", settings))
    processor = ChosenProcessor(Settings())
    assert "text goes to embeddings.example" in processor_line(processor, remote).replace("\\", "")
    assert "nothing leaves this machine" in processor_line(processor, Library(
        reports.uri, embedder=better))  # fmt: skip


def test_the_command(
    reports: Library, server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("MEMGPT_DOCS_EMBEDDING_BASE_URL", server.url)
    monkeypatch.setenv("MEMGPT_DOCS_EMBEDDING_MODEL", "m")
    monkeypatch.setenv("MEMGPT_DOCS_EMBEDDING_PRICE", "20000")
    ask = ["--library", reports.uri, "reembed", "openai_compat"]
    assert main([*ask, "--volume", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["passages"] == 7 and told["dollars"] == pytest.approx(told["tokens"] / 50)
    assert main(ask) == 0
    out = capsys.readouterr().out
    assert "7 passages" in out and "Searches go by openai_compat/m now" in out
    assert main(["--library", reports.uri, "search", "revenue"]) == 1
    assert "memgpt-docs reembed" in capsys.readouterr().err
    monkeypatch.setenv("MEMGPT_DOCS_EMBEDDER", "openai_compat")
    assert main(["--library", reports.uri, "search", "revenue"]) == 0
    assert set(REPORTS) <= {document.file for document in Library(reports.uri).documents()}
    assert np.isfinite(len(server.requests))
