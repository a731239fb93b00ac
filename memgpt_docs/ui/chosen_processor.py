"""The chosen processor: whichever is chosen at the moment, for all sessions of the app."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from pydantic import SecretStr

from memgpt_docs.context import MainContext
from memgpt_docs.processors import make_processor
from memgpt_docs.processors.base import Decision, Processor
from memgpt_docs.processors.prices import Price
from memgpt_docs.settings import Settings

# What may change while the app runs; every other setting needs a new library or a new session.
FIELDS = frozenset(
    {
        "processor",
        "llama_model",
        "openai_base_url",
        "openai_model",
        "openai_api_key",
        "openai_api_version",
        "openai_timeout_s",
        "openai_dialect",
        "openai_temperature",
        "assisted",
    }
)


class ChosenProcessor:
    """A processor that hands every decision to the chosen one. Raises what that raises when it is
    made. A key that was typed into the page is kept here, in memory only."""

    def __init__(self, settings: Settings) -> None:
        self._chosen = settings
        self._key: SecretStr | None = None
        self._made: Processor | None = None
        self._lock = Lock()

    @property
    def settings(self) -> Settings:
        """The settings in use, with the key that was typed."""
        if self._key is None:
            return self._chosen
        return self._chosen.model_copy(update={"openai_api_key": self._key})

    def follow(self, settings: Settings) -> None:
        """Takes on what of the settings is about processors."""
        fields = {name: getattr(settings, name) for name in FIELDS}
        changed = self._chosen.model_copy(update=fields)
        if changed != self._chosen:
            with self._lock:
                self._chosen, self._made = changed, None

    def use_key(self, key: str) -> None:
        """Uses a key until the app stops; an empty one forgets it."""
        with self._lock:
            self._key, self._made = (SecretStr(key) if key else None), None

    @property
    def has_typed_key(self) -> bool:
        return self._key is not None

    def current(self) -> Processor:
        """The chosen processor, made when it is first needed."""
        with self._lock:
            if self._made is None:
                self._made = make_processor(self.settings.processor, self.settings)
            return self._made

    # -- a processor like any other -------------------------------------------------------------

    @property
    def name(self) -> str:
        return self.current().name

    @property
    def destination(self) -> str:
        return self.current().destination

    @property
    def price(self) -> Price | None:
        return self.current().price

    def decide(self, context: MainContext, cancelled: Callable[[], bool]) -> Decision:
        return (yield from self.current().decide(context, cancelled))
