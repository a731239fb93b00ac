"""The default embedder: static word vectors that come inside a wheel, so nothing is downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from memgpt_docs.embedding.base import Vectors, to_unit_length

DIMENSION = 256


class StaticEmbedder:
    """wordllama's 256-dimensional static vectors (MIT): about 1,700 passages a second on 2 cores,
    weak alone, useful as the second arm beside full text."""

    id = "wordllama-l2-256"
    dimension = DIMENSION
    destination = ""

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, DIMENSION), dtype=np.float32)
        with _LOADING:
            model = _model()
        return to_unit_length(model.embed(list(texts)))


_LOADING = Lock()


@cache
def _model() -> Any:
    """The model, loaded once for all embedders of a process: it takes a third of a second."""
    import wordllama

    # Its own search for the weights looks in a folder that does not exist and then downloads;
    # naming the package folder finds the copy inside the wheel.
    return wordllama.WordLlama.load(
        cache_dir=str(Path(wordllama.__file__).parent), disable_download=True
    )
