"""The agent: the loop of MemGPT.

1. An event arrives; here, the user's question.
2. The queue manager appends it to the FIFO queue and to recall storage, measures main context,
   warns at 70 % of the window and flushes before it is full.
3. The processor is given main context and replies with function calls.
4. The executor validates and runs them; results and errors become an entry of the queue.
5. A requested heartbeat, or a failed call, leads back to step 2. A message to the user ends the
   turn. A processor that yields without a message is asked for one, twice at most.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from memgpt_docs.calls import (
    FunctionResult,
    MessageSent,
    PassagesShown,
    WorkingContextEdited,
)
from memgpt_docs.context import AlertEntry, MainContext, StepEntry, UserEntry
from memgpt_docs.errors import MemGPTDocsError, UsageError
from memgpt_docs.events import (
    Answer,
    ContextTokens,
    Event,
    FunctionCalled,
    FunctionReturned,
    ResultsPageRead,
    RunStarted,
    StepStarted,
    Stopped,
    StopReason,
    TextStreamed,
    WorkingContextChanged,
)
from memgpt_docs.executor import Executor
from memgpt_docs.function_schemas import specs
from memgpt_docs.functions import Functions
from memgpt_docs.processors import make_processor
from memgpt_docs.processors.base import Processor, Reply
from memgpt_docs.queue_manager import QueueManager
from memgpt_docs.settings import Settings
from memgpt_docs.storage.library import Library
from memgpt_docs.tokens import default_tokenizer

MAX_FAILURES_IN_A_ROW = 3
MAX_SILENT_REPLIES = 2
# A server's tokenizer may count more than ours: until it has said how it counts, this much more.
COUNT_MARGIN = 1.25
SILENT = "You have not answered. Call a function; call send_message to answer the user."


@dataclass
class _Turn:
    """What is counted while one question is worked on."""

    question: str
    step: int = 0
    tokens_read: int = 0
    tokens_written: int = 0
    tokens_cached: int = 0
    count_ratio: float = COUNT_MARGIN  # tokens as the processor counts them to ours, at most
    peak_context: int = 0
    failures: int = 0  # in a row
    silent: int = 0  # replies in a row that neither asked for a heartbeat nor answered


@dataclass(frozen=True)
class GoOn:
    """The processor runs again."""


@dataclass(frozen=True)
class Stop:
    """The turn is over."""

    reason: StopReason
    message: MessageSent | None = None
    detail: str = ""


class Agent:
    """One session over a library: keeps its memory from question to question.

    `processor` is a processor, the name of one, or None for the one in the settings.
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
        self.context = MainContext(
            window=self.settings.context_window,
            instructions=system_instructions(),
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
        self._queue = QueueManager(self.context, library.recall, self.session_id)

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
        return self._run(_Turn(question.strip()), doc_ids, cancelled)

    def _run(
        self, turn: _Turn, doc_ids: tuple[str, ...], cancelled: Callable[[], bool]
    ) -> Iterator[Event]:
        yield RunStarted(turn.question, self.processor.name)
        self._functions.documents = doc_ids
        self._functions.coverage.clear()
        self._functions.acceptance.begin(turn.question)
        self.context.question = turn.question
        self.context.coverage = []
        self._queue.append(UserEntry(turn.question, self._queue.now()))
        while True:
            stop = self._budget(turn, cancelled)
            if stop is None:
                try:
                    outcome = yield from self._step(turn, cancelled)
                except MemGPTDocsError as error:
                    outcome = Stop(StopReason.PROCESSOR_FAILURE, detail=str(error))
                match outcome:
                    case GoOn():
                        continue
                    case Stop():
                        stop = outcome
            yield Stopped(self._answer(turn, stop))
            return

    def _budget(self, turn: _Turn, cancelled: Callable[[], bool]) -> Stop | None:
        settings = self.settings
        if cancelled():
            return Stop(StopReason.CANCELLED, detail="Stopped by the user.")
        if turn.step >= settings.max_steps:
            return Stop(
                StopReason.STEP_BUDGET,
                detail=f"The budget of {settings.max_steps} steps is used up. "
                "Raise MEMGPT_DOCS_MAX_STEPS to read on.",
            )
        if turn.tokens_read + turn.tokens_written >= settings.max_tokens:
            return Stop(
                StopReason.TOKEN_BUDGET,
                detail=f"The budget of {settings.max_tokens:,} tokens is used up. "
                "Raise MEMGPT_DOCS_MAX_TOKENS to read on.",
            )
        return None

    def _step(
        self, turn: _Turn, cancelled: Callable[[], bool]
    ) -> Generator[Event, None, GoOn | Stop]:
        """One inference and the calls it asked for."""
        turn.step += 1
        self.context.coverage = self._functions.coverage.searches()
        yield from self._queue.make_room(turn.step)
        tokens = self.context.tokens()
        turn.peak_context = max(turn.peak_context, tokens.used)
        if stop := self._unaffordable(turn, tokens):
            turn.step -= 1
            return stop
        yield StepStarted(turn.step, tokens)
        reply = yield from self._decide(turn, cancelled)
        turn.tokens_read += tokens.used if reply.tokens_read is None else reply.tokens_read
        turn.tokens_written += reply.tokens_written or 0
        turn.tokens_cached += reply.tokens_cached or 0
        if reply.tokens_read is not None:
            turn.count_ratio = max(1.0, reply.tokens_read / max(1, tokens.used))
        if cancelled():
            return GoOn()  # the budget check turns this into a stop
        if not reply.calls:
            return self._silent(turn, reply)
        exchanges = []
        for call in reply.calls:
            result = self._executor.run(call)
            exchanges.append((call, result))
            yield FunctionCalled(turn.step, call.name, result.arguments, reply.thought)
            yield from _effects(turn.step, result)
            yield FunctionReturned(turn.step, call.name, result.ok, result.message)
        self._queue.append(StepEntry(reply.thought, tuple(exchanges), self._queue.now()))
        return self._outcome(turn, [result for _, result in exchanges])

    def _unaffordable(self, turn: _Turn, tokens: ContextTokens) -> Stop | None:
        """The stop when one more request could pass the money budget: nothing of it from the
        server's cache, and a reply as long as there is room for."""
        price, most = self.processor.price, self.settings.max_cost
        if price is None:
            return None
        read = turn.tokens_read + int(tokens.used * turn.count_ratio) + 1
        if price.of(read, turn.tokens_written + tokens.reserved, turn.tokens_cached) <= most:
            return None
        return Stop(
            StopReason.MONEY_BUDGET,
            detail=f"One more step could cost more than the budget of ${most:,.2f}. "
            "Raise MEMGPT_DOCS_MAX_COST to read on.",
        )

    def _decide(self, turn: _Turn, cancelled: Callable[[], bool]) -> Generator[Event, None, Reply]:
        """One reply of the processor, with what of it arrives on the way as events."""
        decision = self.processor.decide(self.context, cancelled)
        while True:
            try:
                streamed = next(decision)
            except StopIteration as end:
                reply: Reply = end.value
                return reply
            yield TextStreamed(turn.step, streamed.thought, streamed.message)

    def _outcome(self, turn: _Turn, results: Sequence[FunctionResult]) -> GoOn | Stop:
        for result in results:
            if isinstance(result.payload, MessageSent):
                read = self._functions.coverage.searches()
                grounded = result.payload.citations or not read
                reason = StopReason.ANSWERED if grounded else StopReason.NO_EVIDENCE
                return Stop(reason, result.payload)
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
        return self._silent(turn, None)

    def _silent(self, turn: _Turn, reply: Reply | None) -> GoOn | Stop:
        """A reply that would end the turn without a message to the user."""
        turn.silent += 1
        if turn.silent <= MAX_SILENT_REPLIES:
            if reply is not None and reply.thought:
                self._queue.append(StepEntry(reply.thought, (), self._queue.now()))
            problem = reply.problem if reply is not None else ""
            self._queue.append(AlertEntry(problem or SILENT, self._queue.now()))
            return GoOn()
        if reply is not None and reply.thought:
            # A model that cannot call functions still said something: shown, without evidence.
            return Stop(StopReason.NO_EVIDENCE, MessageSent(reply.thought, ()))
        return Stop(
            StopReason.NO_ANSWER, detail="The processor stopped without a message to the user."
        )

    def _cost(self, turn: _Turn) -> float | None:
        price = self.processor.price
        if price is None:
            return None
        return price.of(turn.tokens_read, turn.tokens_written, turn.tokens_cached)

    def _answer(self, turn: _Turn, stop: Stop) -> Answer:
        notes = self.context.working_context.text
        text = stop.message.text if stop.message else ""
        if stop.message is None and notes:
            text = f"No answer was reached. What was noted so far:\n\n{notes}"
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
            cost=self._cost(turn),
        )


def _effects(step: int, result: FunctionResult) -> Iterator[Event]:
    """What a call did to memory, as events."""
    match result.payload:
        case PassagesShown(page=page) if page is not None:
            yield ResultsPageRead(step, page, result.payload.handles)
        case WorkingContextEdited():
            yield WorkingContextChanged(step, result.payload.before, result.payload.after)
        case _:
            pass


@cache
def system_instructions() -> str:
    """The instructions that open main context."""
    return (resources.files("memgpt_docs") / "prompts" / "system.txt").read_text("utf-8").strip()
