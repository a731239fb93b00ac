"""The recursive summary: what a flush leaves in the window of what it evicts.

new summary = f(old summary, evicted entries). Two kinds of lines are made by rule and kept word for
word, because a summary without them cannot be cited or gone on from:

    [7] report.pdf p.60: Purchases of property …      which passage was read where
    read “capital expenditure” page 2 of 29           how far a search was read

The rest is what was said and done. A writer (a model) may put that into words; whatever it writes,
the lines above stand beside it. The oldest lines go first when the limit is reached, what was said
before what was read. Everything stays in recall storage.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from memgpt_docs.calls import PassagesShown, WorkingContextEdited
from memgpt_docs.context import AlertEntry, Entry, StepEntry, UserEntry
from memgpt_docs.tokens import Tokenizer

LEFT_OUT = "(older lines left out; use recall_search)"
QUOTED_TOKENS = 24
READ = "read “"
PROSE_SHARE = 0.4  # of the summary, for a writer's words
# Given a text and a limit in tokens: a summary of the text, or nothing where it has none.
Writer = Callable[[str, int], str]


def summarise(
    summary: str,
    evicted: Sequence[Entry],
    limit: int,
    tokenizer: Tokenizer,
    writer: Writer | None = None,
) -> str:
    """The summary of `summary` and `evicted`, within `limit` tokens.

    Every evidence line and coverage line of both is in it, newest first in the claim for room,
    whatever the writer does.
    """
    lines = [line for line in summary.split("\n") if line and line != LEFT_OUT]
    for entry in evicted:
        lines.extend(_lines(entry, tokenizer))
    lines = list(dict.fromkeys(lines))
    worded = False
    if writer is not None:
        lines, worded = _worded(lines, int(limit * PROSE_SHARE), tokenizer, writer)
    sizes = tokenizer.count_many([line + "\n" for line in lines])
    room = limit - tokenizer.count(LEFT_OUT) - 2
    kept: list[int] = []
    # A writer's words, which keep to their share; then the newest first, evidence before the rest.
    order = sorted(
        range(len(lines)), key=lambda n: (not (worded and n == 0), not is_kept(lines[n]), -n)
    )
    for index in order:
        if sizes[index] <= room:
            room -= sizes[index]
            kept.append(index)
    text = "\n".join(lines[index] for index in sorted(kept))
    return text if len(kept) == len(lines) else f"{LEFT_OUT}\n{text}".strip()


def is_kept(line: str) -> bool:
    """Whether a line is evidence or coverage, and so kept word for word."""
    return line.startswith(("[", READ))


def _worded(
    lines: list[str], limit: int, tokenizer: Tokenizer, writer: Writer
) -> tuple[list[str], bool]:
    """`lines` with a writer's words, as their first, in place of those that need not stay as they
    are; and whether there were any."""
    loose = [line for line in lines if not is_kept(line)]
    words = " ".join(writer("\n".join(loose), limit).split()) if loose else ""
    if not words:
        return lines, False
    if is_kept(words):
        words = f"Summary: {words}"  # a writer cannot make evidence
    kept = [line for line in lines if is_kept(line)]
    return [tokenizer.truncate(words, limit), *kept], True


def _lines(entry: Entry, tokenizer: Tokenizer) -> list[str]:
    match entry:
        case UserEntry():
            return [f"user: {_short(entry.text, tokenizer)}"]
        case AlertEntry():
            return []
        case StepEntry():
            lines = [f"thought: {_short(entry.thought, tokenizer)}"] if entry.thought else []
            for call, result in entry.exchanges:
                match result.payload:
                    case PassagesShown():
                        page = result.payload.page
                        if page is not None:
                            query = _short(page.query, tokenizer)
                            lines.append(f"{READ}{query}” page {page.page} of {page.pages}")
                        for handle, shown in zip(
                            result.payload.handles, result.payload.results, strict=True
                        ):
                            passage = shown.passage
                            text = _short(passage.text, tokenizer)
                            lines.append(f"[{handle}] {shown.file} p.{passage.page_no}: {text}")
                    case WorkingContextEdited():
                        pass  # it stands in working context
                    case _:
                        told = call.arguments if call.name == "send_message" else result.message
                        lines.append(f"{call.name}: {_short(told, tokenizer)}")
            return lines


def _short(text: str, tokenizer: Tokenizer) -> str:
    return tokenizer.truncate(" ".join(text.split()), QUOTED_TOKENS)
