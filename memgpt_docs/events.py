"""What happens during a run, as typed events.

The app, the command line, the log and the tests all read the same events. A run is a generator
of them that always ends with exactly one `Stopped`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from memgpt_docs.citations import Citation
from memgpt_docs.storage.archival import ResultsPage


class StopReason(StrEnum):
    """Why a run ended: a closed set, shown and exported."""

    ANSWERED = "answered"
    NO_EVIDENCE = "no_evidence"  # answered: nothing in what was read supports an answer
    NO_ANSWER = "no_answer"  # the processor yielded again and again without a message
    STEP_BUDGET = "step_budget"
    TOKEN_BUDGET = "token_budget"
    TIME_BUDGET = "time_budget"
    MONEY_BUDGET = "money_budget"
    FUNCTION_ERRORS = "function_errors"  # too many failed calls in a row
    PROCESSOR_FAILURE = "processor_failure"
    STORAGE_FAILURE = "storage_failure"  # a step could not be stored: a full disk, say
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class ContextTokens:
    """Tokens of main context, by section, and the window they must fit in."""

    window: int
    system: int  # instructions and function schemas
    working_context: int
    summary: int
    queue: int
    reserved: int  # kept free for the reply

    @property
    def used(self) -> int:
        """Tokens the processor is given, without the room for its reply."""
        return self.system + self.working_context + self.summary + self.queue


@dataclass(frozen=True)
class Coverage:
    """How far the ranking of one query was read."""

    query: str
    documents: tuple[str, ...]  # doc_ids the search was limited to; empty for all
    pages_read: tuple[int, ...]  # 1-based, ascending
    pages: int
    total: int  # passages in the ranking

    @property
    def unread(self) -> int:
        return self.pages - len(self.pages_read)


@dataclass(frozen=True)
class Answer:
    """What a question came to."""

    question: str
    text: str
    citations: tuple[Citation, ...]
    stop_reason: StopReason
    coverage: tuple[Coverage, ...]
    working_context: str
    steps: int
    tokens_read: int  # tokens of main context given to the processor, over all steps
    tokens_written: int
    peak_context: int  # most tokens of main context in any step
    context_window: int
    processor: str
    library_version: int
    reason: str = ""  # for a run that did not end in an answer: what happened and what to do
    tokens_cached: int = 0  # of those read, how many the server had kept
    cost: float | None = None  # US dollars; None where no price is known


@dataclass(frozen=True)
class RunStarted:
    """A question arrived."""

    question: str
    processor: str


@dataclass(frozen=True)
class StepStarted:
    """The processor is given main context."""

    step: int  # 1-based
    context: ContextTokens


@dataclass(frozen=True)
class TextStreamed:
    """The processor is writing: all that has arrived so far of this step's reply."""

    step: int
    thought: str
    message: str  # to the user; empty until it writes one


@dataclass(frozen=True)
class FunctionCalled:
    """The processor called a function."""

    step: int
    name: str
    arguments: dict[str, Any]
    thought: str


@dataclass(frozen=True)
class FunctionReturned:
    """A function call ended; `message` is what the processor reads of it."""

    step: int
    name: str
    ok: bool
    message: str


@dataclass(frozen=True)
class ResultsPageRead:
    """A page of results was paged in."""

    step: int
    page: ResultsPage
    handles: tuple[int, ...]  # handle of each result, in order


@dataclass(frozen=True)
class WorkingContextChanged:
    """The processor edited its working context."""

    step: int
    before: str
    after: str


@dataclass(frozen=True)
class StepEnded:
    """A step is over and stored."""

    step: int
    tokens_read: int
    tokens_written: int
    tokens_cached: int
    seconds: float


@dataclass(frozen=True)
class MemoryPressure:
    """Main context passed the warning mark."""

    step: int
    context: ContextTokens


@dataclass(frozen=True)
class Flushed:
    """The oldest part of the queue was evicted and summarised; it stays in recall storage."""

    step: int
    evicted: int  # entries
    context: ContextTokens  # after the flush


@dataclass(frozen=True)
class Stopped:
    """The run is over."""

    answer: Answer


Event = (
    RunStarted
    | StepStarted
    | TextStreamed
    | FunctionCalled
    | FunctionReturned
    | ResultsPageRead
    | WorkingContextChanged
    | MemoryPressure
    | Flushed
    | StepEnded
    | Stopped
)


@dataclass
class Transcript:
    """A fold over the events of one run: what an export and the app show of it."""

    question: str = ""
    steps: list[FunctionCalled] = field(default_factory=list)
    pages: list[ResultsPageRead] = field(default_factory=list)
    working_context: str = ""
    context: ContextTokens | None = None
    answer: Answer | None = None
    arriving: TextStreamed | None = None  # of the step in work
    places: dict[int, str] = field(default_factory=dict)  # file and page of each handle shown

    def add(self, event: Event) -> None:
        """Takes in the next event of the run."""
        match event:
            case RunStarted():
                self.question = event.question
            case StepStarted():
                self.context = event.context
                self.arriving = None
            case TextStreamed():
                self.arriving = event
            case FunctionCalled():
                self.steps.append(event)
                self.arriving = None
            case ResultsPageRead():
                self.pages.append(event)
                for handle, result in zip(event.handles, event.page.results, strict=True):
                    self.places[handle] = f"{result.file} p.{result.passage.page_no}"
            case WorkingContextChanged():
                self.working_context = event.after
            case Stopped():
                self.answer = event.answer
                self.working_context = event.answer.working_context
            case _:
                pass
