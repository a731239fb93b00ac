"""The probe: what a server can really do, found out by asking it, kept per server and model.

Four short requests: does a forced call come back as a call, is a schema obeyed, is streaming sound,
and how large does the server say its context is.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openai
import platformdirs

from memgpt_docs.calls import parsed
from memgpt_docs.errors import ProcessorError, ProcessorUnavailable
from memgpt_docs.openai_client import Server
from memgpt_docs.processors.base import ended
from memgpt_docs.processors.chat_client import ChatClient, Request, request_loop
from memgpt_docs.processors.completion import Completion
from memgpt_docs.processors.dialects import response_format
from memgpt_docs.settings import Settings

TOOLS, JSON_SCHEMA = "tools", "json_schema"
# Whose tools and streams are known to work: not worth the tokens.
KNOWN = {"api.openai.com": TOOLS}
# Up to this many parameters, models overlook the answer in an open loop.
ASSISTED_UP_TO = 4e9
PROBE_TOKENS = 120


@dataclass(frozen=True)
class Found:
    """What is known of a model on a server."""

    dialect: str
    streams: bool = True
    calls_tools: bool | None = None  # None: not tried
    obeys_schema: bool | None = None
    context: int | None = None  # tokens, as the server says; None where it does not
    parameters: float | None = None  # of the model; None where unknown
    at: str = ""  # ISO time of the probe; empty when there was none

    @property
    def suggests_assisted(self) -> bool:
        """Whether the model is so small that it should be asked narrow questions, and its server
        not known to ignore the schema that they need."""
        small = self.parameters is not None and self.parameters <= ASSISTED_UP_TO
        return small and self.obeys_schema is not False

    @property
    def sound(self) -> bool:
        """Whether calls come back in some way that was tried."""
        return not (self.calls_tools is False and self.obeys_schema is False)


def find(client: ChatClient, settings: Settings, cancelled: Callable[[], bool]) -> Found | None:
    """What is known of the client's server; probes it when nothing is and nothing was chosen.
    None when cancelled."""
    server = client.server
    found = kept(server)
    if settings.openai_dialect != "auto":
        known = found or _as_described(server, settings.openai_dialect)
        return replace(known, dialect=settings.openai_dialect)
    if found is None and (server.api_version or server.host in KNOWN):
        return Found(KNOWN.get(server.host, TOOLS), parameters=parameters_in(server.model))
    return found or probe(client, cancelled)


def _as_described(server: Server, dialect: str) -> Found:
    """What is known without a probe: the size that the name or the server tells."""
    size = parameters_in(server.model)
    return Found(dialect, parameters=size or _parameters_of(_described(server)))


def probe(client: ChatClient, cancelled: Callable[[], bool]) -> Found | None:
    """Asks the server and keeps what it finds. None when cancelled. Raises `ProcessorError`."""
    results = []
    for request, check in ((_tools_request(), _is_call), (_schema_request(), _is_obedient)):
        result = _tried(client, request, check, cancelled)
        if result is None:
            return None
        results.append(result)
    (tools, tools_streamed), (schema, schema_streamed) = results
    described = _described(client.server)
    found = Found(
        dialect=TOOLS if tools else JSON_SCHEMA,
        streams=tools_streamed if tools else schema_streamed,
        calls_tools=tools,
        obeys_schema=schema,
        context=_context_of(described),
        parameters=_parameters_of(described) or parameters_in(client.server.model),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    keep(client.server, found)
    return found


Check = Callable[[Completion], bool]


def _tried(
    client: ChatClient, request: Request, check: Check, cancelled: Callable[[], bool]
) -> tuple[bool, bool] | None:
    """Whether the request does what it should, and whether it does so streamed."""
    for streams in (True, False):
        try:
            completion = ended(client.complete(request, cancelled, streams))
        except ProcessorUnavailable:
            if not streams:
                raise
            continue
        except ProcessorError as error:
            if "status 4" in error.message:  # it refuses to be asked this way
                return False, True
            raise
        if completion is None:
            return None
        if check(completion):
            return True, streams
    return False, True


def _tools_request() -> Request:
    parameters = {
        "type": "object",
        "properties": {"colour": {"type": "string"}},
        "required": ["colour"],
    }
    function = {"name": "report", "description": "Report a colour.", "parameters": parameters}
    return {
        "messages": [{"role": "user", "content": "Report the colour of a clear sky."}],
        "tools": [{"type": "function", "function": function}],
        "tool_choice": "required",
        "max_tokens": PROBE_TOKENS,
    }


def _is_call(completion: Completion) -> bool:
    if len(completion.calls) != 1 or completion.calls[0].name != "report":
        return False
    try:
        return "colour" in parsed(completion.calls[0].arguments)
    except (ValueError, TypeError):
        return False


def _schema_request() -> Request:
    branches = [
        {
            "type": "object",
            "properties": {"kind": {"const": kind}, "word": {"type": "string", "maxLength": 20}},
            "required": ["kind", "word"],
            "additionalProperties": False,
        }
        for kind in ("greeting", "farewell")
    ]
    # Nothing in the words asks for JSON: only a server that obeys the schema sends it.
    return {
        "messages": [{"role": "user", "content": "Say hello."}],
        "response_format": response_format("probe", {"anyOf": branches}),
        "max_tokens": PROBE_TOKENS,
    }


def _is_obedient(completion: Completion) -> bool:
    try:
        value = parsed(completion.content)
        return set(value) == {"kind", "word"} and value["kind"] in ("greeting", "farewell")
    except (ValueError, TypeError):
        return False


# -- what the server says of itself -----------------------------------------------------------


def _described(server: Server) -> Mapping[str, Any]:
    """The server's own entry for the model; empty where it has none."""

    async def models() -> Any:
        async with server.client() as client:
            response = await client.models.with_raw_response.list(timeout=10)
            return response.http_response.json()

    try:
        # On the loop of all requests: whoever asks may be inside a loop of their own.
        listed = asyncio.run_coroutine_threadsafe(models(), request_loop()).result()["data"]
        named = [entry for entry in listed if entry.get("id") == server.model] or listed[:1]
        return {**named[0], **(named[0].get("meta") or {})}
    except (openai.OpenAIError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return {}


# llama.cpp, vLLM, OpenRouter, LM Studio
CONTEXT_FIELDS = ("n_ctx", "max_model_len", "context_length", "loaded_context_length")


def _context_of(described: Mapping[str, Any]) -> int | None:
    sizes = (described.get(name) for name in CONTEXT_FIELDS)
    return next((size for size in sizes if isinstance(size, int) and size > 0), None)


def _parameters_of(described: Mapping[str, Any]) -> float | None:
    count = described.get("n_params")
    return float(count) if isinstance(count, int) and count > 0 else None


_SIZE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)([bm])(?![a-z])", re.IGNORECASE)


def parameters_in(model: str) -> float | None:
    """The number of parameters that the name of a model tells: "qwen2.5-1.5b-instruct"."""
    match = _SIZE.search(model.replace("_", "-"))
    if match is None:
        return None
    return float(match[1]) * (1e9 if match[2].lower() == "b" else 1e6)


# -- what was found before --------------------------------------------------------------------


def cache_file() -> Path:
    return Path(platformdirs.user_cache_dir("memgpt-docs", appauthor=False)) / "servers.json"


def kept(server: Server) -> Found | None:
    """What an earlier probe of this server and model found."""
    try:
        known = json.loads(cache_file().read_text("utf-8"))[_name(server)]
        return Found(**known)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(server: Server, found: Found) -> None:
    """Keeps what a probe found. A cache that cannot be written is done without."""
    path = cache_file()
    try:
        known = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        known = {}
    if not isinstance(known, dict):
        known = {}
    known[_name(server)] = asdict(found)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(known, indent=1), "utf-8")
        draft.replace(path)
    except OSError:
        return


def _name(server: Server) -> str:
    return f"{server.shown} {server.model}"
