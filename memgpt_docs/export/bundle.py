"""An evidence bundle: a zip that holds answers with all that is needed to check them elsewhere.

    manifest.json   version, date, sha256 of every member and of every source document
    answers.json    the answers (docs/answer.schema.json)
    answers.md      the same for reading
    pages.json      the text of every cited page, and where its quotations stand on it
    pages/*.png     pictures of the cited pages, quotations marked (of PDFs)
    trace.json      every call the processor made, every page of results it was shown

`verification.py` re-checks one.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from typing import Any

from memgpt_docs import __version__
from memgpt_docs.citations import Citation
from memgpt_docs.citations.page_images import PageImages, pdf_of, rectangles_of
from memgpt_docs.citations.rectangles import Rectangle
from memgpt_docs.errors import MemGPTDocsError, PageUnavailable
from memgpt_docs.events import Transcript
from memgpt_docs.export import json as stable
from memgpt_docs.export import markdown
from memgpt_docs.export.report import Report
from memgpt_docs.storage.library import Library

FORMAT = 1
MANIFEST, ANSWERS, PAGES, TRACE = "manifest.json", "answers.json", "pages.json", "trace.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write(report: Report, library: Library, images: PageImages) -> bytes:
    """The bundle of a report as the bytes of a zip. The same report gives the same bytes."""
    members: dict[str, bytes] = {}
    pages = []
    for doc_id, page_no, places in _cited_pages(report):
        page, picture = _page(doc_id, page_no, places, library, images)
        if picture:
            page["picture"] = f"pages/{doc_id}-{page_no:05}.png"
            members[page["picture"]] = picture
        pages.append(page)
    members[ANSWERS] = _json(stable.report(report))
    members["answers.md"] = markdown.write(report).encode("utf-8", "replace")
    members[PAGES] = _json(pages)
    members[TRACE] = _json([_trace(transcript) for transcript in report.transcripts])
    manifest = {
        "format": FORMAT,
        "made_by": f"memgpt-docs {__version__}",
        "made_at": report.written.isoformat(),
        "members": {name: sha256(contents).hexdigest() for name, contents in members.items()},
        "sources": [
            {"doc_id": one.doc_id, "file": one.file, "kind": one.kind, "sha256": one.sha256}
            for one in report.documents
        ],
    }
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in {MANIFEST: _json(manifest), **members}.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), contents, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


Places = list[tuple[int, Citation]]  # the 0-based number of an answer and a citation of it


def _cited_pages(report: Report) -> Iterator[tuple[str, int, Places]]:
    found: dict[tuple[str, int], Places] = {}
    for number, transcript in enumerate(report.transcripts):
        assert transcript.answer is not None
        for citation in transcript.answer.citations:
            key = (citation.doc_id, citation.page_no)
            found.setdefault(key, []).append((number, citation))
    for (doc_id, page_no), places in sorted(found.items()):
        yield doc_id, page_no, places


def _page(
    doc_id: str, page_no: int, places: Places, library: Library, images: PageImages
) -> tuple[dict[str, Any], bytes]:
    """A cited page, and its picture; empty where it has none. A document that was deleted since
    leaves its cited chunks only."""
    page: dict[str, Any] = {"doc_id": doc_id, "page_no": page_no, "text": "", "quotations": []}
    try:
        page["text"] = library.page(doc_id, page_no).text
    except MemGPTDocsError:
        return page, b""
    everything: list[Rectangle] = []
    for answer, citation in places:
        try:
            rectangles = rectangles_of(citation, library, images)
        except PageUnavailable:
            rectangles = []
        everything += rectangles
        page["quotations"].append(
            {
                "answer": answer,
                "quote": citation.quote,
                "rectangles": [[r.left, r.top, r.right, r.bottom] for r in rectangles],
            }
        )
    path = pdf_of(doc_id, library)
    if path is None:
        return page, b""
    try:
        return page, images.draw(path, page_no, everything).png
    except PageUnavailable:
        return page, b""


def _trace(transcript: Transcript) -> dict[str, Any]:
    return {
        "question": transcript.question,
        "calls": [
            {
                "step": call.step,
                "function": call.name,
                "arguments": call.arguments,
                "thought": call.thought,
            }
            for call in transcript.steps
        ],
        "results": [
            {"step": read.step, "handles": list(read.handles), **stable.results_page(read.page)}
            for read in transcript.pages
        ],
        "working_context": transcript.working_context,
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace")
