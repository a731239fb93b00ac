"""The invariants of passages, as sentences of `ingest.chunk`."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunk import check, chunk
from ingest.sections import Section
from memgpt_docs.storage.schema import Page, PageStatus, PassageKind
from memgpt_docs.tokens import default_tokenizer

TOKENIZER = default_tokenizer()

words = st.sampled_from(
    ["revenue", "1,577", "(305)", "$", "Item 7.", "NOTE 5. Taxes", "净利润。", "x" * 700, "𝔘𝔫",
     "a | b", "•", "\u00a0", "Total assets", "2024 2023", "end.", "😀" * 90, "\u200b", "https://a.b/c"]
)  # fmt: skip
gaps = st.sampled_from([" ", "\n", "\n\n", "  ", "\t", ". ", "", " \n \n"])
made_text = st.lists(st.tuples(words, gaps), max_size=120).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)
any_text = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=600)
page_texts = st.lists(st.one_of(made_text, any_text), min_size=1, max_size=4)


def pages_of(texts: list[str]) -> list[Page]:
    return [
        Page(number, text, PageStatus.TEXT if text.strip() else PageStatus.BLANK)
        for number, text in enumerate(texts, start=1)
    ]


@given(texts=page_texts, limit=st.sampled_from([32, 64, 256]), data=st.data())
@settings(max_examples=150, deadline=None)
def test_invariants_hold_for_any_text_and_any_sections(
    texts: list[str], limit: int, data: st.DataObject
) -> None:
    pages = pages_of(texts)
    places = data.draw(
        st.lists(st.tuples(st.integers(1, len(texts)), st.integers(0, 500)), max_size=8)
    )
    sections = [Section(page, at, f"Section {n}") for n, (page, at) in enumerate(sorted(places))]
    passages = chunk("d" * 16, pages, sections, header="H", limit=limit, tokenizer=TOKENIZER)
    assert check(pages, passages, limit) == []
    assert [passage.n_tokens for passage in passages] == TOKENIZER.count_many(
        [passage.text for passage in passages]
    )
    assert [passage.ordinal for passage in passages] == list(range(len(passages)))
    assert len({passage.passage_id for passage in passages}) == len(passages)
    again = chunk("d" * 16, pages, sections, header="H", limit=limit, tokenizer=TOKENIZER)
    assert again == passages


def chunk_text(text: str, sections: list[Section] | None = None, limit: int = 64) -> list[str]:
    passages = chunk(
        "d", pages_of([text]), sections or [], header="", limit=limit, tokenizer=TOKENIZER
    )
    return [passage.text for passage in passages]


def test_a_passage_begins_where_a_section_begins() -> None:
    before, after = "Words of the first part. " * 9, "NOTE 5. Taxes\n" + "Words of the note. " * 9
    text = before + "\n" + after
    assert after.strip() in chunk_text(text, [Section(1, len(before) + 1, "Note 5")])


def test_a_row_of_a_table_is_not_cut() -> None:
    rows = [f"Depreciation and amortization {n} 1,{n:03} (2,{n:03}) 300" for n in range(60)]
    for passage in chunk_text("\n".join(rows)):
        assert set(passage.split("\n")) <= set(rows)


def test_a_long_text_is_cut_after_sentences() -> None:
    text = "The company reports what it has earned in the year. " * 40
    assert all(passage.endswith("year.") for passage in chunk_text(text))


def test_small_neighbours_share_a_passage() -> None:
    text = "Table of Contents\nPART I\nItem 1. Business\nWe make robots."
    assert chunk_text(text, [Section(1, 18, "I"), Section(1, 25, "I > 1")]) == [text]


def test_no_scraps_are_left_behind() -> None:
    text = "\n".join(f"Sentence number {n} of a page that goes on for a while." for n in range(100))
    sizes = TOKENIZER.count_many(chunk_text(text, limit=256))
    assert min(sizes) > 60


def test_later_pieces_of_a_table_carry_the_heads_of_its_columns() -> None:
    rows = [f"Line {n} 1,{n:03} 2,{n:03} 3,{n:03}" for n in range(60)]
    text = "\n".join(["Statement of Cash Flows", "(in millions) 2024 2023 2022", *rows])
    passages = chunk("d", pages_of([text]), [], header="H", limit=128, tokenizer=TOKENIZER)
    assert len(passages) > 2
    assert all(passage.kind is PassageKind.TABLE for passage in passages)
    assert all(passage.header == "H · (in millions) 2024 2023 2022" for passage in passages[1:])


def test_blank_pages_have_no_passages() -> None:
    assert chunk_text(" \n\t ") == []
