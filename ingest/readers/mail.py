"""E-mail (EML, and mailbox files of several), through the standard library: who, when and about
what, then the words.

Attachments are named and not opened: each is a document that a person adds on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from itertools import chain, pairwise
from pathlib import Path

from ingest.readers import ReadError, web
from ingest.readers.decoding import codecs_of, decode, is_utf16
from ingest.readers.message import Message, clean
from ingest.readers.plain import paragraphs_of
from ingest.readers.units import Block, BlockKind, read_blocks

_SHOWN = ("From", "To", "Cc", "Bcc", "Date", "Subject")
# Parts of parts that lie deeper are named and not opened.
MAX_DEPTH = 20
# A plain part shorter than this may only say that there is HTML to be seen.
STUB_CHARS = 400
_BEFORE_HEADERS = re.compile(rb"(?:\xef\xbb\xbf|[\r\n])+")
# The line by which a mailbox file begins each mail.
_ENVELOPE = re.compile(
    rb"^From [^\n]{1,200}?\d\d:\d\d[^\n]{0,100}\n(?=[A-Za-z][A-Za-z0-9-]*:)", re.MULTILINE
)


def read(path: Path, max_pages: int) -> Iterator[Message]:
    """The mail at `path`, in parts where it is long, or all mails of a mailbox file; raises
    `ReadError`."""
    messages = [_parse(raw) for raw in _mails(path.read_bytes())]
    blocks: list[Block] = []
    for message in messages:
        blocks += [Block(BlockKind.BREAK), *_blocks(message)]
    title = _header(messages[0], "Subject") if len(messages) == 1 else ""
    yield from read_blocks(
        blocks, reader="email", title=title, max_pages=max_pages, unit_name="message"
    )


def _mails(raw: bytes) -> list[bytes]:
    """Each mail of the file, as it was sent: in ASCII or UTF-8, with nothing before its headers."""
    if is_utf16(raw):
        raw = decode(raw).encode("utf-8", "replace")
    before = _BEFORE_HEADERS.match(raw)
    raw = raw[before.end() :] if before else raw
    if not raw.startswith(b"From "):
        return [raw]  # such a line further down is of a mail that it quotes
    starts = [0, *(match.start() for match in _ENVELOPE.finditer(raw, 1)), len(raw)]
    return [raw[start:end] for start, end in pairwise(starts)]


def _parse(raw: bytes) -> EmailMessage:
    try:
        message = message_from_bytes(raw, policy=policy.default)
    except RecursionError as error:
        raise ReadError("unreadable", "it is nested too deeply") from error
    if not isinstance(message, EmailMessage):
        raise ReadError("unreadable", "it is not a message")
    return message


def _blocks(message: EmailMessage) -> Iterator[Block]:
    shown, left = _parts(message)
    headers = ((name, _header(message, name)) for name in _SHOWN)
    lines = [f"{name}: {value}" for name, value in headers if value]
    if left:
        lines.append(f"Attachments (not opened): {', '.join(map(_name_of, left))}")
    yield Block(BlockKind.TEXT, "\n".join(lines))
    for part in shown:
        yield from _blocks_of(part)


def _header(message: EmailMessage, name: str) -> str:
    try:
        values = message.get_all(name, [])
    except Exception:
        # The parser of addresses and dates lets many kinds of error out of what is none.
        values = [value for key, value in message.raw_items() if key.lower() == name.lower()]
    return clean(" ".join(" ".join(map(str, values)).split()))


def _parts(part: MIMEPart, depth: int = 0) -> tuple[list[MIMEPart], list[MIMEPart]]:
    """The texts that a mail program shows of `part`, in order, and the parts that hold more."""
    if part.get_content_maintype() == "multipart" and part.is_multipart() and depth < MAX_DEPTH:
        inside = [_parts(child, depth + 1) for child in part.iter_parts()]
        versions = [shown for shown, _ in inside]
        if part.get_content_subtype() == "alternative":
            versions = [_best(versions)]
        left = chain.from_iterable(left for _, left in inside)
        return list(chain.from_iterable(versions)), list(left)
    is_text = part.get_content_type() in ("text/plain", "text/html") and not part.is_attachment()
    return ([part], []) if is_text else ([], [part])


def _best(versions: Sequence[list[MIMEPart]]) -> list[MIMEPart]:
    """Of several versions of the same words the plain one, or the HTML where that says more."""
    plain: list[MIMEPart] = next((one for one in versions if one and not _has_html(one)), [])
    rich: list[MIMEPart] = next((one for one in reversed(versions) if _has_html(one)), [])
    said, shown = _words(plain), ""
    if len(said) < STUB_CHARS:
        shown = _words(rich)
    says_more = len(shown) > 2 * len(said) or (shown and "html" in said.lower())
    return rich if says_more else plain


def _has_html(parts: Sequence[MIMEPart]) -> bool:
    return any(part.get_content_type() == "text/html" for part in parts)


def _words(parts: Sequence[MIMEPart]) -> str:
    return " ".join(block.text for part in parts for block in _blocks_of(part))


def _blocks_of(part: MIMEPart) -> Iterator[Block]:
    text = _text(part)
    if part.get_content_type() != "text/html":
        yield from paragraphs_of(text)
        return
    try:
        yield from web.blocks_of_html(text)[1]
    except ReadError as error:
        if error.code != "empty":
            raise


def _text(part: MIMEPart) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    for encoding in codecs_of(part.get_content_charset() or "utf-8"):
        try:
            return raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return decode(raw)


def _name_of(part: MIMEPart) -> str:
    name = " ".join((part.get_filename() or "").split())
    return clean(name)[:150] or f"unnamed ({part.get_content_type()})"
