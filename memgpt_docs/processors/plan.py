"""The plan of the extractive processor: which searches a question needs, in their order.

1. The question itself, over all documents; where it asks several things, each of them, and so
   what is added to it later.
2. Where it names several of the documents found (two years, two companies): each of those.
3. Identifiers that a page pointed to: each of those, until one points no further.

All but the first is read back from what was noted, so it is the same at every step. What was
searched for stays in the plan, and in its place, whatever is added to the question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from memgpt_docs.calls import PassagesShown
from memgpt_docs.context import MainContext, StepEntry
from memgpt_docs.events import Coverage
from memgpt_docs.processors.findings import Findings
from memgpt_docs.processors.references import identifiers
from memgpt_docs.processors.sentences import asked, words
from memgpt_docs.storage.routing import name_words, query_words

# Reading on: at least this many passages of each search, then until so many pages in a row have
# added nothing better.
LEAST_PASSAGES = 20
LEAST_PASSAGES_EACH = 10  # of one document, or of one of several questions
MOST_PASSAGES = 60
PATIENCE = 2
MOST_COMPARED = 4
MOST_PARTS = 4
PART_WORDS = 2  # a part with fewer telling words is no question of its own
# A part that begins so speaks of what was named before it.
_QUESTION_WORD = r"(?:what|which|who|whom|whose|where|when|why|how|did|does|do|is|are|was|were|has)"
_NEXT_PART = re.compile(
    rf"(?<=[?？])\s*|[,;]\s+and\s+(?={_QUESTION_WORD}\b)|\s+and\s+(?=(?:what|which|who|where|when|"
    r"why|how)\b)",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![.?!]\s)(?<!^)\b[A-Z][\w&’'-]*(?:\s+[A-Z0-9][\w&’'-]*)*")
_YEAR = re.compile(r"\b(?:FY\s?)?(?:19|20)\d\d\b")


@dataclass(frozen=True)
class Search:
    """A ranking to read: of all documents, or of one."""

    query: str
    file: str | None = None
    identifier: str = ""  # that is looked up

    @property
    def is_lookup(self) -> bool:
        return bool(self.identifier)


def searches_for(context: MainContext, findings: Findings) -> list[Search]:
    """All searches that are known to be needed so far, in the order in which they are made: those
    that were made stand where coverage has them, and those to be made follow."""
    question = context.question.strip()
    made = [read.query for read in context.coverage]
    asks_more = asked(question) not in map(asked, made)
    parts = [*made[:1], *(parts_of(question) if asks_more else [])]
    needed = [
        *(Search(part) for part in dict.fromkeys(parts)),
        *(Search(parts[0], file) for file in findings.compare),
        *(Search(as_query(name), identifier=name) for name in findings.followed),
    ]
    placed = []
    for query in made:
        search = next((one for one in needed if one.query == query), None)
        if search is not None:
            needed.remove(search)
        placed.append(search or Search(query))
    return [*placed, *needed]


def as_query(identifier: str) -> str:
    """A query that finds an identifier to the letter."""
    return f'"{identifier}"'


def parts_of(question: str) -> list[str]:
    """The questions that are asked in one, each once and so that it can be asked by itself; the
    question as it is where it asks one thing, or refers to so much that its parts say little
    alone."""
    split = (piece.strip(" ,;") for piece in _NEXT_PART.split(asked(question)) if piece.strip())
    pieces = list(dict.fromkeys(split))
    whole = [piece for piece in pieces if len(set(words(piece))) >= PART_WORDS]
    if not 2 <= len(whole) <= MOST_PARTS or len(whole) < len(pieces):
        return [question]
    names = [*_NAME.findall(whole[0]), *_YEAR.findall(whole[0])]
    rest = [_with_names(piece, names) for piece in whole[1:]]
    return [whole[0], *rest]


def _with_names(piece: str, names: Sequence[str]) -> str:
    """A later part with the names and years of the first, where it names nothing itself."""
    if _NAME.search(piece) or not names:
        return piece
    return f"{piece} ({', '.join(dict.fromkeys(names))})"


def to_compare(question: str, files: Iterable[str]) -> tuple[str, ...]:
    """The files that the question names side by side, sorted: each by words that no other has
    beside its own. None when it names fewer than two."""
    wanted = query_words(question)
    named = {file: name_words(file) & wanted for file in files}
    best = [
        file
        for file, words in named.items()
        if words and not any(words < others for others in named.values())
    ]
    different = {frozenset(named[file]) for file in best}
    if len(different) < 2 or len(best) > MOST_COMPARED:
        return ()
    return tuple(sorted(best))


def looked_up(question: str, findings: Findings) -> set[str]:
    """The identifiers that need no looking up: those of the question and those followed before,
    in lower case."""
    return {name.casefold() for name in (*identifiers(question), *findings.followed)}


def next_page(
    searches: Sequence[Search], findings: Findings, context: MainContext
) -> tuple[Search, int] | None:
    """The search and page to read next, or None when reading on would not pay."""
    for number, search in enumerate(searches, start=1):
        if number > len(context.coverage):
            return search, 1
        read = context.coverage[number - 1]
        last = max(read.pages_read, default=0)
        if 0 < last < read.pages and _pays(search, number, read, last, findings, context):
            return search, last + 1
    return None


def newest_page(context: MainContext, query: str = "") -> PassagesShown | None:
    """The page of results that the newest step of the present question brought; with `query` the
    newest page of that search, wherever in the queue it is."""
    if not context.coverage:
        return None  # the newest step was made for an earlier question
    for entry in reversed(context.queue):
        if not isinstance(entry, StepEntry):
            continue
        payloads = [result.payload for _, result in entry.exchanges]
        pages = [one for one in payloads if isinstance(one, PassagesShown) and one.page is not None]
        for shown in reversed(pages):
            if not query or (shown.page is not None and shown.page.query == query):
                return shown
        if not query:
            return None
    return None


def _pays(
    search: Search,
    number: int,
    read: Coverage,
    last: int,
    findings: Findings,
    context: MainContext,
) -> bool:
    """Whether the page after `last` may add something."""
    own = findings.of_search(number)
    if any(finding.is_step for finding in own):
        return False
    if search.is_lookup:
        # Passages that hold the identifier come before all that do not.
        shown = newest_page(context, search.query)
        return shown is not None and all(
            search.identifier.casefold() in result.passage.text.casefold()
            for result in shown.results
        )
    if findings.followed:
        return False  # what was asked for stands in a record; its notes may be gone by now
    wide = number == 1 or not findings.compare
    page_size = -(-read.total // read.pages)
    improved = max((finding.page for finding in own), default=0)
    least = LEAST_PASSAGES if wide else LEAST_PASSAGES_EACH
    wants_more = last * page_size < least or last - improved < PATIENCE
    return wants_more and last * page_size < MOST_PASSAGES
