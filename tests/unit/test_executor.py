"""Calls are validated; what goes wrong is told, with the way out, and never raised."""

from __future__ import annotations

import json

import pytest

from memgpt_docs import Agent, Library
from memgpt_docs.calls import FunctionCall, FunctionResult, MessageSent, PassagesShown
from memgpt_docs.executor import Executor
from memgpt_docs.function_schemas import CORE, argument_models, specs
from memgpt_docs.processors.scripted import ScriptedProcessor


@pytest.fixture
def executor(reports: Library) -> Executor:
    return Executor(Agent(reports, ScriptedProcessor([]))._functions)


def run(executor: Executor, name: str, **arguments: object) -> FunctionResult:
    return executor.run(FunctionCall(name, json.dumps(arguments)))


def test_an_unknown_name_is_answered_with_the_nearest(executor: Executor) -> None:
    result = run(executor, "archive_search", query="x")
    assert not result.ok and "Did you mean archival_search" in result.message


@pytest.mark.parametrize(
    "arguments",
    [
        "{",
        "[1]",
        '"text"',
        "{'query': 1}",
        "null",
        '{"query": ' + "[" * 100_000,
        '{"page": 1' + "1" * 5000,
    ],
)
def test_arguments_that_are_no_json_object(executor: Executor, arguments: str) -> None:
    result = executor.run(FunctionCall("archival_search", arguments))
    assert not result.ok and "JSON" in result.message


def test_what_a_function_raises_is_a_failed_result(executor: Executor) -> None:
    executor._functions.handles = None  # type: ignore[assignment]
    result = run(executor, "neighbours", handle=1)
    assert not result.ok and "neighbours failed" in result.message


def test_missing_and_unknown_arguments_are_named(executor: Executor) -> None:
    assert "query" in run(executor, "archival_search").message
    result = run(executor, "archival_search", query="x", colour="red")
    assert "colour" in result.message and "It takes: query, page, document" in result.message


@pytest.mark.parametrize(
    ("given", "meant"), [("true", True), ("false", False), (True, True), (False, False)]
)
def test_heartbeat_written_as_text_is_understood(
    executor: Executor, given: object, meant: bool
) -> None:
    assert run(executor, "archival_search", query="x", request_heartbeat=given).heartbeat is meant


def test_read_functions_keep_control_unless_told_otherwise(executor: Executor) -> None:
    assert run(executor, "archival_search", query="revenue").heartbeat
    assert not run(executor, "send_message", message="hi", citations=[]).heartbeat


def test_a_search_shows_where_it_is_and_how_to_go_on(executor: Executor) -> None:
    result = run(executor, "archival_search", query="revenue", page=1)
    assert isinstance(result.payload, PassagesShown)
    # Numbered as they are read: documents in the order of their best, each in its own order.
    places = [(one.file, one.passage.ordinal) for one in result.payload.results]
    first = {file: min(n for n, (f, _) in enumerate(places) if f == file) for file, _ in places}
    as_read = sorted(places, key=lambda place: (first[place[0]], place[1]))
    assert [as_read.index(place) + 1 for place in places] == list(result.payload.handles)
    assert "Showing 1-5 of 7 passages (page 1 of 2)" in result.message
    assert "archival_search(query='revenue', page=2)" in result.message
    last = run(executor, "archival_search", query="revenue", page=2)
    assert "last page" in last.message and "Next:" not in last.message
    past = run(executor, "archival_search", query="revenue", page=3)
    assert past.ok and "past the end" in past.message and "7 passages" in past.message


def test_handles_stay_with_their_passages(executor: Executor) -> None:
    first = run(executor, "archival_search", query="revenue").payload
    again = run(executor, "archival_search", query="Acme revenue fiscal").payload
    assert isinstance(first, PassagesShown) and isinstance(again, PassagesShown)
    known = dict(zip((r.passage.passage_id for r in first.results), first.handles, strict=True))
    for result, handle in zip(again.results, again.handles, strict=True):
        assert known.get(result.passage.passage_id, handle) == handle


def test_a_handle_that_was_never_shown_cannot_be_cited(executor: Executor) -> None:
    result = run(executor, "send_message", message="x", citations=[{"handle": 9, "quote": "a"}])
    assert not result.ok and "No passage with handle 9" in result.message


def test_a_cited_passage_is_checked(executor: Executor) -> None:
    run(executor, "archival_search", query="Acme revenue 1,577")
    result = run(
        executor,
        "send_message",
        message="It was $1,577 million [1].",
        citations=[{"handle": 1, "quote": "Revenue of Acme was $1,577 million"}],
    )
    assert isinstance(result.payload, MessageSent)
    (citation,) = result.payload.citations
    assert (citation.file, citation.page_no, citation.status) == ("Acme_2023.pdf", 2, "exact")


def test_documents_and_their_pages_can_be_read(executor: Executor) -> None:
    assert "Acme_2023.pdf (4 pages)" in run(executor, "list_documents").message
    page = run(executor, "read_document", document="Acme_2023.pdf", page=3)
    assert "supply agreement" in page.message
    beyond = run(executor, "read_document", document="Acme_2023.pdf", page=9)
    assert not beyond.ok and "1 to 4" in beyond.message


def test_working_context_says_how_to_mend_an_edit(executor: Executor) -> None:
    assert run(executor, "working_context_append", text="[1] revenue 1,577").ok
    assert not run(executor, "working_context_replace", old="absent", new="x").ok
    too_long = run(executor, "working_context_append", text="word " * 5000)
    assert not too_long.ok and "limit is" in too_long.message
    assert run(executor, "working_context_replace", old="1,577", new="1.6 billion").ok


def test_every_function_has_a_description_and_a_schema() -> None:
    for spec in specs(8192):
        assert len(spec.description) > 20
        assert spec.parameters["type"] == "object"
        assert "title" not in json.dumps(list(spec.parameters))
    assert [spec.name for spec in specs(8192)] == list(argument_models())
    assert {spec.name for spec in specs(2048)} == set(CORE)
