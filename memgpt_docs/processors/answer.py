"""The answer of the extractive processor: noted quotations in order, and how sure they are."""

from __future__ import annotations

from collections.abc import Sequence

from memgpt_docs.context import MainContext
from memgpt_docs.processors.findings import Finding, Findings
from memgpt_docs.processors.plan import Search

# Sentences that score less answer nothing; those that score less than clear are offered with a
# word of warning.
LEAST_SCORE = 0.65
CLEAR_SCORE = 0.85
CLEAR = "Quoted from the documents, best match first:"
UNCLEAR = "Nothing that was read answers this clearly. Closest to it, quoted from the documents:"
LAST_RECORD = "Followed from record to record; the last one:"
ON_THE_WAY = "The records on the way there:"

Message = tuple[str, list[dict[str, object]], str]  # text, citations and the thought behind it


def answer_of(searches: Sequence[Search], findings: Findings, context: MainContext) -> Message:
    """What is said to the user at the end."""
    steps = sorted((f for f in findings.found if f.is_step), key=lambda step: step.search)
    if steps:
        return _of_steps(steps)
    strong = [finding for finding in findings.found if finding.score >= LEAST_SCORE]
    if not strong:
        thought = "No sentence that was read shares enough with the question."
        return "No passage that was read answers this.", [], thought
    clear = max(finding.score for finding in strong) >= CLEAR_SCORE
    lines = [CLEAR if clear else UNCLEAR]
    told: list[Finding] = []
    # Documents that are compared come first; what only the wide search found follows.
    for number, search in sorted(enumerate(searches, start=1), key=lambda s: s[1].file is None):
        own = [f for f in strong if f.search == number and not _among(f, told)]
        told += own
        if own and len(searches) > 1:
            lines.append(f"\n{search.file or 'In all documents'}")
        lines.extend(map(_line, own))
    return "\n".join(lines), _citations(told), f"Answer with {len(told)} quotations."


def _of_steps(steps: Sequence[Finding]) -> Message:
    lines = [LAST_RECORD, _line(steps[-1])]
    if len(steps) > 1:
        lines += [f"\n{ON_THE_WAY}", *map(_line, steps[:-1])]
    return "\n".join(lines), _citations([steps[-1], *steps[:-1]]), f"Followed {len(steps)} records."


def _line(finding: Finding) -> str:
    return f"- “{finding.quote}” [{finding.handle}] {finding.place}"


def _citations(told: Sequence[Finding]) -> list[dict[str, object]]:
    return [{"handle": finding.handle, "quote": finding.quote} for finding in told]


def _among(finding: Finding, told: Sequence[Finding]) -> bool:
    return any(
        (finding.handle, finding.quote) == (other.handle, other.quote) for other in told
    )
