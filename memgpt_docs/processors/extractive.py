"""The processor without a model: a fixed policy over the same functions.

1. Search with the words of the question.
2. Note the best sentences of each page in working context, copied exactly, with their handles.
3. Turn the page while pages still add better evidence.
4. Where the question names several of the documents found (two years, two companies), ask it of
   each of them in the same way.
5. Answer with the noted quotations, or say that nothing in what was read answers.

It decides from main context alone: what it needs to know later it writes into working context.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from memgpt_docs.calls import FunctionCall, PassagesShown
from memgpt_docs.context import AlertEntry, MainContext, StepEntry
from memgpt_docs.embedding import Embedder, default_embedder
from memgpt_docs.events import Coverage
from memgpt_docs.processors.base import Decision, Reply
from memgpt_docs.processors.findings import Finding, Findings
from memgpt_docs.processors.sentences import best_sentences
from memgpt_docs.storage.routing import name_words, query_words

# Reading on: at least this many passages of each search, then until so many pages in a row have
# added nothing better.
LEAST_PASSAGES = 20
MOST_PASSAGES = 60
PATIENCE = 2
KEPT = 5  # quotations kept of the search over all documents
KEPT_EACH = 3  # and of each document that is asked by itself
MOST_COMPARED = 4
QUOTE_TOKENS = 90
# Sentences that score less answer nothing; those that score less than clear are offered with a
# word of warning.
LEAST_SCORE = 0.65
CLEAR_SCORE = 0.85
CLEAR = "Quoted from the documents, best match first:"
UNCLEAR = "Nothing that was read answers this clearly. Closest to it, quoted from the documents:"


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
        findings = Findings.of(context)
        shown = newest_results(context)
        if shown is not None and shown.page is not None:
            better = self._improve(context, findings, shown)
            if better != findings:
                return _note(context, better)
        searches = _searches(context.question, findings)
        following = _next_page(searches, findings, context.coverage)
        if following is not None:
            search, page = following
            return search.call(page)
        return _answer(searches, findings)

    def _improve(self, context: MainContext, findings: Findings, shown: PassagesShown) -> Findings:
        """`findings` with the best sentences of a page of results, and with the documents to
        compare that the page brings up."""
        page = shown.page
        assert page is not None
        places = [(coverage.query, coverage.documents) for coverage in context.coverage]
        search = places.index((page.query, page.documents)) + 1
        pairs = list(zip(shown.handles, shown.results, strict=True))
        fresh = [
            Finding(
                handle=candidate.handle,
                search=search,
                page=page.page,
                score=candidate.score,
                place=f"{candidate.result.file} p.{candidate.result.passage.page_no}",
                quote=" ".join(_at_word_end(context, candidate.quote).split()),
            )
            for candidate in best_sentences(page.query, pairs, self._embedder)
        ]
        most = KEPT if search == 1 else KEPT_EACH
        better = findings.with_fresh(fresh[: 4 * most], search, most)
        if search == 1:
            files = [*findings.compare, *(result.file for result in shown.results)]
            better = replace(better, compare=to_compare(context.question, files))
        return better.within_limit(context)


@dataclass(frozen=True)
class _Search:
    """A ranking to read: the question over all documents, or asked of one."""

    query: str
    file: str | None = None

    def call(self, page: int) -> Reply:
        where = f" in {self.file}" if self.file else ""
        thought = f"Search{where}." if page == 1 else f"Read on{where}: page {page}."
        document = {"document": self.file} if self.file else {}
        return _call("archival_search", thought, query=self.query, page=page, **document)


def _searches(question: str, findings: Findings) -> list[_Search]:
    return [_Search(question), *(_Search(question, file) for file in findings.compare)]


def to_compare(question: str, files: Iterable[str]) -> tuple[str, ...]:
    """The files that the question names side by side, sorted: each by words that no other has
    beside its own. None when it names fewer than two."""
    asked = query_words(question)
    named = {file: name_words(file) & asked for file in files}
    best = [
        file
        for file, words in named.items()
        if words and not any(words < others for others in named.values())
    ]
    different = {frozenset(named[file]) for file in best}
    if len(different) < 2 or len(best) > MOST_COMPARED:
        return ()
    return tuple(sorted(best))


def _at_word_end(context: MainContext, quote: str) -> str:
    """`quote` within its share of working context, cut where a word ends."""
    cut = context.tokenizer.truncate(quote, QUOTE_TOKENS)
    if len(cut) == len(quote) or not cut.isascii():
        return cut
    return cut.rsplit(None, 1)[0]


def newest_results(context: MainContext) -> PassagesShown | None:
    """The page of results at the end of the queue, if the newest event is one."""
    events = (entry for entry in reversed(context.queue) if not isinstance(entry, AlertEntry))
    newest = next(events, None)
    if not isinstance(newest, StepEntry) or not newest.exchanges:
        return None
    payload = newest.exchanges[-1][1].payload
    return payload if isinstance(payload, PassagesShown) else None


def _note(context: MainContext, findings: Findings) -> Reply:
    """Puts the findings in place of what working context held."""
    block = findings.text(context)
    thought = f"Note the best so far: {len(findings.found)} quotations."
    old = context.working_context.part("findings")
    if old:
        return _call("working_context_replace", thought, old=old, new=block)
    return _call("working_context_append", thought, text=block)


def _next_page(
    searches: Sequence[_Search], findings: Findings, coverage: Sequence[Coverage]
) -> tuple[_Search, int] | None:
    """The search and page to read next, or None when reading on would not pay."""
    for number, search in enumerate(searches, start=1):
        if number > len(coverage):
            return search, 1
        read = coverage[number - 1]
        last = max(read.pages_read, default=0)
        if last == 0 or last >= read.pages:
            continue
        page_size = -(-read.total // read.pages)
        improved = max((finding.page for finding in findings.of_search(number)), default=0)
        wants_more = last * page_size < LEAST_PASSAGES or last - improved < PATIENCE
        if wants_more and last * page_size < MOST_PASSAGES:
            return search, last + 1
    return None


def _answer(searches: Sequence[_Search], findings: Findings) -> Reply:
    strong = [finding for finding in findings.found if finding.score >= LEAST_SCORE]
    if not strong:
        return _call(
            "send_message",
            "No sentence that was read shares enough with the question.",
            message="No passage that was read answers this.",
            citations=[],
        )
    clear = max(finding.score for finding in strong) >= CLEAR_SCORE
    lines = [CLEAR if clear else UNCLEAR]
    told: set[tuple[int, str]] = set()
    # Documents that are compared come first; what only the wide search found follows.
    for number, search in [*enumerate(searches, start=1)][1:] + [(1, searches[0])]:
        own = [f for f in strong if f.search == number and (f.handle, f.quote) not in told]
        told.update((finding.handle, finding.quote) for finding in own)
        if own and len(searches) > 1:
            lines.append(f"\n{search.file or 'In all documents'}")
        lines.extend(f"- “{finding.quote}” [{finding.handle}] {finding.place}" for finding in own)
    citations = [{"handle": handle, "quote": quote} for handle, quote in sorted(told)]
    thought = f"Answer with {len(told)} quotations."
    return _call("send_message", thought, message="\n".join(lines), citations=citations)


def _call(name: str, thought: str, /, **arguments: object) -> Reply:
    encoded = json.dumps(arguments, ensure_ascii=False)
    return Reply((FunctionCall(name, encoded, f"call_{name}"),), thought)
