"""What an embedder is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns text into vectors of unit length.

    `id` names model and version: vectors of different ids are never mixed in one library.
    """

    @property
    def id(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def destination(self) -> str:
        """The host that texts go to; empty when they stay on this machine."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of `texts`: float32, shape (len(texts), dimension), every row of length 1.

        Raises `EmbedderUnavailable` where the embedder fails."""
        ...


def to_unit_length(vectors: Vectors) -> Vectors:
    """Rows scaled to length 1; a zero row (text with no known word) becomes the first axis,
    because a database never returns a zero vector under cosine distance."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    zero = norms[:, 0] < 1e-12
    unit = vectors / np.where(norms < 1e-12, 1.0, norms)
    unit[zero] = 0.0
    unit[zero, 0] = 1.0
    return unit.astype(np.float32)
