"""A comparison: one question of many documents, each cell checked, none left blank in silence."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from memgpt_docs import Agent, Library
from memgpt_docs.cli import main
from memgpt_docs.comparison import MAX_CELLS, Cell, CellState, Comparison, compare
from memgpt_docs.errors import UnknownDocument, UsageError
from memgpt_docs.export.sheet import to_xlsx
from memgpt_docs.processors.scripted import ScriptedProcessor, call
from tests.conftest import add_file

QUESTION = "What was revenue in fiscal 2023?"


def by_file(comparison: Comparison) -> dict[str, Cell]:
    return {cell.document.file: cell for cell in comparison.cells.values()}


def test_every_document_gets_a_cell_with_a_verified_citation_or_a_reason(reports: Library) -> None:
    add_file(reports, "Crane.txt", ["Zygomorphic quixotry."])
    comparison = compare(reports, [QUESTION])
    cells = list(comparison.fill())
    assert len(cells) == 3 and list(comparison.fill()) == []
    assert reports.sessions.list() == [], "the list of sessions is for what people asked"
    found = by_file(comparison)
    for file, amount in (("Acme_2023.pdf", "$1,577"), ("Birch_2023.pdf", "$890")):
        cell = found[file]
        assert cell.state is CellState.VERIFIED and amount in cell.value
        assert cell.citation is not None and cell.citation.file == file
        assert cell.citation.status == "exact"
    empty = found["Crane.txt"]
    assert empty.state is CellState.NOT_DISCLOSED and empty.citation is None
    assert empty.value.startswith("not disclosed (") and "pages of passages read" in empty.value


def test_a_cell_is_run_again_by_itself_and_doubt_is_not_hidden(reports: Library) -> None:
    def agent(amount: str) -> Agent:
        return Agent(reports, ScriptedProcessor([
            call("archival_search", query="Acme revenue fiscal 2023"),
            *[call("send_message", message=f"Revenue was {amount} million [1].",
                   citations=[{"handle": 1, "quote": "Revenue of Acme was $1,577 million"}])] * 3,
        ]))  # fmt: skip

    amounts = iter(["$1,578", "$1,577"])
    acme = reports.document("Acme_2023.pdf")
    comparison = Comparison((acme,), (QUESTION,), lambda: agent(next(amounts)))
    (first,) = comparison.fill()
    assert first.state is CellState.UNVERIFIED and first.citation is not None
    again = comparison.run(acme, QUESTION)
    assert reports.sessions.list() == []
    assert again.state is CellState.VERIFIED
    assert comparison.cells[acme.doc_id, QUESTION] is again
    assert again.value == "Revenue was $1,577 million."


def answered_with(message: str, reports: Library) -> Comparison:
    """A comparison of one cell, still empty, of which the answer will be `message`."""
    send = call(
        "send_message",
        message=message,
        citations=[{"handle": 1, "quote": "Revenue of Acme was $1,577 million"}],
    )
    steps = [call("archival_search", query="Acme revenue fiscal 2023"), send]
    acme = reports.document("Acme_2023.pdf")
    return Comparison((acme,), ("Who?",), lambda: Agent(reports, ScriptedProcessor(steps)))


def test_an_answer_that_says_it_found_nothing_is_not_a_value(reports: Library) -> None:
    message = "Nothing that was read answers this clearly. Closest:\n- “revenue of Acme” [1]"
    (cell,) = answered_with(message, reports).fill()
    assert cell.state is CellState.NOT_DISCLOSED and "closest: “revenue of Acme”" in cell.value


def test_an_answer_that_doubts_itself_is_not_shown_as_verified(reports: Library) -> None:
    reports.edit("Acme_2023.pdf", company="Acme", fiscal_year=2023)
    comparison = answered_with("Perhaps the answer:\n- “revenue of Acme” [1]", reports)
    (cell,) = comparison.fill()
    assert cell.state is CellState.UNCLEAR and cell.value == "“revenue of Acme”"
    assert comparison.by_company()[1][-1] == "“revenue of Acme” (unclear)"


def test_a_run_that_fails_is_a_cell_that_says_so(reports: Library) -> None:
    acme = reports.document("Acme_2023.pdf")
    broken = call("archival_search")
    comparison = Comparison(
        (acme,), (QUESTION,), lambda: Agent(reports, ScriptedProcessor([broken] * 4))
    )
    (cell,) = comparison.fill()
    assert cell.state is CellState.FAILED and "failed" in cell.value


def test_the_table_opens_in_a_spreadsheet(reports: Library) -> None:
    comparison = compare(reports, [QUESTION, "How many employees?"], ["Birch_2023.pdf"])
    list(comparison.fill())
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(comparison.sheets())))
    assert book.sheetnames == ["Comparison", "Evidence"]
    head, row = list(book["Comparison"].iter_rows(values_only=True))
    assert head[:4] == ("document", "company", "fiscal year", QUESTION) and len(head) == 11
    assert row[0] == "Birch_2023.pdf" and "$890" in str(row[3]) and row[4] == "verified"
    assert row[5] == 2 and "12,400" in str(row[7])
    assert book["Evidence"].max_row > 2


def test_companies_by_year_are_another_view_of_the_same_cells(reports: Library) -> None:
    add_file(reports, "Acme_2022.txt", ["Revenue of Acme was $1,516 million in fiscal 2022."])
    for file, company, year, period in (
        ("Acme_2023.pdf", "Acme", 2023, "FY"), ("Acme_2022.txt", "Acme", 2022, ""),
        ("Birch_2023.pdf", "Birch", 2023, "Q3"),
    ):  # fmt: skip
        reports.edit(file, company=company, fiscal_year=year, fiscal_period=period)
    comparison = compare(reports, ["What was revenue?"])
    assert comparison.by_company()[1][2:] == ["", "", ""]
    list(comparison.fill())
    head, acme, birch = comparison.by_company()
    assert head == ["question", "company", "2022", "2023", "2023 Q3"]
    assert acme[1] == "Acme" and "1,516" in str(acme[2]) and "1,577" in str(acme[3])
    assert birch[1] == "Birch" and "$890" in str(birch[4]) and birch[2] == birch[3] == acme[4] == ""
    assert list(comparison.sheets()) == ["Comparison", "By company", "Evidence"]


def test_what_cannot_be_compared_is_an_error(reports: Library) -> None:
    with pytest.raises(UsageError, match="needs a question"):
        compare(reports, ["  "])
    with pytest.raises(UnknownDocument):
        compare(reports, [QUESTION], ["nobody.pdf"])
    with pytest.raises(UsageError, match=str(MAX_CELLS)):
        compare(reports, [f"Q{n}?" for n in range(MAX_CELLS)])


def test_the_command_prints_and_writes_the_table(
    reports: Library, tmp_path: Path, capsys: Any
) -> None:
    target = tmp_path / "table.xlsx"
    command = ["--library", reports.uri, "compare", QUESTION, "--json"]
    assert main([*command, "--export", str(target)]) == 0
    cells = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [cell["state"] for cell in cells] == ["verified", "verified"]
    assert cells[0]["citation"]["status"] == "exact"
    assert openpyxl.load_workbook(target)["Comparison"].max_row == 3
    assert main([*command, "--export", "table.pdf"]) == 2
