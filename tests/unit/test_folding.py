"""Folding hides no number and loses no passage; links lead to what the best passage names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs.storage.folding import fold
from memgpt_docs.storage.links import with_links
from memgpt_docs.storage.ranking import Scored
from memgpt_docs.storage.schema import Passage, PassageKind

RISK = "Our business depends on a few suppliers and a strike at one of them would harm sales"


def shown(doc_id: str, text: str, section: str = "", header: str = "A · B") -> Passage:
    return Passage(
        "", doc_id, 0, 1, 0, len(text), section, header, PassageKind.PROSE, text, len(text.split())
    )


def scored(*passage_ids: str) -> list[Scored]:
    return [Scored(passage_id, 1.0 / n) for n, passage_id in enumerate(passage_ids, start=1)]


def test_what_another_report_repeats_is_folded() -> None:
    texts = {
        "a": shown("2022", RISK),
        "b": shown("2021", f"Table of Contents\n57\n{RISK}."),
        "c": shown("2022", RISK),  # the same document says it twice: two places
        "d": shown("2020", "Something else"),
    }
    folded = fold(scored("a", "b", "c", "d", "e"), texts)
    assert [(one.passage_id, one.folded) for one in folded] == [
        ("a", ("b",)), ("c", ()), ("d", ()), ("e", ()),
    ]  # fmt: skip


def test_another_number_is_another_passage() -> None:
    texts = {"a": shown("1", f"{RISK} by 12"), "b": shown("2", f"{RISK} by 13")}
    assert all(not one.folded for one in fold(scored("a", "b"), texts))


words = st.sampled_from(["sales", "rose", "fell", "2021", "2022", "in", "a"])
texts = st.lists(st.tuples(st.sampled_from("xyz"), st.lists(words, max_size=4)), max_size=12)


@given(texts)
def test_every_passage_is_kept_or_folded_once(rows: list[tuple[str, list[str]]]) -> None:
    seen = {str(n): shown(doc_id, " ".join(text)) for n, (doc_id, text) in enumerate(rows)}
    entries = scored(*seen)
    kept = fold(entries, seen)
    everything = [p for one in kept for p in (one.passage_id, *one.folded)]
    assert sorted(everything) == sorted(seen)
    assert [one.passage_id for one in kept] == [
        one.passage_id for one in entries if one.passage_id in {k.passage_id for k in kept}
    ]


def test_a_passage_about_what_the_best_one_names_moves_up() -> None:
    seen = {
        "best": shown("1", "The album was made by Ada Byron in Leeds, see Note 5 Leases."),
        "other": shown("2", "Ada Smith\nis somebody else."),
        "link": shown("3", "Ada Byron (singer)\nwas born in 1950."),
        "note": shown("1", "Rent is due.", section="Item 8 > Note 5. Leases"),
    }
    order = with_links(scored("best", "other", "link", "note"), seen)
    assert [one.passage_id for one in order] == ["best", "link", "note", "other"]


@given(texts)
def test_links_keep_every_passage(rows: list[tuple[str, list[str]]]) -> None:
    seen = {str(n): shown(doc_id, "\n".join(text)) for n, (doc_id, text) in enumerate(rows)}
    entries = scored(*seen, "unseen")
    assert {one.passage_id for one in with_links(entries, seen)} == {*seen, "unseen"}
