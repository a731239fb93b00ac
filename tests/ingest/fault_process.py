"""What runs in a process that a test of faults ends: loaded once in a fork server, so that each of
many such processes starts at once."""

from __future__ import annotations

import resource
import shutil
import signal
from pathlib import Path

import ingest.pipeline
from memgpt_docs import Library
from memgpt_docs.embedding import default_embedder
from memgpt_docs.errors import MemGPTDocsError
from memgpt_docs.settings import Settings
from memgpt_docs.tokens import default_tokenizer

EMBEDDER = default_embedder()
EMBEDDER.embed(["warm"])
default_tokenizer().count("warm")


def take_in(library: str, folder: str, passage_tokens: int, file_limit: int = 0) -> None:
    """Ingests `folder`; with `file_limit`, as on a disk where no file can grow larger (bytes)."""
    opened = Library(library, embedder=EMBEDDER)
    if file_limit:
        # As on a full disk, writing then fails with an error.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
    try:
        for event in ingest.pipeline.ingest(
            opened, [Path(folder)], settings=Settings(passage_tokens=passage_tokens)
        ):
            print(type(event).__name__, flush=True)
            with open(f"{library}.events", "a") as file:  # noqa: PTH123
                file.write(".")
    except MemGPTDocsError as error:
        print(f"{type(error).__name__}: {error}", flush=True)


def rewrite(library: str, names: list[str]) -> None:
    """Replaces documents by themselves and deletes and adds them, for ever."""
    opened = Library(library, embedder=EMBEDDER)
    while True:
        for name in names:
            document = opened.document(name)
            pages = [opened.page(name, number + 1) for number in range(document.n_pages)]
            passages = opened.document_passages(document.doc_id)
            vectors = EMBEDDER.embed([f"{one.header}\n{one.text}" for one in passages])
            # Deleting takes the kept original along: it comes in again from a copy.
            kept, source = opened.file_path(document), Path(f"{library}.{name}")
            if kept is not None:
                shutil.copyfile(kept, source)
            opened.add(document, pages, passages, vectors, source)
            opened.delete(name)
            opened.add(document, pages, passages, vectors, source)
            opened.refresh()
