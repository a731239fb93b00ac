"""The answer of the extractive processor: noted quotations in order, and how sure they are."""

from __future__ import annotations

from collections.abc import Sequence

from memgpt_docs.processors.findings import Finding, Findings
from memgpt_docs.processors.plan import Search
from memgpt_docs.processors.sureness import LEAST, in_words, sureness
from memgpt_docs.processors.wording import Wording, as_heading, wording

SHOWN, SHOWN_EACH = 5, 3  # quotations of the only search, of each of several

Message = tuple[str, list[dict[str, object]], str]  # text, citations and the thought behind it


def answer_of(question: str, searches: Sequence[Search], findings: Findings) -> Message:
    """What is said to the user at the end."""
    words = wording(question)
    steps = sorted((f for f in findings.found if f.is_step), key=lambda step: step.search)
    if steps:
        return _of_steps(steps, words)
    several = len(searches) > 1
    told: list[Finding] = []
    blocks = []
    # Documents that are compared come first; what only the wide search found follows.
    for number, search in sorted(enumerate(searches, start=1), key=lambda s: s[1].file is None):
        own = findings.of_search(number)
        probability = sureness(own)
        shown = [finding for finding in own if not _among(finding, told)]
        shown = shown[: SHOWN_EACH if several else SHOWN] if probability >= LEAST else []
        told += shown
        if shown or (several and search.file):
            compared = any(one.file and one.query == search.query for one in searches)
            asked = " ".join(search.query.split()).rstrip("?？")
            where = search.file or (words.in_all if compared else asked)
            blocks.append(_block(where if several else "", probability, shown, words))
    if not told:
        return words.nothing, [], "No sentence that was read fits the question well enough."
    return "\n\n".join(blocks), _citations(told), f"Answer with {len(told)} quotations."


def _block(where: str, probability: float, shown: Sequence[Finding], words: Wording) -> str:
    if not shown:
        return f"{where}{words.colon}{words.nothing_here}"
    heading = as_heading(in_words(probability, words), words, where)
    return "\n".join([heading, *(_line(finding, words) for finding in shown)])


def _of_steps(steps: Sequence[Finding], words: Wording) -> Message:
    lines = [words.last_record, _line(steps[-1], words)]
    if len(steps) > 1:
        lines += [f"\n{words.on_the_way}", *(_line(step, words) for step in steps[:-1])]
    return "\n".join(lines), _citations([steps[-1], *steps[:-1]]), f"Followed {len(steps)} records."


def _line(finding: Finding, words: Wording) -> str:
    return f"{words.line(finding.quote, finding.head, finding.handle)} {finding.place}"


def _citations(told: Sequence[Finding]) -> list[dict[str, object]]:
    return [{"handle": finding.handle, "quote": finding.quote} for finding in told]


def _among(finding: Finding, told: Sequence[Finding]) -> bool:
    return any((finding.handle, finding.quote) == (other.handle, other.quote) for other in told)
