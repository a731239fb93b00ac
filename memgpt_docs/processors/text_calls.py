"""Calls that come back as text: what models write when their server does not read calls for them.

Recognised are JSON objects with a name and arguments, bare, fenced or in the tags that model
families use; the same as XML; and `name(key="value")`. A call counts only where the reply ends with
it, and only with the name of a function there is: words about a call are not a call.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection
from typing import Any

from memgpt_docs.calls import FunctionCall, parsed

NAMES = ("name", "function", "tool", "tool_name")
ARGUMENTS = ("arguments", "parameters", "args", "input")
MAX_STARTS = 64  # places that are tried, so that a reply of brackets costs nothing
LONGEST_HEAD = 400  # characters before a call that are looked at for marks

# What may stand after a call: closing tags, fences, ends of turns. Possessive, as the next, because
# a mark that two branches match would be tried in both ways, each time.
_TAIL = re.compile(r"(?:\s|`{3}|</?[\w.:|=-]+>|<\|[^|>]*\|>|\[/?TOOL_CALLS?\]|[;\]])*+\Z")
# What stands before it and is no thought.
_HEAD = re.compile(r"(?:\s|`{3}\w*|<[\w.:|-]+>|<\|[^|>]*\|>|\[/?TOOL_CALLS?\]|\[)*+\Z")
_XML = re.compile(r"<function=([\w.]+)>(.*?)</function>", re.DOTALL)
_XML_ARGUMENT = re.compile(r"<parameter=(\w+)>\s*(.*?)\s*</parameter>", re.DOTALL)


def calls_in(text: str, known: Collection[str]) -> tuple[tuple[FunctionCall, ...], str]:
    """The calls that `text` ends with, and what stands before them. None: `((), text)`."""
    for read in (_json_calls, _xml_calls, _python_call):
        found, start = read(text, known)
        if found:
            before = max(0, start - LONGEST_HEAD)
            return found, (text[:before] + _HEAD.sub("", text[before:start])).strip()
    return (), text.strip()


def call_of(value: Any, known: Collection[str] | None) -> FunctionCall | None:
    """The call that a JSON value stands for, if it does; with any name where `known` is None."""
    if not isinstance(value, dict):
        return None
    name = next((value[key] for key in NAMES if key in value), None)
    if isinstance(name, dict):  # {"function": {"name": …, "arguments": …}}
        return call_of(name, known)
    if not isinstance(name, str) or (known is not None and plain_name(name) not in known):
        return None
    arguments: Any = next((value[key] for key in ARGUMENTS if key in value), {})
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    return FunctionCall(plain_name(name), arguments)


def plain_name(name: str) -> str:
    """The name of a function without the namespace that some models put before it."""
    return name.strip().removeprefix("functions.")


Found = tuple[tuple[FunctionCall, ...], int]


def _json_calls(text: str, known: Collection[str]) -> Found:
    decoder = json.JSONDecoder(strict=False)
    found: list[FunctionCall] = []
    first = position = 0
    for _ in range(MAX_STARTS):
        start = text.find("{", position)
        if start < 0:
            break
        try:
            value, position = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            position = start + 1
            continue
        call = call_of(value, known)
        if call is None:
            found = []
        else:
            first = first if found else start
            found.append(call)
    if found and _TAIL.match(text, position):
        return tuple(found), first
    return (), 0


def _xml_calls(text: str, known: Collection[str]) -> Found:
    matches = [match for match in _XML.finditer(text) if plain_name(match[1]) in known]
    if not matches or not _TAIL.match(text, matches[-1].end()):
        return (), 0
    return tuple(_xml_call(match) for match in matches), matches[0].start()


def _xml_call(match: re.Match[str]) -> FunctionCall:
    given = {name: _value(text) for name, text in _XML_ARGUMENT.findall(match[2])}
    arguments = json.dumps(given, ensure_ascii=False) if given else match[2].strip() or "{}"
    return FunctionCall(plain_name(match[1]), arguments)


def _value(text: str) -> Any:
    try:
        return parsed(text)
    except ValueError:
        return text


def _python_call(text: str, known: Collection[str]) -> Found:
    lines = text.rstrip().removesuffix("```").rstrip().rsplit("\n", 1)
    last = lines[-1].strip().strip("`")
    if not last.endswith(")") or len(last) > 20_000:
        return (), 0
    try:
        node = ast.parse(last, mode="eval").body
        if (
            not isinstance(node, ast.Call)
            or not isinstance(node.func, ast.Name)
            or node.func.id not in known
            or node.args
        ):
            return (), 0
        given = {word.arg: ast.literal_eval(word.value) for word in node.keywords if word.arg}
        arguments = json.dumps(given, ensure_ascii=False)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return (), 0
    return (FunctionCall(node.func.id, arguments),), text.rfind(lines[-1])
