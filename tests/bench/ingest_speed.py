"""The whole pipeline against pypdf's text extraction alone, on the same files in the same run."""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter

import pypdf

from ingest import Summary, ingest
from memgpt_docs import Library


def measure(folder: Path) -> Library:
    """Prints both rates and their ratio; returns the library for further measurements."""
    library = Library(tempfile.mkdtemp(prefix="memgpt-docs-bench-"))
    pages, seconds = 0, 0.0
    for event in ingest(library, [folder]):
        if isinstance(event, Summary):
            pages, seconds = event.pages, event.seconds
    started = perf_counter()
    extracted = 0
    for path in sorted(folder.glob("*.pdf")):
        reader = pypdf.PdfReader(path)
        extracted += len([page.extract_text() for page in reader.pages])
    reference = extracted / (perf_counter() - started)
    print("\n## Ingestion\n")
    print("| what | pages | pages/s | against pypdf |")
    print("|---|---|---|---|")
    print(f"| pypdf, text only, one process | {extracted} | {reference:.1f} | 1.0 |")
    rate = pages / seconds
    print(f"| the whole pipeline | {pages} | {rate:.1f} | {rate / reference:.1f} |")
    return library
