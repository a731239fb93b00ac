"""What the tokens of a model cost, by a table that the user can edit."""

from __future__ import annotations

from dataclasses import dataclass

MILLION = 1_000_000


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
