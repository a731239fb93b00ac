"""Pages of results, sized to what the window has room for.

All pages of a ranking have the size of its first one, also when the room changes between them (a
server turns out to count more tokens, the session goes on with another window). Only where a page
would no longer fit, the ranking is cut anew, into smaller pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from memgpt_docs.storage.archival import SHOWN_DEPTH, ArchivalStorage, Result, ResultsPage
from memgpt_docs.storage.filters import Filters
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.ranking import Ranking

# A passage costs its text, header and handle, and the escapes of its line breaks in JSON.
TOKENS_PER_RESULT = 400
TOKENS_BESIDE_TEXT = 144


def read_page(
    archival: ArchivalStorage,
    query: str,
    page: int,
    filters: Filters,
    *,
    room: int,
    largest: int,
    library: Library,
) -> tuple[ResultsPage, str]:
    """Page `page` (1-based) of a search within `room` tokens, at most `largest` passages.

    Where the ranking had to be cut anew, it is the page that holds the first passage of the one
    that was asked for, and the text says so; elsewhere the text is empty. Raises what
    `ArchivalStorage.search` does.
    """
    frozen = archival.frozen(query, page, filters)
    before = frozen.page_size
    if before:
        shown = archival.page(frozen.ranking, page, before)
        if before == 1 or fits(shown.results, room):
            return shown, ""
    size = _page_size(library, frozen.ranking, room, largest, page * before)
    shown = archival.page(frozen.ranking, (page - 1) * before // size + 1 if before else page, size)
    archival.restore([replace(frozen, page_size=size)])
    if not before:
        return shown, ""
    fewer = f"{size} passage{'' if size == 1 else 's'}"
    return shown, f" The pages of this search hold {fewer} now, because {before} do not fit."


def fits(results: Sequence[Result], room: int) -> bool:
    """Whether the window has room for them all."""
    return sum(_cost(one.passage.n_tokens) for one in results) <= room


def first_that_fit(results: Sequence[Result], room: int) -> tuple[Result, ...]:
    """As many of the first results as the window has room for; one at least."""
    count = min(len(results), max(1, room // TOKENS_PER_RESULT))
    while count > 1 and not fits(results[:count], room):
        count -= 1
    return tuple(results[:count])


def _page_size(library: Library, ranking: Ranking, room: int, largest: int, depth: int) -> int:
    """Passages on a page, so that each of the pages people read, and those up to the passage at
    `depth`, has room."""
    entries = ranking.entries[: max(SHOWN_DEPTH, depth)]
    passages = library.passages([entry.passage_id for entry in entries])
    costs = [
        _cost(passages[entry.passage_id].n_tokens) if entry.passage_id in passages else 0
        for entry in entries
    ]
    size = max(1, min(largest, room // TOKENS_PER_RESULT))
    while size > 1 and any(
        sum(costs[first : first + size]) > room for first in range(0, len(costs), size)
    ):
        size -= 1
    return size


def _cost(n_tokens: int) -> int:
    return n_tokens + TOKENS_BESIDE_TEXT
