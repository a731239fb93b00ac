"""The whole pipeline against pypdf's text extraction alone, on the same files in the same run."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from time import perf_counter

import pypdf

from ingest import Summary, ingest
from memgpt_docs import Library


def measure(folder: Path) -> Library:
    """Prints the rates and their ratio; returns the library for further measurements.

    The pipeline runs before and after pypdf, which takes minutes: other programs that come and go
    meanwhile show as a difference between the two.
    """
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    library, pages, before = pipeline(folder)
    started = perf_counter()
    extracted = 0
    for path in sorted(folder.glob("*.pdf")):
        extracted += len([page.extract_text() for page in pypdf.PdfReader(path).pages])
    reference = extracted / (perf_counter() - started)
    _, _, after = pipeline(folder)
    print("\n## Ingestion\n")
    print("| what | pages | pages/s | against pypdf |")
    print("|---|---|---|---|")
    print(f"| pypdf, text only, one process | {extracted} | {reference:.1f} | 1.0 |")
    print(f"| the whole pipeline, before | {pages} | {before:.1f} | {before / reference:.1f} |")
    print(f"| the whole pipeline, after | {pages} | {after:.1f} | {after / reference:.1f} |")
    return library


def pipeline(folder: Path) -> tuple[Library, int, float]:
    """A new library with the files of `folder`, their pages and the pages a second."""
    library = Library(tempfile.mkdtemp(prefix="memgpt-docs-bench-"))
    for event in ingest(library, [folder]):
        if isinstance(event, Summary):
            return library, event.pages, event.pages_per_s
    raise AssertionError("a run ends with its summary")
