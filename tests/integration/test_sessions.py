"""Sessions: memory, events and what the processor was sent follow from records alone."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from memgpt_docs import Agent, Library
from memgpt_docs.context import AlertEntry, MainContext, StepEntry, UserEntry, digest
from memgpt_docs.errors import UsageError
from memgpt_docs.events import Event, FunctionReturned, ResultsPageRead, Stopped, StopReason
from memgpt_docs.processors.base import Reply
from memgpt_docs.processors.scripted import ScriptedProcessor, Step, call
from memgpt_docs.records import StepTaken
from memgpt_docs.sessions import records_of, replay, restore, turns
from memgpt_docs.settings import Settings
from tests.conftest import add_file

DONE = call("send_message", message="Done.", citations=[])
CITED = call(
    "send_message",
    message="Revenue was $1,577 million [1].",
    citations=[{"handle": 1, "quote": "Revenue of Acme was $1,577 million"}],
)


def agent_of(library: Library, session_id: str | None, *steps: Step, **chosen: object) -> Agent:
    settings = Settings(**chosen)  # type: ignore[arg-type]
    return Agent(library, ScriptedProcessor(steps), settings=settings, session_id=session_id)


def memory(agent: Agent) -> tuple[object, ...]:
    """What makes up the memory of an agent."""
    context = agent.context
    return (
        context.messages(),
        context.summary,
        context.working_context.text,
        [agent._functions.handles.passage_id(n) for n in range(1, 40)],
        agent._functions.archival.rankings(),
        agent._queue.length,
    )


LONG = [call("archival_search", query="turbine", page=page) for page in (1, 2, 3)] + [
    call("working_context_append", text="[2] a turbine", part="findings"),
    call("working_context_append", text="read on", part="plan"),
    call("archival_search", query="turbine", page=4),
    call("working_context_replace", old="read on", new="answer"),
    call("nonsense"),
    call("archival_search", query="turbine", page=5),
    call("archival_search", query="turbine", page=6),
    call("send_message", message="A turbine [2].", citations=[{"handle": 2, "quote": "blade"}]),
]


@pytest.fixture
def turbines(reports: Library) -> Library:
    for number in range(24):
        add_file(reports, f"long{number}.txt", [f"turbine {number} " + "blade steel " * 100])
    return reports


def test_a_session_goes_on_in_another_process_where_it_stopped(turbines: Library) -> None:
    agent = agent_of(turbines, None, *LONG, context_window=4096)
    list(agent.run("Which turbine?"))
    assert agent.context.summary  # something was flushed
    # A library opened anew is what another process has.
    again = agent_of(
        Library(turbines.uri), agent.session_id, call("archival_search", query="turbine", page=7),
        DONE, DONE, context_window=4096,
    )  # fmt: skip
    assert memory(again) == memory(agent)
    before = [one.ranking for one in agent._functions.archival.rankings()]
    add_file(again.library, "new.txt", ["turbine turbine turbine"])
    events = list(again.run("And the next page?"))
    (read,) = [event for event in events if isinstance(event, ResultsPageRead)]
    # The same ranking at its library version, though a document came in since.
    assert read.page.library_version == before[0].library_version
    assert [one.passage.passage_id for one in read.page.results] == [
        entry.passage_id for entry in before[0].page(7, read.page.page_size)
    ]


def test_a_run_is_replayed_without_a_model(turbines: Library) -> None:
    agent = agent_of(turbines, None, *LONG, context_window=4096)
    events: list[list[Event]] = [list(agent.run("Which turbine?"))]
    agent.processor = ScriptedProcessor([call("recall_search", query="turbine"), DONE])
    events.append(list(agent.run("Said before?")))
    told = turns(turbines, agent.session_id)
    assert [turn.question for turn in told] == ["Which turbine?", "Said before?"]
    assert [list(replay(turbines, agent.session_id, turn)) for turn in told] == events
    assert [turn.answer for turn in told] == [
        event.answer for run in events for event in run if isinstance(event, Stopped)
    ]


def test_the_trace_knows_what_the_processor_was_sent(turbines: Library) -> None:
    agent = agent_of(turbines, None, *LONG, context_window=4096)
    assert isinstance(agent.processor, ScriptedProcessor)
    list(agent.run("Which turbine?"))
    (turn,) = turns(turbines, agent.session_id)
    steps = [r for r in records_of(turbines, agent.session_id, turn) if isinstance(r, StepTaken)]
    assert [step.sent for step in steps] == [digest(sent) for sent in agent.processor.seen]
    assert all(step.seconds >= 0 and step.tokens_read == step.context.used for step in steps)
    assert any(step.flush for step in steps) and any(step.pressure for step in steps)


def test_a_run_that_was_cut_off_goes_on_from_its_last_whole_step(turbines: Library) -> None:
    agent = agent_of(turbines, None, *LONG, context_window=4096)
    for event in agent.run("Which turbine?"):
        if isinstance(event, FunctionReturned) and event.step == 4:
            break  # the process ends in the middle of step 4
    again = agent_of(Library(turbines.uri), agent.session_id, *LONG[3:], context_window=4096)
    assert again.unfinished == "Which turbine?"
    whole = agent_of(turbines, None, *LONG, context_window=4096)
    expected = list(whole.run("Which turbine?"))[-1]
    *_, end = again.go_on()
    assert isinstance(end, Stopped) and isinstance(expected, Stopped)
    assert end.answer.coverage == expected.answer.coverage
    assert (end.answer.text, end.answer.steps) == (expected.answer.text, expected.answer.steps)
    assert not again.unfinished
    with pytest.raises(UsageError, match="unfinished"):
        again.go_on()


def test_sessions_are_listed_named_and_deleted_with_what_they_said(
    reports: Library, tmp_path: Path
) -> None:
    one = agent_of(reports, None, call("archival_insert", text="the zanzibar note"), CITED, DONE)
    list(one.run("Is xylophone a word?"))
    two = agent_of(reports, None, DONE)
    list(two.run("Second?"))
    listed = reports.sessions.list()
    assert [info.name for info in listed] == ["Second?", "Is xylophone a word?"]
    reports.sessions.rename(one.session_id, "Words\nof mine")
    assert reports.sessions.get(one.session_id).name == "Words of mine"
    with pytest.raises(UsageError):
        reports.sessions.rename(one.session_id, " ")
    reports.sessions.delete(one.session_id)
    assert [info.session_id for info in reports.sessions.list()] == [two.session_id]
    assert not reports.notes(one.session_id)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"xylophone" not in kept and b"zanzibar" not in kept


def test_a_fork_shares_the_past_and_nothing_after(reports: Library) -> None:
    agent = agent_of(reports, None, call("archival_search", query="Acme revenue"), CITED, DONE)
    list(agent.run("First?"))
    state = memory(agent)[:5]
    list(agent.run("Second?"))
    first, second = turns(reports, agent.session_id)
    forked = reports.sessions.fork(agent.session_id, first.end, "Another way")
    assert forked.forked_from == agent.session_id
    branch = agent_of(reports, forked.session_id, DONE)
    assert memory(branch)[:5] == state
    list(branch.run("Third?"))
    assert [turn.question for turn in turns(reports, forked.session_id)] == ["First?", "Third?"]
    assert [turn.question for turn in turns(reports, agent.session_id)] == ["First?", "Second?"]
    with pytest.raises(UsageError, match="end of a step"):
        reports.sessions.fork(agent.session_id, second.first + 2)


def test_a_session_is_exported_and_imported(reports: Library, tmp_path: Path) -> None:
    agent = agent_of(reports, None, call("archival_search", query="Acme revenue"), CITED)
    list(agent.run("First?"))
    lines = list(reports.sessions.export(agent.session_id))
    info = reports.sessions.import_(iter(lines))
    assert info.session_id != agent.session_id and info.name == "First?"
    assert memory(agent_of(reports, info.session_id))[:5] == memory(agent)[:5]
    # Into a library that has none of the documents: the answer is there, the passages are not.
    other = Library(tmp_path / "other")
    there = other.sessions.import_(iter(lines))
    (turn,) = turns(other, there.session_id)
    assert turn.answer is not None and turn.answer.citations[0].page_no == 2
    assert isinstance(agent_of(other, there.session_id).context.queue[0], UserEntry)
    for wrong in ([], ["{}"], ["[1]"], [lines[0], "{}"], [lines[0], *lines[2:]]):
        with pytest.raises(UsageError):
            reports.sessions.import_(iter(wrong))


def test_a_deleted_document_leaves_what_sessions_were_shown(
    reports: Library, tmp_path: Path
) -> None:
    add_file(reports, "secret.txt", ["The quokka clause binds Acme."])
    agent = agent_of(reports, None, call("archival_search", query="clause binds"), CITED, DONE)
    list(agent.run("What binds?"))
    reports.delete("secret.txt")
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"quokka" not in kept
    queue = agent_of(reports, agent.session_id).context.queue
    shown = next(e.exchanges[0][1].message for e in queue if isinstance(e, StepEntry))
    assert "was deleted with its document" in shown
    *_, stop = agent_of(reports, agent.session_id, DONE).run("Still there?")
    assert isinstance(stop, Stopped) and stop.answer.stop_reason is StopReason.ANSWERED


def test_a_deleted_document_leaves_the_summaries_too(reports: Library, tmp_path: Path) -> None:
    filler = "It has many parts and pages. " * 30
    pages = [f"The quokka clause {number} binds Acme. {filler}" for number in range(12)]
    add_file(reports, "secret.txt", pages)
    searches = [call("archival_search", query=f"clause {number}") for number in range(12)]
    settings = Settings(context_window=4096)
    agent = Agent(reports, ScriptedProcessor([*searches, DONE, DONE, DONE]), settings=settings)
    list(agent.run("What binds?"))
    assert "quokka" in agent.context.summary
    reports.delete("secret.txt")
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"quokka" not in kept
    again = Agent(reports, ScriptedProcessor([]), settings=settings, session_id=agent.session_id)
    assert "secret.txt p." in again.context.summary and "quokka" not in again.context.summary


def test_the_processor_is_told_who_came_back_and_what_came_in(reports: Library) -> None:
    agent = agent_of(reports, None, DONE, DONE)
    list(agent.run("First?"))
    agent._last_at = datetime.now(UTC) - timedelta(days=3)
    agent.inbox.uploaded("new.pdf", 12)
    agent.inbox.tell("Much later.", datetime.now(UTC) + timedelta(days=1))
    list(agent.run("Second?"))
    alerts = [entry.text for entry in agent.context.queue if isinstance(entry, AlertEntry)]
    assert alerts[0] == "The user came back after 3 days."
    assert alerts[1].startswith("Archive Storage Upload Complete: new.pdf (12 pages)")
    assert len(alerts) == 2


def test_a_message_while_it_runs_is_seen_at_the_next_step(reports: Library) -> None:
    agent = agent_of(reports, None, call("archival_search", query="Acme"), CITED)
    for event in agent.run("Revenue?"):
        if isinstance(event, FunctionReturned) and event.step == 1:
            agent.inbox.say("In euro, please.")
    assert isinstance(agent.processor, ScriptedProcessor)
    first, second = agent.processor.seen
    assert not any("In euro" in message.content for message in first)
    assert "[question]\nRevenue?\n\nIn euro, please." in second[-1].content
    assert any(message == second[-2] and message.role == "user" for message in second)
    again = agent_of(reports, agent.session_id)
    assert memory(again)[1:] == memory(agent)[1:]


def test_notes_are_found_by_their_own_session_only(reports: Library) -> None:
    note = call("archival_insert", text="The reader prefers wombats to revenue.")
    look = call("archival_search", query="wombats")
    one = agent_of(reports, None, note, look, CITED, DONE)
    events = list(one.run("Note it."))
    (page,) = [event.page for event in events if isinstance(event, ResultsPageRead)]
    assert page.results[0].passage.text == "The reader prefers wombats to revenue."
    two = agent_of(reports, None, look, call("list_documents"), DONE, DONE)
    events = list(two.run("Wombats?"))
    (page,) = [event.page for event in events if isinstance(event, ResultsPageRead)]
    assert not any("wombats" in result.passage.text for result in page.results)
    listed = [event.message for event in events if isinstance(event, FunctionReturned)][1]
    assert "Note" not in listed
    assert {document.file for document in reports.documents()} == {
        "Acme_2023.pdf", "Birch_2023.pdf",
    }  # fmt: skip


def test_a_message_too_long_for_the_window_leaves_a_pointer(reports: Library) -> None:
    long = "\n\n".join(f"Clause {n}: the party of part {n} shall deliver." for n in range(2000))
    look = call("archival_search", query="Clause 1234")
    agent = agent_of(reports, None, look, CITED, DONE, DONE, context_window=4096)
    events = list(agent.run(f"Read this.\n\n{long}"))
    pointer = agent.context.queue[0]
    assert isinstance(pointer, UserEntry) and "is in archival storage" in pointer.text
    (page,) = [event.page for event in events if isinstance(event, ResultsPageRead)]
    assert any("Clause 1234:" in result.passage.text for result in page.results)
    (note,) = reports.notes(agent.session_id)
    assert note.file in pointer.text
    whole = "".join("".join(page.text.split()) for page in reports.pages(note.doc_id))
    assert whole == "".join(f"Read this.{long}".split())


def test_the_pointer_can_be_followed_in_a_question_that_is_limited(reports: Library) -> None:
    def follow(context: MainContext) -> Reply:
        named = re.search(r"document='(.*?)'", context.messages()[1].content)
        assert named
        return call("archival_search", query="zebra", document=named[1])

    agent = agent_of(reports, None, follow, DONE, DONE, context_window=2048)
    text = "Compare. " + " ".join(f"Clause {n} zebra." for n in range(600))
    events = list(agent.run(text, documents=["Acme_2023.pdf"]))
    (page,) = [event.page for event in events if isinstance(event, ResultsPageRead)]
    assert "zebra" in page.results[0].passage.text


def test_sessions_at_once_never_see_each_other(reports: Library) -> None:
    one = agent_of(reports, None, call("recall_search", query="aardvark"), DONE)
    two = agent_of(reports, None, call("recall_search", query="aardvark"), DONE)
    first, second = one.run("aardvark one?"), two.run("Two?")
    seen: dict[int, str] = {}
    for events in zip(first, second, strict=False):
        for number, event in enumerate(events):
            if isinstance(event, FunctionReturned) and event.name == "recall_search":
                seen[number] = event.message
    assert "aardvark one?" in seen[0] and seen[1].startswith("No ")


PROGRAM = """
import sys, time
from itertools import count
from memgpt_docs import Agent, Library
from memgpt_docs.events import StepEnded
from memgpt_docs.processors.scripted import ScriptedProcessor, call
from memgpt_docs.settings import Settings

def steps():
    for page in count(1):
        yield call("archival_search", query="turbine", page=page % 8 + 1 if page < 8 else page)
        yield call("working_context_append", text=f"[{page}] noted", part="findings")
        yield call("working_context_replace", old=f"[{page}] noted", new="")

agent = Agent(Library(sys.argv[1]), ScriptedProcessor(steps()), session_id=sys.argv[2],
              settings=Settings(context_window=4096, max_steps=100000))
ready = False
for event in agent.run("Which turbine?"):
    if isinstance(event, StepEnded) and not ready:
        ready = True
        print("ready", flush=True)
"""


def test_a_killed_run_opens_at_a_whole_step(turbines: Library, tmp_path: Path) -> None:
    dice = random.Random(7)
    program = tmp_path / "run.py"
    program.write_text(PROGRAM)
    root = Path(__file__).resolve().parents[2]
    for number in range(2):  # 30 in the bench; each takes the time to start a process
        session_id = f"{number:032x}"
        running = subprocess.Popen(
            [sys.executable, program, turbines.uri, session_id],
            stdout=subprocess.PIPE, cwd=root, env={"PYTHONPATH": str(root)},
        )  # fmt: skip
        assert running.stdout is not None and running.stdout.readline() == b"ready\n"
        time.sleep(dice.uniform(0.05, 0.6))
        running.send_signal(signal.SIGKILL)
        running.wait()
        running.stdout.close()
        assert check_whole(Library(turbines.uri), session_id) >= 1


def check_whole(library: Library, session_id: str) -> int:
    """That a session opens at a whole step, its entries without a gap, and can go on."""
    saved = restore(library, session_id)
    entries = library.recall.entries(session_id)
    assert [entry.ordinal for entry in entries] == list(range(saved.length))
    if not entries:
        return 0
    agent = agent_of(library, session_id, DONE, DONE, max_steps=10**6)
    assert agent.unfinished == "Which turbine?"
    for entry in agent.context.queue:
        if isinstance(entry, StepEntry):
            assert all(result.message for _, result in entry.exchanges)
    *_, stop = agent.go_on()
    assert isinstance(stop, Stopped) and stop.answer.steps > len(saved.steps)
    return len(saved.steps)


def test_a_session_gone_on_with_elsewhere_is_not_written_into(reports: Library) -> None:
    first = agent_of(reports, None, DONE, DONE)
    first.ask("Q1?")
    second = agent_of(Library(reports.uri), first.session_id, DONE)
    first.ask("Q2?")
    kept = reports.recall.entries(first.session_id)
    refused = second.ask("Q3?")
    assert refused.stop_reason is StopReason.STORAGE_FAILURE and "elsewhere" in refused.reason
    assert [entry.text for entry in second.context.queue if isinstance(entry, UserEntry)] == ["Q1?"]
    assert reports.recall.entries(first.session_id) == kept
    again = agent_of(reports, first.session_id, DONE)
    assert again.ask("Q3?").text == "Done."
    ordinals = [entry.ordinal for entry in reports.recall.entries(first.session_id)]
    assert ordinals == list(range(len(ordinals)))
