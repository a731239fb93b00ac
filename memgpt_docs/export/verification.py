"""Re-checks an evidence bundle, offline: its members, its quotations, its figures, its sources.

Nothing of a bundle is trusted and nothing of it is written to disk. Sums in the manifest find what
was changed by accident. What was changed on purpose is found link by link: figures are checked
anew against the quotations, quotations against the cited chunks, chunks against the pages, and
chunks and quotations against the source documents, which are known by their sha256.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from memgpt_docs.calls import parsed
from memgpt_docs.citations import Citation, QuoteStatus, examine, find_quote
from memgpt_docs.citations.comparable import Comparable, squeezed
from memgpt_docs.citations.difference import nearest
from memgpt_docs.citations.page_images import PageImages
from memgpt_docs.errors import MemGPTDocsError, PageUnavailable, UsageError
from memgpt_docs.export.bundle import ANSWERS, FORMAT, MANIFEST, PAGES

MAX_MEMBERS = 10_000
MAX_BYTES = 1 << 30  # of all members, unpacked
ID_DIGITS = 16  # of a document: so many hex digits of its sha256
NOT_A_BUNDLE = "Choose the zip that was exported as an evidence bundle."


@dataclass(frozen=True)
class Finding:
    """Something that was checked, or what is wrong with it."""

    what: str
    problem: str = ""  # empty where it is as it was

    def __str__(self) -> str:
        return f"{self.what}: {self.problem or 'as it was'}"


Read = Callable[[Path], Sequence[str]]  # the texts of a document's pages; may raise


def verify(
    bundle: Path, documents: Path | None, images: PageImages, read: Read | None = None
) -> Iterator[Finding]:
    """Yields what was checked. With `documents`, a folder, the sources are looked for in it by
    their sha256 and the quotations on their pages; with `read` they are read again and every cited
    chunk is looked for in them. Raises `UsageError` for what is no bundle."""
    members = _members(bundle)
    manifest = _object(members, MANIFEST)
    if manifest.get("format") != FORMAT:
        raise UsageError(f"{bundle.name} is a bundle of another version.", NOT_A_BUNDLE)
    yield from _sums(manifest, members)
    try:
        answers = parsed(members.get(ANSWERS, b""))["answers"]
        pages = {(p["doc_id"], p["page_no"]): p["text"] for p in parsed(members.get(PAGES, b""))}
        cited = [[_citation(raw) for raw in answer["citations"]] for answer in answers]
        for number, (answer, citations) in enumerate(zip(answers, cited, strict=True), start=1):
            for n, citation in enumerate(citations, start=1):
                yield _quotation(f"answer {number}, quotation {n}", citation, pages)
            yield from _figures(f"answer {number}", answer, citations)
        if documents is not None:
            sources = dict(_sources(manifest, cited, documents))
            yield from (finding for finding, _ in sources.values())
            paths = {doc_id: path for doc_id, (_, path) in sources.items() if path}
            texts = dict(_texts(paths, read)) if read else {}
            yield from _in_sources(cited, paths, texts)
            yield from _on_pages(cited, paths, texts, images)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        yield Finding(ANSWERS, f"it cannot be read ({error!r})")


def _members(bundle: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(bundle) as archive:
            infos = archive.infolist()
            if len(infos) > MAX_MEMBERS or sum(info.file_size for info in infos) > MAX_BYTES:
                raise UsageError(f"{bundle.name} is too large for a bundle.", NOT_A_BUNDLE)
            return {info.filename: _contents(archive, info) for info in infos}
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {bundle}.", "Check the path.") from error
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise UsageError(f"{bundle.name} is not a zip that can be read.", NOT_A_BUNDLE) from error


def _contents(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(info) as stream:
            return stream.read(info.file_size)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError):
        return b""  # damaged: its sum will say so


def _object(members: dict[str, bytes], name: str) -> dict[str, Any]:
    try:
        value = parsed(members[name])
    except (KeyError, ValueError) as error:
        raise UsageError(f"The bundle has no readable {name}.", NOT_A_BUNDLE) from error
    if not isinstance(value, dict):
        raise UsageError(f"The bundle has no readable {name}.", NOT_A_BUNDLE)
    return value


def _sums(manifest: dict[str, Any], members: dict[str, bytes]) -> Iterator[Finding]:
    sums = manifest.get("members")
    sums = sums if isinstance(sums, dict) else {}
    for name, digest in sums.items():
        if name not in members:
            yield Finding(name, "it is missing from the bundle")
        elif sha256(members[name]).hexdigest() != digest:
            yield Finding(name, "its contents were changed since the bundle was made")
        else:
            yield Finding(name)
    for name in members:
        if name not in sums and name != MANIFEST:
            yield Finding(name, "it was added since the bundle was made")


def _quotation(what: str, citation: Citation, pages: dict[tuple[str, int], str]) -> Finding:
    what = f"{what} ({citation.file}, page {citation.page_no})"
    text = pages.get((citation.doc_id, citation.page_no))
    if text is None:
        return Finding(what, "its page is not in the bundle")
    # A document that was deleted before has left no page.
    if text and find_quote(citation.passage_text, text) is None:
        problem = f"the chunk of “{citation.quote}” does not stand on the page in the bundle"
        return Finding(what, problem)
    # Only in the chunk, as when it was checked: elsewhere short words stand by accident.
    wanted, source = Comparable.of(citation.quote), Comparable.of(citation.passage_text)
    if source.find(wanted) is not None:
        now = QuoteStatus.EXACT
    elif nearest(wanted, source) is not None:
        now = QuoteStatus.NEAR
    else:
        now = QuoteStatus.NOT_FOUND
    if now is not citation.status:
        return Finding(what, f"“{citation.quote}” was {citation.status} and is now {now}")
    return Finding(what)


def _figures(what: str, answer: dict[str, Any], citations: list[Citation]) -> Iterator[Finding]:
    checked = examine(
        answer["answer"],
        citations,
        question=answer["question"],
        expressions=answer["expressions"],
    )
    before = [
        (one["text"], figure["text"], figure["state"])
        for one in answer["statements"]
        for figure in one["figures"]
    ]
    now = [
        (one.text, found.figure.text, str(found.state))
        for one in checked.statements
        for found in one.figures
    ]
    for recorded in before:
        if recorded not in now:
            said, figure, state = recorded
            yield Finding(f"{what}, figure {figure}", f"it was {state} and is not now, in “{said}”")
    for found_now in now:
        if found_now not in before:
            said, figure, state = found_now
            yield Finding(f"{what}, figure {figure}", f"it was not there: now {state}, in “{said}”")
    if before == now:
        yield Finding(f"{what}, {len(now)} figures")


def _sources(
    manifest: dict[str, Any], cited: list[list[Citation]], folder: Path
) -> Iterator[tuple[str, tuple[Finding, Path | None]]]:
    """For each source its finding and, where it is unchanged, its path. What is cited is a source,
    named in the manifest or not; its id is the beginning of its sha256, so that no other file can
    stand in for it."""
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", "Check the path of the documents.")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    by_sum = {_sum(path): path for path in files}
    sums = {source["doc_id"]: source["sha256"] for source in manifest.get("sources", [])}
    names = {source["doc_id"]: str(source["file"]) for source in manifest.get("sources", [])}
    names |= {citation.doc_id: citation.file for citations in cited for citation in citations}
    for doc_id, name in names.items():
        found = next((known for known in by_sum if known[:ID_DIGITS] == doc_id), None)
        if found is not None and found == sums.get(doc_id, found):
            yield doc_id, (Finding(f"source {name}"), by_sum[found])
        elif found or any(known.name == Path(name).name for known in files):
            problem = "the file of this name was changed: its sha256 is another"
            yield doc_id, (Finding(f"source {name}", problem), None)
        else:
            yield doc_id, (Finding(f"source {name}", f"it is not in {folder}"), None)


def _sum(path: Path) -> str:
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


Texts = dict[str, Sequence[str] | MemGPTDocsError]  # of the pages of each source


def _texts(
    paths: dict[str, Path], read: Read
) -> Iterator[tuple[str, Sequence[str] | MemGPTDocsError]]:
    for doc_id, path in paths.items():
        try:
            yield doc_id, read(path)
        except MemGPTDocsError as error:
            yield doc_id, error


def _on_pages(
    cited: list[list[Citation]], paths: dict[str, Path], texts: Texts, images: PageImages
) -> Iterator[Finding]:
    """Whether quotations stand in the sources themselves, which must be PDFs for that."""
    for number, citations in enumerate(cited, start=1):
        for n, citation in enumerate(citations, start=1):
            path = paths.get(citation.doc_id)
            if path is None or citation.status is QuoteStatus.NOT_FOUND or not _is_pdf(path):
                continue
            what = f"answer {number}, quotation {n}, on page {citation.page_no} of {path.name}"
            if _is_picture(citation, texts):
                yield Finding(f"{what} (a picture, whose words are not compared)")
                continue
            is_near = citation.status is QuoteStatus.NEAR
            words = citation.source_text if is_near else citation.quote
            try:
                rectangles = images.find(path, citation.page_no, words)
                stands = images.read(path, citation.page_no, rectangles) if rectangles else ""
            except PageUnavailable as error:
                yield Finding(what, str(error))
                continue
            if squeezed(words) in squeezed(stands):
                yield Finding(what)
            else:
                yield Finding(what, f"“{words}” does not stand there")


def _in_sources(
    cited: list[list[Citation]], paths: dict[str, Path], texts: Texts
) -> Iterator[Finding]:
    """Whether cited chunks stand in the sources as they are read now. Pages that were recognised
    from pictures have no text to compare with."""
    for doc_id, pages in texts.items():
        name = paths[doc_id].name
        if isinstance(pages, MemGPTDocsError):
            yield Finding(f"source {name}", str(pages))
            continue
        for number, citations in enumerate(cited, start=1):
            for n, citation in enumerate(citations, start=1):
                if citation.doc_id != doc_id or _is_picture(citation, texts):
                    continue
                what = f"answer {number}, chunk of quotation {n}, in {name}"
                problem = f"“{citation.passage_text}” does not stand on page {citation.page_no}"
                if not 1 <= citation.page_no <= len(pages):
                    problem = f"there is no page {citation.page_no}"
                elif find_quote(citation.passage_text, pages[citation.page_no - 1]) is not None:
                    problem = ""
                yield Finding(what, problem)


def _is_picture(citation: Citation, texts: Texts) -> bool:
    """Whether the cited page of a source has no text of its own."""
    pages = texts.get(citation.doc_id, ())
    if isinstance(pages, MemGPTDocsError) or not 1 <= citation.page_no <= len(pages):
        return False
    return not pages[citation.page_no - 1].strip()


def _is_pdf(path: Path) -> bool:
    with path.open("rb") as stream:
        return b"%PDF" in stream.read(1024)


def _citation(raw: dict[str, Any]) -> Citation:
    return Citation(
        handle=int(raw["handle"]),
        passage_id=str(raw["passage_id"]),
        doc_id=str(raw["doc_id"]),
        file=str(raw["file"]),
        page_no=int(raw["page_no"]),
        section=str(raw["section"]),
        quote=str(raw["quote"]),
        status=QuoteStatus(raw["status"]),
        start=int(raw["start"]),
        end=int(raw["end"]),
        passage_text=str(raw["chunk"]),
        source_text=str(raw["source_text"]),
        note=str(raw["note"]),
        scale=int(raw["scale"]),
        company=str(raw["company"]),
        fiscal_year=None if raw["fiscal_year"] is None else int(raw["fiscal_year"]),
        fiscal_period=str(raw["fiscal_period"]),
        unit=str(raw.get("unit", "page")),
        element=str(raw.get("element", "")),
    )
