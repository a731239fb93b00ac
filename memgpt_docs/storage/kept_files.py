"""The kept originals of a library's documents."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from memgpt_docs.storage.schema import Document


class KeptFiles:
    """Copies of the files that documents were read from, named by content, never by what a file was
    called. A library that is not a local folder keeps them in the user's data folder."""

    def __init__(self, uri: str) -> None:
        self.local = None if "://" in uri else Path(uri)  # the library's own folder
        if self.local is not None:
            self._folder = self.local / "files"
        else:
            name = hashlib.sha256(uri.encode()).hexdigest()[:16]
            data = Path(platformdirs.user_data_dir("memgpt-docs", appauthor=False))
            self._folder = data / "files" / name

    def path(self, document: Document) -> Path:
        """Where the original of a document is, or would be."""
        return self._folder / f"{document.sha256}.{document.kind}"

    def keep(self, source: Path, document: Document) -> None:
        """Copies `source`, whole or not at all."""
        target = self.path(document)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        shutil.copyfile(source, partial)
        partial.replace(target)

    def remove_others(self, documents: Sequence[Document]) -> bool:
        """Removes the originals of all but `documents`; whether there were any. Those of a library
        that is not local stay: they may be those of a writer elsewhere."""
        if self.local is None or not self._folder.is_dir():
            return False
        kept = {self.path(document).name for document in documents}
        others = [path for path in self._folder.iterdir() if path.name not in kept]
        for path in others:
            path.unlink(missing_ok=True)
        return bool(others)

    def bytes_of_library(self) -> int:
        """What the library takes on disk with all its tables; 0 where it is not local."""
        if self.local is None:
            return 0
        return sum(path.stat().st_size for path in self.local.rglob("*") if path.is_file())
