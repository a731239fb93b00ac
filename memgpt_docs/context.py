"""Main context: everything the processor sees, and the tokens of each of its sections.

    system instructions   read only, with the functions that may be called
    summary               what left the window, in short (written at a flush)
    FIFO queue            messages, calls with their results, alerts: oldest first
    working context       the processor's notes, written by functions only
    question              once more, after the evidence, with how far each search was read

The parts that change least come first, so that a server can reuse what it computed for them. The
question stands again at the end because models answer better when it follows the evidence.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from memgpt_docs.calls import FunctionCall, FunctionResult, FunctionSpec
from memgpt_docs.coverage import coverage_line
from memgpt_docs.errors import ContextTooSmall
from memgpt_docs.events import ContextTokens, Coverage
from memgpt_docs.tokens import Tokenizer
from memgpt_docs.working_context import WorkingContext

# Shares of the window. Working context: the released code gave it 2,000 characters a block.
WORKING_CONTEXT_SHARE = 0.12
SUMMARY_SHARE = 0.06
ENTRY_SHARE = 0.25  # one queue entry (a call and its result, at most a page), and an alert on it
QUESTION_SHARE = 0.05
COVERAGE_SHARE = 0.03
REPLY_SHARE = 0.125
MAX_REPLY_TOKENS = 4096
# What the chat format adds to a message beside its text (role, separators), rounded up.
MESSAGE_TOKENS = 5
LABEL_TOKENS = 48  # the headings between the sections
ALERT_TOKENS = 48  # an alert that follows an entry, such as that a call is missing

CALL_TOKENS = 96  # about the least that a call and its result take, however they are clipped

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True)
class Message:
    """One message of the chat format that processors are given."""

    role: Role
    content: str
    calls: tuple[FunctionCall, ...] = ()
    call_id: str = ""


UPLOADED = "Archive Storage Upload Complete"


@dataclass(frozen=True)
class UserEntry:
    """What the user said."""

    text: str
    time: datetime

    def messages(self) -> list[Message]:
        return [Message("user", self.text)]


@dataclass(frozen=True)
class AlertEntry:
    """What the system tells the processor: memory pressure, a needed heartbeat."""

    text: str
    time: datetime

    @property
    def tells_of_upload(self) -> bool:
        """Whether it says that a document came in."""
        return self.text.startswith(UPLOADED)

    def messages(self) -> list[Message]:
        return [Message("user", f"[system alert] {self.text}")]


Exchange = tuple[FunctionCall, FunctionResult]


@dataclass(frozen=True)
class StepEntry:
    """One reply of the processor with the results of its calls: never split by a flush."""

    thought: str
    exchanges: tuple[Exchange, ...]
    time: datetime

    def messages(self) -> list[Message]:
        calls = tuple(call for call, _ in self.exchanges)
        results = [
            Message("tool", _packaged(result, self.time), call_id=call.call_id)
            for call, result in self.exchanges
        ]
        return [Message("assistant", self.thought, calls), *results]


Entry = UserEntry | AlertEntry | StepEntry


def _packaged(result: FunctionResult, time: datetime) -> str:
    status = "OK" if result.ok else "Failed"
    packaged = {"status": status, "message": result.message, "time": f"{time:%Y-%m-%d %H:%M}"}
    return json.dumps(packaged, ensure_ascii=False)


@dataclass(frozen=True)
class _Measured:
    """An entry with its tokens and the digests of its messages."""

    entry: Entry
    tokens: int
    digests: tuple[bytes, ...]


def message_digest(message: Message) -> bytes:
    """A hash of one message."""
    calls = [(call.name, call.arguments) for call in message.calls]
    return hashlib.sha256(json.dumps([message.role, message.content, calls]).encode()).digest()


def digest(messages: Sequence[Message]) -> str:
    """A hash of main context as the processor is given it: 32 hex digits."""
    return hashlib.sha256(b"".join(map(message_digest, messages))).hexdigest()[:32]


@dataclass
class MainContext:
    """The processor's whole view, kept within `window` tokens by the queue manager.

    Raises `ContextTooSmall` when the window cannot hold the instructions and the functions.
    """

    window: int
    instructions: str
    functions: tuple[FunctionSpec, ...]
    tokenizer: Tokenizer
    working_context: WorkingContext = field(init=False)
    summary: str = ""
    queue: list[Entry] = field(default_factory=list)
    question: str = ""
    coverage: list[Coverage] = field(default_factory=list)  # of the present question
    # Tokens as the processor's own tokenizer counts them to ours; see `calibrate`.
    scale: float = 1.0
    # What was worked out of each entry of the queue, and of the newest state message.
    _measured: dict[int, _Measured] = field(default_factory=dict, repr=False)
    _state: tuple[str, int] = ("", 0)

    def __post_init__(self) -> None:
        self.working_context = WorkingContext(
            int(self.window * WORKING_CONTEXT_SHARE), self.tokenizer
        )
        self._system_tokens = (
            self.tokenizer.count(self.instructions)
            + MESSAGE_TOKENS
            + sum(self.tokenizer.count(spec.to_json()) + MESSAGE_TOKENS for spec in self.functions)
        )
        changing = SUMMARY_SHARE + ENTRY_SHARE + QUESTION_SHARE + COVERAGE_SHARE
        room = self.window * (1 - changing) - self.reserved
        fixed = self._system_tokens + LABEL_TOKENS + int(self.window * WORKING_CONTEXT_SHARE)
        # Counting more than this would leave no room for one event.
        self._most_scale = room / fixed
        needed = self.window - int(room - fixed)
        if needed > self.window:
            raise ContextTooSmall(
                f"A context window of {self.window} tokens is too small: "
                f"the fixed parts need {needed}.",
                "Choose a larger MEMGPT_DOCS_CONTEXT_WINDOW.",
            )

    @property
    def reserved(self) -> int:
        """Tokens kept free for the reply."""
        return min(MAX_REPLY_TOKENS, int(self.window * REPLY_SHARE))

    @property
    def page_tokens(self) -> int:
        """Most tokens of one page of results: a quarter of the window."""
        return int(self.window / self.scale) // 4

    def calibrate(self, reported: int) -> None:
        """Takes over how a server counts: it read `reported` tokens of the present main context.

        From then on all counts are scaled by it. Never below what is counted here: a server that
        counts less, or that left something out, makes the window no larger.
        """
        counted = self.tokens().used / self.scale
        self.rescale(max(self.scale, reported / max(1.0, counted)))

    def rescale(self, scale: float) -> None:
        """Counts by `scale` from now on, as far as it leaves room for an event."""
        self.scale = min(self._most_scale, max(1.0, scale))

    def messages(self) -> list[Message]:
        """Main context as the processor is given it, first to last."""
        messages = [Message("system", self.instructions)]
        if self.summary:
            messages.append(self._summary_message())
        for entry in self.queue:
            messages.extend(entry.messages())
        messages.append(self._state_message())
        return messages

    def tokens(self) -> ContextTokens:
        """Tokens of each section."""
        summary = self._count([self._summary_message()]) if self.summary else 0
        return ContextTokens(
            window=self.window,
            system=self._scaled(self._system_tokens),
            working_context=self._scaled(self._state_tokens()),
            summary=self._scaled(summary),
            queue=self.queue_tokens(self.queue),
            reserved=self.reserved,
        )

    def _scaled(self, tokens: int) -> int:
        return math.ceil(tokens * self.scale)

    def queue_tokens(self, queue: Sequence[Entry]) -> int:
        """Tokens of entries of the queue, as the processor counts them."""
        return self._scaled(sum(self.entry_tokens(entry) for entry in queue))

    def added_by(self, entry: Entry) -> int:
        """Most tokens that an entry adds: what the user says stands with the question as well."""
        tokens = min(self._count(entry.messages()), self.entry_limit)
        if isinstance(entry, UserEntry):
            tokens += min(tokens, int(self.window * QUESTION_SHARE / self.scale))
        return self._scaled(tokens)

    def entry_tokens(self, entry: Entry) -> int:
        """Tokens of one queue entry, counted once."""
        return self._measure(entry).tokens

    def digest(self) -> str:
        """A hash of `messages()`, each entry of the queue worked out once."""
        whole = hashlib.sha256(message_digest(Message("system", self.instructions)))
        if self.summary:
            whole.update(message_digest(self._summary_message()))
        for entry in self.queue:
            for one in self._measure(entry).digests:
                whole.update(one)
        whole.update(message_digest(self._state_message()))
        return whole.hexdigest()[:32]

    def _measure(self, entry: Entry) -> _Measured:
        known = self._measured.get(id(entry))
        if known is None or known.entry is not entry:
            messages = entry.messages()
            digests = tuple(message_digest(message) for message in messages)
            known = self._measured[id(entry)] = _Measured(entry, self._count(messages), digests)
        return known

    def _state_tokens(self) -> int:
        message = self._state_message()
        if self._state[0] != message.content:
            self._state = (message.content, self._count([message]))
        return self._state[1]

    @property
    def entry_limit(self) -> int:
        """Most tokens of one entry of the queue."""
        return int(self.window * ENTRY_SHARE / self.scale) - ALERT_TOKENS

    def is_full(self, exchanges: Sequence[Exchange]) -> bool:
        """Whether an entry of these exchanges has no room for one more that is as large as the
        largest of them, and for the word that there were too many."""
        time = datetime.min
        sizes = [self._count(StepEntry("", (one,), time).messages()) for one in exchanges]
        return sum(sizes) + max(CALL_TOKENS, *sizes) + CALL_TOKENS > self.entry_limit

    def append(self, entry: Entry) -> Entry:
        """Puts an entry at the end of the queue, clipped to its share of the window; the whole
        of it is in recall storage."""
        clipped = self._clipped(entry, self.entry_limit)
        self.queue.append(clipped)
        return clipped

    def evict(self, count: int) -> list[Entry]:
        """Takes the oldest `count` entries out of the queue."""
        evicted, self.queue = self.queue[:count], self.queue[count:]
        for entry in evicted:
            self._measured.pop(id(entry), None)
        return evicted

    # -- rendering ----------------------------------------------------------------------------

    def _summary_message(self) -> Message:
        return Message("user", f"[summary of what left the window]\n{self.summary}")

    def _state_message(self) -> Message:
        block = self.working_context
        parts = [
            f"[working context, {block.tokens} of {block.limit} tokens]\n{block.text or '(empty)'}"
        ]
        if self.coverage:
            limit = int(self.window * COVERAGE_SHARE / self.scale)
            parts.append("[read so far]\n" + self._newest_coverage(limit))
        if self.question:
            limit = int(self.window * QUESTION_SHARE / self.scale)
            parts.append("[question]\n" + self._shortened(self.question, limit))
        return Message("user", "\n\n".join(parts))

    def _shortened(self, text: str, limit: int) -> str:
        """`text`, or its beginning and its end, where a long message asks its question."""
        if self.tokenizer.count(text) <= limit:
            return text
        third = (limit - 4) // 3
        ending = self.tokenizer.ending(text, 2 * third)
        return self.tokenizer.truncate(f"{self.tokenizer.truncate(text, third)} … {ending}", limit)

    def _newest_coverage(self, limit: int) -> str:
        """A line on each of the newest searches, as many as fit; the newest at the end."""
        lines: list[str] = []
        room = limit
        for coverage in reversed(self.coverage):
            line = coverage_line(coverage)
            room -= self.tokenizer.count(f"{line}\n")
            if room < 0:
                # Even one line may be too long for a small window.
                return "\n".join(lines) or self.tokenizer.truncate(line, limit)
            lines.insert(0, line)
        return "\n".join(lines)

    def _count(self, messages: Sequence[Message]) -> int:
        total = 0
        for message in messages:
            total += MESSAGE_TOKENS + self.tokenizer.count(message.content)
            for call in message.calls:
                total += MESSAGE_TOKENS + self.tokenizer.count(call.name + call.arguments)
        return total

    def _clipped(self, entry: Entry, limit: int) -> Entry:
        """`entry` within `limit` tokens: its longest texts keep their beginning only, and where
        that is not enough its last calls go."""
        clipped = entry
        while (tokens := self._count(clipped.messages())) > limit:
            texts = _texts(clipped)
            sizes = self.tokenizer.count_many(texts)
            longest = max(range(len(texts)), key=lambda n: sizes[n])
            if sizes[longest] <= LEAST_TOKENS:
                if isinstance(clipped, StepEntry) and len(clipped.exchanges) > 1:
                    clipped = replace(clipped, exchanges=clipped.exchanges[:-1])
                    continue
                raise ContextTooSmall(
                    f"An event of {tokens} tokens does not fit into a window of {self.window}.",
                    "Choose a larger MEMGPT_DOCS_CONTEXT_WINDOW.",
                )
            room = max(0, sizes[longest] - (tokens - limit) - LEAST_TOKENS)
            texts[longest] = self.tokenizer.truncate(texts[longest], room) + CUT
            clipped = _with_texts(clipped, texts)
        return clipped


# What a clipped text ends with, and the least a text can be clipped to.
CUT = "… [cut; the whole is in recall storage]"
LEAST_TOKENS = 16


def _texts(entry: Entry) -> list[str]:
    """The texts of an entry, as `_with_texts` takes them back."""
    if not isinstance(entry, StepEntry):
        return [entry.text]
    pairs = [text for call, result in entry.exchanges for text in (call.arguments, result.message)]
    return [entry.thought, *pairs]


def _with_texts(entry: Entry, texts: list[str]) -> Entry:
    if not isinstance(entry, StepEntry):
        return replace(entry, text=texts[0])
    exchanges = [
        (
            # Arguments stay JSON, because servers parse them.
            call if arguments == call.arguments else replace(call, arguments=_cut_json(arguments)),
            replace(result, message=message),
        )
        for (call, result), arguments, message in zip(
            entry.exchanges, texts[1::2], texts[2::2], strict=True
        )
    ]
    return replace(entry, thought=texts[0], exchanges=tuple(exchanges))


def _cut_json(text: str) -> str:
    return text if text.startswith('{"cut":') else json.dumps({"cut": text}, ensure_ascii=False)
