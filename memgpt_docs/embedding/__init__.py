"""Embedders: text to vectors of unit length."""

from __future__ import annotations

from collections.abc import Callable

from memgpt_docs.embedding.base import Embedder, Vectors
from memgpt_docs.embedding.static import StaticEmbedder
from memgpt_docs.errors import UsageError
from memgpt_docs.settings import Settings

__all__ = ["EMBEDDERS", "Embedder", "StaticEmbedder", "Vectors", "default_embedder",
           "make_embedder", "setting_of"]  # fmt: skip


def default_embedder() -> Embedder:
    """The embedder that works with the network unplugged; every document gets its vectors when it
    comes in."""
    return StaticEmbedder()


def _static(_: Settings) -> Embedder:
    return StaticEmbedder()


def _neural(settings: Settings) -> Embedder:
    from memgpt_docs.embedding.neural import NeuralEmbedder

    return NeuralEmbedder(settings.neural_model, from_hub=settings.neural_from_hub)


def _openai_compat(settings: Settings) -> Embedder:
    from memgpt_docs.embedding.openai_compat import OpenAICompatEmbedder

    return OpenAICompatEmbedder(settings)


EMBEDDERS: dict[str, Callable[[Settings], Embedder]] = {
    "static": _static,
    "neural": _neural,
    "openai_compat": _openai_compat,
}


def make_embedder(name: str, settings: Settings) -> Embedder:
    """The embedder of that name; raises `UsageError` for another name, or where a setting that it
    needs is missing."""
    if name not in EMBEDDERS:
        raise UsageError(
            f"There is no embedder {name!r}.", f"Choose one of: {', '.join(EMBEDDERS)}."
        )
    return EMBEDDERS[name](settings)


def setting_of(embedder_id: str) -> str:
    """The name by which an embedder of that id is chosen."""
    name = embedder_id.partition("/")[0]
    return name if name in EMBEDDERS else "static"
