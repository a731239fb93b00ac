"""Dialects: the two ways to get a function call out of a Chat Completions server.

`NativeTools` trusts the server to know what a tool is. `JsonSchema` asks for a reply that is
constrained to a schema with one branch per function; it works on servers whose tools do not.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Protocol

from memgpt_docs.calls import FunctionCall, FunctionSpec, parsed
from memgpt_docs.context import MainContext, Message
from memgpt_docs.function_schemas import ENDS_THE_TURN, HEARTBEAT
from memgpt_docs.processors.base import Reply, Streamed
from memgpt_docs.processors.completion import Completion
from memgpt_docs.processors.text_calls import call_of, calls_in, plain_name

Request = dict[str, Any]
MAX_THOUGHT_CHARS = 2000
NOT_A_CALL = (
    "Your reply was not a function call. Call a function; call send_message to answer the user."
)
EMPTY = "Your reply was empty. Call a function; call send_message to answer the user."


class Dialect(Protocol):
    """How main context becomes a request, and a completion a reply."""

    name: str

    def request(self, context: MainContext) -> Request: ...

    def reply(self, completion: Completion, context: MainContext) -> Reply: ...

    def streamed(self, completion: Completion) -> Streamed: ...


class NativeTools:
    """Functions go as `tools`; calls come as `tool_calls`, or in the text of the reply."""

    name = "tools"

    def request(self, context: MainContext) -> Request:
        return {
            "messages": [_to_chat(message) for message in context.messages()],
            "tools": [tool(spec) for spec in context.functions],
            "max_tokens": context.reserved,
        }

    def reply(self, completion: Completion, context: MainContext) -> Reply:
        calls = tuple(
            FunctionCall(plain_name(call.name), call.arguments, call.call_id)
            for call in completion.calls
            if call.name
        )
        thought = completion.content
        if not calls:
            known = [spec.name for spec in context.functions]
            calls, thought = calls_in(completion.content, known)
        return _finished(calls, thought, completion, context)

    def streamed(self, completion: Completion) -> Streamed:
        message = "".join(
            partial_string(call.arguments, "message")
            for call in completion.calls
            if plain_name(call.name) == ENDS_THE_TURN
        )
        return Streamed(_short(completion.content), message)


class JsonSchema:
    """The reply is one JSON object: a thought, the name of a function and its arguments."""

    name = "json_schema"

    def request(self, context: MainContext) -> Request:
        messages = context.messages()
        messages[0] = replace(
            messages[0], content=f"{messages[0].content}\n\n{described(context.functions)}"
        )
        return {
            "messages": plain_chat(messages),
            "response_format": response_format("call", calls_schema(context)),
            "max_tokens": context.reserved,
        }

    def reply(self, completion: Completion, context: MainContext) -> Reply:
        known = [spec.name for spec in context.functions]
        try:
            value = parsed(completion.content, strict=False)
        except ValueError:
            value = None
        call = call_of(value, None)  # the executor names the nearest function to an unknown one
        if call is not None:
            thought = value.get("thought")
            said = thought if isinstance(thought, str) else ""
            return _finished((call,), said, completion, context)
        # A server that does not obey schemas: taken as any other text.
        calls, thought = calls_in(completion.content, known)
        return _finished(calls, thought, completion, context)

    def streamed(self, completion: Completion) -> Streamed:
        text = completion.content
        ends = re.search(rf'"name"\s*:\s*"{ENDS_THE_TURN}"', text)
        message = partial_string(text[ends.end() :], "message") if ends else ""
        return Streamed(_short(partial_string(text, "thought")), message)


DIALECTS: dict[str, type[NativeTools] | type[JsonSchema]] = {
    NativeTools.name: NativeTools,
    JsonSchema.name: JsonSchema,
}


# -- replies ------------------------------------------------------------------------------------


def _finished(
    calls: tuple[FunctionCall, ...], thought: str, completion: Completion, context: MainContext
) -> Reply:
    """The reply, with each call once and named, or with what is wrong with it."""
    problem = ""
    if (completion.finish_reason == "length" and not all(map(_whole, calls))) or (
        completion.finish_reason == "length" and not calls
    ):
        calls = ()
        problem = f"Your reply was cut after {context.reserved} tokens. Write less at once."
    elif not calls:
        problem = NOT_A_CALL if completion.content.strip() else EMPTY
    written = completion.tokens_written
    if written is None:
        said = completion.content + "".join(c.name + c.arguments for c in completion.calls)
        written = context.tokenizer.count(said)
    return Reply(
        _once(calls),
        _short(thought),
        completion.tokens_read,
        written,
        completion.tokens_cached,
        problem,
    )


def _once(calls: tuple[FunctionCall, ...]) -> tuple[FunctionCall, ...]:
    """Each call once, with an id that no other call of the session has."""
    different = {(call.name, call.arguments): call for call in reversed(calls)}
    kept = [call for call in calls if different.get((call.name, call.arguments)) is call]
    ids = [call.call_id for call in kept]
    return tuple(
        call
        if call.call_id and ids.count(call.call_id) == 1
        else replace(call, call_id=f"call_{uuid.uuid4().hex[:12]}")
        for call in kept
    )


def _whole(call: FunctionCall) -> bool:
    try:
        parsed(call.arguments or "{}")
    except ValueError:
        return False
    return True


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= MAX_THOUGHT_CHARS else text[:MAX_THOUGHT_CHARS] + "…"


def partial_string(text: str, key: str) -> str:
    """The string under `key` as far as it has arrived, in JSON text that may break off."""
    match = re.search(rf'"{key}"\s*:\s*"((?:[^"\\]|\\.)*)', text, re.DOTALL)
    if match is None:
        return ""
    raw = re.sub(r"\\u[0-9a-fA-F]{0,3}\Z", "", match[1])
    try:
        arrived = str(json.loads(f'"{raw}"', strict=False))
    except ValueError:
        return ""
    return arrived.encode("utf-8", "ignore").decode("utf-8")  # half of a surrogate pair


# -- messages -----------------------------------------------------------------------------------


def tool(spec: FunctionSpec) -> dict[str, Any]:
    """A function as `tools` takes it."""
    function = {
        "name": spec.name,
        "description": spec.description,
        "parameters": spec.parameters,
    }
    return {"type": "function", "function": function}


def _to_chat(message: Message) -> dict[str, Any]:
    chat: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.role == "tool":
        chat["tool_call_id"] = message.call_id
    if message.calls:
        chat["tool_calls"] = [
            {
                "id": call.call_id,
                "type": "function",
                "function": {"name": call.name, "arguments": _as_json(call.arguments)},
            }
            for call in message.calls
        ]
    return chat


def _as_json(arguments: str) -> str:
    """Servers parse the arguments of past calls and fail on malformed ones: those are wrapped."""
    try:
        parsed(arguments)
    except ValueError:
        return json.dumps({"malformed": arguments}, ensure_ascii=False)
    return arguments


def plain_chat(messages: list[Message]) -> list[dict[str, str]]:
    """The same without tools: calls as the JSON that is asked for, results as what the user says.
    Roles alternate, because some chat templates insist on it."""
    chat: list[dict[str, str]] = []
    names = {call.call_id: call.name for message in messages for call in message.calls}
    for message in messages:
        role, content = message.role, message.content
        if role == "assistant":
            said = message.content
            content = "\n".join(_call_text(said, call) for call in message.calls) or said
        elif role == "tool":
            role, content = "user", _result_text(names.get(message.call_id, ""), content)
        if chat and chat[-1]["role"] == role:
            chat[-1]["content"] += f"\n\n{content}"
        else:
            chat.append({"role": role, "content": content})
    return chat


def _call_text(thought: str, call: FunctionCall) -> str:
    arguments = parsed(_as_json(call.arguments or "{}"))
    shown = {"thought": thought, "name": call.name, "arguments": arguments}
    return json.dumps(shown, ensure_ascii=False)


def _result_text(name: str, packaged: str) -> str:
    """A result without the escapes of its package."""
    try:
        package = json.loads(packaged)
        return f"[result of {name}: {package['status']}]\n{package['message']}"
    except (ValueError, KeyError, TypeError):
        return f"[result of {name}]\n{packaged}"


def described(functions: tuple[FunctionSpec, ...]) -> str:
    """The functions in words, for a prompt without tools."""
    lines = []
    for spec in functions:
        required = spec.parameters.get("required", ())
        names = [
            name if name in required else f"{name}?"
            for name in spec.parameters.get("properties", {})
            if name != HEARTBEAT
        ]
        lines.append(f"- {spec.name}({', '.join(names)}): {spec.description}")
    return (
        "Functions\n" + "\n".join(lines) + "\n\nReply with one JSON object and nothing else: "
        '{"thought": why, in a sentence, "name": the function, "arguments": {…}}'
    )


# -- schemas ------------------------------------------------------------------------------------

# llama.cpp turns maxLength into so many repetitions, and has a limit for those.
MAX_STRING_CHARS = 1900
MAX_THOUGHT_IN_CALL = 300
MAX_CITATIONS = 5
ROOM_FOR_CITATIONS = 1024  # characters of a reply below which only one is asked for
CHARS_PER_TOKEN = 2  # of what a model writes at worst, but for long rows of digits
CHARS_AROUND = 250  # of a reply, for names and punctuation
# Shares of the room: what a call needs may be longer than what it can do without.
NEEDED, SHORT = 3, 1


def response_format(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` as Chat Completions takes it."""
    return {"type": "json_schema", "json_schema": {"name": name, "schema": schema}}


def calls_schema(context: MainContext) -> dict[str, Any]:
    """One branch per function. The strings of a branch share the room of a reply, so that it ends
    before it is cut."""
    room = context.reserved * CHARS_PER_TOKEN
    return {"anyOf": [_branch(spec, room) for spec in context.functions]}


def _branch(spec: FunctionSpec, room: int) -> dict[str, Any]:
    citations = MAX_CITATIONS if room >= ROOM_FOR_CITATIONS else 1
    arguments = _plain(spec.parameters, citations)
    strings = list(_strings(arguments))
    share = (room - CHARS_AROUND) // (SHORT + sum(share for _, share in strings))
    for string, parts in strings:
        string["maxLength"] = min(MAX_STRING_CHARS, share * parts)
    return {
        "type": "object",
        "properties": {
            "thought": {"type": "string", "maxLength": min(MAX_THOUGHT_IN_CALL, share)},
            "name": {"const": spec.name},
            "arguments": arguments,
        },
        "required": ["thought", "name", "arguments"],
        "additionalProperties": False,
    }


def _plain(schema: dict[str, Any], citations: int) -> dict[str, Any]:
    """A schema of arguments without patterns and formats, which servers refuse."""
    kept = {k: v for k, v in schema.items() if k not in ("pattern", "format", "default")}
    match kept.get("type"):
        case "object":
            properties = kept.get("properties", {})
            kept["properties"] = {
                name: _plain(part, citations)
                for name, part in properties.items()
                if name != HEARTBEAT
            }
            kept["additionalProperties"] = False
        case "array":
            kept["items"] = _plain(kept["items"], citations)
            kept["maxItems"] = citations
    return kept


def _strings(schema: dict[str, Any], parts: int = NEEDED) -> Iterator[tuple[dict[str, Any], int]]:
    """The strings of a schema without a fixed set of values, each with its share of the room; one
    that stands in a list once for each of its places."""
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            for name, part in schema["properties"].items():
                yield from _strings(part, parts if name in required else SHORT)
        case "array":
            for _ in range(schema["maxItems"]):
                yield from _strings(schema["items"], SHORT)
        case "string" if "enum" not in schema:
            yield schema, parts
