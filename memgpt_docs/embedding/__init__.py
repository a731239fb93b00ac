"""Embedders: text to vectors of unit length."""

from memgpt_docs.embedding.base import Embedder, Vectors
from memgpt_docs.embedding.static import StaticEmbedder

__all__ = ["Embedder", "StaticEmbedder", "Vectors", "default_embedder"]


def default_embedder() -> Embedder:
    """The embedder that works with the network unplugged."""
    return StaticEmbedder()
