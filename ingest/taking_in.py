"""Taking files in from beginning to end: read, stored, and pages that are pictures recognised."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from ingest.intake import Source
from ingest.ocr import is_available, recognise
from ingest.pipeline import ingest
from ingest.progress import FileStatus, PassagesEmbedded, Progress, Recognition, Summary
from memgpt_docs.settings import Settings
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.reembedding import follow
from memgpt_docs.storage.schema import Document


def take_in(
    library: Library,
    sources: Iterable[Source | str | Path],
    *,
    settings: Settings | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    recognition: bool = True,
) -> Iterator[Progress | Recognition]:
    """Like `ingest`; then, where the extra `ocr` is installed, the words on pages that are pictures
    are recognised, and better vectors follow where the library is searched by such. The last event
    is the `Summary` of `ingest`, with the pages still unread."""
    summary = None
    for event in ingest(library, sources, settings=settings, cancelled=cancelled):
        if isinstance(event, Summary):
            summary = event
        else:
            yield event
    if summary is None:
        return
    added = {one.doc_id for one in summary.files if one.status is FileStatus.ADDED}
    if recognition and added and is_available():
        for said in recognise(library, settings, cancelled, added):
            if not isinstance(said, Summary):
                yield said
        unread = {one.doc_id: one.unread_pages for one in library.documents()}
        files = (
            replace(one, unread_pages=unread.get(one.doc_id, one.unread_pages))
            for one in summary.files
        )
        summary = replace(summary, files=tuple(files))
    for made in follow(library, cancelled):
        yield PassagesEmbedded(
            made.file,
            made.passages_done,
            made.passages_total,
            made.passages_per_s,
            made.seconds_left,
        )
    yield summary


def renew(
    library: Library, document: Document, *, settings: Settings | None = None
) -> Iterator[Progress]:
    """Takes `document` in again from its kept file, so that the headers of its passages say what is
    known of it now. Does nothing where no file was kept."""
    path = library.file_path(document)
    if path is not None:
        yield from ingest(library, [Source(path, document.file)], settings=settings)
