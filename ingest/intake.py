"""What may come in: a regular file of a kind that a reader takes, within the size limit, under a
name that is safe to show."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.kinds import DOCUMENT_SUFFIXES, HEAD_BYTES, TAKEN, kind_of
from memgpt_docs.errors import EmptyFile, LimitExceeded, UnreadableFile, UnsupportedFile

MAX_NAME_CHARS = 150
MB = 1024 * 1024


@dataclass(frozen=True)
class Source:
    """A file to take in; `name` is what it is called where `path` is a temporary one."""

    path: Path
    name: str = ""

    @property
    def shown(self) -> str:
        """The name as it may be shown."""
        return safe_name(self.name or self.path.name)


@dataclass(frozen=True)
class Admitted:
    """A file that may be read, and what it was when it was looked at."""

    path: Path
    file: str  # name as shown
    kind: str  # a key of `ingest.readers.READERS`
    n_bytes: int
    sha256: str
    modified_ns: int

    @property
    def doc_id(self) -> str:
        """The id of the document that these bytes are."""
        return self.sha256[:16]

    def unchanged(self) -> bool:
        """Whether the file still is what it was when it came in."""
        try:
            now = self.path.stat()
        except OSError:
            return False
        return (now.st_size, now.st_mtime_ns) == (self.n_bytes, self.modified_ns)


def find(sources: Iterable[Source | str | Path]) -> Iterator[Source]:
    """Files of `sources` in order. A folder gives those with the ending of a document, sorted, and
    no hidden ones; a file that is named itself is judged by its content, whatever it is called.

    A folder is given itself, for `admit` to refuse it, where there is nothing in it, where a link
    leads to it and where it may not be opened.
    """
    for source in sources:
        if not isinstance(source, Source):
            source = Source(Path(source))
        if not source.path.is_dir():
            yield source
            continue
        inside = _inside(source.path)
        yield next(inside, Source(source.path.resolve()))
        yield from inside


def _inside(path: Path) -> Iterator[Source]:
    closed: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=closed.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Source(Path(folder) / name) for name in sorted(names) if _is_document(name))
        yield from (Source(link) for name in folders if (link := Path(folder) / name).is_symlink())
    yield from (Source(Path(error.filename)) for error in closed)


def admit(source: Source, *, max_file_mb: int) -> Admitted:
    """Looks at a file. Raises `UnreadableFile`, `EmptyFile`, `LimitExceeded`, `ProtectedFile`,
    `UnsupportedFile`."""
    file = source.shown
    try:
        if source.path.is_dir():
            raise _folder_refusal(file, source.path)
        with open(source.path, "rb", opener=_open_without_waiting) as stream:
            about = os.fstat(stream.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise UnsupportedFile(f"{file} is not a file.", TAKEN)
            _check_size(file, about.st_size, max_file_mb)
            head = stream.read(HEAD_BYTES)
            kind = kind_of(file, source.path, head)
            stream.seek(0)
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise UnreadableFile(f"{file} does not exist.", "Check the path.") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnreadableFile(f"{file} cannot be opened: {reason}.", "Check the file.") from error
    return Admitted(source.path.absolute(), file, kind, about.st_size, sha256, about.st_mtime_ns)


def safe_name(name: str) -> str:
    """`name` as it may be shown: one line, no folders, no control or direction-changing
    characters, at most `MAX_NAME_CHARS` with its ending kept; never empty."""
    name = name.encode("utf-8", "replace").decode("utf-8")
    name = re.split(r"[/\\]", name)[-1]
    # Cc, Cf, Cs, Co, Cn: controls, bidi overrides and other invisible format characters.
    visible = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in name)
    name = unicodedata.normalize("NFC", " ".join(visible.split()))
    if len(name) > MAX_NAME_CHARS:
        stem, dot, ending = name.rpartition(".")
        ending = dot + ending if dot and len(ending) <= 10 else ""
        name = (stem if ending else name)[: MAX_NAME_CHARS - len(ending) - 1] + "…" + ending
    return name if name.strip(". ") else "unnamed"


def _folder_refusal(file: str, path: Path) -> EmptyFile | UnsupportedFile:
    if path.is_symlink():
        return UnsupportedFile(
            f"{file} is a link to a folder, which is not followed.", "Add that folder by itself."
        )
    os.scandir(path).close()  # raises where it may not be opened
    return EmptyFile(
        f"{file} is a folder without a document in it.",
        f"Name a file by itself where its ending does not say what it is. {TAKEN}",
    )


def _is_document(name: str) -> bool:
    # "~$" begins the lock file that Office leaves beside an open document.
    return not name.startswith((".", "~$")) and Path(name).suffix.lower() in DOCUMENT_SUFFIXES


def _open_without_waiting(path: str, flags: int) -> int:
    # A pipe would otherwise be waited for.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _check_size(file: str, n_bytes: int, max_file_mb: int) -> None:
    if n_bytes == 0:
        raise EmptyFile(f"{file} is empty.", "Check that it was copied whole.")
    if n_bytes > max_file_mb * MB:
        raise LimitExceeded(
            f"{file} has {n_bytes / MB:,.1f} MB, over the limit of {max_file_mb} MB.",
            "Raise MEMGPT_DOCS_MAX_FILE_MB to take it in.",
        )
