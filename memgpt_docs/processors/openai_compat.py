"""Any server that speaks Chat Completions, through the `openai` client and native tool calls.

Text leaves the machine only when this processor was chosen by name; a key in the environment is
not a choice.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import openai
from openai.types.chat import ChatCompletion

from memgpt_docs.calls import FunctionCall
from memgpt_docs.context import MainContext, Message
from memgpt_docs.errors import ProcessorError, ProcessorUnavailable, UsageError
from memgpt_docs.processors.base import Decision, Reply
from memgpt_docs.settings import Settings

MAX_RETRIES = 3
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class OpenAICompatProcessor:
    """Decides by a model on a server.

    Raises `UsageError` when a key is needed and none is set.
    """

    def __init__(self, settings: Settings) -> None:
        self._model = settings.openai_model
        self._base_url = settings.openai_base_url
        host = urlsplit(self._base_url).hostname or self._base_url
        self.destination = "" if host in LOCAL_HOSTS else host
        self.name = f"openai_compat ({self._model} at {host})"
        self.price = None
        self._client = openai.OpenAI(
            base_url=self._base_url,
            api_key=_key(settings, self.destination),
            timeout=settings.openai_timeout_s,
            max_retries=MAX_RETRIES,
        )

    def decide(self, context: MainContext, cancelled: Callable[[], bool]) -> Decision:
        yield from ()
        messages: Any = [_to_chat(message) for message in context.messages()]
        tools: Any = [
            {
                "type": "function",
                "function": {
                    "name": spec.name,
                    "description": spec.description,
                    "parameters": spec.parameters,
                },
            }
            for spec in context.functions
        ]
        try:
            completion = self._client.chat.completions.create(
                model=self._model, messages=messages, tools=tools, max_tokens=context.reserved
            )
            return _reply(completion)
        except openai.OpenAIError as error:
            raise self._explained(error) from error
        except (ValueError, TypeError, AttributeError, IndexError) as error:
            # The client builds its objects without validation, so a reply of another shape shows
            # up here as a missing attribute.
            raise ProcessorUnavailable(
                f"{self._base_url} sent a reply that is not a chat completion.",
                "Check MEMGPT_DOCS_OPENAI_BASE_URL: it usually ends in /v1.",
            ) from error

    def _explained(self, error: openai.OpenAIError) -> ProcessorError:
        """The error with the setting to change; a key never stands in it."""
        match error:
            case openai.APITimeoutError():
                return ProcessorUnavailable(
                    f"{self._base_url} did not answer in time.",
                    "Raise MEMGPT_DOCS_OPENAI_TIMEOUT_S or try again.",
                )
            case openai.APIConnectionError():
                return ProcessorUnavailable(
                    f"{self._base_url} cannot be reached.",
                    "Check MEMGPT_DOCS_OPENAI_BASE_URL and that the server runs.",
                )
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                return ProcessorError(
                    f"{self._base_url} refused the key.", "Check MEMGPT_DOCS_OPENAI_API_KEY."
                )
            case openai.NotFoundError():
                return ProcessorError(
                    f"{self._base_url} does not know the model {self._model!r}.",
                    "Check MEMGPT_DOCS_OPENAI_MODEL.",
                )
            case openai.RateLimitError():
                return ProcessorUnavailable(
                    f"{self._base_url} refuses more requests for now.",
                    "Wait, or check the quota of the account.",
                )
            case openai.BadRequestError():
                return ProcessorError(
                    f"{self._base_url} rejected the request (status 400).",
                    "If the model's context is smaller than MEMGPT_DOCS_CONTEXT_WINDOW, lower it; "
                    "the model must also support function calls.",
                )
            case openai.APIStatusError():
                return ProcessorUnavailable(
                    f"{self._base_url} failed with status {error.status_code}.", "Try again later."
                )
        return ProcessorUnavailable(f"{self._base_url} sent what could not be read.", "Try again.")


def _reply(completion: ChatCompletion) -> Reply:
    message = completion.choices[0].message
    calls = tuple(
        FunctionCall(call.function.name, call.function.arguments, call.id)
        for call in message.tool_calls or []
        if call.type == "function"
    )
    usage = completion.usage
    return Reply(
        calls,
        (message.content or "").strip(),
        tokens_read=usage.prompt_tokens if usage else None,
        tokens_written=usage.completion_tokens if usage else None,
    )


def _key(settings: Settings, destination: str) -> str:
    if settings.openai_api_key is not None:
        return settings.openai_api_key.get_secret_value()
    from_environment = os.environ.get("OPENAI_API_KEY", "")
    if not from_environment and destination:
        raise UsageError(
            f"The processor openai_compat needs a key for {destination}.",
            "Set MEMGPT_DOCS_OPENAI_API_KEY, or use the processor extractive, which needs none.",
        )
    return from_environment or "none"


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
        json.loads(arguments)
    except json.JSONDecodeError:
        return json.dumps({"malformed": arguments}, ensure_ascii=False)
    return arguments
