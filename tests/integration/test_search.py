"""The parts of a search in the real database: filters, identifiers, statements, twins, freezing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memgpt_docs import Library
from memgpt_docs.cli import main
from memgpt_docs.errors import UsageError
from memgpt_docs.evaluation.questions import Evidence, Question
from memgpt_docs.evaluation.retrieval import PART_NAMES, measure, without
from memgpt_docs.storage.archival import ArchivalStorage
from memgpt_docs.storage.arms import DEPTH
from memgpt_docs.storage.filters import Filters
from memgpt_docs.storage.reranking import EmbedderReranker
from memgpt_docs.storage.schema import Document, Page, PageStatus, Passage, PassageKind
from memgpt_docs.storage.tables import index_vectors
from tests.conftest import add_file

RISK = "Our business depends on few suppliers and a strike at one of them would harm sales badly"


def add_filing(
    library: Library, file: str, company: str, year: int, parts: list[tuple[str, str]]
) -> Document:
    """Adds a 10-K of one page and passage for each (section, text)."""
    document = replace(
        add_file(library, file, [text for _, text in parts]),
        company=company,
        form_type="10-K",
        fiscal_year=year,
        fiscal_period="FY",
    )
    header = f"{company} · 10-K FY{year}"
    passages: list[Passage] = [
        replace(
            passage,
            section=section,
            header=f"{header} · {section}",
            kind=PassageKind.TABLE if "Statement" in section else PassageKind.PROSE,
        )
        for passage, (section, _) in zip(
            library.document_passages(document.doc_id), parts, strict=True
        )
    ]
    pages = [Page(n, text, PageStatus.TEXT) for n, (_, text) in enumerate(parts, start=1)]
    vectors = library.embedder.embed([passage.text for passage in passages])
    library.add(document, pages, passages, vectors)
    return document


@pytest.fixture(scope="module")
def filings(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library(tmp_path_factory.mktemp("filings") / "library")
    for number, (company, year) in enumerate(
        [("ACME CORP.", 2022), ("ACME CORP.", 2023), ("The Birch Company", 2023)]
    ):
        parts = [
            ("Part I > Item 1A. Risk Factors", RISK),
            ("Part II > Item 7. Discussion", f"We plan capital expenditures in {year + 1}."),
            ("Part II > Item 7. Discussion", "Capital expenditure is reviewed, capex is planned"),
            (
                "Part II > Item 8 > Consolidated Statements of Cash Flows",
                f"Depreciation {number}31\nPurchases of plant ({number}12)",
            ),
            ("Part II > Item 8 > Notes > Note 5. Leases", f"Leases run to {year + 9}."),
        ]
        add_filing(library, f"{number:08x}.pdf", company, year, parts)
    library.refresh()
    return library


def found(library: Library, query: str, filters: Filters) -> set[tuple[str, str]]:
    page = library.archival.search(query, page_size=50, filters=filters)
    return {(result.file, result.passage.section) for result in page.results}


@pytest.mark.parametrize(
    ("filters", "files"),
    [
        (Filters(company="acme"), {"00000000.pdf", "00000001.pdf"}),
        (Filters(company="Birch Company"), {"00000002.pdf"}),
        (Filters(form_type="10K", fiscal_year=2023), {"00000001.pdf", "00000002.pdf"}),
        (Filters(documents=("00000000.pdf",), fiscal_year=2022), {"00000000.pdf"}),
    ],
)
def test_filters_by_what_is_known_of_a_document(
    filings: Library, filters: Filters, files: set[str]
) -> None:
    assert {file for file, _ in found(filings, "capital leases", filters)} == files


def test_filters_by_section_and_kind(filings: Library) -> None:
    risks = found(filings, "suppliers", Filters(section="risk factors"))
    assert {section for _, section in risks} == {"Part I > Item 1A. Risk Factors"}
    tables_only = found(filings, "depreciation", Filters(kind="table", company="Birch Company"))
    assert {section.rsplit(" > ", 1)[-1] for _, section in tables_only} == {
        "Consolidated Statements of Cash Flows"
    }


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        (Filters(company="Nobody"), "ACME CORP., The Birch Company"),
        (Filters(company="x' OR '1'='1"), "ACME CORP."),
        (Filters(form_type="8-K"), "10-K"),
        (Filters(fiscal_year=1999), "2022, 2023"),
        (Filters(section="Item 99"), "Part I > Item 1A. Risk Factors"),
        (Filters(section="%' OR 'a'='a"), "Part I > Item 1A. Risk Factors"),
        (Filters(kind="picture"), "prose, table"),
        (Filters(company="acme", fiscal_year=2021), "2022, 2023"),
    ],
)
def test_an_unknown_value_says_which_there_are(
    filings: Library, filters: Filters, told: str
) -> None:
    with pytest.raises(UsageError) as error:
        filings.archival.search("anything", filters=filters)
    assert told in error.value.help


def test_a_filtered_ranking_pages_exactly(filings: Library) -> None:
    limits = Filters(company="acme", section="Item 7")
    ranking = filings.archival.rank("capital expenditure", filters=limits)
    pages = [filings.archival.page(ranking, n, 1) for n in range(1, ranking.pages(1) + 1)]
    seen = [result.passage.passage_id for page in pages for result in page.results]
    assert seen == [entry.passage_id for entry in ranking.entries] and len(set(seen)) == len(seen)
    again = ArchivalStorage(Library(filings.uri)).rank("capital expenditure", filters=limits)
    assert again == ranking


def test_a_line_asked_for_leads_to_its_statement_in_the_right_report(filings: Library) -> None:
    for query, file in (
        ("What was the capex of Acme in FY2022?", "00000000.pdf"),
        ("What was Acme's capex in fiscal 2023?", "00000001.pdf"),
        ("capital expenditure of Birch", "00000002.pdf"),
    ):
        first = filings.archival.search(query).results[:3]
        assert {result.file for result in first} == {file}
        assert 4 in {result.passage.page_no for result in first}


def test_twins_are_named_and_can_be_reached(filings: Library) -> None:
    page = filings.archival.search("strike at one of our suppliers", page_size=50)
    (risk,) = [result for result in page.results if result.passage.text == RISK]
    assert len(risk.twins) == 2 and page.total == len(page.results)
    for twin in risk.twins:
        (passage,) = filings.document_passages(filings.document(twin.file).doc_id, twin.page_no)
        assert passage.passage_id == twin.passage_id


def test_looking_up_a_key_brings_its_own_pair_first_and_where_it_is_a_value(
    tmp_path: Path,
) -> None:
    library = Library(tmp_path / "library")
    keys = [f"{n:08x}-86df-455c-8ee9-691e492f{n:04x}" for n in range(100, 160)]
    # Every value is the key of the next pair.
    pairs = [f"{key}: {after}" for key, after in zip(keys, [*keys[1:], "none"], strict=True)]
    add_file(library, "pairs.txt", pairs)
    for number, key in enumerate(keys):
        texts = [result.passage.text for result in library.archival.search(key).results]
        assert texts[0] == pairs[number]
        assert number == 0 or texts[1] == pairs[number - 1]


def test_exact_words_come_first(reports: Library) -> None:
    amount = reports.archival.search("which company earned $890?").results[0]
    assert "$890 million" in amount.passage.text
    phrase = reports.archival.search('Acme revenue "assign it without consent"').results[0]
    assert "assign it without consent" in phrase.passage.text


def test_rankings_stay_frozen_while_another_thread_adds(reports: Library) -> None:
    archival = reports.archival
    ranking = archival.rank("revenue of fiscal 2023")
    before = [archival.page(ranking, n, 2).results for n in range(1, ranking.pages(2) + 1)]
    writer = Thread(
        target=lambda: [
            add_file(reports, f"{n}.txt", ["revenue of fiscal 2023"] * 3) for n in range(4)
        ]
    )
    writer.start()
    while writer.is_alive():
        at_once = archival.rank("revenue of fiscal 2023")
        assert at_once.total >= ranking.total
        assert before == [
            archival.page(ranking, n, 2).results for n in range(1, ranking.pages(2) + 1)
        ]
    writer.join()
    assert archival.rank("revenue of fiscal 2023").library_version > ranking.library_version


def test_a_vector_index_finds_what_was_added_before_and_after(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    texts = [f"number {n} of a long list about valves and pumps" for n in range(1500)]
    add_file(library, "many.txt", texts)
    for _ in range(2):  # made once
        index_vectors(library.passages_table, pays_from=1000)
    library.refresh()
    names = [index.name for index in library.passages_table.list_indices()]
    assert [name for name in names if name.startswith("vector_")] == ["vector_sq_1500"]
    add_file(library, "late.txt", ["the orchestra rehearsed a symphony"])
    words_off = ArchivalStorage(library, without(["full_text"]))
    assert words_off.search("symphony orchestra").results[0].file == "late.txt"
    assert ArchivalStorage(library, without(["full_text"])).rank("pumps").total > 0
    late = Filters(documents=("late.txt",))
    assert ArchivalStorage(library, without(["full_text"])).rank("pump", filters=late).total == 1
    # A query unlike all passages finds as many as any other.
    assert ArchivalStorage(library, without(["full_text"])).rank("净利润 qqqq").total == DEPTH


def test_each_part_can_be_left_out(reports: Library) -> None:
    file = reports.documents()[0].file
    questions = [Question("1", "revenue of Acme", "", "", (Evidence(file, 2, ""),))]
    for name in PART_NAMES:
        measures = measure(reports, questions, without([name]))
        assert measures.hit(100) == 1.0
        assert 0 < measures.recall(100) <= 1.0
        assert measures.outcomes[0].passages_read >= 1
    with pytest.raises(UsageError):
        without(["magic"])
    with pytest.raises(UsageError):
        measure(reports, [Question("1", "q", "", "", ())])


def test_the_command_measures_a_folder_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("The flywheel patent ends in 2031.")
    (tmp_path / "b.txt").write_text("Employees numbered 12,400.")
    evidence = [{"file": "a.txt", "page_no": 1}]
    (tmp_path / "questions.jsonl").write_text(
        json.dumps({"question": "when does the patent end?", "evidence": evidence})
    )
    assert main(["eval", "retrieval", str(tmp_path), "--without", "vectors", "--json"]) == 0
    everything, no_vectors = json.loads(capsys.readouterr().out)
    assert everything["hit"]["1"] == 1.0 and no_vectors["without"] == "vectors"
    assert main(["eval", "retrieval", str(tmp_path / "nothing")]) == 2
    assert np.isfinite(everything["p95_ms"])


def test_what_is_remembered_of_passages_follows_the_library(reports: Library) -> None:
    found = reports.archival.search("revenue", page_size=5)
    ids = [result.passage.passage_id for result in found.results]
    assert set(reports.passages(ids)) == set(ids)
    gone = reports.document("Acme_2023.pdf").doc_id
    Library(reports.uri).delete("Acme_2023.pdf")  # by another program
    left = reports.passages(ids)
    assert left and gone not in {passage.doc_id for passage in left.values()}


def test_indices_are_brought_up_to_date_when_it_pays(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")

    def unindexed() -> int:
        return int(library.passages_table.index_stats("search_text_idx").num_unindexed_rows)

    add_file(library, "many.txt", [f"valve number {n}" for n in range(200)])
    assert unindexed() == 200
    library.refresh()
    assert unindexed() == 0
    add_file(library, "few.txt", [f"pump number {n}" for n in range(10)])
    library.refresh()  # a twentieth: not worth it yet, and found all the same
    assert unindexed() == 10
    assert {r.file for r in library.archival.search("pump").results} == {"few.txt"}
    add_file(library, "one.txt", ["pump again"])
    library.refresh()
    assert unindexed() == 0


@settings(max_examples=60)
@given(
    st.text(min_size=1, max_size=20) | st.sampled_from(["%", "_", "Item_7", "' OR 1=1 --", "\\"])
)
def test_any_text_is_a_section_or_none(filings: Library, text: str) -> None:
    """A filter keeps what holds its text to the letter, or says that nothing does."""
    try:
        page = filings.archival.search("capital", page_size=50, filters=Filters(section=text))
    except UsageError as error:
        assert "Part I" in error.help
        return
    wanted = text.strip().lower()
    assert all(wanted in result.passage.section.lower() for result in page.results)


def test_a_reranker_puts_the_first_passages_in_its_order(filings: Library) -> None:
    class ByLength:
        def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
            return [-len(text) for text in texts]

    plain = ArchivalStorage(filings).rank("capital expenditure")
    ranking = ArchivalStorage(filings, reranker=ByLength()).rank("capital expenditure")
    assert sorted(e.passage_id for e in ranking.entries) == sorted(
        e.passage_id for e in plain.entries
    )
    found = filings.passages([entry.passage_id for entry in ranking.entries])
    shown = [found[entry.passage_id] for entry in ranking.entries]
    lengths = [len(f"{passage.header}\n{passage.text}") for passage in shown]
    assert lengths == sorted(lengths)
    scores = [entry.score for entry in ranking.entries]
    assert scores == sorted(scores, reverse=True)


def test_reranking_by_vectors_made_for_the_passages_at_hand(filings: Library) -> None:
    reranker = EmbedderReranker(filings.embedder)
    archival = ArchivalStorage(filings, reranker=reranker)
    query = "a strike at one of our few suppliers harms sales"
    assert archival.search(query).results[0].passage.text == RISK
    texts = [RISK, "Leases run to 2032."]
    assert reranker.scores(query, texts) == reranker.scores(query, texts)
