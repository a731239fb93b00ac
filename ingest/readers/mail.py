"""E-mail (EML), through the standard library: who, when and about what, then the words.

Attachments are named and not opened: each is a document that a person adds on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from pathlib import Path

from ingest.readers import ReadError, web
from ingest.readers.decoding import decode
from ingest.readers.message import Message, clean
from ingest.readers.plain import paragraphs_of
from ingest.readers.units import Block, BlockKind, read_blocks

_SHOWN = ("From", "To", "Cc", "Bcc", "Date", "Subject")


def read(path: Path, max_pages: int) -> Iterator[Message]:
    """The message at `path`, in parts where it is long; raises `ReadError`."""
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    if not isinstance(message, EmailMessage):
        raise ReadError("unreadable", "it is not a message")
    headers = {name: _header(message, name) for name in _SHOWN}
    lines = [f"{name}: {value}" for name, value in headers.items() if value]
    attached = [_name_of(part) for part in _attachments(message)]
    if attached:
        lines.append(f"Attachments (not opened): {', '.join(attached)}")
    blocks = [Block(BlockKind.TEXT, "\n".join(lines)), *_body(message)]
    yield from read_blocks(
        blocks, reader="email", title=headers["Subject"], max_pages=max_pages, unit_name="message"
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        values = message.get_all(name, [])
    except Exception:
        # The parser of addresses and dates lets many kinds of error out of what is none.
        values = [value for key, value in message.raw_items() if key.lower() == name.lower()]
    return clean(" ".join(" ".join(map(str, values)).split()))


def _body(message: EmailMessage) -> Iterator[Block]:
    part = message.get_body(("plain", "html"))
    if part is None:
        return
    text = _text(part)
    if part.get_content_type() == "text/html" and text.strip():
        yield from web.blocks_of_html(text)[1]
    else:
        yield from paragraphs_of(text)


def _text(part: MIMEPart) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    try:
        return raw.decode(part.get_content_charset() or "utf-8")
    except (UnicodeDecodeError, LookupError):
        return decode(raw)


def _attachments(message: EmailMessage) -> Iterator[EmailMessage]:
    """What is neither the body nor a picture in it."""
    body = message.get_body(("plain", "html"))
    for part in message.walk():
        if isinstance(part, EmailMessage) and part is not body:
            is_message = part.get_content_type() == "message/rfc822"
            if part.get_filename() or part.is_attachment() or is_message:
                yield part


def _name_of(part: EmailMessage) -> str:
    name = " ".join((part.get_filename() or "").split())
    return clean(name)[:150] or f"unnamed ({part.get_content_type()})"
