"""The function executor: parses and validates a call, runs it, turns errors into results."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from pydantic import BaseModel, ValidationError
from rapidfuzz import process

from memgpt_docs.calls import FunctionCall, FunctionResult, PassagesShown, parsed, storable
from memgpt_docs.context import AlertEntry, Entry, StepEntry, UserEntry
from memgpt_docs.errors import FunctionError, StorageError, UsageError
from memgpt_docs.function_schemas import HEARTBEAT, argument_models
from memgpt_docs.functions import READS, Functions

_log = logging.getLogger(__name__)


class Executor:
    """Runs calls on the functions of a session.

    A call that goes wrong never raises: its result says what was wrong and how to mend it, and
    asks for another inference. `"true"` is accepted for true, because models write it.
    """

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._models = argument_models()

    def run_all(
        self, calls: Sequence[FunctionCall], queue: Sequence[Entry] = ()
    ) -> Iterator[tuple[FunctionCall, FunctionResult]]:
        """The results of the calls of one reply, in their order. Several searches are ranked side
        by side. `queue` is what the processor sees: a read call whose result stands there already
        is not run again."""
        if len(calls) > 1:
            self._rank_ahead(calls)
        for call in calls:
            yield call, self.run(call, queue)

    def run(self, call: FunctionCall, queue: Sequence[Entry] = ()) -> FunctionResult:
        """The result of one call."""
        try:
            model = self._model(call.name)
            arguments = self._arguments(model, call)
            shown = arguments.model_dump(mode="json", exclude_unset=True, exclude={HEARTBEAT})
            if call.name in READS:
                _refuse_repeated(call.name, shown, queue)
            heartbeat = bool(getattr(arguments, HEARTBEAT, False))
            given = {
                name: getattr(arguments, name) for name in model.model_fields if name != HEARTBEAT
            }
            result: FunctionResult = getattr(self._functions, call.name)(**given)
        except (FunctionError, UsageError, StorageError) as error:
            return FunctionResult(False, str(error))
        except Exception as error:
            _log.error("Unexpected error in %s", call.name, exc_info=error)
            return FunctionResult(False, f"{call.name} failed ({type(error).__name__}).")
        return FunctionResult(True, result.message, result.payload, heartbeat, shown)

    def _rank_ahead(self, calls: Sequence[FunctionCall]) -> None:
        """Makes the rankings of all searches at once; what goes wrong is told when they run."""
        searches = []
        for call in calls:
            with suppress(FunctionError):
                if call.name == "archival_search":
                    searches.append(self._arguments(self._model(call.name), call).model_dump())
        with ThreadPoolExecutor(max(1, len(searches))) as threads:
            for search in searches:
                threads.submit(self._functions.rank_ahead, search)

    def _model(self, name: str) -> type[BaseModel]:
        if name in self._models:
            return self._models[name]
        nearest = [found for found, *_ in process.extract(name, list(self._models), limit=2)]
        raise FunctionError(
            f"There is no function {name!r}.", f"Did you mean {' or '.join(nearest)}?"
        )

    def _arguments(self, model: type[BaseModel], call: FunctionCall) -> BaseModel:
        try:
            given = _given(call.arguments or "{}")
        except ValueError as error:
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
    given = parsed(arguments)
    if "\\u" in arguments:
        given = parsed(storable(json.dumps(given, ensure_ascii=False)))
    return given


def _refuse_repeated(name: str, given: dict[str, Any], queue: Sequence[Entry]) -> None:
    """Raises `FunctionError` where the same call was answered since the last message of the user
    and the last upload, and its result is still in the window."""
    for entry in reversed(queue):
        if isinstance(entry, UserEntry):
            return
        if isinstance(entry, AlertEntry) and entry.tells_of_upload:
            return
        if not isinstance(entry, StepEntry):
            continue
        for call, result in entry.exchanges:
            if result.ok and call.name == name and result.arguments == given:
                page = result.payload.page if isinstance(result.payload, PassagesShown) else None
                following = "Call something else."
                if page is not None and page.unread_pages:
                    following = f"Page {page.page + 1} of {page.pages} is next."
                elif page is not None:
                    following = "It was the last page: search with other words."
                raise FunctionError(
                    "You made this call already; its result stands above.", following
                )
