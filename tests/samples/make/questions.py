"""The questions, with the page of each piece of evidence looked up in the built files."""

import html
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import docx
import pypdf
import pypdfium2
from docx.table import Table

from make.model import Company, load
from make.paths import DATA, OUTPUT
from make.wording import Wording

FILES = {
    "h23": "Halden_Robotics_10K_FY2023.pdf",
    "h24": "Halden_Robotics_10K_FY2024.pdf",
    "c23": "Calder_Vale_Foods_10K_FY2023.pdf",
    "c24": "Calder_Vale_Foods_10K_FY2024.pdf",
    "a24": "Ardenne_Photonics_10Q_2024Q3.html",
    "msa": "Halden_Brightmoor_Master_Supply_Agreement.docx",
    "zh": "Lanchuan_Drive_Annual_Report_2024.pdf",
}
_SLOT = re.compile(r"\{(\w+):(\d{4}):([\w.]+)\}")
Marks = list[tuple[int, str, int]]


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


class Source:
    """One built document: its pages and where its sections begin."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.paged = path.suffix == ".pdf"
        self.marks: Marks = []
        if self.paged:
            self.pages = _pdf_pages(path)
            self.marks = _pdf_marks(path)
        elif path.suffix == ".docx":
            self.pages = [_docx_text(path)]
        else:
            text = re.sub(r"</?ix:[^>]*>", "", path.read_text("utf-8"))
            self.pages = [_tidy(html.unescape(re.sub(r"<[^>]+>", " ", text)))]

    def span(self, section: str) -> tuple[int, int]:
        """First and last page of a section of the outline."""
        if not section:
            return 1, len(self.pages)
        for index, (level, title, page) in enumerate(self.marks):
            if title.startswith(section):
                later = [mark[2] for mark in self.marks[index + 1 :] if mark[0] <= level]
                return page, later[0] if later else len(self.pages)
        raise SystemExit(f"{self.name}: no section {section!r}")

    def find(self, section: str, phrase: str) -> int | None:
        """The one page of the section that holds the phrase; None where there are no pages."""
        first, last = self.span(section)
        hits = [n for n in range(first, last + 1) if phrase in self.pages[n - 1]]
        if len(hits) != 1:
            raise SystemExit(f"{self.name}, {section!r}: {phrase!r} is on pages {hits}")
        return hits[0] if self.paged else None


def _pdf_pages(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    texts = [_tidy(page.get_textpage().get_text_bounded()) for page in document]
    document.close()
    return texts


def _pdf_marks(path: Path) -> Marks:
    reader = pypdf.PdfReader(path)
    marks: Marks = []

    def walk(entries: list[Any], level: int) -> None:
        for entry in entries:
            if isinstance(entry, list):
                walk(entry, level + 1)
            else:
                page = reader.get_destination_page_number(entry)
                assert page is not None
                marks.append((level, str(entry.title), page + 1))

    walk(reader.outline, 0)
    return marks


def _docx_text(path: Path) -> str:
    lines: list[str] = []
    for part in docx.Document(str(path)).iter_inner_content():
        if isinstance(part, Table):
            lines += [" ".join(cell.text for cell in row.cells) for row in part.rows]
        else:
            lines.append(part.text)
    return _tidy(" ".join(lines))


class Filler:
    """Fills {company:year:line} from the models."""

    def __init__(self) -> None:
        self.companies: dict[str, Company] = {key: load(key) for key in ("halden", "calder")}

    def fill(self, text: str) -> str:
        """The text with its slots replaced."""

        def value(match: re.Match[str]) -> str:
            key, year, line = match.groups()
            return Wording(self.companies[key], int(year)).fill("{" + line + "}")

        return _SLOT.sub(value, text)


def write_questions() -> Path:
    """Writes questions.jsonl; a phrase that is not found on just one page is an error."""
    sources = {key: Source(OUTPUT / name) for key, name in FILES.items()}
    filler = Filler()
    raw = tomllib.loads((DATA / "questions.toml").read_text("utf-8"))
    lines = []
    for number, item in enumerate(raw["q"], start=1):
        evidence = []
        for key, section, template in item["evidence"]:
            phrase = filler.fill(template)
            page = sources[key].find(section, phrase)
            evidence.append({"file": FILES[key], "page_no": page, "phrase": phrase})
        record = {
            "id": f"sample-{number:03d}",
            "question": item["question"],
            "answer": filler.fill(item["answer"]),
            "kind": item["kind"],
            "evidence": evidence,
        }
        lines.append(json.dumps(record, ensure_ascii=False))
    path = OUTPUT / "questions.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
