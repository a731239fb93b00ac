"""The agent: the loop of MemGPT.

1. An event arrives: the user's question, and before it what happened since the last one.
2. The queue manager appends it to the FIFO queue, measures main context, warns at 70 % of the
   window and flushes before it is full. What came meanwhile (a message, an upload) joins the queue.
3. The processor is given main context and replies with function calls.
4. The executor validates and runs them; results and errors become an entry of the queue, and the
   step is stored in recall storage, whole.
5. A requested heartbeat, or a failed call, leads back to step 2. A message to the user ends the
   turn. A processor that yields without a message is asked for one, twice at most.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress

from memgpt_docs.calls import FunctionResult, MessageSent
from memgpt_docs.context import AlertEntry, Entry, MainContext, StepEntry, UserEntry
from memgpt_docs.errors import MemGPTDocsError, ProcessorError, StorageError, UsageError
from memgpt_docs.events import (
    Answer,
    Event,
    RunStarted,
    StepEnded,
    StepStarted,
    Stopped,
    StopReason,
    TextStreamed,
)
from memgpt_docs.executor import Executor
from memgpt_docs.function_schemas import specs
from memgpt_docs.functions import Functions
from memgpt_docs.inbox import Inbox, login
from memgpt_docs.notes import insert_note
from memgpt_docs.processors import make_processor
from memgpt_docs.processors.base import Processor, Reply, Summarises
from memgpt_docs.processors.findings import for_reader
from memgpt_docs.prompts import prompt
from memgpt_docs.queue_manager import QueueManager
from memgpt_docs.records import Asked, Ended, StepTaken
from memgpt_docs.sessions import Saved, events_of_call, restore
from memgpt_docs.settings import Settings
from memgpt_docs.storage.library import Library
from memgpt_docs.tokens import default_tokenizer
from memgpt_docs.turn import GoOn, Stop, Turn, resumed, unaffordable, used_up

MAX_FAILURES_IN_A_ROW = 3
MAX_SILENT_REPLIES = 2
SILENT = "You have not answered. Call a function; call send_message to answer the user."


class Agent:
    """One session over a library: keeps its memory from question to question, and, given the
    `session_id` of one that is stored there, from process to process.

    `processor` is a processor, the name of one, or None for the one in the settings. `inbox` takes
    what happens while a question is worked on.
    """

    def __init__(
        self,
        library: Library,
        processor: Processor | str | None = None,
        *,
        settings: Settings | None = None,
        session_id: str | None = None,
    ) -> None:
        self.library = library
        self.settings = settings or Settings()
        self.session_id = session_id or uuid.uuid4().hex
        if processor is None or isinstance(processor, str):
            processor = make_processor(processor or self.settings.processor, self.settings)
        self.processor = processor
        self.inbox = Inbox()
        self.context = MainContext(
            window=self.settings.context_window,
            instructions=prompt("system.txt"),
            functions=specs(self.settings.context_window),
            tokenizer=default_tokenizer(),
        )
        self._functions = Functions(
            library=library,
            session_id=self.session_id,
            working_context=self.context.working_context,
            tokenizer=self.context.tokenizer,
            page_tokens=self.context.page_tokens,
            largest_page=self.settings.page_size,
        )
        self._executor = Executor(self._functions)
        self._summaries: list[Reply] = []  # written since the last step ended
        saved = restore(library, self.session_id)
        self._last_at = saved.last_at
        self._unfinished = resumed(saved)
        self._queue = QueueManager(
            self.context, library.recall, self.session_id, saved.length, self._writer()
        )
        self._take_over(saved)

    # -- asking -------------------------------------------------------------------------------

    def ask(self, question: str, *, documents: Sequence[str] = ()) -> Answer:
        """The answer to `question`: the last event of `run`."""
        for event in self.run(question, documents=documents):
            if isinstance(event, Stopped):
                return event.answer
        raise AssertionError("a run always ends with Stopped")

    def run(
        self,
        question: str,
        *,
        documents: Sequence[str] = (),
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[Event]:
        """Works on `question` and yields what happens; the last event is `Stopped`, always.

        `documents` (ids or file names) limits reading to these. `cancelled` is asked between
        steps and by processors that wait. Raises `UsageError` for an empty question and
        `UnknownDocument` for a document that is not in the library, before the first event.
        """
        if not question.strip():
            raise UsageError("The question is empty.", "Write what you want to know.")
        doc_ids = tuple(self.library.document(name).doc_id for name in documents)
        return self._run(Turn(question.strip(), doc_ids), cancelled)

    @property
    def unfinished(self) -> str:
        """The question that was being worked on when the process ended; empty where none was."""
        return self._unfinished.question if self._unfinished else ""

    def go_on(self, cancelled: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        """Works on with the unfinished question, from its last whole step. Raises `UsageError`
        where there is none."""
        if self._unfinished is None:
            raise UsageError("No question was left unfinished.", "Ask one.")
        return self._loop(self._unfinished, cancelled)

    # -- the loop -----------------------------------------------------------------------------

    def _run(self, turn: Turn, cancelled: Callable[[], bool]) -> Iterator[Event]:
        yield RunStarted(turn.question, self.processor.name)
        now = self._queue.now()
        before = [*login(self._last_at, now), *self.inbox.take(now)]
        question = self._fitting(UserEntry(turn.question, now))
        entries = [*before, question]
        self._functions.begin(question.text, turn.documents)
        self.context.question = question.text
        self.context.coverage = []
        for entry in entries:
            self._queue.append(entry)
        if not self._queue.length:
            self.library.sessions.create(self.session_id, turn.question)
        asked = Asked(turn.question, turn.documents, self.processor.name, tuple(entries))
        self._queue.commit(asked, entries)
        yield from self._loop(turn, cancelled)

    def _loop(self, turn: Turn, cancelled: Callable[[], bool]) -> Iterator[Event]:
        while True:
            stop = used_up(turn, self.settings, cancelled)
            if stop is None:
                outcome: GoOn | Stop
                try:
                    outcome = yield from self._step(turn, cancelled)
                except StorageError as error:
                    outcome = Stop(StopReason.STORAGE_FAILURE, detail=str(error))
                match outcome:
                    case GoOn():
                        continue
                    case Stop():
                        stop = outcome
            answer = self._answer(turn, stop)
            self._unfinished, self._last_at = None, self._queue.now()
            with suppress(StorageError):  # told already, by the step that could not be stored
                self._queue.commit(Ended(answer))
            yield Stopped(answer)
            return

    def _step(
        self, turn: Turn, cancelled: Callable[[], bool]
    ) -> Generator[Event, None, GoOn | Stop]:
        """One inference and the calls it asked for, stored as one record."""
        if stop := unaffordable(turn, self.settings, self.processor.price, self.context.tokens()):
            return stop
        started = time.monotonic()
        counted = (turn.tokens_read, turn.tokens_written, turn.tokens_cached)
        turn.step += 1
        self._functions.gate.steps_left = self.settings.max_steps - turn.step
        self._functions.page_tokens = self.context.page_tokens
        self.context.coverage = self._functions.coverage.searches()
        interrupts = self._interrupts(turn)
        room = yield from self._queue.make_room(turn.step)
        tokens = self.context.tokens()
        turn.peak_context = max(turn.peak_context, tokens.used)
        sent = self.context.digest()
        known = {id(frozen) for frozen in self._functions.archival.rankings()}
        yield StepStarted(turn.step, tokens)
        reply, entries = Reply(()), list[Entry]()
        try:
            reply = yield from self._decide(turn, cancelled)
            turn.count(reply, tokens.used)
            if reply.tokens_read is not None:
                self.context.calibrate(reply.tokens_read)
            outcome: GoOn | Stop = GoOn()  # after a cancel: the budget check makes a stop of it
            if not cancelled():
                outcome = yield from self._execute(turn, reply, entries)
        except MemGPTDocsError as error:
            outcome = Stop(StopReason.PROCESSOR_FAILURE, detail=str(error))
        for entry in entries:
            self._queue.append(entry)
        summaries, self._summaries = self._summaries, []
        for summary in summaries:
            turn.count(summary, 0)
        made = [one for one in self._functions.archival.rankings() if id(one) not in known]
        record = StepTaken(
            step=turn.step,
            context=tokens,
            sent=sent,
            before=(*interrupts, *room.alerts),
            pressure=room.pressure,
            flush=room.flush,
            entries=tuple(entries),
            rankings=tuple(made),
            tokens_read=turn.tokens_read - counted[0],
            tokens_written=turn.tokens_written - counted[1],
            tokens_cached=turn.tokens_cached - counted[2],
            seconds=round(time.monotonic() - started, 4),
        )
        self._queue.commit(record, [*record.before, *record.entries])
        yield StepEnded(
            turn.step,
            record.tokens_read,
            record.tokens_written,
            record.tokens_cached,
            record.seconds,
        )
        return outcome

    def _decide(self, turn: Turn, cancelled: Callable[[], bool]) -> Generator[Event, None, Reply]:
        """One reply of the processor, with what of it arrives on the way as events."""
        decision = self.processor.decide(self.context, cancelled)
        while True:
            try:
                streamed = next(decision)
            except StopIteration as end:
                reply: Reply = end.value
                return reply
            yield TextStreamed(turn.step, streamed.thought, streamed.message)

    def _execute(
        self, turn: Turn, reply: Reply, entries: list[Entry]
    ) -> Generator[Event, None, GoOn | Stop]:
        """Runs the calls of a reply and adds to `entries` what the queue gets of it."""
        now = self._queue.now()
        if not reply.calls:
            return self._silent(turn, reply, entries)
        exchanges = []
        for call, result in self._executor.run_all(reply.calls, self.context.queue):
            exchanges.append((call, result))
            yield from events_of_call(turn.step, call.name, reply.thought, result)
        entries.append(StepEntry(reply.thought, tuple(exchanges), now))
        return self._outcome(turn, [result for _, result in exchanges], entries)

    def _outcome(
        self, turn: Turn, results: Sequence[FunctionResult], entries: list[Entry]
    ) -> GoOn | Stop:
        for result in results:
            if isinstance(result.payload, MessageSent):
                read = self._functions.coverage.searches()
                grounded = result.payload.citations or not read
                reason = StopReason.ANSWERED if grounded else StopReason.NO_EVIDENCE
                detail = "" if grounded else self._functions.what_was_read()
                return Stop(reason, result.payload, detail)
        failed = [result for result in results if not result.ok]
        turn.failures = turn.failures + 1 if failed else 0
        if turn.failures >= MAX_FAILURES_IN_A_ROW:
            return Stop(
                StopReason.FUNCTION_ERRORS,
                detail=f"{turn.failures} steps in a row failed, the last with: "
                f"{failed[-1].message}",
            )
        if failed or any(result.heartbeat for result in results):
            turn.silent = 0
            return GoOn()
        return self._silent(turn, None, entries)

    def _silent(self, turn: Turn, reply: Reply | None, entries: list[Entry]) -> GoOn | Stop:
        """A reply that would end the turn without a message to the user."""
        turn.silent += 1
        now = self._queue.now()
        if reply is not None and reply.thought:
            entries.append(StepEntry(reply.thought, (), now))
        if turn.silent <= MAX_SILENT_REPLIES:
            problem = reply.problem if reply is not None else ""
            entries.append(AlertEntry(problem or SILENT, now))
            return GoOn()
        if reply is not None and reply.thought:
            # A model that cannot call functions still said something: shown, without evidence.
            return Stop(StopReason.NO_EVIDENCE, MessageSent(reply.thought, ()))
        return Stop(
            StopReason.NO_ANSWER, detail="The processor stopped without a message to the user."
        )

    # -- memory -------------------------------------------------------------------------------

    def _take_over(self, saved: Saved) -> None:
        """Makes the memory of this agent what was saved of its session."""
        context = self.context
        context.working_context.restore(saved.notes)
        context.summary = saved.summary
        for entry in saved.queue:
            context.append(entry)
        self._functions.handles.restore(saved.handles)
        self._functions.archival.restore(saved.rankings)
        context.question = saved.question
        self._functions.begin(saved.question, saved.documents)
        for page in saved.pages:
            self._functions.coverage.read(page)
        context.coverage = self._functions.coverage.searches()

    def _interrupts(self, turn: Turn) -> list[Entry]:
        """What came since the last step, put into the queue. What the user added to the question
        stands with it from now on."""
        came = [
            self._fitting(entry) if isinstance(entry, UserEntry) else entry
            for entry in self.inbox.take(self._queue.now())
        ]
        for entry in came:
            self._queue.append(entry)
            if isinstance(entry, UserEntry):
                question = f"{self.context.question}\n\n{entry.text}"
                self.context.question = self._functions.acceptance.question = question
        return came

    def _fitting(self, entry: UserEntry) -> UserEntry:
        """`entry`, or, where it is too long for the window, its beginning and end with a pointer to
        the whole of it in archival storage."""
        tokenizer, limit = self.context.tokenizer, self.context.entry_limit
        if tokenizer.count(entry.text) <= limit - POINTER_TOKENS:
            return entry
        note = insert_note(self.library, self.session_id, entry.text, tokenizer, "Message")
        room = (limit - POINTER_TOKENS) // 3
        return UserEntry(
            f"{tokenizer.truncate(entry.text, room)} …\n[The message is too long for the window. "
            f"The whole of it, {note.n_passages} passages, is in archival storage: "
            f"archival_search(query=…, document={note.file!r}). It ends:]\n"
            f"… {tokenizer.ending(entry.text, room)}",
            entry.time,
        )

    def _writer(self) -> Callable[[str, int], str] | None:
        """What words the recursive summary: the processor, where it can; code checks the rest."""
        processor = self.processor
        if not isinstance(processor, Summarises):
            return None

        def write(text: str, limit: int) -> str:
            try:
                reply = processor.summarise(text, limit)
            except ProcessorError:
                return ""  # by rule, then
            self._summaries.append(reply)
            return reply.thought

        return write

    # -- answering ----------------------------------------------------------------------------

    def _answer(self, turn: Turn, stop: Stop) -> Answer:
        notes = self.context.working_context.text
        text = stop.message.text if stop.message else ""
        if stop.message is None and (noted := for_reader(notes)):
            text = f"No answer was reached. What was noted so far:\n\n{noted}"
        price = self.processor.price
        tokens = (turn.tokens_read, turn.tokens_written, turn.tokens_cached)
        return Answer(
            question=turn.question,
            text=text,
            citations=stop.message.citations if stop.message else (),
            stop_reason=stop.reason,
            coverage=tuple(self._functions.coverage.searches()),
            working_context=notes,
            steps=turn.step,
            tokens_read=turn.tokens_read,
            tokens_written=turn.tokens_written,
            peak_context=turn.peak_context,
            context_window=self.context.window,
            processor=self.processor.name,
            library_version=self.library.version,
            reason=stop.detail,
            tokens_cached=turn.tokens_cached,
            cost=price.of(*tokens) if price else None,
        )


# What the pointer to a text in archival storage takes.
POINTER_TOKENS = 96
