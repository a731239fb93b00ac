"""The chat client: one request to a Chat Completions server, streamed, cancelled, tried again.

A request runs on an event loop of its own thread, so that cancelling or a deadline ends it at any
point: before the first byte, in the middle of a drip, while it waits to try again.
"""

from __future__ import annotations

import asyncio
import queue
import time
from collections.abc import Callable, Generator
from functools import cache
from threading import Thread
from typing import Any

import openai

from memgpt_docs.errors import ProcessorUnavailable
from memgpt_docs.openai_client import (
    FIRST_WAIT_S,
    Server,
    breaker,
    explained,
    wait_s,
    worth_retrying,
)
from memgpt_docs.processors.completion import Completion

MAX_RETRIES = 3
POLL_S = 0.05
# RuntimeError: the process is about to end, and the loop takes no more work.
FAILURES = (openai.OpenAIError, TimeoutError, ValueError, KeyError, TypeError, RuntimeError)
# A server that refuses one of these is asked again without it.
OPTIONAL = frozenset({"temperature", "stream_options", "tool_choice"})

Request = dict[str, Any]


class ChatClient:
    """Asks one server.

    No request outlives `server.timeout_s`; what a broken stream had brought is thrown away before
    the next try, so nothing is there twice.
    """

    def __init__(
        self, server: Server, max_retries: int = MAX_RETRIES, first_wait_s: float = FIRST_WAIT_S
    ) -> None:
        self.server = server
        self._first_wait_s = first_wait_s
        self._max_retries = max_retries
        self._breaker = breaker(server)
        self._left_out: set[str] = set()  # parameters that the server refused
        self._renamed: dict[str, str] = {}

    def complete(
        self, request: Request, cancelled: Callable[[], bool], stream: bool = True
    ) -> Generator[Completion, None, Completion | None]:
        """The completion of a request; yields it as it grows. Returns None when it was cancelled.
        Raises `ProcessorError`."""
        attempt = 0
        while True:
            if (rest := self._breaker.left_s()) > 0:
                raise ProcessorUnavailable(
                    f"{self.server.shown} failed too often in a row.",
                    f"It will be asked again in {rest:.0f} seconds; check that the server of "
                    "MEMGPT_DOCS_OPENAI_BASE_URL runs.",
                )
            try:
                completion = yield from self._once(self._adapted(request), cancelled, stream)
            except FAILURES as error:
                if self._adapts(error, request):
                    continue
                if not worth_retrying(error):
                    self._breaker.succeeded()  # it answers; the request is at fault
                    raise explained(error, self.server) from error
                self._breaker.failed()
                wait = wait_s(error, attempt, self._first_wait_s)
                attempt += 1
                if attempt > self._max_retries or wait > self.server.timeout_s:
                    raise explained(error, self.server) from error
                if not _slept(wait, cancelled):
                    return None
            else:
                self._breaker.succeeded()
                return completion

    # -- what servers refuse --------------------------------------------------------------------

    def _adapted(self, request: Request) -> Request:
        return {
            self._renamed.get(name, name): value
            for name, value in request.items()
            if name not in self._left_out
        }

    def _adapts(self, error: Exception, request: Request) -> bool:
        """Whether the server refused a parameter that can be left out or has another name."""
        if not isinstance(error, openai.BadRequestError) or not isinstance(error.param, str):
            return False
        name = error.param.split(".")[0]
        if name == "max_tokens" and name in request and name not in self._renamed:
            self._renamed[name] = "max_completion_tokens"  # as newer models of OpenAI want it
            return True
        if name in OPTIONAL and name in request and name not in self._left_out:
            self._left_out.add(name)
            return True
        return False

    # -- one try --------------------------------------------------------------------------------

    def _once(
        self, request: Request, cancelled: Callable[[], bool], stream: bool
    ) -> Generator[Completion, None, Completion | None]:
        arrived: queue.Queue[Completion] = queue.Queue()
        deadline = time.monotonic() + self.server.timeout_s
        work = self._stream(request, arrived.put) if stream else self._whole(request)
        future = asyncio.run_coroutine_threadsafe(work, request_loop())
        try:
            while not future.done():
                if cancelled():
                    return None
                if time.monotonic() > deadline:
                    raise TimeoutError
                try:
                    yield arrived.get(timeout=POLL_S)
                except queue.Empty:
                    continue
            return future.result()
        finally:
            future.cancel()

    async def _whole(self, request: Request) -> Completion:
        async with self.server.client() as client:
            response = await client.chat.completions.with_raw_response.create(
                model=self.server.model, **request
            )
            return Completion.of(response.http_response.json())

    async def _stream(self, request: Request, tell: Callable[[Completion], None]) -> Completion:
        options = {"stream_options": {"include_usage": True}, **request}
        if "stream_options" in self._left_out:
            options.pop("stream_options")
        completion = Completion()
        async with (
            self.server.client() as client,
            client.chat.completions.with_streaming_response.create(
                model=self.server.model, stream=True, **options
            ) as response,
        ):
            if "text/event-stream" not in response.headers.get("content-type", ""):
                # It cannot stream and says so by sending the whole.
                return Completion.of(await response.json())
            told = 0.0
            async for chunk in await response.parse():
                completion.add(
                    chunk.to_dict(warnings=False) if hasattr(chunk, "to_dict") else chunk
                )
                if time.monotonic() - told > POLL_S:
                    told = time.monotonic()
                    tell(completion)
        if not completion.finish_reason:
            raise ValueError("the stream ended before the reply did")
        return completion


def _slept(seconds: float, cancelled: Callable[[], bool]) -> bool:
    """Waits; False when it was cancelled meanwhile."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if cancelled():
            return False
        time.sleep(min(POLL_S, left))
    return not cancelled()


@cache
def request_loop() -> asyncio.AbstractEventLoop:
    """The loop that requests run on, for as long as the process lives."""
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, name="memgpt-docs-requests", daemon=True).start()
    return loop
