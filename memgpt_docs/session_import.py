"""Sessions from files. What comes in is read as a whole before it is kept."""

from __future__ import annotations

from collections.abc import Iterator

from memgpt_docs.errors import UsageError
from memgpt_docs.sessions import replay, restore, turns
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.sessions import SessionInfo


def import_session(library: Library, lines: Iterator[str]) -> SessionInfo:
    """A new session from the lines of an exported one; raises `UsageError` where they are not that.

    The file is not trusted: a session that could not be opened is not kept.
    """
    info = library.sessions.import_(lines)
    try:
        restore(library, info.session_id)
        for turn in turns(library, info.session_id):
            for _ in replay(library, info.session_id, turn):
                pass
    except Exception as error:  # whatever a made-up record can set off
        library.sessions.delete(info.session_id)
        raise UsageError(
            "The records of this session do not fit together.", "Export it again."
        ) from error
    return info
