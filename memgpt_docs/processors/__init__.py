"""Processors: who decides."""

from __future__ import annotations

from collections.abc import Callable

from memgpt_docs.errors import UsageError
from memgpt_docs.processors.base import Processor
from memgpt_docs.settings import Settings


def _extractive(_: Settings) -> Processor:
    from memgpt_docs.processors.extractive import ExtractiveProcessor

    return ExtractiveProcessor()


def _llama_cpp(settings: Settings) -> Processor:
    from memgpt_docs.processors.llama_cpp import LlamaCppProcessor

    return LlamaCppProcessor(settings)


def _openai_compat(settings: Settings) -> Processor:
    from memgpt_docs.processors.openai_compat import OpenAICompatProcessor

    return OpenAICompatProcessor(settings)


PROCESSORS: dict[str, Callable[[Settings], Processor]] = {
    "extractive": _extractive,
    "llama_cpp": _llama_cpp,
    "openai_compat": _openai_compat,
}


def make_processor(name: str, settings: Settings) -> Processor:
    """The processor of that name; raises `UsageError` for another name."""
    if name not in PROCESSORS:
        known = ", ".join(PROCESSORS)
        raise UsageError(f"There is no processor {name!r}.", f"Choose one of: {known}.")
    return PROCESSORS[name](settings)
