"""Servers that fail in every way: a run ends within its time with a reason, the session goes on,
and no message is there twice."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from memgpt_docs import Agent, Library
from memgpt_docs.errors import ProcessorError, ProcessorUnavailable, UsageError
from memgpt_docs.events import Answer, Stopped, StopReason
from memgpt_docs.openai_client import Breaker, Server
from memgpt_docs.processors.base import ended
from memgpt_docs.processors.chat_client import ChatClient
from memgpt_docs.processors.completion import Completion
from memgpt_docs.processors.openai_compat import OpenAICompatProcessor
from memgpt_docs.settings import Settings
from tests.conftest import add_file
from tests.model_server import Chat, ModelServer, Said, calling, results, serving, wait_for

SECRET = "sk-test-0123456789"
QUOTE = "Revenue of Acme was $1,577 million"
TIMEOUT_S = 2.0
WAIT_S = 60


def reader(request: Chat) -> Said:
    """Searches, then answers: decided from what it was sent, as a model does."""
    if not results(request):
        return calling("archival_search", query="Acme revenue")
    return calling("send_message", message="1,577 [1].", citations=[{"handle": 1, "quote": QUOTE}])


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library(tmp_path_factory.mktemp("faults") / "library")
    add_file(library, "Acme.pdf", [f"{QUOTE} in fiscal 2023, up 4 percent.", "It ends in 2027."])
    library.refresh()
    return library


def settings(server: ModelServer, **chosen: Any) -> Settings:
    given: dict[str, Any] = {
        "openai_base_url": server.url,
        "openai_model": "scripted",
        "openai_api_key": SECRET,
        "openai_dialect": "tools",
        "openai_timeout_s": TIMEOUT_S,
        **chosen,
    }
    return Settings(**given)


def ask(library: Library, server: ModelServer, **chosen: Any) -> tuple[Agent, Answer]:
    agent = Agent(library, OpenAICompatProcessor(settings(server, **chosen)))
    return agent, agent.ask("What was the revenue of Acme?")


def messages_stored(library: Library, agent: Agent) -> int:
    entries = library.recall.entries(agent.session_id)
    return sum(entry.name == "send_message" and entry.role == "assistant" for entry in entries)


@pytest.mark.parametrize("dialect", ["tools", "json_schema"])
def test_a_connection_cut_after_any_number_of_bytes_is_tried_again(
    library: Library, dialect: str
) -> None:
    with serving(reader) as server:
        _, whole = ask(library, server, openai_dialect=dialect)
        assert whole.stop_reason is StopReason.ANSWERED
        # One completion after the other on one client: agents would cost more than they show.
        client = ChatClient(Server(server.url, "m", "k", TIMEOUT_S), first_wait_s=0.02)
        request = server.requests[-1]
        request.pop("model")
        request.pop("stream")
        request.pop("stream_options")
        body = server._streamed(request, reader(request))
        for cut in range(0, len(body), max(1, len(body) // 10)):
            server.manners.cut_after, server.manners.cut_times = cut, 1
            before = len(server.requests)
            completion = finished(client, request)
            assert completion is not None and completion.finish_reason
            said = completion.content + "".join(call.arguments for call in completion.calls)
            assert said.count("1,577 [1].") == 1, (cut, said)
            # What was cut after its end counts as whole.
            assert len(server.requests) - before in (1, 2)


def finished(
    client: ChatClient, request: Chat, cancelled: Callable[[], bool] = lambda: False
) -> Completion | None:
    return ended(client.complete(request, cancelled))


def test_a_session_goes_on_after_a_server_that_was_cut_off_for_good(library: Library) -> None:
    with serving(reader, cut_after=80) as server:
        agent, answer = ask(library, server)
        assert answer.stop_reason is StopReason.PROCESSOR_FAILURE
        assert "not a chat completion" in answer.reason or "reached" in answer.reason
        server.manners.cut_after = None
        assert agent.ask("What was the revenue of Acme?").stop_reason is StopReason.ANSWERED
        assert messages_stored(library, agent) == 1


def test_a_storm_of_429_ends_and_honours_retry_after(library: Library) -> None:
    with serving(reader, status=[429] * 100, headers={"Retry-After": "0.1"}) as server:
        _, answer = ask(library, server)
        assert answer.stop_reason is StopReason.PROCESSOR_FAILURE
        assert "refuses more requests" in answer.reason and len(server.requests) == 4
    with serving(reader, status=[429], headers={"Retry-After": "3600"}) as server:
        _, answer = ask(library, server)
        assert answer.stop_reason is StopReason.PROCESSOR_FAILURE
        assert len(server.requests) == 1  # an hour is not waited for


def test_a_slow_drip_ends_with_the_timeout() -> None:
    with serving(reader, drip_s=0.05) as server:
        client = ChatClient(Server(server.url, "m", "k", 0.6), max_retries=0)
        with pytest.raises(ProcessorUnavailable, match=r"within 0\.6 seconds"):
            finished(client, {"messages": [], "tools": []})
        assert wait_for(server.closed_early.is_set, WAIT_S)


@pytest.mark.parametrize(
    "manners",
    [
        {"break_in": b'data: {"choices": [{"delta": {"content": "\xff\xfe\x80"}}]}\n\n'},
        {"break_in": b'data: {"error": {"message": "out of memory", "code": 500}}\n\n'},
        {"break_in": b"data: {not json\n\n"},
        {"break_in": b""},
        {"body": b"<html>502</html>"},
        {"body": b""},
        {"body": b'data: {"choices": "no"}\n\ndata: [DONE]\n\n'},
        {"status": [500, 502, 503, 504, 500]},
        {"status": [408, 409, 409, 408]},
    ],
    ids=lambda manners: str(next(iter(manners.items())))[:40],
)
def test_what_cannot_be_read_ends_with_a_reason(manners: dict[str, Any]) -> None:
    with serving(reader, **manners) as server:
        client = ChatClient(
            Server(server.url, "m", "k", TIMEOUT_S), max_retries=1, first_wait_s=0.02
        )
        with pytest.raises(ProcessorError) as told:
            finished(client, {"messages": [], "tools": []})
        assert told.value.help
        assert len(server.requests) == 2


@pytest.mark.parametrize("where", ["before", "during"])
def test_cancelling_ends_the_request_at_once(where: str) -> None:
    manners = {"wait_s": 30.0} if where == "before" else {"drip_s": 0.2}
    with serving(reader, **manners) as server:
        client = ChatClient(Server(server.url, "m", "k", 60))
        started = time.monotonic()
        completion = finished(
            client, {"messages": [], "tools": []}, lambda: time.monotonic() - started > 0.5
        )
        assert completion is None
        assert wait_for(server.closed_early.is_set, WAIT_S)


def test_a_failing_server_is_left_alone_for_a_while() -> None:
    now = 100.0
    breaker = Breaker(failures=3, rest_s=20.0, clock=lambda: now)
    for _ in range(3):
        assert breaker.left_s() == 0
        breaker.failed()
    assert breaker.left_s() == 20
    now += 5
    assert breaker.left_s() == 15
    now += 15
    assert breaker.left_s() == 0  # one may try
    assert breaker.left_s() == 20  # the others wait for it
    breaker.succeeded()
    assert breaker.left_s() == 0


def test_a_breaker_is_shared_by_all_that_ask_a_server(library: Library) -> None:
    with serving(reader, status=[500] * 100, headers={"Retry-After": "0"}) as server:
        for _ in range(2):
            _, answer = ask(library, server)
        asked = len(server.requests)
        _, answer = ask(library, server)
        assert asked == 8 and len(server.requests) == 8
        assert "failed too often" in answer.reason


CAUSES = [
    (401, {}, "OPENAI_API_KEY"),
    (404, {}, "OPENAI_MODEL"),
    (400, {"code": "context_length_exceeded"}, "CONTEXT_WINDOW"),
    (400, {"type": "exceed_context_size_error", "n_ctx": 4096}, "4096 tokens"),
    (429, {"code": "insufficient_quota"}, "quota"),
    (400, {"message": f"tools are not supported, {SECRET}"}, "OPENAI_DIALECT"),
]


@pytest.mark.parametrize(("status", "error", "told"), CAUSES)
def test_each_cause_names_its_setting(
    library: Library, status: int, error: Chat, told: str
) -> None:
    with serving(reader, status=[status], error=error) as server:
        _, answer = ask(library, server)
        assert answer.stop_reason is StopReason.PROCESSOR_FAILURE
        assert told in answer.reason and SECRET not in answer.reason
        assert len(server.requests) == 1  # none of them gets better by trying again


def test_parameters_that_a_server_refuses_are_renamed_or_left_out(library: Library) -> None:
    with serving(reader) as server:
        refused = iter(["max_tokens", "temperature"])
        server.manners.status = [400, 400]
        errors = {"max_tokens": "unsupported_parameter", "temperature": "unsupported_value"}
        original = server.answer

        def answer(handler: Any, request: Chat) -> None:
            if server.manners.status:
                param = next(refused)
                server.manners.error = {"param": param, "code": errors[param]}
            original(handler, request)

        server.answer = answer  # type: ignore[method-assign]
        _, done = ask(library, server, openai_temperature=0.2)
        assert done.stop_reason is StopReason.ANSWERED
        assert server.requests[-1]["max_completion_tokens"] == 2048
        assert not {"max_tokens", "temperature"} & set(server.requests[-1])


def test_a_server_that_cuts_its_input_without_a_word_is_found_out(library: Library) -> None:
    def asks_on(request: Chat) -> Said:
        return calling("archival_search", query=f"revenue {len(request['messages'])}")

    with serving(asks_on, reads=700) as server:
        _, answer = ask(library, server, max_steps=60)
        assert answer.stop_reason is StopReason.PROCESSOR_FAILURE
        assert "CONTEXT_WINDOW" in answer.reason and "700" in answer.reason


def test_calls_written_into_the_text_are_taken(library: Library) -> None:
    with serving(reader, ignores_tool_choice=True) as server:
        _, answer = ask(library, server)
        assert answer.stop_reason is StopReason.ANSWERED
        assert answer.citations[0].status == "exact"


def test_usage_is_counted_where_a_server_leaves_it_out(library: Library) -> None:
    with serving(reader, usage=False) as server:
        _, answer = ask(library, server)
        assert answer.tokens_read > 1000 and answer.tokens_written > 20
    with serving(reader, cached=512) as server:
        _, answer = ask(library, server)
        assert answer.tokens_cached == 1024


def test_no_key_is_written_anywhere(
    library: Library, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    with serving(reader) as server:
        agent, answer = ask(library, server)
        assert set(server.keys) == {f"Bearer {SECRET}"}
        processor = agent.processor
        assert isinstance(processor, OpenAICompatProcessor)
        events = [repr(event) for event in agent.run("And once more?")]
    entries = [repr(entry) for entry in library.recall.entries(agent.session_id)]
    shown = [repr(answer), repr(processor), repr(processor.server), repr(vars(agent.settings))]
    written = "\n".join([caplog.text, *capfd.readouterr(), *events, *entries, *shown])
    assert SECRET not in written


def test_azure_is_asked_by_deployment_and_version_with_its_own_header(library: Library) -> None:
    with serving(reader) as server:
        endpoint = server.url.removesuffix("/v1")
        chosen = {"openai_base_url": endpoint, "openai_api_version": "2024-10-21"}
        _, answer = ask(library, server, **chosen)
    assert answer.stop_reason is StopReason.ANSWERED and answer.citations[0].status == "exact"
    asked = "/openai/deployments/scripted/chat/completions?api-version=2024-10-21"
    assert set(server.paths) == {asked} and set(server.keys) == {SECRET}


def test_an_address_with_a_password_is_not_shown() -> None:
    server = Server("https://me:hunter2@models.example/v1?key=abc", "m", "k")
    assert server.shown == "https://models.example/v1"
    assert server.destination == "models.example"


@pytest.mark.parametrize(
    "address",
    ["http://localhost:port/v1", "http://localhost:99999/v1", "http://[::1/v1", "localhost:8080/v1",
     "file:///etc/passwd", "http:///v1", "//models.example/v1", "me:hunter2"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_and_not_repeated(address: str) -> None:
    chosen = Settings(openai_base_url=address, openai_api_key=SECRET)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="address of the server") as refused:
        OpenAICompatProcessor(chosen)
    assert "http://localhost:8080/v1" in refused.value.help and "hunter2" not in str(refused.value)


def test_the_last_event_is_stopped_even_when_the_server_is_gone(library: Library) -> None:
    with serving(reader) as server:
        agent = Agent(library, OpenAICompatProcessor(settings(server)))
    events = list(agent.run("Q?"))
    assert isinstance(events[-1], Stopped)
    assert "OPENAI_BASE_URL" in events[-1].answer.reason
    json.dumps(events[-1].answer.reason)
