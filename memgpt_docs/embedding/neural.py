"""A small neural model on this machine, through `fastembed` (the extra `neural`).

About 30 passages a second on 2 cores, against 1,700 for static vectors; worth it where questions
and passages share few words. The model is read from a folder; from a hub only where the user says
so, because that downloads.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from memgpt_docs.embedding.base import Vectors, to_unit_length
from memgpt_docs.errors import EmbedderUnavailable, UsageError

BATCH = 32
HOW = "Install the extra: pip install 'memgpt-docs[neural]'"
# Where the ONNX file of a model folder is looked for, the smaller ones first.
ONNX_FILES = ("model_quantized.onnx", "model_optimized.onnx", "model.onnx")


class NeuralEmbedder:
    """Vectors of the model in a folder (`*.onnx`, `config.json`, `tokenizer.json`), mean-pooled; or
    of one that `fastembed` knows by its name on a hub.

    Raises `UsageError` where the extra or the model is missing.
    """

    destination = ""

    def __init__(self, model: str, *, from_hub: bool = False) -> None:
        if not model:
            raise UsageError(
                "The neural embedder needs a model.",
                "Set MEMGPT_DOCS_NEURAL_MODEL to a folder with an ONNX model, or to a name and "
                "MEMGPT_DOCS_NEURAL_FROM_HUB to true.",
            )
        try:
            import fastembed  # noqa: F401
        except ImportError as error:
            raise UsageError("The neural embedder is not installed.", HOW) from error
        self._lock = Lock()
        self._loaded: Any = None
        if from_hub:
            self._folder = None
            self._name = model
            self.id = f"neural/{model}"
            self.dimension = _dimension_on_hub(model)
            return
        self._folder = Path(model)
        self._file = _onnx_file(self._folder)
        digest = sha256((self._folder / self._file).read_bytes()).hexdigest()[:8]
        self.id = f"neural/{self._folder.resolve().name}-{digest}"
        self._name = f"memgpt-docs/{digest}"
        self.dimension = _dimension_of(self._folder)

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        # Texts of one length in one batch: short ones need not be padded to the longest of all.
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        model = self._load()
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        ordered = (texts[place] for place in order)
        for place, vector in zip(order, model.embed(ordered, batch_size=BATCH), strict=True):
            vectors[place] = vector
        return to_unit_length(vectors)

    def _load(self) -> Any:
        with self._lock:
            if self._loaded is None:
                try:
                    self._loaded = self._open()
                except Exception as error:
                    raise EmbedderUnavailable(
                        f"The model {self.id} could not be loaded: {error}.",
                        "Check MEMGPT_DOCS_NEURAL_MODEL.",
                    ) from error
            return self._loaded

    def _open(self) -> Any:
        from fastembed import TextEmbedding
        from fastembed.common.model_description import ModelSource, PoolingType

        threads = os.cpu_count()
        if self._folder is None:
            return TextEmbedding(self._name, threads=threads)
        known = {model["model"] for model in TextEmbedding.list_supported_models()}
        if self._name not in known:
            TextEmbedding.add_custom_model(
                model=self._name,
                pooling=PoolingType.MEAN,
                normalization=True,
                # Never asked: the folder is given.
                sources=ModelSource(hf=self._name),
                dim=self.dimension,
                model_file=self._file,
            )
        folder = str(self._folder)
        return TextEmbedding(
            self._name, specific_model_path=folder, threads=threads, local_files_only=True
        )


def _onnx_file(folder: Path) -> str:
    places = (name for file in ONNX_FILES for name in (file, f"onnx/{file}"))
    found = next((name for name in places if (folder / name).is_file()), None)
    if found is None or not (folder / "tokenizer.json").is_file():
        raise UsageError(
            f"{folder} holds no model: an ONNX file ({', '.join(ONNX_FILES)}) and tokenizer.json.",
            "Set MEMGPT_DOCS_NEURAL_MODEL to the folder that does.",
        )
    return found


def _dimension_of(folder: Path) -> int:
    try:
        return int(json.loads((folder / "config.json").read_text("utf-8"))["hidden_size"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{folder / 'config.json'} does not say how long the vectors are (hidden_size).",
            "Copy the model's own config.json there.",
        ) from error


def _dimension_on_hub(model: str) -> int:
    from fastembed import TextEmbedding

    known = {one["model"]: int(one["dim"]) for one in TextEmbedding.list_supported_models()}
    if model not in known:
        raise UsageError(
            f"{model!r} is not a model that fastembed knows.",
            f"For example: {', '.join(sorted(known)[:6])}.",
        )
    return known[model]
