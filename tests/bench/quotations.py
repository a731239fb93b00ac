"""Quotations: whether true ones are exact and stand in their rectangles, and changed ones are not.

200 sentences and 100 rows of tables are drawn from the filings with a fixed seed, each is quoted as
it is and with one word, digit, sign or negation changed. The evidence texts of the questions, which
another tool took from the same pages, are looked for on their pages.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np

from ingest.readers import pdf
from ingest.readers.message import ReadPage
from memgpt_docs import Library
from memgpt_docs.citations import Claim, QuoteStatus, check, find_quote, resolve
from memgpt_docs.citations.comparable import squeezed
from memgpt_docs.citations.difference import figures
from memgpt_docs.citations.page_images import PageImages, rectangles_of
from memgpt_docs.storage.schema import (
    Document,
    Page,
    PageStatus,
    Passage,
    PassageKind,
    passage_id,
)

SEED = 7
SENTENCES, ROWS = 200, 100
_SENTENCE = re.compile(r"(?<=[.!?]\s)[A-Z][^.!?|]{40,280}[a-z)]{2}\.(?=\s)")
_ROW = re.compile(r"^[A-Z][A-Za-z ,&'’-]{6,60}(?: [$(]*\d[\d,.]*\)?%?){2,5}$", re.MULTILINE)


@dataclass(frozen=True)
class Sample:
    """Words taken from a page."""

    passage: Passage
    text: str


def measure(pdfs: Path, questions: Path) -> None:
    """Prints what became of each kind of quotation."""
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder) / "library")
        for path in sorted(pdfs.glob("*.pdf")):
            add(library, path)
        images = PageImages()
        _true_and_changed(library, images, random.Random(SEED))
        _evidence(library, questions)
        images.close()


def add(library: Library, path: Path) -> None:
    """Adds a PDF with one passage a page; how it is cut does not matter here."""
    digest = sha256(path.read_bytes()).hexdigest()
    doc_id = digest[:16]
    read = [page for page in pdf.read(path, 5000) if isinstance(page, ReadPage)]
    passages = [
        Passage(passage_id(doc_id, page.page_no, 0, page.text), doc_id, page.page_no - 1,
                page.page_no, 0, len(page.text), "", "", PassageKind.PROSE, page.text, 0)
        for page in read
    ]  # fmt: skip
    document = Document(
        doc_id, path.name, path.stem, "pdf", len(read), len(read), 0, path.stat().st_size, digest,
        (), "pypdfium2", datetime.now(UTC),
    )  # fmt: skip
    pages = [Page(page.page_no, page.text, PageStatus.TEXT) for page in read]
    vectors = np.tile(library.embedder.embed([path.stem]), (len(pages), 1))
    library.add(document, pages, passages, vectors, path)


def _true_and_changed(library: Library, images: PageImages, chance: random.Random) -> None:
    samples = {
        "sentences": draw(library, _SENTENCE, SENTENCES, chance),
        "rows of tables": draw(library, _ROW, ROWS, chance),
    }
    print("\n| quotation | drawn | exact | near | not found | in its rectangles |")
    print("|---|---|---|---|---|---|")
    everything = [sample for drawn in samples.values() for sample in drawn]
    for name, drawn in samples.items():
        found = [resolve(Claim(1, one.text), one.passage, library) for one in drawn]
        standing = 0
        for citation in found:
            rectangles = rectangles_of(citation, library, images)
            path = library.file_path(library.document(citation.doc_id))
            assert path is not None
            stands = images.read(path, citation.page_no, rectangles)
            # Hyphens at line ends are drawn and counted on both sides.
            if squeezed(stands) == squeezed(citation.quote):
                standing += 1
            else:
                print(f"<!-- {citation.file} {citation.page_no}: {citation.quote!r} {stands!r} -->")
        print(_line(name, [c.status for c in found], f"{standing} of {len(found)}"))
    for kind in ("word", "digit", "sign", "negation"):
        changed = [
            (one, text)
            for one in everything
            if (text := change(one.text, kind, chance)) != one.text
        ]
        states, true_elsewhere = [], 0
        for one, text in changed:
            if _stands_elsewhere(library, one.passage.doc_id, text):
                true_elsewhere += 1  # the change made another sentence of the document
                continue
            citation = resolve(Claim(1, text), one.passage, library)
            states.append(citation.status)
            if citation.status is QuoteStatus.EXACT or (
                citation.status is QuoteStatus.NEAR and kind != "word"
            ):
                print(f"<!-- {kind} {citation.status}: {one.text!r} -> {text!r} -->")
        more = f"{true_elsewhere} left out: they stand elsewhere" if true_elsewhere else ""
        print(_line(f"one {kind} changed", states, more))


def _stands_elsewhere(library: Library, doc_id: str, text: str) -> bool:
    plain = " ".join(text.split())
    return any(plain in " ".join(page.text.split()) for page in library.pages(doc_id))


def _line(name: str, states: list[QuoteStatus], more: str) -> str:
    counts = Counter(states)
    cells = " | ".join(str(counts[state]) for state in QuoteStatus)
    return f"| {name} | {len(states)} | {cells} | {more} |"


def draw(
    library: Library, pattern: re.Pattern[str], wanted: int, chance: random.Random
) -> list[Sample]:
    """That many matches of `pattern`, drawn over all documents."""
    found: list[Sample] = []
    for document in library.documents():
        for passage in library.document_passages(document.doc_id):
            found.extend(Sample(passage, match.group()) for match in pattern.finditer(passage.text))
    return chance.sample(found, wanted)


def change(text: str, kind: str, chance: random.Random) -> str:
    """`text` with one word, digit, sign or negation changed; as it is where it has none."""
    if kind == "word":
        words = list(re.finditer(r"\b[a-z]{4,}\b", text))
        if not words:
            return text
        word = chance.choice(words)
        return f"{text[: word.start()]}{word.group()[::-1].title()}{text[word.end() :]}"
    if kind == "digit":
        digits = list(re.finditer(r"\d", text))
        if not digits:
            return text
        digit = chance.choice(digits)
        other = chance.choice([d for d in "0123456789" if d != digit.group()])
        return text[: digit.start()] + other + text[digit.end() :]
    if kind == "sign":
        numbers = list(re.finditer(r"\([\d,.]+\)|(?<![\w.,(])\d[\d,.]*\d(?![\w.,)%])", text))
        if not numbers:
            return text
        number = chance.choice(numbers)
        inside = number.group().strip("()")
        turned = (
            inside
            if number.group().startswith("(")
            else chance.choice([f"({inside})", f"-{inside}", f"−{inside}", f"{inside}-"])
        )
        return text[: number.start()] + turned + text[number.end() :]
    if re.search(r"\bnot\b", text):
        return re.sub(r"\bnot ?\b", "", text, count=1)
    return re.sub(r"\b(is|are|was|were|has|have|had|will|may|can)\b", r"\1 not", text, count=1)


def _evidence(library: Library, questions: Path) -> None:
    files = {document.file.removesuffix(".pdf"): document for document in library.documents()}
    asked = [json.loads(line) for line in questions.read_text("utf-8").splitlines()]
    found: Counter[str] = Counter()
    for question in asked:
        for evidence in question["evidence"]:
            document = files[evidence["doc"]]
            page = library.page(document.doc_id, evidence["page_no"])
            state = _stands(evidence["text"], page.text)
            found[state] += 1
            if state.startswith("not"):
                print(f"<!-- {question['id']} {document.file} p.{page.page_no}: {state} -->")
    print(f"\nEvidence texts of {len(asked)} questions: {dict(found)}")


def _stands(evidence: str, page: str) -> str:
    if find_quote(evidence, page) is not None:
        return "exact, in one piece"
    passage = Passage("", "", 0, 1, 0, len(page), "", "", PassageKind.PROSE, page, 0)
    if check(Claim(1, evidence), passage, "").status is QuoteStatus.NEAR:
        return "near, in one piece"
    pieces = list(_pieces(evidence))
    standing = [piece for piece in pieces if find_quote(piece, page)]
    share = len(standing) / max(1, len(pieces))
    every_figure = not (Counter(figures(evidence)) - Counter(figures(page)))
    if share >= 0.9 and every_figure:
        return "by lines, all figures"
    return f"not whole: {share:.0%} of lines, {'all' if every_figure else 'not all'} figures"


def _pieces(evidence: str) -> Iterator[str]:
    for line in evidence.splitlines():
        if len("".join(line.split())) > 2:
            yield line
