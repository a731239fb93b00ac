"""The formats of an export, by the ending of its file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from memgpt_docs.errors import UsageError
from memgpt_docs.export.report import Report


@dataclass(frozen=True)
class Format:
    """One format. Its library is loaded when it is written: most exports need none."""

    suffix: str  # with its dot
    name: str  # as a user is told of it
    mime: str
    write: Callable[[Report], bytes]


def _markdown(report: Report) -> bytes:
    from memgpt_docs.export.markdown import write

    return write(report).encode("utf-8", "replace")


def _word(report: Report) -> bytes:
    from memgpt_docs.export.word import write

    return write(report)


def _pdf(report: Report) -> bytes:
    from memgpt_docs.export.pdf import write

    return write(report)


def _html(report: Report) -> bytes:
    from memgpt_docs.export.html import write

    return write(report).encode("utf-8", "replace")


def _json(report: Report) -> bytes:
    from memgpt_docs.export.json import report as to_json

    return json.dumps(to_json(report), ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _xlsx(report: Report) -> bytes:
    from memgpt_docs.export.sheet import evidence, to_xlsx

    return to_xlsx({"Evidence": evidence(report)})


def _csv(report: Report) -> bytes:
    from memgpt_docs.export.sheet import evidence, to_csv

    # With a mark at its head, without which a spreadsheet takes UTF-8 for something else.
    return to_csv(evidence(report)).encode("utf-8-sig", "replace")


def _ris(report: Report) -> bytes:
    from memgpt_docs.export.references import to_ris

    return to_ris(report).encode("utf-8", "replace")


def _bibtex(report: Report) -> bytes:
    from memgpt_docs.export.references import to_bibtex

    return to_bibtex(report).encode("utf-8", "replace")


_OFFICE = "application/vnd.openxmlformats-officedocument"
FORMATS = {
    one.suffix: one
    for one in (
        Format(".md", "Markdown", "text/markdown", _markdown),
        Format(".docx", "Word", f"{_OFFICE}.wordprocessingml.document", _word),
        Format(".pdf", "PDF", "application/pdf", _pdf),
        Format(".html", "HTML", "text/html", _html),
        Format(".json", "JSON", "application/json", _json),
        Format(".xlsx", "Excel", f"{_OFFICE}.spreadsheetml.sheet", _xlsx),
        Format(".csv", "CSV", "text/csv", _csv),
        Format(".ris", "RIS", "application/x-research-info-systems", _ris),
        Format(".bib", "BibTeX", "application/x-bibtex", _bibtex),
    )
}


def format_of(file: str) -> Format:
    """The format that the name of a file asks for. Raises `UsageError`."""
    suffix = PurePath(file).suffix.casefold()
    if suffix not in FORMATS:
        known = ", ".join((*FORMATS, ".zip (an evidence bundle)"))
        raise UsageError(f"{file} has no ending that says its format.", f"Known are: {known}.")
    return FORMATS[suffix]
