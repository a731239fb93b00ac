"""The recursive summary: what a flush leaves in the window of what it evicts.

Made by rule: new summary = f(old summary, evicted entries). Lines that say which passage was read
where (handle, file, page) are kept before all others, because a summary without handles cannot be
cited; the oldest lines go first when the limit is reached. Everything stays in recall storage.
"""

from __future__ import annotations

from collections.abc import Sequence

from memgpt_docs.calls import PassagesShown, WorkingContextEdited
from memgpt_docs.context import AlertEntry, Entry, StepEntry, UserEntry
from memgpt_docs.tokens import Tokenizer

LEFT_OUT = "(older lines left out; use recall_search)"
QUOTED_TOKENS = 24


def summarise(summary: str, evicted: Sequence[Entry], limit: int, tokenizer: Tokenizer) -> str:
    """The summary of `summary` and `evicted`, within `limit` tokens."""
    lines = [line for line in summary.split("\n") if line and line != LEFT_OUT]
    for entry in evicted:
        lines.extend(_lines(entry, tokenizer))
    lines = list(dict.fromkeys(lines))
    sizes = tokenizer.count_many([line + "\n" for line in lines])
    room = limit - tokenizer.count(LEFT_OUT) - 2
    kept: list[int] = []
    # Newest first, evidence before the rest.
    order = sorted(range(len(lines)), key=lambda n: (not lines[n].startswith("["), -n))
    for index in order:
        if sizes[index] <= room:
            room -= sizes[index]
            kept.append(index)
    text = "\n".join(lines[index] for index in sorted(kept))
    return text if len(kept) == len(lines) else f"{LEFT_OUT}\n{text}".strip()


def _lines(entry: Entry, tokenizer: Tokenizer) -> list[str]:
    match entry:
        case UserEntry():
            return [f"user: {_short(entry.text, tokenizer)}"]
        case AlertEntry():
            return []
        case StepEntry():
            lines = []
            for call, result in entry.exchanges:
                match result.payload:
                    case PassagesShown():
                        for handle, shown in zip(
                            result.payload.handles, result.payload.results, strict=True
                        ):
                            passage = shown.passage
                            text = _short(passage.text, tokenizer)
                            lines.append(f"[{handle}] {shown.file} p.{passage.page_no}: {text}")
                    case WorkingContextEdited():
                        pass  # it stands in working context
                    case _:
                        lines.append(f"{call.name}: {_short(result.message, tokenizer)}")
            return lines


def _short(text: str, tokenizer: Tokenizer) -> str:
    return tokenizer.truncate(" ".join(text.split()), QUOTED_TOKENS)
