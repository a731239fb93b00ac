"""The whole pipeline against pypdf's text extraction alone, on the same files in the same run."""

from __future__ import annotations

import logging
import resource
import tempfile
from pathlib import Path
from time import perf_counter

import pypdf

from ingest import Summary, ingest
from memgpt_docs import Library


def measure(folder: Path) -> Library:
    """Prints the rates and their ratio; returns the library for further measurements.

    The pipeline runs before and after pypdf, which takes minutes: other programs that come and go
    meanwhile show as a difference between the two, but not in the pages per second of processor
    time.
    """
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    library, pages, *before = pipeline(folder)
    started, used = perf_counter(), processor_seconds()
    extracted = 0
    for path in sorted(folder.glob("*.pdf")):
        extracted += len([page.extract_text() for page in pypdf.PdfReader(path).pages])
    reference = extracted / (perf_counter() - started)
    reference_used = extracted / (processor_seconds() - used)
    _, _, *after = pipeline(folder)
    print("\n## Ingestion\n")
    print("| what | pages | pages/s | against pypdf | pages per processor second | against pypdf |")
    print("|" + "---|" * 6)
    print(
        f"| pypdf, text only, one process | {extracted} | {reference:.1f} | 1.0 "
        f"| {reference_used:.1f} | 1.0 |"
    )
    for name, (rate, by_processor) in {"before": before, "after": after}.items():
        print(
            f"| the whole pipeline, {name} | {pages} | {rate:.1f} | {rate / reference:.1f} "
            f"| {by_processor:.1f} | {by_processor / reference_used:.1f} |"
        )
    return library


def pipeline(folder: Path) -> tuple[Library, int, float, float]:
    """A new library with the files of `folder`, their pages, the pages a second and a second of
    processor time."""
    library = Library(tempfile.mkdtemp(prefix="memgpt-docs-bench-"))
    used = processor_seconds()
    for event in ingest(library, [folder]):
        if isinstance(event, Summary):
            by_processor = event.pages / (processor_seconds() - used)
            return library, event.pages, event.pages_per_s, by_processor
    raise AssertionError("a run ends with its summary")


def processor_seconds() -> float:
    """Processor time of this process and of its children that ended."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)
