"""The processor without a model: reads on, notes, quotes exactly, and says when nothing answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from memgpt_docs import Agent, Library
from memgpt_docs.events import (
    Answer,
    FunctionCalled,
    ResultsPageRead,
    StepEnded,
    Stopped,
    StopReason,
    WorkingContextChanged,
)
from memgpt_docs.processors.findings import Finding, Findings
from memgpt_docs.processors.plan import parts_of, to_compare
from memgpt_docs.processors.sureness import in_words, sureness
from memgpt_docs.processors.wording import ENGLISH
from memgpt_docs.settings import Settings
from tests.conftest import Files, add_file

DIVISION_7 = "What was revenue of division 7 in 2024?"


@pytest.fixture
def divisions(make_library: Callable[[Files], Library]) -> Library:
    """40 passages that differ in the number of a division."""
    told = [f"Revenue of division {n} in 2024 was ${n * 13} million." for n in range(40)]
    return make_library({"divisions.txt": told})


def interrupted(agent: Agent, question: str, step: int, added: str) -> Answer:
    """The answer to `question` where `added` is said after a step of the work on it."""
    for event in agent.run(question):
        if isinstance(event, StepEnded) and event.step == step:
            agent.inbox.say(added)
    assert isinstance(event, Stopped) and event.answer.stop_reason is StopReason.ANSWERED
    return event.answer


def quotes(answer: Answer) -> list[str]:
    """What is quoted, in the order in which it stands in the answer."""
    return sorted((c.quote for c in answer.citations), key=answer.text.index)


@pytest.mark.parametrize("window", [2048, 4096, 16384])
def test_it_answers_with_checked_quotations(reports: Library, window: int) -> None:
    agent = Agent(reports, "extractive", settings=Settings(context_window=window))
    answer = agent.ask("What was the revenue of Acme in fiscal 2023?")
    assert answer.stop_reason is StopReason.ANSWERED
    assert {citation.status for citation in answer.citations} == {"exact"}
    first = min(answer.citations, key=lambda one: answer.text.index(one.quote))  # the best
    assert (first.file, first.page_no) == ("Acme_2023.pdf", 2)
    assert "$1,577 million" in first.quote
    assert first.quote in reports.page(first.doc_id, first.page_no).text
    assert answer.peak_context <= window


def test_it_turns_pages_and_notes_what_it_finds(reports: Library) -> None:
    for number in range(40):
        add_file(reports, f"noise{number}.txt", [f"The turbine report {number} mentions turbines."])
    add_file(reports, "gold.txt", ["The turbine licence fee is 77 euro for each turbine sold."])
    agent = Agent(reports)
    events = list(agent.run("What is the licence fee for a turbine?"))
    pages = [event.page.page for event in events if isinstance(event, ResultsPageRead)]
    assert pages == list(range(1, len(pages) + 1)) and len(pages) >= 3
    assert any(isinstance(event, WorkingContextChanged) for event in events)
    names = [event.name for event in events if isinstance(event, FunctionCalled)]
    assert names[0] == "archival_search" and names[-1] == "send_message"


def test_a_question_that_nothing_answers(reports: Library) -> None:
    answer = Agent(reports).ask("Who conducted the Vienna orchestra in the winter concert?")
    assert answer.stop_reason is StopReason.NO_EVIDENCE
    assert answer.citations == () and "No passage" in answer.text
    assert answer.coverage and answer.coverage[0].pages_read


def test_an_empty_library_is_answered_too(tmp_path: object) -> None:
    answer = Agent(Library(f"{tmp_path}/library")).ask("What was revenue?")
    assert answer.stop_reason is StopReason.NO_EVIDENCE


def test_it_is_deterministic(reports: Library) -> None:
    question = "How many employees had Birch at year end?"
    first, second = (Agent(reports).ask(question) for _ in range(2))
    assert (first.text, first.citations) == (second.text, second.citations)


def test_a_second_question_starts_its_own_findings(reports: Library) -> None:
    agent = Agent(reports)
    agent.ask("What was the revenue of Acme in fiscal 2023?")
    answer = agent.ask("When does the supply agreement end?")
    assert answer.citations[0].page_no == 3
    assert "supply agreement" in answer.working_context


def test_a_question_that_begins_like_an_earlier_one_is_answered_by_its_own_findings(
    divisions: Library,
) -> None:
    alone = Agent(divisions).ask("revenue of division 2")
    agent = Agent(divisions)
    agent.ask("revenue of division 21")
    answer = agent.ask("revenue of division 2")
    assert quotes(answer) == quotes(alone) and "division 2 in" in quotes(answer)[0]
    # Asked again, it is answered from what the library holds by then.
    divisions.delete("divisions.txt")
    add_file(divisions, "newer.txt", ["The revenue of division 2 was $99 million."])
    answer = agent.ask("revenue of division 2")
    assert quotes(answer) == ["The revenue of division 2 was $99 million."]


@pytest.mark.parametrize("step", [1, 2, 3])
@pytest.mark.parametrize(
    ("added", "searches"),
    [
        ("Please be brief. ", []),
        ("And revenue of division 9?", ["And revenue of division 9? (2024)"]),
        ("And 2022?", [f"{DIVISION_7}\n\nAnd 2022?"]),
    ],
)
def test_what_is_added_to_a_question_keeps_what_was_found(
    divisions: Library, step: int, added: str, searches: list[str]
) -> None:
    answer = interrupted(Agent(divisions), DIVISION_7, step, added)
    assert "division 7 in" in quotes(answer)[0]
    assert [coverage.query for coverage in answer.coverage] == [DIVISION_7, *searches]
    assert "division 9" not in added or any("division 9 in" in quote for quote in quotes(answer))


@pytest.mark.parametrize("step", [2, 3, 5])
def test_documents_that_are_compared_stay_so_when_something_is_added(
    reports: Library, step: int
) -> None:
    question = "Did Acme or Birch earn more revenue in fiscal 2023?"
    added = "How many employees had Birch at year end?"
    answer = interrupted(Agent(reports), question, step, added)
    assert sorted(c.query for c in answer.coverage) == sorted([*[question] * 3, added])
    assert "$1,577 million" in answer.text.partition("Birch_2023.pdf: ")[0]
    assert "$890 million" in answer.text and "12,400" in answer.text


MakeLibrary = Callable[[Files], Library]
ACME_22, ACME_23, BIRCH = "Acme_Corp_2022.pdf", "Acme_Corp_2023.pdf", "Birch_Foods_2023.pdf"


@pytest.mark.parametrize(
    ("question", "compared"),
    [
        ("What was revenue?", ()),
        ("What was the revenue of Acme in 2023?", ()),
        ("How did revenue of Acme change from 2022 to 2023?", (ACME_22, ACME_23)),
        ("Did Acme Corp or Birch Foods earn more in 2023?", (ACME_23, BIRCH)),
    ],
)
def test_a_question_that_names_several_documents_compares_them(
    question: str, compared: tuple[str, ...]
) -> None:
    assert to_compare(question, [BIRCH, ACME_23, ACME_22, ACME_23]) == compared


def test_documents_that_are_compared_are_asked_one_by_one(reports: Library) -> None:
    events = list(Agent(reports).run("Did Acme or Birch earn more revenue in fiscal 2023?"))
    searched = [
        event.arguments.get("document")
        for event in events
        if isinstance(event, FunctionCalled) and event.name == "archival_search"
    ]
    assert list(dict.fromkeys(searched)) == [None, "Acme_2023.pdf", "Birch_2023.pdf"]
    stopped = events[-1]
    assert isinstance(stopped, Stopped)
    assert {citation.file for citation in stopped.answer.citations} >= {
        "Acme_2023.pdf",
        "Birch_2023.pdf",
    }


def test_findings_are_read_back_from_working_context_as_they_were_written(
    reports: Library,
) -> None:
    agent = Agent(reports)
    agent.ask("Did Acme or Birch earn more revenue in fiscal 2023?")
    findings = Findings.of(agent.context)
    assert findings.compare == ("Acme_2023.pdf", "Birch_2023.pdf")
    written = agent.context.working_context.part("findings")
    assert findings.found and findings.text(agent.context) == written


def test_a_stopped_answer_shows_quotations_and_no_notes(reports: Library) -> None:
    agent = Agent(reports, settings=Settings(max_steps=3))
    answer = agent.ask("Did Acme or Birch earn more revenue in fiscal 2023?")
    assert answer.stop_reason is StopReason.STEP_BUDGET
    assert "score" in answer.working_context and "score" not in answer.text
    head, _, quotations = answer.text.partition("\n\n")
    assert head == "No answer was reached. What was noted so far:"
    assert quotations and all(line.startswith("- “") for line in quotations.split("\n"))


PARTS = {
    "Parts_list.txt": [
        "Part SKU-10042 was replaced by SKU-10077.",
        "Part SKU-10077 was replaced by SKU-20011.",
        "Part SKU-20011 weighs 14 kg and comes from Oslo.",
        "Part SKU-90000 was replaced by SKU-90001.",
    ]
}


def test_records_are_followed_until_one_points_no_further(make_library: MakeLibrary) -> None:
    library = make_library(PARTS)
    settings = Settings(context_window=4096)
    events = list(Agent(library, settings=settings).run("By what was part SKU-10042 replaced?"))
    queries = [
        event.arguments["query"]
        for event in events
        if isinstance(event, FunctionCalled) and event.name == "archival_search"
    ]
    assert queries[1:] == ['"SKU-10077"', '"SKU-20011"']
    stopped = events[-1]
    assert isinstance(stopped, Stopped)
    quotes = [citation.quote for citation in stopped.answer.citations]
    assert quotes == [PARTS["Parts_list.txt"][n] for n in (2, 0, 1)]
    assert {citation.status for citation in stopped.answer.citations} == {"exact"}


def test_records_that_point_in_a_ring_end(make_library: MakeLibrary) -> None:
    library = make_library({"ring.txt": ["SKU-10001 | SKU-10002", "SKU-10002 | SKU-10001"]})
    answer = Agent(library).ask("What does SKU-10001 point to?")
    assert answer.stop_reason is StopReason.ANSWERED
    assert len(answer.coverage) == 2


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("What was revenue in 2023?", ["What was revenue in 2023?"]),
        ("Who audits Acme and since when?", ["Who audits Acme and since when?"]),
        (
            "Which law governs the lease of Acme, and where would an arbitration sit?",
            ["Which law governs the lease of Acme", "where would an arbitration sit? (Acme)"],
        ),
        (
            "Who leads Acme today? When was Birch Foods founded?",
            ["Who leads Acme today?", "When was Birch Foods founded?"],
        ),
        ("What was revenue? What was revenue?", ["What was revenue? What was revenue?"]),
        (
            "What was revenue in 2023? When was Acme founded? What was revenue in 2023?",
            ["What was revenue in 2023?", "When was Acme founded?"],
        ),
    ],
)
def test_several_questions_in_one_are_told_apart(question: str, parts: list[str]) -> None:
    assert parts_of(question) == parts


def test_several_questions_are_answered_each(reports: Library) -> None:
    answer = Agent(reports).ask(
        "What was the revenue of Acme in fiscal 2023? How many employees had Birch at year end?"
    )
    assert len(answer.coverage) == 2
    quotes = " ".join(citation.quote for citation in answer.citations)
    assert "$1,577 million" in quotes and "12,400" in quotes
    assert answer.text.startswith("What was the revenue of Acme in fiscal 2023: ")


def test_what_was_said_before_is_said_again(reports: Library) -> None:
    agent = Agent(reports)
    agent.ask("What was the revenue of Acme in fiscal 2023?")
    agent.ask("When does the supply agreement end?")
    answer = agent.ask("What did you tell me about the revenue of Acme?")
    assert answer.coverage == ()
    assert answer.text.startswith("Said before in this session:")
    assert "$1,577 million" in answer.text
    asked = agent.ask("What did I ask you about the supply agreement?")
    assert "When does the supply agreement end?" in asked.text


@pytest.mark.parametrize(
    ("above", "covers", "says"),
    [(6.0, 1.0, "very likely"), (3.5, 0.9, "likely"), (1.0, 0.3, "nothing that was read")],
)
def test_an_answer_says_how_sure_it_is(above: float, covers: float, says: str) -> None:
    found = [
        Finding(1, 1, 1, 10.0, covers, "a.pdf p.1", "best"),
        Finding(2, 1, 1, 10.0 - above, covers, "a.pdf p.2", "last"),
    ]
    probability = sureness(found)
    assert 0.0 < probability < 1.0 and in_words(probability, ENGLISH).startswith(says)


def test_nothing_found_is_not_sure_at_all() -> None:
    assert sureness([]) == 0.0


def test_a_chinese_question_is_answered_in_chinese_words(
    make_library: Callable[..., Library],
) -> None:
    library = make_library({"report.txt": ["本公司2024年的净利润为1,577万元，同比增长4%。"]})
    agent = Agent(library)
    answer = agent.ask("2024年的净利润是多少？")
    assert answer.text.split("\n")[0].endswith("：") and answer.citations[0].status == "exact"
    assert agent.ask("你刚才说净利润是多少？").text.startswith("本次会话中说过：")
    nothing = Agent(library).ask("zygomorphic 的 quixotry 是多少？")
    assert not any(word in nothing.text for word in ("answer", "Perhaps", "read"))
