"""A turn: the work on one question, what is counted of it, and what may end it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field

from memgpt_docs.calls import FunctionCall, FunctionResult, MessageSent
from memgpt_docs.context import Exchange, MainContext
from memgpt_docs.errors import MemGPTDocsError, StorageError
from memgpt_docs.events import Answer, ContextTokens, Event, StopReason, TextStreamed
from memgpt_docs.functions import Functions
from memgpt_docs.processors.base import Decision, Processor, Reply
from memgpt_docs.processors.findings import for_reader
from memgpt_docs.processors.prices import Price
from memgpt_docs.sessions import Saved
from memgpt_docs.settings import Settings

_log = logging.getLogger(__name__)

# A server's tokenizer may count more than ours: until it has said how it counts, this much more.
COUNT_MARGIN = 1.25
ALERT_TOKENS = 128  # what may still be added to main context before it is sent


@dataclass
class Turn:
    """What is counted while one question is worked on."""

    question: str
    documents: tuple[str, ...] = ()  # doc_ids it is limited to; empty for all
    step: int = 0
    tokens_read: int = 0
    tokens_written: int = 0
    tokens_cached: int = 0
    count_ratio: float = COUNT_MARGIN  # tokens as the processor counts them to ours, at most
    peak_context: int = 0
    failures: int = 0  # in a row
    silent: int = 0  # replies in a row that neither asked for a heartbeat nor answered
    seconds_before: float = 0.0  # worked on it before this process
    started: float = field(default_factory=time.monotonic)

    def count(self, reply: Reply, used: int) -> None:
        """Counts one inference that was given `used` tokens, as they are counted here."""
        self.tokens_read += used if reply.tokens_read is None else reply.tokens_read
        self.tokens_written += reply.tokens_written or 0
        self.tokens_cached += reply.tokens_cached or 0
        if reply.tokens_read is not None and used:
            self.count_ratio = max(1.0, reply.tokens_read / used)

    @property
    def seconds(self) -> float:
        return self.seconds_before + time.monotonic() - self.started


@dataclass(frozen=True)
class GoOn:
    """The processor runs again."""


@dataclass(frozen=True)
class Stop:
    """The turn is over."""

    reason: StopReason
    message: MessageSent | None = None
    detail: str = ""


def resumed(saved: Saved) -> Turn | None:
    """The turn that was cut off, as far as it had come; None where the last one ended."""
    if saved.is_over:
        return None
    turn = Turn(saved.asked, saved.documents)
    for step in saved.steps:
        read, written, cached = step["tokens"]
        turn.step = step["step"]
        turn.tokens_read += read
        turn.tokens_written += written
        turn.tokens_cached += cached
        turn.seconds_before += step["seconds"]
        used = ContextTokens(**step["context"]).used
        turn.peak_context = max(turn.peak_context, used)
    return turn


def used_up(turn: Turn, settings: Settings, cancelled: Callable[[], bool]) -> Stop | None:
    """The stop when the user or a budget of steps, tokens or seconds ends the turn."""
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
    if turn.seconds >= settings.max_seconds:
        return Stop(
            StopReason.TIME_BUDGET,
            detail=f"The budget of {settings.max_seconds:,} seconds is used up. "
            "Raise MEMGPT_DOCS_MAX_SECONDS to read on.",
        )
    return None


def failure(error: Exception) -> Stop:
    """The stop for what went wrong in a step. What nobody foresaw is in the log."""
    if isinstance(error, StorageError):
        return Stop(StopReason.STORAGE_FAILURE, detail=str(error))
    if isinstance(error, MemGPTDocsError):
        return Stop(StopReason.PROCESSOR_FAILURE, detail=str(error))
    _log.error("Unexpected error in a step", exc_info=error)
    return Stop(
        StopReason.PROCESSOR_FAILURE,
        detail=f"Something went wrong inside the app ({type(error).__name__}). The log shows the "
        "details.",
    )


def told(step: int, decision: Decision) -> Generator[Event, None, Reply]:
    """The reply that a decision comes to, with what of it arrives on the way as events."""
    while True:
        try:
            streamed = next(decision)
        except StopIteration as end:
            reply: Reply = end.value
            return reply
        yield TextStreamed(step, streamed.thought, streamed.message)


def too_many(calls: Sequence[FunctionCall]) -> Iterator[Exchange]:
    """The exchange that tells the processor which calls of its reply were not run, where there are
    any."""
    if calls:
        others = f" and {len(calls) - 1} more" if len(calls) > 1 else ""
        message = f"Not run, this call{others}: too many at once for the window. Make fewer."
        yield calls[0], FunctionResult(False, message)


def unaffordable(
    turn: Turn, settings: Settings, price: Price | None, tokens: ContextTokens
) -> Stop | None:
    """The stop when one more request could pass the money budget: nothing of it from the server's
    cache, and a reply as long as there is room for."""
    if price is None:
        return None
    read = turn.tokens_read + int((tokens.used + ALERT_TOKENS) * turn.count_ratio) + 1
    most = settings.max_cost
    if price.of(read, turn.tokens_written + tokens.reserved, turn.tokens_cached) <= most:
        return None
    return Stop(
        StopReason.MONEY_BUDGET,
        detail=f"One more step could cost more than the budget of ${most:,.2f}. "
        "Raise MEMGPT_DOCS_MAX_COST to read on.",
    )


def answer_of(
    turn: Turn, stop: Stop, context: MainContext, functions: Functions, processor: Processor
) -> Answer:
    """What a turn came to: the message to the user or what was noted, and what it took."""
    notes = context.working_context.text
    text = stop.message.text if stop.message else ""
    if stop.message is None and (noted := for_reader(notes)):
        text = f"No answer was reached. What was noted so far:\n\n{noted}"
    price = processor.price
    tokens = (turn.tokens_read, turn.tokens_written, turn.tokens_cached)
    return Answer(
        question=turn.question,
        text=text,
        citations=stop.message.citations if stop.message else (),
        stop_reason=stop.reason,
        coverage=tuple(functions.coverage.searches()),
        working_context=notes,
        steps=turn.step,
        tokens_read=turn.tokens_read,
        tokens_written=turn.tokens_written,
        peak_context=turn.peak_context,
        context_window=context.window,
        processor=processor.name,
        library_version=functions.library.version,
        reason=stop.detail,
        tokens_cached=turn.tokens_cached,
        cost=price.of(*tokens) if price else None,
    )
