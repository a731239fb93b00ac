"""The sample documents, asked the sample questions: most answers cite an expected page."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest import ingest
from memgpt_docs import Agent, Library
from memgpt_docs.citations import check_answer
from memgpt_docs.evaluation.questions import Question, load_questions
from memgpt_docs.events import Answer

SAMPLES = Path(__file__).resolve().parents[2] / "sample_docs"
QUESTIONS = load_questions(SAMPLES / "questions.jsonl")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library(tmp_path_factory.mktemp("samples") / "library")
    for _ in ingest(library, [SAMPLES]):
        pass
    return library


@pytest.fixture(scope="module")
def answers(samples: Library) -> list[tuple[Question, Answer]]:
    return [(question, Agent(samples).ask(question.question)) for question in QUESTIONS]


def letters(text: str) -> str:
    """`text` without white space and the bars between cells."""
    return "".join(text.replace("|", " ").split())


def test_the_questions_are_enough_and_of_every_kind() -> None:
    crossing = [q for q in QUESTIONS if len({e.file for e in q.evidence}) > 1]
    unanswerable = [q for q in QUESTIONS if not q.evidence]
    assert len(QUESTIONS) >= 24
    assert 3 * len(crossing) >= len(QUESTIONS)
    assert len(unanswerable) >= 3


def test_every_expected_phrase_stands_where_it_is_said_to(samples: Library) -> None:
    for question in QUESTIONS:
        for evidence in question.evidence:
            document = samples.document(evidence.file)
            numbers = range(1, document.n_pages + 1)
            pages = [evidence.page_no] if evidence.page_no else numbers
            texts = (letters(samples.page(document.doc_id, number).text) for number in pages)
            assert any(letters(evidence.phrase) in text for text in texts), (question.id, evidence)


def test_most_answerable_questions_cite_an_expected_page(
    answers: list[tuple[Question, Answer]],
) -> None:
    answerable = [(question, answer) for question, answer in answers if question.evidence]
    missed = [question.id for question, answer in answerable if not question.cited_by(answer)]
    assert 5 * len(missed) <= len(answerable), f"missed: {missed}"


def test_every_quotation_stands_on_its_page(
    samples: Library, answers: list[tuple[Question, Answer]]
) -> None:
    for _, answer in answers:
        for citation in answer.citations:
            assert citation.status == "exact"
            assert citation.quote in samples.page(citation.doc_id, citation.page_no).text


def test_an_answer_made_of_quotations_passes_the_checks(
    answers: list[tuple[Question, Answer]],
) -> None:
    for question, answer in answers:
        problems = check_answer(answer.text, answer.citations, question=question.question)
        assert problems == [], question.id
