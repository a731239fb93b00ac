"""What the tokens of a model cost, by a table that the user can edit.

The defaults are list prices as remembered on the day below; prices change, so the table that
counts is the user's: `prices.toml` in the folder for settings, one section a model:

    ["gpt-4o-mini"]
    read = 0.15      # US dollars for a million tokens
    cached = 0.075   # of those, what the server had kept; may be left out
    written = 0.60
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memgpt_docs.errors import UsageError
from memgpt_docs.settings import config_folder

MILLION = 1_000_000
AS_OF = "2025-06"


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens."""

    read: float
    written: float
    cached: float | None = None  # for tokens that the server had kept; None: as those read

    def of(self, read: int, written: int, cached: int = 0) -> float:
        """US dollars for `read` tokens, `cached` of them from the server's cache, and `written`."""
        kept = min(cached, read)
        kept_price = self.read if self.cached is None else self.cached
        return ((read - kept) * self.read + kept * kept_price + written * self.written) / MILLION


# List prices of AS_OF. A model that is not here has no price, and the app says so.
DEFAULTS = {
    "gpt-4o": Price(2.50, 10.00, 1.25),
    "gpt-4o-mini": Price(0.15, 0.60, 0.075),
    "gpt-4.1": Price(2.00, 8.00, 0.50),
    "gpt-4.1-mini": Price(0.40, 1.60, 0.10),
    "gpt-4.1-nano": Price(0.10, 0.40, 0.025),
}


def prices_file() -> Path:
    """Where the user's own table stands."""
    return config_folder() / "prices.toml"


def price_of(model: str) -> Price | None:
    """The price of a model: the user's, else the default; None where neither has one. Raises
    `UsageError` for a table that cannot be read."""
    return {**DEFAULTS, **_edited()}.get(model)


def _edited() -> dict[str, Price]:
    path = prices_file()
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}.", "Mend or remove it.") from error
    return {model: _price(path, model, row) for model, row in table.items()}


def _price(path: Path, model: str, row: Any) -> Price:
    fields = {"read", "written", "cached"}
    if (
        not isinstance(row, Mapping)
        or not {"read", "written"} <= set(row) <= fields
        or not all(isinstance(value, int | float) and value >= 0 for value in row.values())
    ):
        raise UsageError(
            f'{path}: the price of "{model}" cannot be used.',
            "A section holds read and written, and may hold cached: US dollars for a million "
            "tokens.",
        )
    return Price(**row)
