"""Large libraries: how long a search takes among 100,000 and 1,000,000 passages, and whether taking
in documents becomes slower.

The passages are synthetic: words drawn by Zipf's law, vectors in clusters around those of such
texts, so that queries lie among them. They are written in large batches, as an import would; the
search runs in a process of its own, so that its memory is that of a search.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time

import numpy as np
import pyarrow as pa

from ingest import ingest
from memgpt_docs import Library
from memgpt_docs.embedding import Embedder
from memgpt_docs.storage.rows import document_to_arrow
from memgpt_docs.storage.schema import Document, passages_schema
from tests.bench.ingest_scale import resident

SIZES = (100_000, 1_000_000)
BATCH = 50_000
PER_DOCUMENT = 1_000
WORDS, VOCABULARY, CLUSTERS = 60, 50_000, 500
QUERIES = 60
FILES = 10


def measure(sizes: tuple[int, ...] = SIZES) -> None:
    print("\n## Large libraries\n")
    columns = [
        "passages", "write, s", "index, s", "first page p50 ms", "p95 ms", "CPU p50 ms", "p95 ms",
        "next page p50 ms", "p95 ms", "search process, MB",
        f"{FILES} files in, s: empty library", "in this one", "indices brought up to date, s",
    ]  # fmt: skip
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    with tempfile.TemporaryDirectory() as name:
        for size in sizes:
            folder = Path(name) / str(size)
            library = Library(folder)
            write_s = fill(library, size)
            started = perf_counter()
            library.refresh()
            print(row(folder, write_s, perf_counter() - started), flush=True)


def row(folder: Path, write_s: float, index_s: float) -> str:
    """What is measured of the library in `folder`."""
    said = searched(folder)
    library = Library(folder)
    size = library.passages_table.count_rows()
    empty_s, here_s = taking_in(library)
    started = perf_counter()
    library.passages_table.optimize()
    refresh_s = perf_counter() - started
    cells = [f"{size:,}", f"{write_s:.0f}", f"{index_s:.0f}"]
    cells += [f"{value:.1f}" for value in said["first"] + said["cpu"] + said["next"]]
    cells += [f"{said['memory']:.0f}", f"{empty_s:.2f}", f"{here_s:.2f}", f"{refresh_s:.1f}"]
    return "| " + " | ".join(cells) + " |"


def fill(library: Library, size: int) -> float:
    """Seconds to write `size` passages in documents of `PER_DOCUMENT`."""
    seconds = 0.0
    for first in range(0, size, BATCH):
        table, documents = batch(first, library.embedder)
        started = perf_counter()
        library.passages_table.add(table)
        library.documents_table.add(pa.concat_tables(map(document_to_arrow, documents)))
        seconds += perf_counter() - started
    return seconds


def batch(first: int, embedder: Embedder) -> tuple[pa.Table, list[Document]]:
    random = np.random.default_rng(first + 1)
    texts = list(sentences(random, BATCH))
    dimension = embedder.dimension
    # Queries are short, so their vectors differ more: the clusters are those of short texts.
    short = [" ".join(text.split()[:10]) for text in sentences(np.random.default_rng(0), CLUSTERS)]
    centres = embedder.embed(short)
    vectors = centres[random.integers(CLUSTERS, size=BATCH)]
    noise = random.normal(size=vectors.shape) / dimension**0.5
    vectors = (vectors + 0.7 * noise).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    numbers = range(first, first + BATCH)
    doc_ids = [f"{number // PER_DOCUMENT:016x}" for number in numbers]
    flat = pa.array(vectors.reshape(-1))
    columns = {
        "passage_id": [f"p{number:015x}" for number in numbers],
        "doc_id": doc_ids,
        "ordinal": [number % PER_DOCUMENT for number in numbers],
        "page_no": [1 + number % PER_DOCUMENT // 4 for number in numbers],
        "start": [0] * BATCH,
        "end": [len(text) for text in texts],
        "section": ["Item 7 > Results"] * BATCH,
        "header": [f"Company {doc_id.lstrip('0')}" for doc_id in doc_ids],
        "kind": ["prose"] * BATCH,
        "text": texts,
        "n_tokens": [WORDS] * BATCH,
        "search_text": texts,
        "vector": pa.FixedSizeListArray.from_arrays(flat, dimension),
    }
    documents = [document(doc_id) for doc_id in dict.fromkeys(doc_ids)]
    return pa.Table.from_pydict(columns, schema=passages_schema(dimension)), documents


def document(doc_id: str) -> Document:
    number = int(doc_id, 16)
    return Document(
        doc_id, f"company{number}_10K.pdf", f"Company{number} 10-K", "pdf", PER_DOCUMENT // 4,
        PER_DOCUMENT, PER_DOCUMENT * WORDS, 1, doc_id * 4, (), "bench", datetime.now(UTC),
        company=f"Company{number} Inc.", form_type="10-K", fiscal_year=2000 + number % 25,
        fiscal_period="FY",
    )  # fmt: skip


def sentences(random: np.random.Generator, count: int) -> Iterator[str]:
    weights = 1 / np.arange(10, VOCABULARY + 10)
    words = np.array([f"word{number}" for number in range(VOCABULARY)])
    drawn = random.choice(words, size=(count, WORDS), p=weights / weights.sum())
    return (" ".join(row) for row in drawn)


def taking_in(library: Library) -> tuple[float, float]:
    """Seconds to take in `FILES` text files of some 100 passages, from the file to the end of
    `ingest`, into an empty library and into `library`; the better of three turns each."""
    seconds: tuple[list[float], list[float]] = ([], [])
    with tempfile.TemporaryDirectory() as name:
        for turn in range(3):
            folder = Path(name) / f"files{turn}"
            folder.mkdir()
            for number in range(FILES):
                random = np.random.default_rng([turn, number, library.version])
                text = "\n\n".join(sentences(random, 150))
                (folder / f"{turn}-{number}.txt").write_text(text, "utf-8")
            for place, into in enumerate((Library(Path(name) / f"empty{turn}"), library)):
                started = perf_counter()
                for _ in ingest(into, [folder]):
                    pass
                seconds[place].append(perf_counter() - started)
    return min(seconds[0]), min(seconds[1])


def searched(folder: Path) -> dict[str, list[float]]:
    """Milliseconds (p50 and p95) for first and next pages in a fresh process, and its memory. The
    CPU time is of all threads: what is above it, other programs took."""
    command = [sys.executable, "-m", "tests.bench.search_scale", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said: dict[str, list[float]] = json.loads(done.stdout)
    return said


def search(folder: Path) -> None:
    """What the fresh process does: queries of four to ten words, some naming a company."""
    library = Library(folder)
    random = np.random.default_rng(99)
    queries = [" ".join(text.split()[: 4 + n % 7]) for n, text in
               enumerate(sentences(random, QUERIES + 3))]  # fmt: skip
    queries = [f"Company{n} {q}" if n % 3 == 0 else q for n, q in enumerate(queries)]
    first, cpu, turned = [], [], []
    for number, query in enumerate(queries):
        started, worked = perf_counter(), process_time()
        library.archival.search(query)
        middle, working = perf_counter(), process_time()
        library.archival.search(query, page=2)
        if number >= 3:  # the first few load the indices
            first.append(1000 * (middle - started))
            cpu.append(1000 * (working - worked))
            turned.append(1000 * (perf_counter() - middle))
    import os

    said = {
        "first": [median(first), quantiles(first, n=20)[-1]],
        "cpu": [median(cpu), quantiles(cpu, n=20)[-1]],
        "next": [median(turned), quantiles(turned, n=20)[-1]],
        "memory": resident(os.getpid()),
    }
    print(json.dumps(said))


if __name__ == "__main__":
    search(Path(sys.argv[1]))
