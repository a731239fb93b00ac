"""Any server that speaks the Embeddings API, through the `openai` client.

Text leaves the machine only when this embedder was chosen by name; a key in the environment is not
a choice.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import openai

from memgpt_docs.embedding.base import Vectors, to_unit_length
from memgpt_docs.errors import EmbedderUnavailable, UsageError
from memgpt_docs.openai_client import destination, shown
from memgpt_docs.settings import Settings
from memgpt_docs.tokens import default_tokenizer

# The limits of a request; other servers accept at least as much, or say so.
MOST_INPUTS = 2048
MOST_TOKENS = 300_000
MOST_TOKENS_EACH = 8191
# Counted by another tokenizer than the server's, perhaps: some room is kept.
ROOM = 0.9
MAX_RETRIES = 5


class OpenAICompatEmbedder:
    """Vectors of a model on a server. Raises `UsageError` when a key is needed and none is set."""

    def __init__(self, settings: Settings) -> None:
        self._model = settings.embedding_model
        self._shown = shown(settings.embedding_base_url)
        self.destination = destination(settings.embedding_base_url)
        self.id = f"openai_compat/{self._model}"
        self._tokenizer = default_tokenizer()
        self._client = openai.OpenAI(
            base_url=settings.embedding_base_url,
            api_key=_key(settings, self.destination),
            timeout=settings.openai_timeout_s,
            max_retries=MAX_RETRIES,
        )

    @cached_property
    def dimension(self) -> int:
        """As the server has it: one word is sent to find out."""
        return len(self._request(["dimension"])[0])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of `texts`, in as few requests as the limits allow; a text that is too long is
        cut at its end, an empty one is sent as a full stop."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        rows = [row for batch in self._batches(texts) for row in self._request(batch)]
        if len({len(row) for row in rows}) != 1:
            raise self._unreadable()
        return to_unit_length(np.array(rows, dtype=np.float32))

    def _batches(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Texts as they are sent, in requests within the limits."""
        batch: list[str] = []
        tokens = 0
        for text in texts:
            sent = self._tokenizer.truncate(text, int(ROOM * MOST_TOKENS_EACH)) or "."
            sent = sent if sent.strip() else "."
            more = self._tokenizer.count(sent)
            if batch and (len(batch) == MOST_INPUTS or tokens + more > ROOM * MOST_TOKENS):
                yield batch
                batch, tokens = [], 0
            batch.append(sent)
            tokens += more
        if batch:
            yield batch

    def _request(self, texts: list[str]) -> list[list[float]]:
        try:
            # Servers other than OpenAI's know no base64, which the client would ask for.
            response: Any = self._client.embeddings.create(
                model=self._model, input=texts, encoding_format="float"
            )
            rows = {int(one.index): list(map(float, one.embedding)) for one in response.data}
            if sorted(rows) != list(range(len(texts))) or not all(rows.values()):
                raise self._unreadable()
        except openai.OpenAIError as error:
            raise self._explained(error) from error
        except (ValueError, TypeError, AttributeError) as error:
            raise self._unreadable() from error
        return [rows[number] for number in range(len(texts))]

    def _unreadable(self) -> EmbedderUnavailable:
        return EmbedderUnavailable(
            f"{self._shown} sent a reply that holds no vectors.",
            "Check MEMGPT_DOCS_EMBEDDING_BASE_URL: it usually ends in /v1.",
        )

    def _explained(self, error: openai.OpenAIError) -> EmbedderUnavailable:
        """The error with the setting to change; a key never stands in it."""
        match error:
            case openai.APIConnectionError():  # and its timeouts
                what, help = "cannot be reached", "Check MEMGPT_DOCS_EMBEDDING_BASE_URL."
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                what, help = "refused the key", "Check MEMGPT_DOCS_EMBEDDING_API_KEY."
            case openai.NotFoundError():
                what = f"does not know the model {self._model!r}"
                help = "Check MEMGPT_DOCS_EMBEDDING_MODEL."
            case openai.RateLimitError():
                what = "refuses more requests for now"
                help = "Wait, or check the quota of the account; what is done stays."
            case openai.APIStatusError():
                what, help = f"failed with status {error.status_code}", "Try again later."
            case _:
                return self._unreadable()
        return EmbedderUnavailable(f"{self._shown} {what}.", help)


def _key(settings: Settings, destination: str) -> str:
    if settings.embedding_api_key is not None:
        return settings.embedding_api_key.get_secret_value()
    from_environment = os.environ.get("OPENAI_API_KEY", "")
    if not from_environment and destination:
        raise UsageError(
            f"The embedder openai_compat needs a key for {destination}.",
            "Set MEMGPT_DOCS_EMBEDDING_API_KEY, or use the embedder static, which needs none.",
        )
    return from_environment or "none"
