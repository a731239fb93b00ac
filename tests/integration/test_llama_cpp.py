"""A real llama.cpp with a real, very small model: as a server, and inside this process."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xllamacpp

from memgpt_docs import Agent, Library
from memgpt_docs.calls import FunctionCall
from memgpt_docs.context import MainContext
from memgpt_docs.errors import ProcessorError, UsageError
from memgpt_docs.events import StepStarted, Stopped, StopReason
from memgpt_docs.function_schemas import argument_models
from memgpt_docs.processors.base import Decision, Processor, Reply
from memgpt_docs.processors.llama_cpp import LlamaCppProcessor
from memgpt_docs.processors.openai_compat import OpenAICompatProcessor
from memgpt_docs.processors.probe import JSON_SCHEMA
from memgpt_docs.processors.testing import test_connection as connection
from memgpt_docs.settings import Settings
from tests.conftest import add_file
from tests.small_model import small_model

STEPS = 50


@pytest.fixture(scope="module")
def model() -> Path:
    return small_model()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library(tmp_path_factory.mktemp("llama") / "library")
    for year in range(2014, 2026):
        add_file(
            library,
            f"Acme_{year}.txt",
            [f"Revenue of Acme was ${year - 900} million in fiscal {year}. " + "It grew. " * 4],
        )
    library.refresh()
    return library


@pytest.fixture(scope="module")
def server(model: Path) -> Iterator[str]:
    """llama.cpp's own server on this machine."""
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx = 3072
    params.n_parallel = 1
    params.cpuparams.poll = 0
    params.cpuparams.n_threads = 2
    params.hostnames = ["127.0.0.1"]
    started = xllamacpp.Server(params)
    yield f"{started.listening_address}/v1"


class Watched:
    """A processor whose replies are kept, and whose calls may be put in place of its own."""

    def __init__(self, processor: Processor, says: list[FunctionCall] | None = None) -> None:
        self._processor = processor
        self._says = says
        self.name, self.destination, self.price = processor.name, "", None
        self.replies: list[Reply] = []

    def decide(self, context: MainContext, cancelled: Callable[[], bool]) -> Decision:
        reply = yield from self._processor.decide(context, cancelled)
        self.replies.append(reply)
        if self._says is None:
            return reply
        said = (self._says[len(self.replies) - 1],)
        return Reply(said, "", reply.tokens_read, reply.tokens_written, reply.tokens_cached)


@pytest.mark.timeout(900)  # two minutes of a free core; other work on the machine multiplies that
def test_every_reply_over_fifty_steps_is_a_valid_call(library: Library, server: str) -> None:
    settings = Settings(
        openai_base_url=server,
        openai_model="smollm2",
        openai_dialect="json_schema",
        assisted="off",
        openai_temperature=0,  # so that each run is the same
        context_window=2048,
        max_steps=12,
        page_size=1,
    )
    watched = Watched(OpenAICompatProcessor(settings))
    ends = []
    for number in range(STEPS):
        question = f"What was the revenue of Acme in fiscal {2014 + number % 12}?"
        ends.append(Agent(library, watched, settings=settings).ask(question).stop_reason)
        if len(watched.replies) >= STEPS:
            break
    models = argument_models()
    for reply in watched.replies:
        assert len(reply.calls) == 1 and not reply.problem, reply
        (call,) = reply.calls
        models[call.name].model_validate(json.loads(call.arguments))
    assert len(watched.replies) >= STEPS
    # Each session ran to a reason of its own: the model, not the machinery, ended it.
    assert StopReason.PROCESSOR_FAILURE not in ends and ends


@pytest.mark.timeout(600)
def test_most_of_a_prompt_is_the_one_before(library: Library, model: Path) -> None:
    settings = Settings(
        processor="llama_cpp",
        llama_model=model,
        context_window=4096,
        assisted="off",
        page_size=1,
        max_steps=10,
    )
    pages = [
        FunctionCall("archival_search", json.dumps({"query": "revenue Acme", "page": n}), f"c{n}")
        for n in range(1, 11)
    ]
    watched = Watched(LlamaCppProcessor(settings), pages)
    events = list(Agent(library, watched, settings=settings).run("What was revenue in 2014?"))
    assert sum(isinstance(event, StepStarted) for event in events) == 10
    later = watched.replies[1:]  # the first has no step before it
    read = sum(reply.tokens_read or 0 for reply in later)
    cached = sum(reply.tokens_cached or 0 for reply in later)
    print(f"\n{cached:,} of {read:,} prompt tokens were cached: {cached / read:.1%}")
    assert cached >= 0.8 * read


def test_a_session_in_this_process_reads_assisted_and_ends(library: Library, model: Path) -> None:
    settings = Settings(processor="llama_cpp", llama_model=model, context_window=6144, page_size=2)
    agent = Agent(library, settings=settings)
    events = list(agent.run("What was the revenue of Acme in fiscal 2019?"))
    assert isinstance(events[-1], Stopped)
    answer = events[-1].answer
    assert answer.stop_reason in (StopReason.ANSWERED, StopReason.NO_EVIDENCE)
    assert all(citation.status == "exact" for citation in answer.citations)
    assert agent.processor.destination == "" and answer.cost is None


def test_the_probe_finds_what_this_model_can_do(model: Path) -> None:
    settings = Settings(processor="llama_cpp", llama_model=model, context_window=6144)
    found = connection(settings, lambda: False)
    assert found is not None
    assert found.dialect == JSON_SCHEMA and found.obeys_schema and found.streams
    assert found.suggests_assisted and found.context == 7680


def test_cancelling_ends_a_decision_in_this_process(library: Library, model: Path) -> None:
    settings = Settings(
        processor="llama_cpp", llama_model=model, context_window=6144, assisted="off"
    )
    started = time.monotonic()
    agent = Agent(library, settings=settings)
    events = list(agent.run("Q?", cancelled=lambda: time.monotonic() - started > 0.3))
    assert isinstance(events[-1], Stopped)
    assert events[-1].answer.stop_reason is StopReason.CANCELLED


def test_what_is_not_a_model_is_refused_with_the_setting(tmp_path: Path, library: Library) -> None:
    with pytest.raises(UsageError, match="MEMGPT_DOCS_LLAMA_MODEL"):
        LlamaCppProcessor(Settings(processor="llama_cpp"))
    with pytest.raises(UsageError, match="MEMGPT_DOCS_LLAMA_MODEL"):
        LlamaCppProcessor(Settings(processor="llama_cpp", llama_model=tmp_path / "none.gguf"))
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 100)
    processor = LlamaCppProcessor(Settings(processor="llama_cpp", llama_model=broken))
    with pytest.raises(ProcessorError, match="MEMGPT_DOCS_LLAMA_MODEL"):
        for _ in processor.loaded(lambda: False):
            pass
    assert library.documents()
