"""`memgpt-docs sessions`: the same sessions as the app's, on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from memgpt_docs import Agent, Library
from memgpt_docs.cli import main
from memgpt_docs.events import StepEnded, StepStarted
from memgpt_docs.memory_trace import memory_of
from memgpt_docs.records import StepTaken
from memgpt_docs.sessions import records_of, turns

ACME = "What was the revenue of Acme in fiscal 2023?"
BIRCH = "How many employees did Birch have?"


@pytest.fixture
def session(reports: Library) -> str:
    agent = Agent(reports)
    for question in (ACME, BIRCH):
        agent.ask(question)
    return agent.session_id


def run(reports: Library, *arguments: str) -> int:
    return main(["--library", reports.uri, *arguments])


def lines(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_list_rename_fork_and_delete(
    reports: Library, session: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(reports, "sessions", "rename", session[:8], "Two\x1b[2J reports") == 0
    assert run(reports, "sessions", "fork", session, "--turn", "1", "--json") == 0
    forked = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert forked["forked_from"] == session
    assert run(reports, "sessions", "list", "--json") == 0
    (listed,) = lines(capsys)
    assert {one["session_id"] for one in listed} == {session, forked["session_id"]}
    assert run(reports, "sessions", "list") == 0
    told = capsys.readouterr().out
    assert "Two" in told and "\x1b" not in told
    assert run(reports, "sessions", "show", forked["session_id"], "--json") == 0
    assert [one["question"] for one in lines(capsys)] == [ACME]
    assert run(reports, "sessions", "delete", session) == 0
    assert [one.session_id for one in reports.sessions.list()] == [forked["session_id"]]


def test_show_in_words_and_as_json(
    reports: Library, session: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(reports, "sessions", "show", session) == 0
    told = capsys.readouterr().out
    assert f"1. {ACME}" in told and "$1,577" in told and "exact" in told and "12,400" in told
    assert run(reports, "sessions", "show", session, "--json") == 0
    first, second = lines(capsys)
    assert (first["number"], second["question"]) == (1, BIRCH)
    assert first["stop_reason"] == "answered"
    assert first["citations"][0]["file"] == "Acme_2023.pdf"


def test_the_trace_is_what_happened_at_each_step(
    reports: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    agent = Agent(reports)
    events = [event for question in (ACME, BIRCH) for event in agent.run(question)]
    started = [event for event in events if isinstance(event, StepStarted)]
    ended = [event for event in events if isinstance(event, StepEnded)]
    assert run(reports, "sessions", "show", agent.session_id, "--trace", "--json") == 0
    trace = lines(capsys)
    assert [one["step"] for one in trace] == [event.step for event in started]
    assert [one["context"]["used"] for one in trace] == [event.context.used for event in started]
    assert [one["tokens_read"] for one in trace] == [event.tokens_read for event in ended]
    assert all(len(one["sent"]) == 32 for one in trace)
    calls = [call for one in trace for call in one["calls"]]
    assert {"archival_search", "send_message"} <= {call["name"] for call in calls}
    assert any("$1,577" in call["result"] for call in calls)
    assert run(reports, "sessions", "show", agent.session_id, "--trace") == 0
    assert len(capsys.readouterr().out.splitlines()) == len(trace)


def test_memory_is_folded_step_by_step_as_the_agent_had_it(reports: Library) -> None:
    agent = Agent(reports)
    stood = []
    for question in (ACME, BIRCH):
        for event in agent.run(question):
            if isinstance(event, StepStarted):
                stood.append((len(agent.context.queue), agent.context.working_context.text))
    known = turns(reports, agent.session_id)
    steps = [
        step
        for turn in known
        for step in memory_of(reports, agent.session_id, turn.first, turn.end)
    ]
    assert [step.before for step in steps] == [notes for _, notes in stood]
    assert steps[-1].after == agent.context.working_context.text
    kept = {entry.ordinal: entry for entry in reports.recall.entries(agent.session_id)}
    for step in steps:
        for place in step.queue:
            assert (kept[place.ordinal].role, kept[place.ordinal].name) == (place.role, place.name)
    records = [
        record
        for turn in known
        for record in records_of(reports, agent.session_id, turn)
        if isinstance(record, StepTaken)
    ]
    results = [ordinal for step in steps for ordinal in step.results]
    said = [
        result.message
        for record in records
        for entry in record.entries
        for _, result in getattr(entry, "exchanges", ())
    ]
    assert [kept[ordinal].text for ordinal in results] == said


def test_export_and_import_carry_a_session_to_another_library(
    reports: Library, session: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "session.jsonl"
    assert run(reports, "sessions", "export", session, str(file)) == 0
    other = ["--library", str(tmp_path / "other"), "sessions"]
    assert main([*other, "import", str(file)]) == 0
    imported = capsys.readouterr().out.strip()
    assert main([*other, "show", imported, "--json"]) == 0
    there = lines(capsys)
    assert run(reports, "sessions", "show", session, "--json") == 0
    assert there == lines(capsys)


def test_ask_goes_on_with_a_session(
    reports: Library, session: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(reports, "ask", ACME, "--session", session[:10]) == 0
    assert session in capsys.readouterr().err
    assert [turn.question for turn in turns(reports, session)] == [ACME, BIRCH, ACME]


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "ffff"),
        ("show", ""),
        ("rename", "SESSION", " "),
        ("fork", "SESSION", "--turn", "9"),
        ("import", "no-such-file.jsonl"),
        ("export", "SESSION", "/no/such/folder/file"),
    ],
)
def test_what_cannot_be_is_explained(
    reports: Library, session: str, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    Agent(reports).ask(BIRCH)
    told = [session if one == "SESSION" else one for one in arguments]
    assert run(reports, "sessions", *told) == 2
    error = capsys.readouterr().err
    assert error.startswith("memgpt-docs: ") and "Traceback" not in error
