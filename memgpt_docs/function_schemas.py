"""Function schemas: what the processor is told of the functions, and what its arguments are
validated with. Both are read off the signatures and docstrings of `functions.py`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

from memgpt_docs.calls import FunctionResult, FunctionSpec
from memgpt_docs.functions import CALLABLE

# A window under this size is told of these only: descriptions of functions cost tokens too.
SMALL_WINDOW = 4096
CORE = (
    "send_message",
    "working_context_append",
    "working_context_replace",
    "archival_search",
    "recall_search",
)
# And not of these parameters, which are accepted all the same.
LEFT_OUT_IN_SMALL = ("part", "company", "form_type", "fiscal_year", "section", "kind")
HEARTBEAT = "request_heartbeat"
ENDS_THE_TURN = "send_message"


@cache
def argument_models() -> dict[str, type[BaseModel]]:
    """For each function, the model that its arguments are validated with."""
    return {function.__name__: _argument_model(function) for function in CALLABLE}


@cache
def specs(window: int) -> tuple[FunctionSpec, ...]:
    """The functions as the processor with a window of that many tokens is told of them."""
    models = argument_models()
    return tuple(
        FunctionSpec(
            name=function.__name__,
            description=" ".join(inspect.getdoc(function).split()),  # type: ignore[union-attr]
            parameters=_parameters(models[function.__name__], window),
        )
        for function in CALLABLE
        if window >= SMALL_WINDOW or function.__name__ in CORE
    )


def _parameters(model: type[BaseModel], window: int) -> dict[str, Any]:
    schema: dict[str, Any] = _compact(model.model_json_schema())
    if window < SMALL_WINDOW:
        for name in LEFT_OUT_IN_SMALL:
            schema["properties"].pop(name, None)
    return schema


def _argument_model(function: Callable[..., FunctionResult]) -> type[BaseModel]:
    hints = get_type_hints(function)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "self":
            continue
        required = parameter.default is inspect.Parameter.empty
        fields[name] = (hints[name], ... if required else parameter.default)
    if function.__name__ != ENDS_THE_TURN:
        fields[HEARTBEAT] = (bool, True)
    return create_model(function.__name__, __config__=ConfigDict(extra="forbid"), **fields)


def _compact(schema: Any) -> Any:
    """A JSON schema without the parts that cost tokens and tell a model nothing."""
    if isinstance(schema, list):
        return [_compact(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    definitions = schema.get("$defs", {})

    def expand(node: Any) -> Any:
        if isinstance(node, dict) and "$ref" in node:
            return expand(definitions[node["$ref"].rsplit("/", 1)[1]])
        if isinstance(node, list):
            return [expand(item) for item in node]
        if isinstance(node, dict):
            optional = [kind for kind in node.get("anyOf", []) if kind != {"type": "null"}]
            if len(optional) == 1 and len(node["anyOf"]) == 2:
                rest = {k: v for k, v in node.items() if k not in ("anyOf", "default")}
                return expand({**optional[0], **rest})
            return {
                key: expand(value)
                for key, value in node.items()
                if not (key == "title" and isinstance(value, str)) and key not in DROPPED
            }
        return node

    return expand(schema)


DROPPED = ("$defs", "additionalProperties")
