"""The promise of paging: pages are disjoint, their union is the ranking, totals are constant."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs.storage.ranking import (
    Ranking,
    Scored,
    by_rank,
    fuse,
    in_proportion,
    in_total_order,
    whole_ties,
)

# Few different scores, so that most of them tie.
tied = st.lists(
    st.builds(
        Scored, st.text("abcdef0123456789", min_size=4, max_size=6), st.sampled_from([0.5, 1.0])
    ),
    max_size=120,
    unique_by=lambda entry: entry.passage_id,
)


@given(tied, st.integers(1, 30))
def test_pages_are_disjoint_and_their_union_is_the_ranking(
    entries: list[Scored], page_size: int
) -> None:
    ranking = Ranking("q", (), 1, tuple(in_total_order(entries)))
    pages = [ranking.page(n, page_size) for n in range(1, ranking.pages(page_size) + 1)]
    assert [entry for page in pages for entry in page] == list(ranking.entries)
    assert all(0 < len(page) <= page_size for page in pages)
    assert sum(map(len, pages)) == ranking.total
    assert ranking.page(len(pages) + 1, page_size) == ()
    assert ranking.page(len(pages) + 99, page_size) == ()


@given(tied, st.randoms())
def test_the_order_does_not_depend_on_the_order_of_arrival(
    entries: list[Scored], random: object
) -> None:
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert in_total_order(shuffled) == in_total_order(entries)


@given(tied, st.integers(1, 60), st.randoms())
def test_a_cut_answer_gives_the_same_trusted_rows_whichever_ties_it_holds(
    entries: list[Scored], limit: int, random: object
) -> None:
    def cut() -> list[Scored]:
        shuffled = list(entries)
        random.shuffle(shuffled)  # type: ignore[attr-defined]
        return sorted(shuffled, key=lambda entry: -entry.score)[:limit]

    assert whole_ties(cut(), limit) == whole_ties(cut(), limit)


def test_fusion_prefers_what_both_arms_found() -> None:
    words = in_proportion({"a": 8.0, "b": 6.0, "c": 4.0}, 1.0)
    vectors = in_proportion({"c": 0.9, "d": 0.4, "e": -0.2}, 1.0)
    assert [entry.passage_id for entry in fuse([words, vectors])] == ["c", "a", "b", "d", "e"]


arms = st.lists(
    st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-1, 30, allow_nan=False)), max_size=4
)


@given(arms)
def test_fusion_keeps_every_passage_once(found: list[dict[str, float]]) -> None:
    fused = fuse([in_proportion(arm, 1.0) for arm in found])
    assert sorted(entry.passage_id for entry in fused) == sorted(set().union(*found))
    assert all(0.0 <= entry.score <= len(found) for entry in fused)


def test_scores_by_rank_fall_and_stay_above_zero() -> None:
    scores = list(by_rank([str(n) for n in range(200)], 2.0).values())
    assert scores[0] == 2.0 and scores == sorted(scores, reverse=True) and scores[-1] > 0.0
