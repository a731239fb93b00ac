"""The documents of a report as RIS and BibTeX, for reference managers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from memgpt_docs.export.report import Report, printable
from memgpt_docs.storage.schema import Document

_TEX = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
        "%": r"\%", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}  # fmt: skip


def to_ris(report: Report) -> str:
    """A RIS record for each document."""
    return "".join(_ris(document) for document in report.documents)


def to_bibtex(report: Report) -> str:
    """A BibTeX entry for each document."""
    return "\n".join(_bibtex(document) for document in report.documents)


def _ris(document: Document) -> str:
    lines = [("TY", "RPRT"), *_fields(document)]
    names = {"title": "TI", "author": "AU", "year": "PY", "date": "DA", "type": "M3", "file": "L1",
             "pages": "SP", "note": "N1"}  # fmt: skip
    text = "".join(f"{names.get(name, name)}  - {_line(value)}\r\n" for name, value in lines)
    return f"{text}ER  - \r\n"


def _bibtex(document: Document) -> str:
    words = re.findall(r"[A-Za-z0-9]+", document.company or document.title or document.file)
    key = f"{''.join(words[:1]) or 'document'}{document.fiscal_year or ''}-{document.doc_id[:6]}"
    names = {"author": "institution", "type": "type", "pages": "pagetotal", "date": "date"}
    lines = ",\n".join(
        f"  {names.get(name, name)} = {{{_tex(value)}}}" for name, value in _fields(document)
    )
    return f"@techreport{{{key},\n{lines}\n}}\n"


def _fields(document: Document) -> Iterator[tuple[str, str]]:
    yield "title", document.title or document.file
    if document.company:
        yield "author", document.company
    if document.fiscal_year:
        yield "year", str(document.fiscal_year)
    if document.filing_date:
        yield "date", document.filing_date
    if document.form_type:
        yield "type", document.form_type
    yield "pages", str(document.n_pages)
    yield "file", document.file
    yield "note", f"sha256 {document.sha256}"


def _line(text: str) -> str:
    return " ".join(printable(text).split())


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in _line(text))
