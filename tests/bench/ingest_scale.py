"""How ingestion scales: one document of 1,000 and of 2,000 pages, and many small documents.

Memory is that of the whole process tree, sampled while a fresh process ingests.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import Any

import pypdf

SAMPLES = Path(__file__).resolve().parents[2] / "sample_docs"
SAMPLE_S = 0.05
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# Ingests argv[2:] into argv[1]; prints, by number of files done, resident megabytes of itself and
# seconds since the 200 before, and the seconds until the first event and the first pages.
INGEST = """
import json, os, sys
from time import perf_counter
from ingest import FileDone, ingest
from memgpt_docs import Library
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
library = Library(sys.argv[1])
done, sizes, first = 0, {}, {}
began = since = perf_counter()
for event in ingest(library, sys.argv[2:]):
    first.setdefault(type(event).__name__, perf_counter() - began)
    if isinstance(event, FileDone):
        assert event.status == "added", event
        done += 1
        if done % 200 == 0:
            sizes[done] = [round(resident()), round(perf_counter() - since, 1)]
            since = perf_counter()
print(json.dumps({"sizes": sizes, "first": first}))
"""


def measure() -> None:
    print("\n## Ingestion of large documents\n")
    print(
        "| pages | seconds | processor seconds | pages/s | peak memory of all processes, MB "
        "| first event, s | first pages, s |"
    )
    print("|" + "---|" * 7)
    seconds = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for n_pages in (1000, 2000):
            path = long_document(folder / f"{n_pages}.pdf", n_pages)
            before = processor_seconds()
            took, peak, said = ingested(folder / f"library{n_pages}", path)
            used = processor_seconds() - before
            seconds.append((took, used))
            first = said["first"]
            print(
                f"| {n_pages} | {took:.1f} | {used:.1f} | {n_pages / took:.0f} | {peak:.0f} "
                f"| {first['FileStarted']:.2f} | {first['PagesRead']:.2f} |"
            )
    (took, used), (took_twice, used_twice) = seconds
    print(
        f"\nTwice the pages take {took_twice / took:.2f} times as long and "
        f"{used_twice / used:.2f} times the processor time, starting up included."
    )
    many_small_documents(1000)


def many_small_documents(count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "documents"
        folder.mkdir()
        for number in range(count):
            lines = [f"Note {number}: on line {line} sales rose." for line in range(30)]
            (folder / f"{number:04}.txt").write_text("\n\n".join(lines))
        took, peak, said = ingested(Path(name) / "library", folder)
    print(f"\n## Ingestion of {count} small documents\n")
    print("| documents | memory of the process, MB | seconds for the last 200 |")
    print("|---|---|---|")
    for done, (size, seconds) in said["sizes"].items():
        print(f"| {done} | {size} | {seconds} |")
    print(f"\n{count / took:.1f} documents a second; peak of all processes {peak:.0f} MB.")


def long_document(path: Path, n_pages: int) -> Path:
    """A PDF of `n_pages` pages, those of the sample annual reports in turn."""
    writer = pypdf.PdfWriter()
    pages = [page for file in sorted(SAMPLES.glob("*_10K_*.pdf")) for page in
             pypdf.PdfReader(file).pages]  # fmt: skip
    for number in range(n_pages):
        writer.add_page(pages[number % len(pages)])
    writer.write(path)
    return path


def ingested(library: Path, source: Path) -> tuple[float, float, dict[str, Any]]:
    """Seconds, peak megabytes of the process tree, and what the process said."""
    command = [sys.executable, "-c", INGEST, str(library), str(source)]
    started = perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    ended, peaks = Event(), [0.0]

    def watch() -> None:
        while not ended.wait(SAMPLE_S):
            peaks.append(sum(resident(pid) for pid in tree(process.pid)))

    watcher = Thread(target=watch)
    watcher.start()
    said, _ = process.communicate()
    ended.set()
    watcher.join()
    if process.returncode:
        raise RuntimeError(f"the ingesting process ended with {process.returncode}")
    return perf_counter() - started, max(peaks), json.loads(said)


def processor_seconds() -> float:
    """Processor time of all processes that ended so far, which other programs do not disturb."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def tree(root: int) -> list[int]:
    """The process `root` and all that it started, directly or not."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                # The name of a program may hold spaces and brackets.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += parents.get(pid, [])
    return found


def resident(pid: int) -> float:
    """Resident megabytes of a process; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES / 1e6
    except (OSError, IndexError):
        return 0.0


if __name__ == "__main__":
    measure()
