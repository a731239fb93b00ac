"""Sessions as a user has them: found again, listed, named, forked, carried away and deleted."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ingest.intake import Source
from memgpt_docs import Agent, Library
from memgpt_docs.errors import UsageError
from memgpt_docs.events import StepEnded, StopReason
from memgpt_docs.memory_trace import memory_of
from memgpt_docs.session_import import import_session
from memgpt_docs.sessions import turns
from memgpt_docs.settings import Settings
from memgpt_docs.ui.desk import Desk
from memgpt_docs.ui.memory import changes
from memgpt_docs.ui.session import Session, Turn
from memgpt_docs.ui.session_list import ago
from tests.ui.chat_server import ChatServer, serving
from tests.ui.test_page import (
    HOSTILE_NAME,
    all_text,
    answered,
    ask,
    check_nothing_is_alive,
    has,
    open_page,
    session_of,
)

__all__ = ["open_page"]  # a fixture

WAIT_S = 60
ACME = "What was the revenue of Acme in fiscal 2023?"
BIRCH = "How many employees did Birch have?"
Open = Callable[..., AppTest]


def worked(session: Session, question: str) -> Turn:
    """A question with its answer."""
    turn = session.ask(question)
    turn.join(WAIT_S)
    session.refresh()
    assert turn.answer is not None, turn.failure
    return turn


def cut_off(library: Library, question: str = ACME, steps: int = 2) -> str:
    """A session whose process ended after some steps of its only question."""
    agent = Agent(library)
    run = agent.run(question)
    for event in run:
        if isinstance(event, StepEnded) and event.step == steps:
            break
    return agent.session_id


def bytes_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


# -- found again ------------------------------------------------------------------------------


def test_after_a_restart_everything_is_there_and_read_only_when_it_is_shown(
    reports: Library,
) -> None:
    before = Desk(Settings(library=reports.uri)).session()
    asked = [worked(before, question) for question in (ACME, BIRCH)]
    after = Desk(Settings(library=reports.uri)).session(before.session_id)
    assert after is not before and [turn.number for turn in after.turns] == [1, 2]
    for old, new in zip(asked, after.turns, strict=True):
        assert (new.question, new.answer) == (old.question, old.answer)
        assert new._records is not None, "decoded before it was shown"
        assert new.transcript == old.transcript
        assert new.steps == old.steps
    # It goes on with the same memory: the same passages bear the same handles.
    again = worked(after, ACME)
    assert again.number == 3
    assert again.transcript.pages[0].handles == asked[0].transcript.pages[0].handles


def test_a_question_that_was_cut_off_says_so_and_goes_on(open_page: Open, reports: Library) -> None:
    session_id = cut_off(reports)
    page = open_page(reports.uri, session=session_id)
    shown = all_text(page)
    assert "was stopped while it worked on this" in shown and "Searched" in shown
    page.button(key="go-on-1").click().run()
    answered(page)
    assert "1,577" in all_text(page) and not has(page, "button", "go-on")
    reloaded = answered(open_page(reports.uri, session=session_id))
    assert all_text(reloaded) == all_text(page)


def test_what_another_process_did_in_a_session_is_taken_over(reports: Library) -> None:
    desk = Desk(Settings(library=reports.uri))
    session = desk.session()
    worked(session, ACME)
    Agent(Library(reports.uri), session_id=session.session_id).ask(BIRCH)
    assert [turn.question for turn in desk.session(session.session_id).turns] == [ACME, BIRCH]
    assert worked(session, ACME).number == 3
    kept = reports.recall.entries(session.session_id)
    assert [entry.ordinal for entry in kept] == list(range(len(kept)))


def test_sessions_share_a_library_and_never_each_others_memory(reports: Library) -> None:
    desk = Desk(Settings(library=reports.uri))
    sessions = [desk.session() for _ in range(3)]
    questions = [f"{ACME} Token{chr(97 + n) * 6}." for n in range(3)]
    asked = [one.ask(question) for one, question in zip(sessions, questions, strict=True)]
    for turn in asked:
        turn.join(WAIT_S)
    for session, own in zip(sessions, questions, strict=True):
        session.refresh()
        assert session.turns[0].transcript.pages, "the shared library was not read"
        kept = "\n".join(one.text for one in reports.recall.entries(session.session_id))
        assert own in kept
        assert not any(other in kept for other in questions if other != own)


# -- listed, named, forked --------------------------------------------------------------------


def test_the_list_marks_the_current_session_and_opens_another(
    open_page: Open, reports: Library
) -> None:
    first = ask(open_page(reports.uri), ACME)
    second = ask(open_page(reports.uri), BIRCH)
    labels = [b.label for b in second.button if b.key and b.key.startswith("open-")]
    assert [label.startswith("**") for label in labels] == [True, False]
    second.button(key=f"open-{session_of(first)}").click().run()
    answered(second)
    assert session_of(second) == session_of(first)
    assert "1,577" in all_text(second)
    second.button(key="new-session").click().run()
    assert session_of(second) not in {session_of(first)} and "1,577" not in all_text(second)


def test_sixty_sessions_show_five_and_the_rest_when_asked_for(
    open_page: Open, reports: Library
) -> None:
    agent = Agent(reports)
    agent.ask(ACME)
    for number in range(59):
        name = HOSTILE_NAME if number == 0 else f"{number} " + "long name " * 11
        reports.sessions.fork(agent.session_id, 1, name=name)
    page = open_page(reports.uri, session=agent.session_id)

    def rows() -> list[str]:
        return [b.key for b in page.button if b.key and b.key.startswith("open-")]

    assert len(rows()) == 5 and f"open-{agent.session_id}" in rows()
    page.button(key="sessions-all").click().run()
    assert len(rows()) == 40 and "20 more" in all_text(page)
    page.text_input(key="find-session").set_value("evil").run()
    assert len(rows()) == 1
    check_nothing_is_alive(page)


def test_a_fork_holds_what_came_before_and_nothing_later(open_page: Open, reports: Library) -> None:
    page = ask(ask(open_page(reports.uri), ACME), BIRCH)
    original = session_of(page)
    desk = Desk(Settings(library=reports.uri))
    session = desk.session(original)
    forked = desk.session(desk.sessions.fork(session, session.turns[0]).session_id)
    assert [turn.question for turn in forked.turns] == [ACME]
    assert forked.turns[0].answer == session.turns[0].answer
    assert worked(forked, BIRCH).number == 2
    assert len(desk.session(original).turns) == 2
    page.button(key="fork-2").click().run()
    answered(page)
    assert session_of(page) != original and "12,400" in all_text(page)


def test_how_long_ago_is_said_in_a_word() -> None:
    now = datetime(2026, 11, 26, 12, tzinfo=UTC)
    passed = [
        timedelta(seconds=5), timedelta(minutes=5), timedelta(hours=3), timedelta(days=2),
        timedelta(days=40), timedelta(days=400),
    ]  # fmt: skip
    said = [ago(now - one, now) for one in passed]
    assert said == ["now", "5 min", "3 h", "2 d", "17 Oct", "Oct 2025"]


# -- carried away -----------------------------------------------------------------------------


def test_an_exported_session_is_the_same_in_another_library(
    reports: Library, tmp_path: Path
) -> None:
    session = Desk(Settings(library=reports.uri)).session()
    turn = worked(session, ACME)
    lines = list(reports.sessions.export(session.session_id))
    info = import_session(reports, iter(lines))
    there = Desk(Settings(library=reports.uri)).session(info.session_id)
    assert there.turns[0].answer == turn.answer
    assert there.turns[0].transcript == turn.transcript
    # Without the documents the answer with its quotations is still there.
    elsewhere = Library(tmp_path / "elsewhere")
    info = import_session(elsewhere, iter(lines))
    desk = Desk(Settings(library=elsewhere.uri))
    assert desk.session(info.session_id).turns[0].answer == turn.answer
    assert desk.session(info.session_id).turns[0].steps


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{\\"is\\":\\"step\\"', '{\\"is\\":\\"stop\\"'),
        ('\\"rankings\\"', '\\"ranking\\"'),
        ('\\"message\\":1', '\\"message\\":99'),
        ('\\"is\\":\\"asked\\"', '\\"is\\":[]'),
        ('"format": "memgpt-docs session"', '"format": "another"'),
    ],
)
def test_a_session_that_does_not_fit_together_is_refused_whole(
    reports: Library, old: str, new: str
) -> None:
    session_id = cut_off(reports)
    text = "\n".join(reports.sessions.export(session_id))
    assert old in text
    with pytest.raises(UsageError):
        import_session(reports, iter(io.StringIO(text.replace(old, new))))
    assert [one.session_id for one in reports.sessions.list()] == [session_id]


# -- deleted ----------------------------------------------------------------------------------


def test_a_deleted_session_leaves_no_word_in_the_library(reports: Library) -> None:
    desk = Desk(Settings(library=reports.uri))
    kept, gone = desk.session(), desk.session()
    worked(kept, "What was the revenue of Acme? Keepsakeword.")
    worked(gone, "What was the revenue of Acme? Zanzibarword.")
    folder = Path(reports.uri)
    assert b"zanzibarword" in bytes_in(folder).lower()
    desk.sessions.delete(gone.session_id).join(WAIT_S)
    assert desk.sessions.failed_deletions() == []
    everything = bytes_in(folder).lower()
    assert b"zanzibarword" not in everything and b"keepsakeword" in everything
    assert [one.session_id for one in desk.sessions.listed(kept)] == [kept.session_id]
    assert desk.session(gone.session_id) is not gone


def test_a_session_that_is_worked_in_is_stopped_and_deleted(reports: Library) -> None:
    with serving(("archival_search", {"query": "revenue"})) as server:
        desk = by_server(reports.uri, server)
        session = desk.session()
        turn = session.ask("How much?")
        until_there(reports.sessions.list)
        job = desk.sessions.delete(session.session_id)
        job.join(WAIT_S)
    assert job.failure is None and not turn.running
    assert not reports.sessions.list() and not reports.recall.entries(session.session_id)


# -- told -------------------------------------------------------------------------------------


def test_every_open_session_learns_of_a_document_that_came_in(
    reports: Library, tmp_path: Path
) -> None:
    desk = Desk(Settings(library=reports.uri))
    awake, asleep = desk.session(), desk.session(cut_off(reports))
    worked(awake, ACME)
    path = tmp_path / "lease.txt"
    path.write_text("The rent is 1,200 a month.", "utf-8")
    desk.take_in([Source(path)]).join(WAIT_S)
    asleep.go_on()
    asleep.turns[0].join(WAIT_S)
    worked(awake, "What is the rent?")
    for session in (awake, asleep):
        told = [one.text for one in reports.recall.entries(session.session_id)
                if one.role == "system" and "Upload Complete: lease.txt" in one.text]  # fmt: skip
        assert len(told) == 1
    asleep.refresh()
    answer = asleep.turns[0].answer
    assert answer is not None and answer.stop_reason is StopReason.ANSWERED


def by_server(uri: str, server: ChatServer) -> Desk:
    settings = {name.removeprefix("MEMGPT_DOCS_").lower(): value
                for name, value in server.settings().items()}  # fmt: skip
    return Desk(Settings(library=uri, **settings))


def until_there(condition: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_words_can_be_added_to_the_question_that_is_worked_on(reports: Library) -> None:
    calls = [("archival_search", {"query": f"revenue {n}"}) for n in range(100)]
    with serving(*calls) as server:
        server.gate.clear()
        session = by_server(reports.uri, server).session()
        running, waiting = session.ask("How much?"), session.ask("In dollars, please.")
        until_there(lambda: server.asked)
        session.add_to_running(waiting)
        server.gate.set()
        kept = reports.recall.entries
        until_there(lambda: any("In dollars" in one.text for one in kept(session.session_id)))
        running.cancel()
        running.join(WAIT_S)
    session.refresh()
    assert session.turns == [running]
    after = Desk(Settings(library=reports.uri)).session(session.session_id)
    assert running.words == after.turns[0].words == "How much?\n\nIn dollars, please."


def test_words_added_too_late_are_a_question_of_their_own(reports: Library) -> None:
    with serving(("send_message", {"message": "Nothing.", "citations": []})) as server:
        server.gate.clear()
        session = by_server(reports.uri, server).session()
        running, waiting = session.ask("How much?"), session.ask("In dollars, please.")
        until_there(lambda: server.asked)
        session.add_to_running(waiting)
        server.gate.set()
        running.join(WAIT_S)
        until_there(lambda: not session.unfinished)
    session.refresh()
    assert [turn.question for turn in session.turns] == ["How much?", "In dollars, please."]
    assert all(turn.answer for turn in session.turns)


# -- memory -----------------------------------------------------------------------------------


def test_the_memory_of_each_step_shows_what_it_changed(open_page: Open, reports: Library) -> None:
    page = ask(open_page(reports.uri), ACME)
    (kept,) = reports.sessions.list()
    (turn,) = turns(reports, kept.session_id)
    steps = memory_of(reports, kept.session_id, turn.first, turn.end)
    changed = next(step for step in steps if step.before != step.after)
    page.slider(key="memory-step-1").set_value(changed.step).run()
    assert f"Step {changed.step}: " in all_text(page)
    assert f"{changed.context.used:,} of {changed.context.window:,} tokens" in all_text(page)
    shown = next(code.value for code in page.code if code.value.startswith(("+ ", "  ")))
    assert [line[2:] for line in shown.splitlines() if line[0] != "-"] == changed.after.splitlines()
    assert "+ " in shown


def test_changes_are_lines_added_and_gone() -> None:
    told = changes("findings:\none\ntwo", "findings:\none\nthree\nfour")
    assert told.splitlines() == ["  findings:", "  one", "- two", "+ three", "+ four"]
    assert changes("", "a") == "+ a" and changes("a", "") == "- a"
