"""Running heads and feet are found, stay in the spans, and can be left out of what is searched."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import ingest
from ingest.chunk import check, chunk
from ingest.running import bodies
from ingest.sections import Section
from memgpt_docs import Library
from memgpt_docs.storage.schema import Page, PageStatus
from memgpt_docs.tokens import default_tokenizer
from tests.ingest.conftest import MakePdf
from tests.ingest.test_chunk import page_texts

UNITS = ["pumps", "valves", "turbines", "motors", "gears", "belts"]
WORDS = "The company made {} and sold them to customers in many countries.\n"


def pages_of(texts: list[str]) -> list[Page]:
    return [Page(number, text, PageStatus.TEXT) for number, text in enumerate(texts, start=1)]


def report(n_pages: int) -> list[Page]:
    return pages_of(
        [
            f"Table of Contents\nHalden Robotics\n{WORDS.format('abcdefgh'[n]) * 20}"
            f"Form 10-K\n{n + 40}\n"
            for n in range(n_pages)
        ]
    )


def test_lines_at_the_edge_of_most_pages_are_found() -> None:
    pages = [*report(8), Page(9, "Exhibits\nA list.", PageStatus.TEXT)]
    found = bodies(pages)
    assert (found[1].start, found[1].end) == (0, len(pages[0].text))
    for page in pages[1:8]:
        body = found[page.page_no]
        words = WORDS.format("abcdefgh"[page.page_no - 1])
        assert page.text[body.start : body.end].strip() == (words * 20).strip()
    assert (found[9].start, found[9].end) == (0, len(pages[8].text))


def test_they_stand_at_the_edge_of_passages_and_are_left_out_of_the_search() -> None:
    pages = report(6)
    section = Section(3, pages[2].text.index("The company"), "Item 7A")
    passages = chunk("d", pages, [section], header="", limit=128, tokenizer=default_tokenizer())
    assert check(pages, passages, 128) == []
    found = bodies(pages)
    for passage in passages:
        here = [one for one in passages if one.page_no == passage.page_no]
        assert ("Table of Contents" in passage.text) == (passage is here[0])
        assert ("Form 10-K" in passage.text) == (passage is here[-1])
        searched = found[passage.page_no].text_of(passage)
        # The first page keeps them, so that their words are found.
        is_first = passage.page_no == 1
        assert ("Table of Contents" in searched) == (is_first and passage is here[0])
        assert ("Form 10-K" in searched) == (is_first and passage is here[-1])
        assert "The company" in searched


def test_a_short_document_and_a_page_of_nothing_else_keep_all() -> None:
    for pages in (report(2), pages_of(["Page 1"] * 9)):
        assert all(
            (body.start, body.end) == (0, len(page.text))
            for page, body in zip(pages, bodies(pages).values(), strict=True)
        )


@given(texts=page_texts, repeat=st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_what_is_left_out_is_repeated_and_something_is_left(texts: list[str], repeat: int) -> None:
    pages = pages_of(texts * repeat)
    found = bodies(pages)
    for page in pages:
        body = found[page.page_no]
        assert 0 <= body.start <= body.end <= len(page.text)
        assert bool(page.text[body.start : body.end].strip()) == bool(page.text.strip())
    if len(pages) < 4:
        assert all(body.start == 0 for body in found.values())


def test_running_lines_are_shown_but_not_searched(library: Library, make_pdf: MakePdf) -> None:
    pages = [["Quokka Annual Report", f"Net sales of {unit} rose."] for unit in UNITS]
    list(ingest(library, [make_pdf(pages, "q.pdf")]))
    assert library.page(library.document("q.pdf").doc_id, 3).text.startswith("Quokka")
    found = library.archival.search("sales of turbines").results
    assert found[0].passage.text.startswith("Quokka Annual Report\n")
    assert sum("Quokka" in text for text in searched(library)) == 1
    assert library.archival.search("quokka").total > 0


def searched(library: Library) -> list[str]:
    """What the passages are found by."""
    return library.passages_table.search().select(["search_text"]).to_arrow()[0].to_pylist()
