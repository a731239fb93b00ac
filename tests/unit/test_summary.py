"""The recursive summary: evidence and coverage survive, whatever a writer makes of the rest."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs.calls import FunctionCall, FunctionResult, PassagesShown
from memgpt_docs.context import StepEntry, UserEntry
from memgpt_docs.storage.archival import Result, ResultsPage
from memgpt_docs.storage.schema import Passage, PassageKind
from memgpt_docs.summary import LEFT_OUT, is_kept, summarise
from memgpt_docs.tokens import default_tokenizer

NOW = datetime(2026, 11, 26, tzinfo=UTC)
TOKENIZER = default_tokenizer()


def read(page: int) -> StepEntry:
    """A page of results with one passage."""
    passage = Passage(
        passage_id=f"p{page}", doc_id="d", ordinal=page, page_no=page, start=0, end=9, section="",
        header="", kind=PassageKind.PROSE, text=f"Passage number {page}.", n_tokens=4,
    )  # fmt: skip
    result = Result(page, 1.0, "a.pdf", passage)
    shown = ResultsPage("revenue", (), page, 9, 9, 1, 3, (result,))
    call = FunctionCall("archival_search", "{}")
    payload = PassagesShown((result,), (page,), shown)
    return StepEntry("", ((call, FunctionResult(True, "…", payload)),), NOW)


def test_evidence_and_coverage_of_several_flushes_stay_word_for_word() -> None:
    summary = ""
    for page in range(1, 5):
        summary = summarise(summary, [UserEntry("And then?", NOW), read(page)], 400, TOKENIZER)
    for page in range(1, 5):
        assert f"[{page}] a.pdf p.{page}: Passage number {page}." in summary.split("\n")
        assert f"read “revenue” page {page} of 9" in summary.split("\n")
    assert summary.count("user: And then?") == 1


@given(st.text(max_size=200), st.integers(1, 6))
def test_a_writer_can_neither_lose_nor_make_evidence(words: str, pages: int) -> None:
    entries = [UserEntry("What was revenue?", NOW), *(read(page) for page in range(1, pages + 1))]
    plain = summarise("", entries, 600, TOKENIZER)
    written = summarise("", entries, 600, TOKENIZER, lambda *_: words)
    evidence = [line for line in plain.split("\n") if is_kept(line)]
    assert [line for line in written.split("\n") if is_kept(line)] == evidence
    assert len(evidence) == 2 * pages
    if words.split():
        assert "user: What was revenue?" not in written or "user: What" in words


@given(st.integers(20, 300), st.integers(1, 30))
def test_it_keeps_to_its_limit_and_says_when_lines_were_left_out(limit: int, pages: int) -> None:
    summary = summarise("", [read(page) for page in range(1, pages + 1)], limit, TOKENIZER)
    assert TOKENIZER.count(summary) <= limit
    lines = summary.split("\n")
    kept = [int(line[1 : line.index("]")]) for line in lines if line.startswith("[")]
    assert kept == sorted(kept) and (len(kept) == pages or lines[0] == LEFT_OUT)
