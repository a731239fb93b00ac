"""Testing the connection: probes the chosen processor anew and says in words what was found."""

from __future__ import annotations

from collections.abc import Callable

from memgpt_docs.errors import UsageError
from memgpt_docs.processors import make_processor
from memgpt_docs.processors.base import Processor, ended
from memgpt_docs.processors.llama_cpp import LlamaCppProcessor
from memgpt_docs.processors.openai_compat import OpenAICompatProcessor
from memgpt_docs.processors.prices import price_of, prices_file
from memgpt_docs.processors.probe import JSON_SCHEMA, TOOLS, Found, probe
from memgpt_docs.settings import Settings


def test_connection(settings: Settings, cancelled: Callable[[], bool]) -> Found | None:
    """What a probe finds, made now. None when cancelled. Raises `UsageError` for a processor that
    has no connection, and `ProcessorError` when the server does not answer."""
    processor: Processor | None = make_processor(settings.processor, settings)
    if isinstance(processor, LlamaCppProcessor):
        processor = ended(processor.loaded(cancelled))
        if processor is None:
            return None
    if not isinstance(processor, OpenAICompatProcessor):
        raise UsageError(f"The processor {settings.processor} has no connection to test.")
    return probe(processor.client, cancelled)


WORDS = {TOOLS: "native tool calls", JSON_SCHEMA: "replies constrained by a JSON schema"}


def found_lines(found: Found, settings: Settings) -> list[str]:
    """What was found, a line each."""
    dialect = found.dialect if settings.openai_dialect == "auto" else settings.openai_dialect
    lines = [
        f"Calls functions when told to: {_yes(found.calls_tools)}",
        f"Obeys a JSON schema: {_yes(found.obeys_schema)}",
        f"Streams: {_yes(found.streams)}",
        f"Asked for calls by: {WORDS[dialect]}",
    ]
    if found.context is not None:
        lines.append(f"Context: {found.context:,} tokens")
        if found.context < settings.context_window:
            lines.append(
                f"Main context is {settings.context_window:,} tokens: lower "
                f"MEMGPT_DOCS_CONTEXT_WINDOW to {found.context:,} or less."
            )
    else:
        lines.append("Context: the server does not say")
    assists = found.suggests_assisted if settings.assisted == "auto" else settings.assisted == "on"
    size = f"{found.parameters / 1e9:.2g} billion parameters" if found.parameters else "unknown"
    lines.append(f"Size: {size}; assisted reading is {'on' if assists else 'off'}")
    if settings.processor == "openai_compat":
        price = price_of(settings.openai_model)
        lines.append(
            f"Price for a million tokens: ${price.read:g} read, ${price.written:g} written"
            if price
            else f"Price: unknown; {prices_file()} may tell it"
        )
    if not found.sound:
        lines.append("Neither way works: calls are looked for in the text of replies.")
    return lines


def _yes(known: bool | None) -> str:
    return "not tried" if known is None else "yes" if known else "no"
