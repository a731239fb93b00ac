"""A GGUF file, run inside this process by llama.cpp (`xllamacpp`, the extra `local`).

llama.cpp brings its own server, which listens on this machine only and asks for a key that no one
else is told; so everything but loading is the same as with any other server: constrained replies,
streaming, cancelling. The server keeps what it computed of the last prompt, and main context begins
alike from step to step.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import time
from collections.abc import Callable, Generator
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from memgpt_docs.context import MainContext
from memgpt_docs.errors import ProcessorError, UsageError
from memgpt_docs.openai_client import Server
from memgpt_docs.processors.base import Decision, Reply, Streamed
from memgpt_docs.processors.openai_compat import OpenAICompatProcessor
from memgpt_docs.settings import Settings

POLL_S = 0.2
# Its tokens are smaller than those that main context is measured with.
CONTEXT_MARGIN = 1.25
PROMPT_CACHE_MIB = 1024


class LlamaCppProcessor:
    """Decides by a model in a file. Nothing leaves the machine.

    Raises `UsageError` when the extra is not installed or the file is not there.
    """

    destination = ""
    price = None

    def __init__(self, settings: Settings) -> None:
        path = settings.llama_model
        if path is None:
            raise UsageError(
                "The processor llama_cpp needs a model.",
                "Set MEMGPT_DOCS_LLAMA_MODEL to a GGUF file.",
            )
        if not path.is_file():
            raise UsageError(
                f"There is no file {path}.", "Set MEMGPT_DOCS_LLAMA_MODEL to a GGUF file."
            )
        self._settings = settings
        _installed()
        self._path = path
        self._processor: OpenAICompatProcessor | None = None
        self.name = f"llama_cpp ({path.name})"

    def decide(self, context: MainContext, cancelled: Callable[[], bool]) -> Decision:
        processor = yield from self.loaded(cancelled)
        if processor is None:
            return Reply(())
        return (yield from processor.decide(context, cancelled))

    def loaded(
        self, cancelled: Callable[[], bool]
    ) -> Generator[Streamed, None, OpenAICompatProcessor | None]:
        """The processor that asks the loaded model; yields how loading goes. None when cancelled:
        loading goes on, for the next question."""
        model = _model(self._path, int(self._settings.context_window * CONTEXT_MARGIN))
        while self._processor is None:
            server = model.server()
            if server is not None:
                constrained = self._settings.model_copy(update={"openai_dialect": "json_schema"})
                self._processor = OpenAICompatProcessor(
                    constrained, Server(*server, timeout_s=self._settings.openai_timeout_s)
                )
                break
            if cancelled():
                return None
            yield Streamed(model.progress())
            time.sleep(POLL_S)
        return self._processor


class _Model:
    """A model that is loaded once and shared by all sessions of this process."""

    def __init__(self, path: Path, n_ctx: int) -> None:
        self._path = path
        self._n_ctx = n_ctx
        self._key = secrets.token_urlsafe(24)
        self._server: Any = None
        self._failure = ""
        self._started = time.monotonic()
        self._thread = Thread(target=self._load, name="memgpt-docs-load", daemon=True)
        self._thread.start()

    def server(self) -> tuple[str, str, str] | None:
        """Address, name of the model and key once it is loaded; None until then. Raises
        `ProcessorError` when it cannot be."""
        if self._thread.is_alive():
            return None
        if self._server is None:
            raise ProcessorError(
                f"{self._path.name} cannot be loaded. {self._failure}".strip(),
                "MEMGPT_DOCS_LLAMA_MODEL must name a GGUF file that this version of llama.cpp "
                "knows, and MEMGPT_DOCS_CONTEXT_WINDOW fit into memory.",
            )
        return f"{self._server.listening_address}/v1", self._path.stem, self._key

    def progress(self) -> str:
        size = self._path.stat().st_size / 1e9
        seconds = time.monotonic() - self._started
        return f"Loading {self._path.name} ({size:.1f} GB, {seconds:.0f} s) …"

    def _load(self) -> None:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(self._path)
        params.n_ctx = self._n_ctx
        params.n_parallel = 1
        params.hostnames = ["127.0.0.1"]
        params.api_keys = [self._key]
        # One core is left to the rest of the app: a thread that has to wait holds up all others.
        params.cpuparams.n_threads = max(1, (os.cpu_count() or 1) - 1)
        params.cpuparams.poll = 0
        params.cache_ram_mib = PROMPT_CACHE_MIB
        params.verbosity = 0
        try:
            self._server = xllamacpp.Server(params)
        except (RuntimeError, ValueError, OSError) as error:
            self._failure = str(error)


_models: dict[tuple[Path, int], _Model] = {}
_models_lock = Lock()


def _installed() -> None:
    if importlib.util.find_spec("xllamacpp") is None:
        raise UsageError(
            "The processor llama_cpp is not installed.", 'Run pip install "memgpt-docs[local]".'
        )


def _model(path: Path, n_ctx: int) -> _Model:
    with _models_lock:
        known = (path.resolve(), n_ctx)
        if known not in _models:
            _models[known] = _Model(*known)
        return _models[known]
