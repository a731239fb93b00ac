"""The schema of a reply: one branch per function, none longer than the room for a reply."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs.context import MainContext
from memgpt_docs.function_schemas import argument_models, specs
from memgpt_docs.processors.dialects import CHARS_PER_TOKEN, calls_schema
from memgpt_docs.prompts import prompt
from memgpt_docs.tokens import default_tokenizer


@given(st.integers(2048, 1_000_000))
def test_the_longest_reply_of_every_branch_ends_in_its_room(window: int) -> None:
    context = MainContext(window, prompt("system.txt"), specs(window), default_tokenizer())
    for branch in calls_schema(context)["anyOf"]:
        reply = longest(branch)
        assert len(json.dumps(reply)) <= context.reserved * CHARS_PER_TOKEN, reply
        assert min(map(len, strings(reply["arguments"])), default=50) >= 50


def test_each_branch_holds_what_its_function_needs() -> None:
    context = MainContext(8192, prompt("system.txt"), specs(8192), default_tokenizer())
    branches = calls_schema(context)["anyOf"]
    assert [branch["properties"]["name"]["const"] for branch in branches] == list(argument_models())
    for branch, spec in zip(branches, specs(8192), strict=True):
        arguments = branch["properties"]["arguments"]
        assert arguments.get("required", []) == spec.parameters.get("required", [])


def longest(schema: dict[str, Any]) -> Any:
    """The longest value that a schema allows, with numbers of five digits."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return max(schema["enum"], key=len)
    match schema["type"]:
        case "object":
            return {name: longest(part) for name, part in schema["properties"].items()}
        case "array":
            return [longest(schema["items"])] * schema["maxItems"]
        case "string":
            return "x" * schema["maxLength"]
        case "integer":
            return 12345
        case "boolean":
            return False
    raise AssertionError(schema)


def strings(value: Any) -> list[str]:
    """The free strings of a value."""
    if isinstance(value, str):
        return [value] if value.startswith("x") else []
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [string for part in parts for string in strings(part)]
