"""Working context: the block of main context that the processor writes, by functions only."""

from __future__ import annotations

from memgpt_docs.errors import FunctionError
from memgpt_docs.tokens import Tokenizer


class WorkingContext:
    """A text of at most `limit` tokens. Every edit that would break the limit, or that names text
    which is not there, is refused with a `FunctionError` that says how to mend it; the text is
    then as it was."""

    def __init__(self, limit: int, tokenizer: Tokenizer) -> None:
        self.limit = limit
        self._tokenizer = tokenizer
        self._text = ""
        self._tokens = 0

    @property
    def text(self) -> str:
        return self._text

    @property
    def tokens(self) -> int:
        """Tokens in use."""
        return self._tokens

    def append(self, text: str) -> None:
        """Adds a line."""
        self._set(f"{self._text}\n{text}".strip("\n"))

    def replace(self, old: str, new: str) -> None:
        """Replaces the one place where `old` stands; an empty `new` removes it."""
        count = self._text.count(old) if old else 0
        if count != 1:
            where = "is not in" if count == 0 else f"stands {count} times in"
            raise FunctionError(
                f"The old text {where} working context.",
                "Give text exactly as it stands there, long enough to stand there once.",
            )
        self._set(self._text.replace(old, new).strip("\n"))

    def _set(self, text: str) -> None:
        tokens = self._tokenizer.count(text)
        if tokens > self.limit:
            raise FunctionError(
                f"Working context would hold {tokens} tokens; its limit is {self.limit}.",
                "Shorten it first: replace findings you no longer need by a shorter line.",
            )
        self._text, self._tokens = text, tokens
