"""Every error of the project, in one tree.

    MemGPTDocsError
    ├── UsageError               a setting, argument or name that cannot be used
    │   ├── UnknownDocument      no document of that id or file name
    │   └── ContextTooSmall      the window cannot hold the fixed parts of main context
    ├── IngestError              a file that cannot come in; the library is as it was before
    │   ├── UnsupportedFile      a kind of file that no reader takes
    │   ├── EmptyFile            nothing to read in it
    │   ├── LimitExceeded        over a limit of size, pages, memory or time
    │   ├── ProtectedFile        a password is needed
    │   └── UnreadableFile       damaged, or the reader failed
    ├── StorageError             the library cannot be opened, read or written
    │   ├── EmbedderMismatch     the library is searched by another embedder
    │   ├── EmbedderUnavailable  the embedder's server or model fails: retry, what is done stays
    │   └── SchemaTooNew         the library was made by a newer version of the project
    ├── PageUnavailable          a page that cannot be shown as a picture; its text can
    ├── FunctionError            a function call went wrong; the processor is told and goes on
    └── ProcessorError           the processor cannot decide; the run ends with a reason
        └── ProcessorUnavailable the server is out of reach, overloaded or failing: retry

Each says what happened and to what; `help` says what to do next.
"""

from __future__ import annotations


class MemGPTDocsError(Exception):
    """Base of all errors a user may see.

    `message` says what happened, to which file or setting; `help` (may be empty) is the next step.
    """

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help

    def __str__(self) -> str:
        return f"{self.message} {self.help}".strip()


class UsageError(MemGPTDocsError):
    """A setting, argument or name that cannot be used."""


class UnknownDocument(UsageError):
    """No document of that id or file name is in the library."""


class ContextTooSmall(UsageError):
    """The context window cannot hold the fixed parts of main context."""


class IngestError(MemGPTDocsError):
    """A file that cannot come in; the library is as it was before."""


class UnsupportedFile(IngestError):
    """A kind of file that no reader takes."""


class EmptyFile(IngestError):
    """A file with nothing to read in it."""


class LimitExceeded(IngestError):
    """A file over a limit of size, pages, memory or time."""


class ProtectedFile(IngestError):
    """A file that needs a password."""


class UnreadableFile(IngestError):
    """A damaged file, or one on which the reader failed."""


class StorageError(MemGPTDocsError):
    """The library cannot be opened, read or written."""


class EmbedderMismatch(StorageError):
    """The library is searched by another embedder."""


class EmbedderUnavailable(StorageError):
    """The embedder's server cannot be reached or fails, or its model cannot be loaded."""


class SchemaTooNew(StorageError):
    """The library was made by a newer version of the project."""


class PageUnavailable(MemGPTDocsError):
    """A page cannot be shown as a picture; its text can."""


class FunctionError(MemGPTDocsError):
    """A function call went wrong; the processor is told and goes on."""


class ProcessorError(MemGPTDocsError):
    """The processor cannot decide; the run ends with a reason."""


class ProcessorUnavailable(ProcessorError):
    """The server cannot be reached, is overloaded or fails: worth retrying."""
