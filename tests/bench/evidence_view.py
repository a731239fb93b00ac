"""How long the evidence view takes to open a place in a PDF of 1,000 pages, and to turn its pages.

The pages are those of real filings, one behind the other.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from time import perf_counter

import pypdfium2

from memgpt_docs import Library
from memgpt_docs.citations import Citation, Claim, resolve
from memgpt_docs.citations.page_images import PageImages, pdf_of, rectangles_of
from tests.bench.quotations import add

PAGES = 1_000
PLACES = 40


def measure(pdfs: Path) -> None:
    """Prints the times, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.pdf"
        _join(sorted(pdfs.glob("*.pdf")), path)
        library = Library(Path(folder) / "library")
        add(library, path)
        (document,) = library.documents()
        passages = [
            one for one in library.document_passages(document.doc_id) if len(one.text) > 900
        ]
        step = len(passages) // PLACES
        resolved: list[Citation] = []
        times: dict[str, list[float]] = {"resolving a quotation of 25 words": []}
        for passage in passages[::step][:PLACES]:
            claim = Claim(1, " ".join(passage.text.split()[60:85]))
            took = _ms(lambda claim=claim, passage=passage: resolved.append(
                resolve(claim, passage, library)))  # fmt: skip
            times["resolving a quotation of 25 words"].append(took)
        images = PageImages()
        pdf = pdf_of(document.doc_id, library)
        assert pdf is not None
        first = _ms(lambda: _open(resolved[0], library, images))
        times["opening a place: its page drawn, the words marked"] = [
            _ms(lambda one=one: _open(one, library, images)) for one in resolved[1:]
        ]
        times["the next page"] = [
            _ms(lambda one=one: images.draw(pdf, one.page_no % PAGES + 1)) for one in resolved[1:]
        ]
        times["the same place again"] = [
            _ms(lambda one=one: _open(one, library, images)) for one in resolved[-9:]
        ]
        before = getrusage(RUSAGE_CHILDREN)
        images.close()
        after = getrusage(RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    drawn = 2 * len(resolved) - 1
    print(f"\nA PDF of {document.n_pages:,} pages; {len(resolved)} places.\n")
    print("| what | ms p50 | ms p95 | ms at most |\n|---|---|---|---|")
    print(f"| the first place, its reader not started yet | {first:.0f} | | |")
    print(f"| processor time of the reader for a page, its start shared out | "
          f"{1000 * used / drawn:.0f} | | |")  # fmt: skip
    for name, taken in times.items():
        ordered = sorted(taken)
        late = ordered[int(0.95 * (len(ordered) - 1))]
        print(f"| {name} | {median(ordered):.0f} | {late:.0f} | {ordered[-1]:.0f} |")


def _open(citation: Citation, library: Library, images: PageImages) -> None:
    pdf = pdf_of(citation.doc_id, library)
    assert pdf is not None
    library.page(citation.doc_id, citation.page_no)
    images.draw(pdf, citation.page_no, rectangles_of(citation, library, images))


def _ms(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return (perf_counter() - started) * 1000


def _join(paths: list[Path], target: Path) -> None:
    long = pypdfium2.PdfDocument.new()
    for path in paths:
        try:
            source = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError:
            continue
        wanted = min(len(source), PAGES - len(long))
        long.import_pages(source, list(range(wanted)))
        source.close()
        if len(long) >= PAGES:
            break
    long.save(target)
    long.close()
