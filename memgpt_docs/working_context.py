"""Working context: the block of main context that the processor writes, by functions only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from memgpt_docs.errors import FunctionError
from memgpt_docs.tokens import Tokenizer

Part = Literal["task", "plan", "findings", "questions", "preferences"]
PARTS: tuple[Part, ...] = get_args(Part)


class WorkingContext:
    """One block with named parts, of at most `limit` tokens: what is asked for (task), how to go
    about it (plan), what was found, with handles (findings), what is still open (questions) and
    what the reader likes (preferences).

    Every edit that would break the limit, or that names text which is not there, is refused with a
    `FunctionError` that says how to mend it; the block is then as it was.
    """

    def __init__(self, limit: int, tokenizer: Tokenizer) -> None:
        self.limit = limit
        self._tokenizer = tokenizer
        self._parts: dict[Part, str] = {}
        self._text = ""
        self._tokens = 0

    @property
    def text(self) -> str:
        """The whole block: each part that holds anything under its name."""
        return self._text

    @property
    def tokens(self) -> int:
        """Tokens in use."""
        return self._tokens

    def part(self, name: Part) -> str:
        """What one part holds."""
        return self._parts.get(name, "")

    def room(self, name: Part) -> int:
        """Tokens that one part may hold beside what the others hold."""
        others = {part: text for part, text in self._parts.items() if part != name}
        return self.limit - self._tokenizer.count(block({**others, name: "…"}))

    def append(self, text: str, part: Part = "findings") -> None:
        """Adds a line to a part."""
        self._set(appended(self._parts, text, part))

    def replace(self, old: str, new: str) -> None:
        """Replaces the one place where `old` stands; an empty `new` removes it."""
        self._set(replaced(self._parts, old, new))

    def restore(self, parts: Mapping[Part, str]) -> None:
        """Takes over what another window held. Where this one is smaller, the longest part loses
        its oldest lines."""
        kept = dict(parts)
        while (text := block(kept)) and self._tokenizer.count(text) > self.limit:
            longest = max(kept, key=lambda name: len(kept[name]))
            kept[longest] = kept[longest].partition("\n")[2]
        self._set(kept)

    def _set(self, parts: Mapping[Part, str]) -> None:
        text = block(parts)
        tokens = self._tokenizer.count(text)
        if tokens > self.limit:
            raise FunctionError(
                f"Working context would hold {tokens} tokens; its limit is {self.limit}.",
                f"Shorten it first by working_context_replace: {self._longest()}.",
            )
        self._parts, self._text, self._tokens = dict(parts), text, tokens

    def _longest(self) -> str:
        """What to shorten, said to the processor: the longest part and its oldest line."""
        if not self._parts:
            return "write less at once"
        sizes = {part: self._tokenizer.count(text) for part, text in self._parts.items()}
        part = max(sizes, key=lambda name: sizes[name])
        line = self._tokenizer.truncate(self._parts[part].split("\n")[0], 24)
        return f"{part} holds {sizes[part]} tokens, its oldest line is “{line}”"


def block(parts: Mapping[Part, str]) -> str:
    """The parts that hold anything, in their order, each under its name."""
    return "\n".join(f"{part}:\n{parts[part]}" for part in PARTS if parts.get(part))


def appended(parts: Mapping[Part, str], text: str, part: Part = "findings") -> dict[Part, str]:
    """`parts` with a line added to one of them."""
    return {**parts, part: f"{parts.get(part, '')}\n{text}".strip("\n")}


def replaced(parts: Mapping[Part, str], old: str, new: str) -> dict[Part, str]:
    """`parts` with `new` in the one place where `old` stands; raises `FunctionError` where it
    stands nowhere or more than once."""
    places = [(part, text.count(old)) for part, text in parts.items() if old and old in text]
    count = sum(times for _, times in places)
    if count != 1:
        where = "is not in" if count == 0 else f"stands {count} times in"
        raise FunctionError(
            f"The old text {where} working context.",
            "Give text exactly as it stands in one part, long enough to stand there once.",
        )
    part = places[0][0]
    return {**parts, part: parts[part].replace(old, new).strip("\n")}


def edited(parts: Mapping[Part, str], function: str, given: Mapping[str, Any]) -> dict[Part, str]:
    """`parts` after a call of one of the two functions that edit working context."""
    edit = appended if function == "working_context_append" else replaced
    return edit(parts, **given)
