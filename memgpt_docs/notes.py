"""Notes: what a session puts into archival storage for itself, and texts too long for its window.

A note is a document that only its own session finds. It is cut here, not by ingestion: it is plain
text already, and the agent does not read files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from memgpt_docs.context import UserEntry
from memgpt_docs.storage.library import Library
from memgpt_docs.storage.schema import (
    Document,
    Page,
    PageStatus,
    Passage,
    PassageKind,
    passage_id,
)
from memgpt_docs.tokens import Tokenizer

PASSAGE_TOKENS = 256
PART_TOKENS = 2048  # what one "page" of a note holds
LONGEST_TOKEN = 32  # characters; a slice of so many a token surely holds the wanted number
TITLE_WORDS = 8
POINTER_TOKENS = 96  # what the pointer to a text in archival storage takes


def insert_note(
    library: Library, session_id: str, text: str, tokenizer: Tokenizer, name: str = "Note"
) -> Document:
    """Puts `text` into archival storage as a note of the session; the same text is kept once.

    Every character of it that is not white space is in exactly one passage.
    """
    sha256 = hashlib.sha256(f"{session_id}\0{text}".encode("utf-8", "replace")).hexdigest()
    doc_id = sha256[:16]
    now = datetime.now(UTC)
    title = " ".join(text.split()[:TITLE_WORDS])[:80]
    file = f"{name} {doc_id[:4]} of {now:%Y-%m-%d %H:%M}"
    pages = [
        Page(number, text[start:end], PageStatus.TEXT, unit="part")
        for number, (start, end) in enumerate(cut(text, PART_TOKENS, tokenizer), start=1)
    ]
    passages = [
        Passage(
            passage_id=passage_id(doc_id, page.page_no, start, page.text[start:end]),
            doc_id=doc_id,
            ordinal=0,
            page_no=page.page_no,
            start=start,
            end=end,
            section="",
            header=f"{name} of this session",
            kind=PassageKind.PROSE,
            text=page.text[start:end],
            n_tokens=tokenizer.count(page.text[start:end]),
        )
        for page in pages
        for start, end in cut(page.text, PASSAGE_TOKENS, tokenizer)
    ]
    passages = [replace(passage, ordinal=number) for number, passage in enumerate(passages)]
    document = Document(
        doc_id=doc_id,
        file=file,
        title=title,
        kind="text",
        n_pages=len(pages),
        n_passages=len(passages),
        n_tokens=sum(passage.n_tokens for passage in passages),
        n_bytes=len(text.encode("utf-8", "replace")),
        sha256=sha256,
        unread_pages=(),
        reader="note",
        ingested_at=now,
        unit="part",
        session_id=session_id,
    )
    vectors = library.embedder.embed([passage.text for passage in passages])
    library.add(document, pages, passages, vectors)
    return document


def fitting(
    entry: UserEntry, limit: int, library: Library, session_id: str, tokenizer: Tokenizer
) -> UserEntry:
    """`entry`, or, where it takes more than `limit` tokens, its beginning and end with a pointer to
    the whole of it in archival storage."""
    if tokenizer.count(entry.text) <= limit - POINTER_TOKENS:
        return entry
    note = insert_note(library, session_id, entry.text, tokenizer, "Message")
    room = (limit - POINTER_TOKENS) // 3
    return UserEntry(
        f"{tokenizer.truncate(entry.text, room)} …\n[The message is too long for the window. "
        f"The whole of it, {note.n_passages} passages, is in archival storage: "
        f"archival_search(query=…, document={note.file!r}). It ends:]\n"
        f"… {tokenizer.ending(entry.text, room)}",
        entry.time,
    )


def cut(text: str, limit: int, tokenizer: Tokenizer) -> Iterator[tuple[int, int]]:
    """Spans (half-open, code points) of at most `limit` tokens that cover `text` in order, without
    white space at their ends. They end where a paragraph, a line or a word does, where one does."""
    start = 0
    while True:
        while start < len(text) and text[start].isspace():
            start += 1
        if start == len(text):
            return
        piece = tokenizer.truncate(text[start : start + limit * LONGEST_TOKEN], limit)
        end = start + max(1, len(piece))
        if end < len(text):
            end = start + _good_end(text[start:end])
        yield start, start + len(text[start:end].rstrip())
        start = end


def _good_end(piece: str) -> int:
    """Where to end `piece`: after its last paragraph, line or word in its second half."""
    for mark in ("\n\n", "\n", "。", ". ", " "):
        place = piece.rfind(mark)
        if place >= len(piece) // 2:
            return place + len(mark)
    return len(piece)
