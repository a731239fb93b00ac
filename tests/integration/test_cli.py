"""The command line: stable JSON, exact page sizes, exit codes, and no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from memgpt_docs.cli import main

SUPPLY = """# Supply agreement

## Price

The price of a turbine blade is 4,250 euro until the end of 2026.

## Term

The agreement ends on 31 March 2027 unless it is renewed in writing.
"""


@pytest.fixture
def library(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The option that names a library with two documents."""
    (tmp_path / "supply.md").write_text(SUPPLY)
    (tmp_path / "notes.txt").write_text(
        "\n\n".join(f"Turbine {n} was inspected in May." for n in range(90))
    )
    option = ["--library", str(tmp_path / "library")]
    assert main([*option, "ingest", str(tmp_path / "supply.md"), str(tmp_path / "notes.txt")]) == 0
    capsys.readouterr()
    return option


def output(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_ingest_prints_json_lines_and_a_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "supply.md").write_text(SUPPLY)
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 nothing of the kind")
    command = ["--library", str(tmp_path / "library"), "ingest", "--json"]
    assert main([*command, str(tmp_path / "supply.md"), str(tmp_path / "bad.pdf")]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"file_started", "file_done", "summary"} <= {line["event"] for line in lines}
    summary = lines[-1]
    files = {file["file"]: file for file in summary["files"]}
    assert files["supply.md"]["status"] == "added"
    assert files["bad.pdf"]["status"] == "refused" and files["bad.pdf"]["reason"]
    assert main([*command, str(tmp_path / "supply.md")]) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert again["files"][0]["status"] == "skipped"


def test_documents(library: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*library, "documents", "--json"]) == 0
    documents = output(capsys)
    assert [document["file"] for document in documents] == ["notes.txt", "supply.md"]
    assert {"doc_id", "title", "kind", "pages", "passages", "sha256"} <= set(documents[0])


def test_search_pages_are_exact(library: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[str] = []
    page, pages = 1, 1
    totals = set()
    while page <= pages:
        assert (
            main([*library, "search", "turbine", f"--page={page}", "--page-size=2", "--json"]) == 0
        )
        found = output(capsys)
        pages = found["pages"]
        totals.add(found["total"])
        seen += [result["passage_id"] for result in found["results"]]
        assert {"query", "page", "library_version"} <= set(found)
        page += 1
    assert len(seen) == len(set(seen)) == totals.pop() and not totals
    keys = "passage_id doc_id file page_first page_last section score text"
    assert set(keys.split()) <= set(found["results"][0])
    assert main([*library, "search", "turbine", "--page=999", "--json"]) == 0
    past = output(capsys)
    assert past["results"] == [] and past["past_end"] and past["total"] == len(seen)


def test_ask_and_export(
    library: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "answer.md"
    question = "What does a turbine blade cost?"
    assert main([*library, "ask", question, "--json", "--export", str(target)]) == 0
    answer = output(capsys)
    assert answer["question"] == question and answer["stop_reason"] == "answered"
    citation = answer["citations"][0]
    assert {"handle", "passage_id", "file", "page_no", "quote", "status"} <= set(citation)
    assert citation["file"] == "supply.md" and "4,250 euro" in citation["quote"]
    search = answer["searches"][0]
    assert {"query", "page", "pages", "total", "passage_ids"} <= set(search)
    assert answer["working_context"] and answer["tokens"]["peak"] <= answer["tokens"]["window"]
    exported = target.read_text("utf-8")
    assert "4,250 euro" in exported and "exact" in exported and "supply.md" in exported


def test_ask_in_words(library: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*library, "ask", "When does the agreement end?", "--context-window=2048"]) == 0
    told = capsys.readouterr()
    assert "31 March 2027" in told.out and "archival_search" in told.err


def test_of_two_documents_with_one_name_the_id_says_which_is_changed(
    library: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("old", "new"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "plan.txt").write_text(f"The {folder} plan names the quokka.\n")
        assert main([*library, "ingest", str(tmp_path / folder)]) == 0
    capsys.readouterr()
    assert main([*library, "search", "quokka", "--document", "plan.txt", "--json"]) == 0
    found = {one["doc_id"] for one in output(capsys)["results"]}
    assert len(found) == 2
    for command in (["delete", "plan.txt"], ["edit", "plan.txt", "company=Kestrel"]):
        assert main([*library, *command]) == 2
        told = capsys.readouterr().err
        assert "2 documents are called plan.txt" in told and all(one in told for one in found)
    assert main([*library, "delete", found.pop()]) == 0


def test_an_answer_is_told_where_its_export_cannot_be_written(
    library: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = tmp_path / "absent" / "answer.md"
    for command in (["ask", "When does the agreement end?"], ["compare", "When does it end?"]):
        target = absent.with_suffix(".xlsx") if command[0] == "compare" else absent
        assert main([*library, *command, "--export", str(target)]) == 2
        told = capsys.readouterr()
        assert "There is no folder" in told.err and told.out == "" and "Session" not in told.err
    bundle = tmp_path / "answer.ZIP"
    assert main([*library, "ask", "When does the agreement end?", "--export", str(bundle)]) == 0
    assert zipfile.is_zipfile(bundle)


def test_delete(library: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*library, "delete", "notes.txt"]) == 0
    assert "bytes freed" in capsys.readouterr().out
    assert main([*library, "documents"]) == 0
    assert "notes.txt" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong",
    [
        ["search", "turbine", "--page", "0"],
        ["search", "turbine", "--page-size", "201"],
        ["search", "turbine", "--document", "absent.pdf"],
        ["search", "   "],
        ["search", "turbine \udcff", "--document", "absent.pdf"],
        ["edit", "supply.md", "name=Acme"],
        ["edit", "supply.md", "self=Acme"],
        ["ask", "What?", "--processor", "gpt"],
        ["ask", "What?", "--context-window", "100"],
        ["ask", "What?", "--document", "absent.pdf"],
        ["ingest", "/no/such/file.pdf"],
        ["delete", "absent.pdf"],
        ["nonsense"],
        [],
    ],
)
def test_wrong_usage_exits_2_with_a_message(
    library: list[str], wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main([*library, *wrong])
    except SystemExit as stop:
        code = int(stop.code or 0)
    told = capsys.readouterr()
    assert code == 2
    assert told.err.strip() and "Traceback" not in told.err


def test_a_failed_job_exits_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert main(["--library", str(tmp_path / "file"), "documents"]) == 1
    assert "could not be opened" in capsys.readouterr().err


def test_help_does_not_load_the_database() -> None:
    code = (
        "import sys; from memgpt_docs.cli import parser; parser().format_help();"
        "sys.exit('lancedb' in sys.modules or 'streamlit' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_edit_corrects_and_heads_passages_anew(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*library, "edit", "supply.md", "company=Kestrel Blades", "fiscal_year=2026"]) == 0
    edited = output(capsys)
    assert (edited["company"], edited["fiscal_year"]) == ("Kestrel Blades", 2026)
    assert edited["sources"]["company"] == "user"
    assert main([*library, "search", "Kestrel Blades", "--json"]) == 0
    assert output(capsys)["results"][0]["file"] == "supply.md"
    for wrong in (["fiscal_year=soon"], ["colour=red"], ["company"]):
        assert main([*library, "edit", "supply.md", *wrong]) == 2
