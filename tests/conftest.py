"""What all tests share: no network but this machine, no key, and small real libraries."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from memgpt_docs import Library
from memgpt_docs.storage.schema import (
    Document,
    Page,
    PageStatus,
    Passage,
    PassageKind,
    passage_id,
)
from memgpt_docs.tokens import default_tokenizer

LOOPBACK = ("127.", "::1", "localhost")
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

settings.register_profile(
    "project", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("project")


def _only_this_machine(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
            raise RuntimeError(f"a test tried to reach {address[0]}")


sys.addaudithook(_only_this_machine)
for name in [name for name in os.environ if "API_KEY" in name or name.startswith("MEMGPT_DOCS_")]:
    del os.environ[name]
# What is kept about servers, and settings, are the user's own: tests have folders for themselves.
_home = tempfile.TemporaryDirectory(prefix="memgpt-docs-tests-")
for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
    os.environ[name] = str(Path(_home.name) / name)


@pytest.fixture
def data() -> Path:
    """Public documents and questions to measure on; they are not part of the project."""
    if not DATA.exists():
        pytest.skip("the shared measuring data is not on this machine")
    return DATA


Files = Mapping[str, Sequence[str]]


def add_file(library: Library, file: str, pages: Sequence[str]) -> Document:
    """Adds a document of one passage a page."""
    digest = sha256("\f".join([file, *pages]).encode()).hexdigest()
    doc_id = digest[:16]
    passages = [
        Passage(
            passage_id=passage_id(doc_id, number, 0, text),
            doc_id=doc_id,
            ordinal=number - 1,
            page_no=number,
            start=0,
            end=len(text),
            section="",
            header=file,
            kind=PassageKind.PROSE,
            text=text,
            n_tokens=default_tokenizer().count(text),
        )
        for number, text in enumerate(pages, start=1)
    ]
    document = Document(
        doc_id=doc_id,
        file=file,
        title=file,
        kind="text",
        n_pages=len(pages),
        n_passages=len(pages),
        n_tokens=sum(passage.n_tokens for passage in passages),
        n_bytes=sum(map(len, pages)),
        sha256=digest,
        unread_pages=(),
        reader="test",
        ingested_at=datetime.now(UTC),
    )
    library.add(
        document,
        [Page(number, text, PageStatus.TEXT) for number, text in enumerate(pages, start=1)],
        passages,
        library.embedder.embed(pages),
    )
    return document


@pytest.fixture
def make_library(tmp_path: Path) -> Callable[[Files], Library]:
    """Makes a library in a folder of its own from {file: texts of its pages}."""

    def make(files: Files) -> Library:
        library = Library(tmp_path / "library")
        for file, pages in files.items():
            add_file(library, file, pages)
        library.refresh()
        return library

    return make


REPORTS: Files = {
    "Acme_2023.pdf": [
        "Acme Corp annual report for fiscal 2023.",
        "Revenue of Acme was $1,577 million in fiscal 2023, up 4 percent from the year before.",
        "The supply agreement ends in 2027. Acme may not assign it without consent.",
        "Purchases of property, plant and equipment were $312 million in fiscal 2023.",
    ],
    "Birch_2023.pdf": [
        "Birch Ltd annual report for fiscal 2023.",
        "Birch earned revenue of $890 million in fiscal 2023.",
        "Employees numbered 12,400 at year end. 净利润为三亿元。",
    ],
}


@pytest.fixture
def reports(make_library: Callable[[Files], Library]) -> Library:
    """Two short annual reports."""
    return make_library(REPORTS)
