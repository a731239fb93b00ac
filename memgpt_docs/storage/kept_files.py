"""The originals of documents, kept beside the tables for the evidence view."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

import platformdirs


class KeptFiles:
    """Files of the library at `uri`, named by their content, never by what they were called."""

    def __init__(self, uri: str) -> None:
        self.local = None if "://" in uri else Path(uri)  # the library's folder, where it has one
        if self.local is not None:
            self._folder = self.local / "files"
        else:
            name = hashlib.sha256(uri.encode()).hexdigest()[:16]
            data = Path(platformdirs.user_data_dir("memgpt-docs", appauthor=False))
            self._folder = data / "files" / name

    def path(self, sha256: str, kind: str) -> Path:
        """Where a file is kept, whether it is there or not."""
        return self._folder / f"{sha256}.{kind}"

    def keep(self, source: Path, sha256: str, kind: str) -> None:
        """Keeps a copy of `source`, whole or not at all."""
        target = self.path(sha256, kind)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        shutil.copyfile(source, partial)
        partial.replace(target)

    def sweep(self, documents: Iterable[tuple[str, str]]) -> bool:
        """Removes the files of a local library that belong to none of `documents`, pairs of
        sha256 and kind: a crash left them. Whether there were any. Files of a library elsewhere
        may be those of a writer elsewhere."""
        if self.local is None or not self._folder.is_dir():
            return False
        kept = {self.path(sha256, kind).name for sha256, kind in documents}
        stray = [path for path in self._folder.iterdir() if path.name not in kept]
        for path in stray:
            path.unlink(missing_ok=True)
        return bool(stray)

    def bytes_on_disk(self) -> int:
        """Bytes of everything in the library's folder; 0 where it is not local."""
        if self.local is None:
            return 0
        return sum(path.stat().st_size for path in self.local.rglob("*") if path.is_file())
