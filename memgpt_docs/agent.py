"""The agent: the loop of MemGPT.

1. An event arrives: the user's question, and before it, after a pause, that the user came back.
2. The queue manager appends it to the FIFO queue, measures main context, warns at 70 % of the
   window and flushes before it is full. What came meanwhile (a message, an upload) joins the queue.
3. The processor is given main context and replies with function calls.
4. The executor validates and runs them; results and errors become an entry of the queue, and the
   step is stored in recall storage, whole.
5. A requested heartbeat, or a failed call, leads back to step 2. A message to the user ends the
   turn. A processor that yields without a message is asked for one, twice at most.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from memgpt_docs.calls import FunctionResult, MessageSent
from memgpt_docs.context import AlertEntry, Entry, Exchange, MainContext, StepEntry, UserEntry
from memgpt_docs.errors import ProcessorError, StorageError, UsageError
from memgpt_docs.events import (
    Answer,
    Event,
    RunStarted,
    StepEnded,
    StepStarted,
    Stopped,
    StopReason,
)
from memgpt_docs.executor import Executor
from memgpt_docs.function_schemas import specs
from memgpt_docs.functions import Functions
from memgpt_docs.inbox import Inbox, login
from memgpt_docs.notes import fitting
from memgpt_docs.processors import make_processor
from memgpt_docs.processors.base import Processor, Reply, Summarises
from memgpt_docs.prompts import prompt
from memgpt_docs.queue_manager import CancellableWriter, QueueManager
from memgpt_docs.records import Asked, Ended, StepTaken
from memgpt_docs.sessions import events_of_call, restore
from memgpt_docs.settings import Settings
from memgpt_docs.storage.library import Library
from memgpt_docs.taking_over import take_over
from memgpt_docs.tokens import default_tokenizer
from memgpt_docs.turn import (
    GoOn,
    Stop,
    Turn,
    answer_of,
    failure,
    resumed,
    told,
    too_many,
    unaffordable,
    used_up,
)

_log = logging.getLogger(__name__)

MAX_FAILURES_IN_A_ROW = 3
MAX_SILENT_REPLIES = 2
MAX_CALLS = 16  # in one reply
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
            self.context,
            library.recall,
            self.session_id,
            saved.length,
            self._writer(),
            unseen=len(saved.steps[-1]["entries"]) if saved.steps else 1,
        )
        take_over(saved, self.context, self._functions)

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
        try:
            self._begin(turn)
        except Exception as error:
            stop = replace(failure(error), reason=StopReason.STORAGE_FAILURE)
            yield Stopped(self._answer(turn, stop))
            return
        yield from self._loop(turn, cancelled)

    def _begin(self, turn: Turn) -> None:
        """Stores the question and puts it into the queue, in this order: what cannot be stored is
        not in memory either."""
        self._functions.begin(turn.question, turn.documents)
        now = self._queue.now()
        question = self._fitting(UserEntry(turn.question, now))
        entries = [*login(self._last_at, now), question]
        if not self._queue.length:
            self.library.sessions.create(self.session_id, turn.question)
        asked = Asked(turn.question, turn.documents, self.processor.name, tuple(entries))
        self._queue.commit(asked, entries)
        self.context.question = self._functions.acceptance.question = question.text
        self.context.coverage = []
        for entry in entries:
            self._queue.append(entry)

    def _loop(self, turn: Turn, cancelled: Callable[[], bool]) -> Iterator[Event]:
        while True:
            stop = used_up(turn, self.settings, cancelled)
            if stop is None:
                outcome: GoOn | Stop
                try:
                    outcome = yield from self._step(turn, cancelled)
                except Exception as error:
                    outcome = failure(error)
                match outcome:
                    case GoOn():
                        continue
                    case Stop():
                        stop = outcome
            self.context.coverage = self._functions.coverage.searches()
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
        interrupts = self._interrupts(turn)
        room = yield from self._queue.make_room(turn.step, cancelled)
        tokens = self.context.tokens()
        turn.peak_context = max(turn.peak_context, tokens.used)
        sent = self.context.digest()
        known = {id(frozen): frozen for frozen in self._functions.archival.rankings()}
        yield StepStarted(turn.step, tokens)
        reply, entries = Reply(()), list[Entry]()
        try:
            reply = yield from told(turn.step, self.processor.decide(self.context, cancelled))
            turn.count(reply, tokens.used)
            if reply.tokens_read is not None:
                self.context.calibrate(reply.tokens_read)
            outcome: GoOn | Stop = GoOn()  # after a cancel: the budget check makes a stop of it
            if not cancelled():
                outcome = yield from self._execute(turn, reply, entries)
        except Exception as error:
            outcome = failure(error)
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
            scale=self.context.scale,
            returned=(self._functions.acceptance.returned, self._functions.gate.returned),
            tokens_read=turn.tokens_read - counted[0],
            tokens_written=turn.tokens_written - counted[1],
            tokens_cached=turn.tokens_cached - counted[2],
            seconds=round(time.monotonic() - started, 4),
        )
        self._queue.commit(record, [*record.before, *record.entries])
        for entry in entries:
            self._queue.append(entry)
        self.context.coverage = self._functions.coverage.searches()
        yield StepEnded(
            turn.step,
            record.tokens_read,
            record.tokens_written,
            record.tokens_cached,
            record.seconds,
        )
        return outcome

    def _execute(
        self, turn: Turn, reply: Reply, entries: list[Entry]
    ) -> Generator[Event, None, GoOn | Stop]:
        """Runs the calls of a reply and adds to `entries` what the queue gets of it."""
        now = self._queue.now()
        self._functions.page_tokens = self.context.page_tokens  # as the server counts by now
        if not reply.calls:
            return self._silent(turn, reply, entries)
        exchanges: list[Exchange] = []
        calls = reply.calls[:MAX_CALLS]
        for call, result in self._executor.run_all(calls, self.context.queue):
            exchanges.append((call, result))
            yield from events_of_call(turn.step, call.name, reply.thought, result)
            if len(exchanges) < len(calls) and self.context.is_full(exchanges):
                break
        results = [result for _, result in exchanges]
        for call, result in too_many(reply.calls[len(exchanges) :]):
            exchanges.append((call, result))
            yield from events_of_call(turn.step, call.name, reply.thought, result)
        entries.append(StepEntry(reply.thought, tuple(exchanges), now))
        return self._outcome(turn, results, entries)

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

    def _answer(self, turn: Turn, stop: Stop) -> Answer:
        return answer_of(turn, stop, self.context, self._functions, self.processor)

    # -- memory -------------------------------------------------------------------------------

    def _interrupts(self, turn: Turn) -> list[Entry]:
        """What came since the last step, put into the queue; what has no room beside a page that
        the processor has not seen waits on. What the user added to the question stands with it from
        now on."""
        waiting = self.inbox.take(self._queue.now())
        came: list[Entry] = []
        try:
            while waiting and self._queue.has_room(entry := waiting[0]):
                if isinstance(entry, UserEntry):
                    entry = self._fitting(entry)
                    question = f"{self.context.question}\n\n{entry.text}"
                    self.context.question = self._functions.acceptance.question = question
                self._queue.append(entry)
                came.append(entry)
                del waiting[0]
        finally:
            self.inbox.put_back(waiting)
        return came

    def _fitting(self, entry: UserEntry) -> UserEntry:
        context = self.context
        return fitting(entry, context.entry_limit, self.library, self.session_id, context.tokenizer)

    def _writer(self) -> CancellableWriter | None:
        """What words the recursive summary: the processor, where it can; code checks the rest."""
        processor = self.processor
        if not isinstance(processor, Summarises):
            return None

        def write(cancelled: Callable[[], bool], text: str, limit: int) -> str:
            try:
                reply = processor.summarise(text, limit, cancelled)
            except ProcessorError:
                return ""  # by rule, then
            except Exception as error:
                _log.error("Unexpected error in a summary", exc_info=error)
                return ""
            self._summaries.append(reply)
            return reply.thought

        return write
