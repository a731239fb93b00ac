"""The promise of paging: pages are disjoint, their union is the ranking, totals are constant."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs.storage.ranking import Ranking, Scored, fuse, in_total_order, whole_ties

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
    fused = fuse([(1.0, ["a", "b", "c"]), (0.3, ["c", "d"])])
    assert [entry.passage_id for entry in fused] == ["c", "a", "b", "d"]


@given(
    st.lists(st.sampled_from("abcdefgh"), unique=True),
    st.lists(st.sampled_from("abcdefgh"), unique=True),
)
def test_fusion_keeps_every_passage_once(first: list[str], second: list[str]) -> None:
    fused = [entry.passage_id for entry in fuse([(1.0, first), (0.3, second)])]
    assert sorted(fused) == sorted(set(first) | set(second))
