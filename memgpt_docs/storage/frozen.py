"""Frozen rankings as plain JSON: a session that is resumed, in whatever process, turns the pages of
the rankings it had, though the library may have changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from memgpt_docs.errors import StorageError
from memgpt_docs.storage.filters import Filters
from memgpt_docs.storage.ranking import Ranking, Scored


@dataclass(frozen=True)
class FrozenRanking:
    """A ranking, the filters it was asked for with, and how it is cut into pages.

    `FrozenRanking.from_json(frozen.to_json()) == frozen`, also after a trip through JSON text.
    """

    filters: Filters  # as they were given; `ranking.documents` is what they came to
    ranking: Ranking
    page_size: int = 0  # passages on each page that a session is shown; 0 before the first one

    @property
    def key(self) -> tuple[str, Filters]:
        """What it is asked for by again."""
        return self.ranking.query, self.filters

    def to_json(self) -> dict[str, Any]:
        """Strings, numbers, lists and dicts only; some 20 KB for a full ranking."""
        ranking = self.ranking
        return {
            "query": ranking.query,
            "filters": {**asdict(self.filters), "documents": list(self.filters.documents)},
            "library_version": ranking.library_version,
            "documents": list(ranking.documents),
            "section": ranking.section,
            "kind": ranking.kind,
            "page_size": self.page_size,
            "entries": [[e.passage_id, e.score, list(e.folded)] for e in ranking.entries],
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> FrozenRanking:
        """What `to_json` gave, now or before rankings had a page size; raises `StorageError` for
        anything else."""
        try:
            filters = {**saved["filters"], "documents": tuple(saved["filters"]["documents"])}
            entries = tuple(
                Scored(str(passage_id), float(score), tuple(folded))
                for passage_id, score, folded in saved["entries"]
            )
            ranking = Ranking(
                saved["query"],
                tuple(saved["documents"]),
                int(saved["library_version"]),
                entries,
                saved["section"],
                saved["kind"],
            )
            return cls(Filters(**filters), ranking, int(saved.get("page_size", 0)))
        except (KeyError, TypeError, ValueError) as error:
            raise StorageError(
                f"A saved ranking cannot be read: {error!r}.", "Search again."
            ) from error
