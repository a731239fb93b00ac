"""Pictures of pages with their quotations marked, and where on a page a quotation stands.

A child process for each document does the work (`page_process`); a few are kept, so that the next
page of the same document comes at once. What they drew is kept too.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import IO, Any

from memgpt_docs.citations.comparable import Comparable
from memgpt_docs.citations.rectangles import Rectangle
from memgpt_docs.citations.verification import Citation, QuoteStatus
from memgpt_docs.confinement import environment
from memgpt_docs.errors import MemGPTDocsError, PageUnavailable
from memgpt_docs.storage.library import Library

MAX_CHILDREN = 3
MAX_PICTURES = 48
MAX_PICTURE_BYTES = 64 * 1024 * 1024
LONGEST_ANSWER_S = 20.0
# Of processor time over the life of a child; the parent starts another when it is used up.
LIMITS = {"seconds": 600, "memory_mb": 1536}
WIDTH = 1100  # pixels


@dataclass(frozen=True)
class PageImage:
    """A page as a PNG."""

    png: bytes
    width: int  # pixels
    height: int


class PageImages:
    """Draws pages of PDFs. Safe to share between threads. Close it, or leave it to the end of the
    process: children end when nobody can ask them any more."""

    def __init__(self) -> None:
        self._children: OrderedDict[Path, _Child] = OrderedDict()
        self._drawn: OrderedDict[tuple[Any, ...], PageImage] = OrderedDict()
        self._lock = Lock()

    def warm(self, path: Path) -> None:
        """Starts what draws a PDF, so that its first page comes at once; returns without
        waiting."""
        self._child(path)

    def find(self, path: Path, page_no: int, text: str, nth: int = 0) -> list[Rectangle]:
        """Where the `nth` (0-based) occurrence of `text` stands on a page (1-based) of the PDF at
        `path`: a rectangle for each line, none where it is not found. Raises `PageUnavailable`."""
        answer, _ = self._ask(path, {"do": "find", "page_no": page_no, "text": text, "nth": nth})
        return [Rectangle(*sides) for sides in answer["rectangles"]]

    def read(self, path: Path, page_no: int, rectangles: Sequence[Rectangle]) -> str:
        """The text that stands in `rectangles`. Raises `PageUnavailable`."""
        request = {"do": "read", "page_no": page_no, "rectangles": _sides(rectangles)}
        return str(self._ask(path, request)[0]["text"])

    def draw(
        self, path: Path, page_no: int, rectangles: Sequence[Rectangle] = (), width: int = WIDTH
    ) -> PageImage:
        """A page as a picture `width` pixels wide, with `rectangles` marked. Raises
        `PageUnavailable`."""
        key = (path, page_no, tuple(rectangles), width)
        with self._lock:
            if key in self._drawn:
                self._drawn.move_to_end(key)
                return self._drawn[key]
        request = {
            "do": "draw",
            "page_no": page_no,
            "rectangles": _sides(rectangles),
            "width": width,
        }
        answer, png = self._ask(path, request)
        image = PageImage(png, int(answer["width"]), int(answer["height"]))
        with self._lock:
            self._drawn[key] = image
            while len(self._drawn) > MAX_PICTURES:
                self._drawn.popitem(last=False)
        return image

    def close(self) -> None:
        """Ends the children."""
        with self._lock:
            children, self._children = list(self._children.values()), OrderedDict()
        for child in children:
            child.close()

    def _ask(self, path: Path, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        for attempt in (1, 2):
            child = self._child(path)
            try:
                return child.ask(request)
            except _ChildGone as error:
                self._forget(path, child)
                # It may have grown old; one that dies twice dies of the page.
                if attempt == 2 or error.was_slow:
                    raise PageUnavailable(
                        f"Page {request['page_no']} cannot be drawn: its reader {error}.",
                        "Read its text instead.",
                    ) from error
        raise AssertionError("unreachable")

    def _child(self, path: Path) -> _Child:
        with self._lock:
            child = self._children.pop(path, None) or _Child(path)
            self._children[path] = child
            surplus = [
                self._children.popitem(last=False)[1]
                for _ in range(len(self._children) - MAX_CHILDREN)
            ]
        for old in surplus:
            old.close()
        return child

    def _forget(self, path: Path, child: _Child) -> None:
        with self._lock:
            if self._children.get(path) is child:
                del self._children[path]
        child.close()


def rectangles_of(citation: Citation, library: Library, images: PageImages) -> list[Rectangle]:
    """The rectangles of a citation's words on its page; none for words that were not found, a page
    that was recognised from a picture, and a document that is no PDF. Raises `PageUnavailable`
    where its page cannot be looked at."""
    if citation.status is QuoteStatus.NOT_FOUND:
        return []
    path = pdf_of(citation.doc_id, library)
    if path is None:
        return []
    words = citation.source_text or citation.quote
    before = library.page(citation.doc_id, citation.page_no).text[: citation.start]
    return images.find(path, citation.page_no, words, _occurrences(words, before))


def pdf_of(doc_id: str, library: Library) -> Path | None:
    """The kept original of a document where it is a PDF."""
    try:
        document = library.document(doc_id)
    except MemGPTDocsError:
        return None
    return library.file_path(document) if document.kind == "pdf" else None


def _occurrences(words: str, text: str) -> int:
    source, wanted = Comparable.of(text), Comparable.of(words)
    count, begin = 0, 0
    while (span := source.find(wanted, begin)) is not None:
        count, begin = count + 1, span[0] + 1
    return count


def _sides(rectangles: Sequence[Rectangle]) -> list[list[float]]:
    return [[one.left, one.top, one.right, one.bottom] for one in rectangles]


class _ChildGone(Exception):
    def __init__(self, how: str, was_slow: bool = False) -> None:
        super().__init__(how)
        self.was_slow = was_slow


class _Child:
    """One child process and the requests to it, one at a time."""

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "memgpt_docs.citations.page_process",
             str(path.resolve()), json.dumps(LIMITS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            cwd=os.sep,
            start_new_session=True,
            bufsize=0,
        )  # fmt: skip

    def ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """The answer to `request` and the bytes that follow it; raises `PageUnavailable` with
        what the child says is wrong, and `_ChildGone`."""
        with self._lock:
            deadline = time.monotonic() + LONGEST_ANSWER_S
            stdin, stdout = self._process.stdin, self._process.stdout
            assert stdin is not None and stdout is not None
            try:
                stdin.write(json.dumps(request).encode() + b"\n")
                line, rest = _until_newline(stdout, deadline)
                answer = json.loads(line)
                n_bytes = min(int(answer.get("bytes", 0)), MAX_PICTURE_BYTES)
                while len(rest) < n_bytes:
                    rest += _some(stdout, deadline)
            except (OSError, ValueError) as error:
                raise _ChildGone("ended") from error
        if "error" in answer:
            raise PageUnavailable(
                f"Page {request['page_no']} cannot be looked at: {answer['error']}.",
                "Read its text instead.",
            )
        return answer, rest

    def close(self) -> None:
        """Ends the process; safe to call again."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


def _until_newline(stream: IO[bytes], deadline: float) -> tuple[bytes, bytes]:
    said = b""
    while b"\n" not in said:
        said += _some(stream, deadline)
    line, _, rest = said.partition(b"\n")
    return line, rest


def _some(stream: IO[bytes], deadline: float) -> bytes:
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        if not selector.select(max(0.0, deadline - time.monotonic())):
            raise _ChildGone(f"took longer than {LONGEST_ANSWER_S:.0f} seconds", was_slow=True)
    chunk = os.read(stream.fileno(), 1 << 20)
    if not chunk:
        raise _ChildGone("ended")
    return chunk
