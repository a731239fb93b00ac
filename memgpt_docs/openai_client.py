"""A server that speaks OpenAI's protocol: its client, its errors and when to try again.

The key goes to the server and nowhere else: no message, representation or address that is made
here holds it.
"""

from __future__ import annotations

import email.utils
import os
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import SplitResult, urlsplit

import openai

from memgpt_docs.errors import ProcessorError, ProcessorUnavailable, UsageError
from memgpt_docs.settings import Settings

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
RETRIED = frozenset({408, 409, 429})  # and 500 to 599
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 8.0
MAX_DETAIL_CHARS = 300


@dataclass(frozen=True)
class Server:
    """Where requests go. Printing it shows no key."""

    base_url: str
    model: str
    key: str = field(repr=False)
    timeout_s: float = 120.0
    api_version: str = ""  # of Azure; empty for every other server

    @classmethod
    def of(cls, settings: Settings) -> Server:
        """The server of the settings; raises `UsageError` for an address that is none, and when a
        key is needed and none is set."""
        _parts(settings.openai_base_url)
        return cls(
            base_url=settings.openai_base_url,
            model=settings.openai_model,
            key=_key(settings),
            timeout_s=settings.openai_timeout_s,
            api_version=settings.openai_api_version or "",
        )

    @property
    def host(self) -> str:
        return str(_parts(self.base_url).hostname)

    @property
    def destination(self) -> str:
        """Where text goes; empty when it stays on this machine."""
        return destination(self.base_url)

    @property
    def shown(self) -> str:
        """The address without what may be secret in it."""
        return shown(self.base_url)

    def client(self) -> openai.AsyncOpenAI:
        """A client that tries once: `Retries` says when to try again."""
        options: dict[str, Any] = {
            "api_key": self.key,
            "timeout": self.timeout_s,
            "max_retries": 0,
        }
        if self.api_version:
            return openai.AsyncAzureOpenAI(
                azure_endpoint=self.base_url, api_version=self.api_version, **options
            )
        return openai.AsyncOpenAI(base_url=self.base_url, **options)

    def scrubbed(self, text: str) -> str:
        """What a server says, short and without the key."""
        hidden = text.replace(self.key, "…") if self.key else text
        line = " ".join(hidden.split())
        return line if len(line) <= MAX_DETAIL_CHARS else line[:MAX_DETAIL_CHARS] + "…"


def destination(base_url: str) -> str:
    """The host that text goes to; empty when it is this machine. Raises `UsageError`."""
    host = str(_parts(base_url).hostname)
    return "" if host in LOCAL_HOSTS else host


def shown(base_url: str) -> str:
    """The address without what may be secret in it: a password, a query. Raises `UsageError`."""
    parts = _parts(base_url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"


def _parts(base_url: str) -> SplitResult:
    """The parts of an address. Raises `UsageError`, which does not repeat it, where it is none."""
    with suppress(ValueError):  # of a bracket that stays open, of a port that is no number
        parts = urlsplit(base_url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts
    raise UsageError(
        "The address of the server cannot be read.",
        "Write it like http://localhost:8080/v1 or https://api.openai.com/v1.",
    )


def _key(settings: Settings) -> str:
    if settings.openai_api_key is not None:
        return settings.openai_api_key.get_secret_value()
    from_environment = os.environ.get("OPENAI_API_KEY", "")
    remote = destination(settings.openai_base_url)
    if not from_environment and remote:
        raise UsageError(
            f"The processor openai_compat needs a key for {remote}.",
            "Set MEMGPT_DOCS_OPENAI_API_KEY, or use the processor extractive, which needs none.",
        )
    return from_environment or "none"


def worth_retrying(error: Exception) -> bool:
    """Whether the same request may succeed a little later."""
    if isinstance(error, openai.RateLimitError):
        return error.code != "insufficient_quota"
    if isinstance(error, openai.APIStatusError):
        return error.status_code in RETRIED or error.status_code >= 500
    return True  # a connection that dropped, a stream that broke


def wait_s(error: Exception, attempt: int, first_s: float = FIRST_WAIT_S) -> float:
    """Seconds to wait before trying again: what the server asks for, else twice as long each
    time. `attempt` is 0 after the first failure."""
    asked = _retry_after(error)
    if asked is not None:
        return asked
    longest = float(min(LONGEST_WAIT_S, first_s * 2**attempt))
    return longest * random.uniform(0.75, 1.0)


def _retry_after(error: Exception) -> float | None:
    if not isinstance(error, openai.APIStatusError):
        return None
    headers = error.response.headers
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        return max(0.0, float(headers["retry-after"]))
    except KeyError:
        return None
    except ValueError:
        date = email.utils.parsedate_tz(headers["retry-after"])
        return max(0.0, email.utils.mktime_tz(date) - time.time()) if date else None


class Breaker:
    """Stops asking a server that keeps failing: after `failures` in a row it is left alone for
    `rest_s` seconds by `clock`, then one request may try it again."""

    def __init__(
        self,
        failures: int = 8,
        rest_s: float = 20.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = failures
        self._rest_s = rest_s
        self._clock = clock
        self._failures = 0
        self._until = 0.0
        self._lock = Lock()

    def left_s(self) -> float:
        """Seconds for which the server is still left alone; 0 when it may be asked."""
        with self._lock:
            left = self._until - self._clock()
            if left <= 0 and self._failures >= self._most:
                self._until = self._clock() + self._rest_s  # others wait for this one
                return 0.0
            return max(0.0, left)

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= self._most:
                self._until = self._clock() + self._rest_s

    def succeeded(self) -> None:
        with self._lock:
            self._failures, self._until = 0, 0.0


_breakers: dict[str, Breaker] = {}
_breakers_lock = Lock()


def breaker(server: Server) -> Breaker:
    """The breaker of a server, shared by everything in this process that asks it."""
    with _breakers_lock:
        return _breakers.setdefault(server.base_url, Breaker())


def explained(error: Exception, server: Server) -> ProcessorError:
    """An error with its cause and the setting to change; a key never stands in it."""
    where = server.shown
    match error:
        case openai.APITimeoutError() | TimeoutError():
            return ProcessorUnavailable(
                f"{where} did not answer within {server.timeout_s:g} seconds.",
                "Raise MEMGPT_DOCS_OPENAI_TIMEOUT_S or try again.",
            )
        case openai.APIConnectionError():
            return ProcessorUnavailable(
                f"{where} cannot be reached.",
                "Check MEMGPT_DOCS_OPENAI_BASE_URL and that the server runs.",
            )
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return ProcessorError(f"{where} refused the key.", "Check MEMGPT_DOCS_OPENAI_API_KEY.")
        case openai.NotFoundError():
            return ProcessorError(
                f"{where} does not know the model {server.model!r}.",
                "Check MEMGPT_DOCS_OPENAI_MODEL; the address in MEMGPT_DOCS_OPENAI_BASE_URL "
                "usually ends in /v1.",
            )
        case openai.RateLimitError() if error.code == "insufficient_quota":
            return ProcessorError(
                f"The quota of the account at {where} is used up.",
                "Raise it there, or set MEMGPT_DOCS_OPENAI_API_KEY to the key of another account.",
            )
        case openai.RateLimitError():
            return ProcessorUnavailable(
                f"{where} refuses more requests for now.",
                "Wait and ask again; the limit is the account's, or choose another server with "
                "MEMGPT_DOCS_OPENAI_BASE_URL.",
            )
        case openai.APIStatusError() if error.status_code in (400, 413, 422):
            return _rejected(error, server)
        case openai.APIStatusError():
            return ProcessorUnavailable(
                f"{where} failed with status {error.status_code}.",
                "Try again later; the log of the server says more.",
            )
    return ProcessorUnavailable(
        f"{where} sent a reply that is not a chat completion, or broke off in the middle of one.",
        "Check MEMGPT_DOCS_OPENAI_BASE_URL: it usually ends in /v1.",
    )


TOO_LONG = frozenset({"context_length_exceeded", "exceed_context_size_error"})


def _rejected(error: openai.APIStatusError, server: Server) -> ProcessorError:
    body = error.body if isinstance(error.body, dict) else {}
    said = server.scrubbed(str(body.get("message") or ""))
    if error.code in TOO_LONG or error.type in TOO_LONG or error.status_code == 413:
        holds = (
            f", which holds {body['n_ctx']} tokens" if isinstance(body.get("n_ctx"), int) else ""
        )
        return ProcessorError(
            f"Main context is too large for the model {server.model!r}{holds}.",
            "Lower MEMGPT_DOCS_CONTEXT_WINDOW, or start the server with a larger context.",
        )
    return ProcessorError(
        f"{server.shown} rejected the request (status {error.status_code})"
        + (f": {said}" if said else "."),
        "If the model's context is smaller than MEMGPT_DOCS_CONTEXT_WINDOW, lower it; if the "
        "server cannot call functions, set MEMGPT_DOCS_OPENAI_DIALECT to json_schema.",
    )
