"""Every format holds the same evidence, opens, and does nothing by itself."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import docx
import jsonschema
import openpyxl
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memgpt_docs import Agent, Library
from memgpt_docs.calls import FunctionCall
from memgpt_docs.citations import QuoteStatus
from memgpt_docs.errors import UsageError
from memgpt_docs.events import Transcript
from memgpt_docs.export import pdf, word
from memgpt_docs.export.formats import FORMATS, format_of
from memgpt_docs.export.report import Block, Kind, Report, printable
from memgpt_docs.export.sheet import HEAD, inert, to_csv, to_xlsx
from memgpt_docs.processors.base import Reply
from memgpt_docs.processors.scripted import ScriptedProcessor, call
from tests.conftest import REPORTS, add_file

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "answer.schema.json"
HOSTILE = (
    "=HYPERLINK(\"http://evil.example\") turbine fee <script src='//evil.example/x.js'></script> "
    "<img src=x onerror=alert(1)> \\input{/etc/passwd} & <b>bold</b> 净利润 5 مرحبا \x07 end"
)


def transcript_of(library: Library, *steps: FunctionCall | Reply, question: str) -> Transcript:
    transcript = Transcript()
    for event in Agent(library, ScriptedProcessor(list(steps))).run(question):
        transcript.add(event)
    return transcript


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    reports = Library(tmp_path_factory.mktemp("reports") / "library")
    for file, pages in {**REPORTS, "=evil & <b>.txt": [HOSTILE]}.items():
        add_file(reports, file, pages)
    reports.refresh()
    search = call("archival_search", query="Acme revenue 2023")
    message = (
        "Revenue was $1,577 million [1], which is the most ever. It was $1,578 million [1].\n"
        "=1+1 stands here [2].\n"
    )
    citations = [
        {"handle": 1, "quote": "Revenue of Acme was $1,577 million"},
        {"handle": 1, "quote": "Revenues of Acme was $1,577 million in fiscal 2023, up"},
        {"handle": 2, "quote": "never said anywhere"},
    ]
    send = call("send_message", message=message, citations=citations)
    first = transcript_of(reports, search, send, send, send, question="What was revenue? <i>")
    fee = transcript_of(
        reports,
        call("archival_search", query="turbine fee"),
        call("send_message", message="It is 5 [1].",
             citations=[{"handle": 1, "quote": "turbine fee"}]),
        question="=fee?",
    )  # fmt: skip
    made = Report.of([first, fee], reports)
    return Report(made.transcripts, made.documents, NOW)


@pytest.mark.parametrize("suffix", sorted(FORMATS))
def test_every_format_is_written_and_found_by_its_ending(suffix: str, report: Report) -> None:
    contents = format_of(f"Answer{suffix.upper()}").write(report)
    assert len(contents) > 50
    with pytest.raises(UsageError, match=r"\.docx"):
        format_of("answer.exe")


def test_each_format_for_reading_holds_answer_evidence_and_how_it_came_about(
    report: Report,
) -> None:
    texts = {
        "html": re.sub(r"<[^>]*>", " ", FORMATS[".html"].write(report).decode()),
        "docx": "\n".join(
            p.text for p in docx.Document(io.BytesIO(FORMATS[".docx"].write(report))).paragraphs
        ),
        "pdf": pdf_text(FORMATS[".pdf"].write(report)),
    }
    for name, text in texts.items():
        plain = " ".join(text.split())
        for expected in (
            "Revenue was $1,577 million [1, 2]",
            "1. Acme_2023.pdf, page 2",
            "exact: these words stand on the page",
            "near: the page differs slightly",
            "NOT FOUND in the cited passage",
            "Not supported: 1,578 million is not in what is cited",
            "up 4 percent from the year before",
            "Stop reason: answered",
            "Processor: scripted",
            "Library version",
            "2026-03-01 12:30 UTC",
            "sha256",
        ):
            assert expected in plain, f"{name} lacks {expected!r}"


def pdf_text(contents: bytes) -> str:
    document = pypdfium2.PdfDocument(contents)
    text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return text


def test_html_loads_and_runs_nothing(report: Report) -> None:
    html = FORMATS[".html"].write(report).decode()
    assert "default-src &#x27;none&#x27;" in html
    tags = set(re.findall(r"<([a-z0-9]+)", html))
    assert tags <= {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "li",
                    "ul", "pre"}  # fmt: skip
    assert not re.search(r"<[^>]*\s(?:src|href|on\w+)=", html)


def test_word_holds_text_only(report: Report) -> None:
    archive = zipfile.ZipFile(io.BytesIO(FORMATS[".docx"].write(report)))
    body = archive.read("word/document.xml").decode()
    assert "<w:hyperlink" not in body and "w:fldSimple" not in body and "w:instrText" not in body
    relations = archive.read("word/_rels/document.xml.rels").decode()
    assert 'TargetMode="External"' not in relations


def test_json_keeps_to_its_schema(report: Report) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    written = json.loads(FORMATS[".json"].write(report))
    jsonschema.validate(written, schema)
    first = written["answers"][0]
    assert set(first) == set(schema["$defs"]["answer"]["properties"])
    assert set(first["citations"][0]) == set(schema["$defs"]["citation"]["properties"])
    assert set(first["statements"][0]) == set(schema["$defs"]["statement"]["properties"])
    assert [c["status"] for c in first["citations"]] == [str(s) for s in QuoteStatus]
    figures = [f["state"] for s in first["statements"] for f in s["figures"]]
    assert "found" in figures and "not_found" in figures


def test_cells_of_a_sheet_are_inert(report: Report) -> None:
    book = openpyxl.load_workbook(io.BytesIO(FORMATS[".xlsx"].write(report)))
    rows = list(book.active.iter_rows())
    assert tuple(cell.value for cell in rows[0]) == HEAD
    assert all(cell.data_type != "f" for row in rows for cell in row)
    evil = [cell for row in rows for cell in row if str(cell.value).startswith("=")]
    assert evil and all(cell.quotePrefix for cell in evil)
    table = list(csv.reader(io.StringIO(FORMATS[".csv"].write(report).decode("utf-8-sig"))))
    assert len(table) == len(rows)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in table for cell in row)


@given(st.text(max_size=40))
@settings(max_examples=60)
def test_any_text_is_kept_and_inert_in_a_cell(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx({"Sheet": [["head"], [text]]})))
    cell = book.active["A2"]
    assert cell.data_type != "f"
    assert "".join(str(cell.value or "").split()) == "".join(printable(text).split())
    assert not inert(text).startswith(("=", "+", "-", "@", "\t", "＝"))
    assert inert(text).removeprefix("'") == printable(text) or text.startswith("'")
    assert to_csv([[text]]).endswith("\r\n")


def test_references_name_each_document_once(report: Report) -> None:
    ris = FORMATS[".ris"].write(report).decode()
    bibtex = FORMATS[".bib"].write(report).decode()
    assert ris.count("TY  - RPRT") == ris.count("ER  - ") == len(report.documents) == 2
    assert bibtex.count("@techreport{") == 2
    assert "\\input" not in bibtex and r"\&" in bibtex


def of_text(text: str) -> Report:
    """A report that is one text, in a block of every kind."""

    class OneText(Report):
        def blocks(self) -> Iterator[Block]:
            return iter([Block(kind, text) for kind in Kind])

    return OneText((), (), NOW)


@given(st.text(max_size=120))
@settings(max_examples=40)
def test_no_text_breaks_a_format(text: str) -> None:
    assert word.write(of_text(text)).startswith(b"PK")
    assert pdf.write(of_text(text)).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Ça, 5 €", ""),
        ("مرحبا", "from right to left"),
        ("\U00012000", "no font of this machine has"),
    ],
)
def test_a_pdf_says_what_it_does_not_draw_as_it_should(text: str, told: str) -> None:
    written = " ".join(pdf_text(pdf.write(of_text(text))).split())
    assert (told in written) and (("The HTML and DOCX exports" in written) == bool(told))
