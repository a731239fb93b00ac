"""The function executor: parses and validates a call, runs it, turns errors into results."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ValidationError
from rapidfuzz import process

from memgpt_docs.calls import FunctionCall, FunctionResult, storable
from memgpt_docs.errors import FunctionError, StorageError, UsageError
from memgpt_docs.function_schemas import HEARTBEAT, argument_models
from memgpt_docs.functions import Functions


class Executor:
    """Runs calls on the functions of a session.

    A call that goes wrong never raises: its result says what was wrong and how to mend it, and
    asks for another inference. `"true"` is accepted for true, because models write it.
    """

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._models = argument_models()

    def run(self, call: FunctionCall) -> FunctionResult:
        """The result of one call."""
        try:
            model = self._model(call.name)
            arguments = self._arguments(model, call)
            heartbeat = bool(getattr(arguments, HEARTBEAT, False))
            given = {
                name: getattr(arguments, name) for name in model.model_fields if name != HEARTBEAT
            }
            result: FunctionResult = getattr(self._functions, call.name)(**given)
        except (FunctionError, UsageError, StorageError) as error:
            return FunctionResult(False, str(error))
        shown = arguments.model_dump(mode="json", exclude_unset=True, exclude={HEARTBEAT})
        return FunctionResult(True, result.message, result.payload, heartbeat, shown)

    def _model(self, name: str) -> type[BaseModel]:
        if name in self._models:
            return self._models[name]
        nearest = process.extractOne(name, list(self._models))
        raise FunctionError(
            f"There is no function {name!r}.", f"Did you mean {nearest[0]}?" if nearest else ""
        )

    def _arguments(self, model: type[BaseModel], call: FunctionCall) -> BaseModel:
        try:
            given = _given(call.arguments or "{}")
        except json.JSONDecodeError as error:
            raise FunctionError(
                f"The arguments of {call.name} are not JSON: {error}.", "Send a JSON object."
            ) from error
        if not isinstance(given, dict):
            raise FunctionError(f"The arguments of {call.name} are not a JSON object.")
        try:
            return model.model_validate(given)
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(map(str, problem['loc'])) or 'arguments'}: {problem['msg']}"
                for problem in error.errors()[:3]
            )
            takes = ", ".join(name for name in model.model_fields if name != HEARTBEAT)
            raise FunctionError(
                f"{call.name} was called wrongly: {problems}.", f"It takes: {takes}."
            ) from error


def _given(arguments: str) -> Any:
    """What JSON text holds. Escapes may stand for what cannot be stored: it is replaced."""
    given = json.loads(arguments)
    if "\\u" in arguments:
        given = json.loads(storable(json.dumps(given, ensure_ascii=False)))
    return given
