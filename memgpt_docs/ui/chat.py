"""The chat: questions, the agent's steps as they happen, answers with their citations.

The newest question lies open at the top of the page; those before it are a line each, which opens.
So an answer is read from its beginning and nothing has to be scrolled to.
"""

from __future__ import annotations

import streamlit as st

from memgpt_docs.coverage import coverage_line
from memgpt_docs.errors import MemGPTDocsError
from memgpt_docs.events import Answer, StopReason
from memgpt_docs.storage.library import Library
from memgpt_docs.ui import doubts, downloads, failure, session_list
from memgpt_docs.ui.chosen_processor import ChosenProcessor
from memgpt_docs.ui.citation_list import citations
from memgpt_docs.ui.desk import Desk
from memgpt_docs.ui.live import live
from memgpt_docs.ui.session import Session, Turn
from memgpt_docs.ui.steps import Step
from memgpt_docs.ui.text import clean, counted, handles_in, literal, prose, shortened

TURNS_DRAWN = 10  # a question and its answer each: 20 messages
CLOSED_DRAWN = 3  # earlier ones that stand above the newest until more are asked for
LIVE_STEPS = 10
MAX_QUESTION_CHARS = 100_000
QUESTION_CHARS_DRAWN = 2000
SEARCHES_TOLD = 8
ASSISTANT = ":material/menu_book:"
USER = ":material/person:"

STOPPED = {
    StopReason.NO_EVIDENCE: "No evidence for an answer in what was read.",
    StopReason.NO_ANSWER: "The processor gave no answer.",
    StopReason.STEP_BUDGET: "Stopped: the budget of steps is used up.",
    StopReason.TOKEN_BUDGET: "Stopped: the budget of tokens is used up.",
    StopReason.TIME_BUDGET: "Stopped: the time for a question is used up.",
    StopReason.MONEY_BUDGET: "Stopped: the budget of money would have been passed.",
    StopReason.FUNCTION_ERRORS: "Stopped: too many calls failed in a row.",
    StopReason.PROCESSOR_FAILURE: "The processor failed.",
    StopReason.STORAGE_FAILURE: "The library could not be written.",
    StopReason.CANCELLED: "Stopped by you. What was found is kept.",
}

FAILURES = (
    StopReason.PROCESSOR_FAILURE,
    StopReason.STORAGE_FAILURE,
    StopReason.FUNCTION_ERRORS,
)


def question_box(
    session: Session, processor: ChosenProcessor, library: Library, enabled: bool
) -> None:
    """The box at the bottom of the page, and under it where what is typed will go. A question
    asked early waits for the one before it."""
    # Put there by hand, because the page scrolls to its end by itself under one that is not.
    with st.bottom:
        st.chat_input(
            "Ask a question about your documents" if enabled else "Add a document first",
            key="question",
            disabled=not enabled,
            on_submit=_submit,
            args=(session,),
        )
        with st.container(key="destination"):
            st.caption(processor_line(processor, library))


def processor_line(processor: ChosenProcessor, library: Library) -> str:
    """One line of Markdown on who decides and where text goes: to the processor, and to the
    embedder by which the library is searched."""
    try:
        is_extractive = processor.settings.processor == "extractive"
        name = "Extractive" if is_extractive else processor.name
        destinations = ["" if is_extractive else processor.destination]
    except MemGPTDocsError as error:
        return f":red[{literal(str(error))}]"
    if library.better is not None:
        destinations.append(library.better.embedder.destination)
    hosts = " and ".join(literal(host) for host in dict.fromkeys(destinations) if host)
    where = f"**text goes to {hosts}**" if hosts else "nothing leaves this machine"
    without_model = "no model; " if is_extractive else ""
    return f"{literal(name)} — {without_model}{where}."


def ask(session: Session, question: str) -> None:
    """Starts on a question and brings the evidence beside the chat to it."""
    if question.strip() and not session.deleted:
        session.ask(question.strip())
        st.session_state.pop("shown_turn", None)


def _set(name: str, value: int) -> None:
    st.session_state[name] = value


def _submit(session: Session) -> None:
    question = str(st.session_state.get("question") or "")
    refusal = ""
    if session.deleted:
        refusal = "This session was deleted. Ask again, in this new one."
    elif len(question) > MAX_QUESTION_CHARS:
        refusal = f"Longer than {MAX_QUESTION_CHARS:,} characters: add the text as a document."
    if refusal:
        st.session_state["question"] = question  # back into the box
        st.toast(refusal)
    else:
        ask(session, question)


def show(desk: Desk, session: Session) -> None:
    """Draws the questions that ended, then the running ones in a part that redraws itself."""
    session.refresh()
    unfinished = session.unfinished
    ended = [turn for turn in session.turns if turn not in unfinished]
    newest = ended.pop() if not unfinished else None
    drawn = int(st.session_state.get("turns_drawn", CLOSED_DRAWN))
    if len(ended) > drawn:
        hidden = len(ended) - drawn
        st.button(
            f"Show earlier ({hidden})",
            key="show-earlier",
            type="tertiary",
            on_click=_set,
            args=("turns_drawn", drawn + TURNS_DRAWN),
        )
    for turn in ended[-drawn:]:
        _closed(desk, session, turn)
    if newest is not None:
        _question(newest)
        _answer(desk, session, newest, newest.number)
    if unfinished:
        live(_unfinished, running=True)(session, len(unfinished))


def _closed(desk: Desk, session: Session, turn: Turn) -> None:
    """An earlier question as one line that opens."""
    box = st.expander(
        literal(shortened(turn.question, 120)), key=f"turn-{turn.number}", on_change="rerun"
    )
    if box.open:
        with box:
            _answer(desk, session, turn, session.turns[-1].number)


def _question(turn: Turn) -> None:
    with st.chat_message("user", avatar=USER):
        words = clean(turn.words)
        cut = len(words) > QUESTION_CHARS_DRAWN
        st.text(f"{words[:QUESTION_CHARS_DRAWN].rstrip()} …" if cut else words)


# -- running ----------------------------------------------------------------------------------


def _unfinished(session: Session, were_unfinished: int) -> None:
    session.refresh()
    unfinished = session.unfinished
    if len(unfinished) != were_unfinished:
        st.rerun()
    for place, turn in enumerate(unfinished):
        _question(turn)
        with st.chat_message("assistant", avatar=ASSISTANT):
            left, right = st.columns([4, 1], vertical_alignment="center", wrap=False)
            with left:
                st.markdown(f":shimmer[{_doing(turn, waits=place > 0)}]")
            right.button(
                "Stop", key=f"stop-{turn.number}", disabled=turn.cancelled, on_click=turn.cancel
            )
            if place > 0:
                st.button(
                    "Add to the question above",
                    key=f"add-{turn.number}",
                    type="tertiary",
                    on_click=session.add_to_running,
                    args=(turn,),
                )
            _steps(turn.steps[-LIVE_STEPS:], len(turn.steps))
            _arriving(turn)


def _arriving(turn: Turn) -> None:
    """What the processor is writing: its thought, then the answer, with the pages that its
    handles stand for."""
    arriving = turn.transcript.arriving
    if arriving is None:
        return
    if arriving.message:
        places = turn.transcript.places
        st.markdown(prose(arriving.message, set(places)))
        cited = [handle for handle in handles_in(arriving.message) if handle in places]
        if cited:
            st.caption(" · ".join(literal(f"[{handle}] {places[handle]}") for handle in cited))
    elif arriving.thought:
        st.caption(f":gray[{literal(shortened(arriving.thought, 300))}]")


def _doing(turn: Turn, waits: bool) -> str:
    if turn.cancelled:
        return "Stopping after this step"
    if waits:
        return "Waiting for the question before it"
    return "Reading" if turn.steps else "Starting"


def _steps(steps: list[Step], total: int) -> None:
    """One short line a step, as one element, so that nothing jumps while lines are added."""
    lines = []
    if total > len(steps):
        lines.append(f":gray[{total - len(steps)} earlier steps]")
    for step in steps:
        text = literal(shortened(step.text, 200))
        if step.thought:
            lines.append(f":gray[{literal(shortened(step.thought, 200))}]")
        lines.append(text if step.ok else f":red[:material/error: {text}]")
    if lines:
        st.caption("  \n".join(lines))


# -- ended ------------------------------------------------------------------------------------


def _answer(desk: Desk, session: Session, turn: Turn, newest: int) -> None:
    answer = turn.answer
    with st.chat_message("assistant", avatar=ASSISTANT):
        if turn.failure:
            failure.show(turn.failure)
        if answer is None:
            if turn.cut_off:
                _cut_off(session, turn)
            elif not turn.failure:
                st.caption("Stopped before it began.")
            return
        _what_was_done(turn, answer)
        if answer.text:
            st.markdown(prose(answer.text, {citation.handle for citation in answer.citations}))
        doubts.show(turn.checked)
        _stop_reason(desk.library, answer)
        if answer.citations:
            citations(desk.library, turn.number, answer)
        _footer(desk, session, turn, newest)


def _cut_off(session: Session, turn: Turn) -> None:
    """A question whose run the end of the app cut off; the newest can be worked on."""
    st.info("The app was stopped while it worked on this. What was read is kept.")
    _steps(turn.steps[-LIVE_STEPS:], len(turn.steps))
    if turn is session.turns[-1]:
        st.button("Go on", key=f"go-on-{turn.number}", type="primary", on_click=session.go_on)


@st.fragment
def _what_was_done(turn: Turn, answer: Answer) -> None:
    label = (
        f"{counted(answer.steps, 'step')} · "
        f"{counted(len(turn.transcript.pages), 'page')} of results · "
        f"largest window {answer.peak_context:,} of {answer.context_window:,} tokens"
    )
    box = st.expander(label, key=f"steps-{turn.number}", type="compact", on_change="rerun")
    if box.open:
        with box:
            _steps(turn.steps, len(turn.steps))
            if spent := _spent(answer):
                st.caption(spent)


def _spent(answer: Answer) -> str:
    """What a model read and wrote for an answer, and what that cost; empty without a model."""
    if answer.processor == "extractive":
        return ""
    cached = f" ({answer.tokens_cached:,} from its cache)" if answer.tokens_cached else ""
    cost = "" if answer.cost is None else f"; {answer.cost:.4f} US dollars"
    return f"{answer.tokens_read:,} tokens read{cached}, {answer.tokens_written:,} written{cost}"


def _stop_reason(library: Library, answer: Answer) -> None:
    if answer.stop_reason is StopReason.ANSWERED:
        return
    told = [] if answer.stop_reason is StopReason.CANCELLED else answer.reason.splitlines()
    # A reason for no evidence names the searches itself.
    named = bool(told) and answer.stop_reason is StopReason.NO_EVIDENCE
    if not named and any(search.unread for search in answer.coverage):
        documents = library.documents()
        told += [coverage_line(search, documents) for search in answer.coverage]
    lines = [f"**{STOPPED[answer.stop_reason]}**", *map(literal, told[:SEARCHES_TOLD])]
    if len(told) > SEARCHES_TOLD:
        lines.append(f"… and {counted(len(told) - SEARCHES_TOLD, 'more search', 'more searches')}")
    serious = answer.stop_reason in FAILURES
    (st.error if serious else st.info)("  \n".join(lines))


def _footer(desk: Desk, session: Session, turn: Turn, newest: int) -> None:
    with st.container(horizontal=True, gap="small"):
        downloads.show(desk, session, turn)
        shown = st.session_state.get("shown_turn", newest)
        if shown != turn.number:
            st.button(
                "Show what was read",
                key=f"show-{turn.number}",
                type="tertiary",
                on_click=_set,
                args=("shown_turn", turn.number),
            )
        st.button(
            "Fork from here",
            key=f"fork-{turn.number}",
            icon=":material/fork_right:",
            type="tertiary",
            help="A new session that remembers everything up to this answer",
            on_click=session_list.fork,
            args=(desk, session, turn),
        )
