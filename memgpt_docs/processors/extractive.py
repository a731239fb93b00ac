"""The processor without a model: a fixed policy over the same functions.

1. Search with the words of the question; where it asks several things, with those of each.
2. Note the best sentences of each page in working context, copied exactly, with their handles.
3. Turn the page while pages still add better evidence.
4. Where the question names several of the documents found (two years, two companies), ask it of
   each of them in the same way.
5. Where a record points from an identifier that was asked for to another one, look that one up,
   until one points no further.
6. Where the question is about the session itself, look into what was said before all that.
7. Answer with the noted quotations, or say that nothing in what was read answers.

It decides from main context alone: what it needs to know later it writes into working context.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath

from memgpt_docs.calls import FunctionCall, PassagesShown
from memgpt_docs.context import MainContext
from memgpt_docs.embedding import Embedder, default_embedder
from memgpt_docs.processors.answer import answer_of
from memgpt_docs.processors.base import Decision, Reply
from memgpt_docs.processors.candidates import best_sentences
from memgpt_docs.processors.column_heads import head_to_note
from memgpt_docs.processors.findings import STEP, Finding, Findings
from memgpt_docs.processors.plan import (
    Search,
    looked_up,
    newest_page,
    next_page,
    searches_for,
    to_compare,
)
from memgpt_docs.processors.recalling import asks_back, recalled, told_again
from memgpt_docs.processors.references import identifiers, pointed_to, told_of
from memgpt_docs.processors.sentences import words
from memgpt_docs.processors.sureness import KEPT

KEPT_EACH = 5  # quotations kept of a document or part that is asked by itself
MOST_FOLLOWED = 20
QUOTE_TOKENS = 90


class ExtractiveProcessor:
    """Reads and quotes by rule. Nothing leaves the machine."""

    name = "extractive"
    destination = ""
    price = None

    def __init__(self, embedder: Embedder | None = None) -> None:
        self._embedder = embedder or default_embedder()

    def decide(self, context: MainContext, cancelled: Callable[[], bool]) -> Decision:
        yield from ()  # whole at once: there is nothing to stream
        return self._reply(context)

    def _reply(self, context: MainContext) -> Reply:
        if asks_back(context.question):
            found = recalled(context)
            if found.said:
                again = told_again(context.question, found)
                return _call("send_message", "This was said before.", message=again, citations=[])
            if not found.is_done and not context.coverage:
                page = found.pages_read + 1
                thought = "The question is about this session: look into what was said."
                return _call("recall_search", thought, query=context.question, page=page)
        findings = Findings.of(context)
        shown = newest_page(context)
        if shown is not None:
            better = self._improve(context, findings, shown)
            if better != findings:
                return _note(context, better)
        searches = searches_for(context.question, findings)
        following = next_page(searches, findings, context)
        if following is not None:
            search, page = following
            return _search(search, page)
        message, citations, thought = answer_of(context.question, searches, findings)
        return _call("send_message", thought, message=message, citations=citations)

    def _improve(self, context: MainContext, findings: Findings, shown: PassagesShown) -> Findings:
        """`findings` with what a page of results adds: its best sentences, the documents to
        compare that it brings up, and the identifiers that it points to."""
        page = shown.page
        assert page is not None
        places = [(coverage.query, coverage.documents) for coverage in context.coverage]
        number = places.index((page.query, page.documents)) + 1
        searches = searches_for(context.question, findings)
        search = searches[number - 1]
        followed, fresh = _steps(context, findings, search, number, shown)
        if not fresh and not search.is_lookup:
            fresh = self._quotations(context, findings, search, number, shown)
        alone = sum(1 for one in searches if one.file is None and not one.is_lookup) == 1
        most = KEPT if number == 1 and alone else KEPT_EACH
        better = findings.with_fresh(fresh[: 4 * most], number, most)
        better = replace(better, followed=followed)
        if alone and not better.followed and len(context.coverage) == number and not search.file:
            files = [*findings.compare, *(result.file for result in shown.results)]
            better = replace(better, compare=to_compare(context.question, files))
        return better.within_limit(context)

    def _quotations(
        self,
        context: MainContext,
        findings: Findings,
        search: Search,
        number: int,
        shown: PassagesShown,
    ) -> list[Finding]:
        """The best sentences of a page of results. Asked of one document, the names of those it is
        compared with say nothing."""
        names = frozenset(word for file in findings.compare for word in words(_name(file)))
        pairs = list(zip(shown.handles, shown.results, strict=True))
        return [
            _finding(context, shown, at, number, candidate.score, candidate.covers, candidate.quote)
            for candidate in best_sentences(
                search.query, pairs, self._embedder, names if search.file else frozenset()
            )
            for at in [shown.handles.index(candidate.handle)]
        ]


def _steps(
    context: MainContext, findings: Findings, search: Search, number: int, shown: PassagesShown
) -> tuple[tuple[str, ...], list[Finding]]:
    """Which identifiers are followed after a page of results, and the records on it that point to
    another one, or in which a followed one stands with something else."""
    followed = list(findings.followed)
    known = looked_up(context.question, findings)
    noted = {finding.handle for finding in findings.found}
    steps = []
    for name in [search.identifier] if search.is_lookup else identifiers(search.query):
        for at, result in enumerate(shown.results):
            if shown.handles[at] in noted:
                continue
            record = pointed_to(name, result.passage.text)
            last = told_of(name, result.passage.text) if search.is_lookup else ""
            other, sentence = record or ("", last)
            if sentence:
                steps.append(_finding(context, shown, at, number, STEP, 1.0, sentence))
            if other and other.casefold() not in known and len(followed) < MOST_FOLLOWED:
                known.add(other.casefold())
                followed.append(other)
    return tuple(followed), steps


def _finding(
    context: MainContext,
    shown: PassagesShown,
    at: int,
    number: int,
    score: float,
    covers: float,
    quote: str,
) -> Finding:
    result = shown.results[at]
    assert shown.page is not None
    return Finding(
        handle=shown.handles[at],
        search=number,
        page=shown.page.page,
        score=score,
        covers=covers,
        place=f"{result.file} p.{result.passage.page_no}",
        quote=" ".join(_at_word_end(context, quote).split()),
        head=head_to_note(quote, result.passage.text),
    )


def _name(file: str) -> str:
    return PurePath(file).stem.replace("_", " ")


def _at_word_end(context: MainContext, quote: str) -> str:
    """`quote` within its share of working context, cut where a word ends."""
    cut = context.tokenizer.truncate(quote, QUOTE_TOKENS)
    if len(cut) == len(quote) or not cut.isascii():
        return cut
    return cut.rsplit(None, 1)[0]


def _search(search: Search, page: int) -> Reply:
    where = f" in {search.file}" if search.file else ""
    if search.is_lookup:
        where = f" for {search.identifier}, which a record points to"
    thought = f"Search{where}." if page == 1 else f"Read on{where}: page {page}."
    document = {"document": search.file} if search.file else {}
    return _call("archival_search", thought, query=search.query, page=page, **document)


def _note(context: MainContext, findings: Findings) -> Reply:
    """Writes `findings` into working context, in place of those before."""
    block = findings.text(context)
    thought = f"Note the best so far: {len(findings.found)} quotations."
    old = context.working_context.part("findings")
    if old:
        return _call("working_context_replace", thought, old=old, new=block)
    return _call("working_context_append", thought, text=block)


def _call(name: str, thought: str, /, **arguments: object) -> Reply:
    encoded = json.dumps(arguments, ensure_ascii=False)
    return Reply((FunctionCall(name, encoded, f"call_{name}"),), thought)
