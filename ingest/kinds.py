"""What kind of document a file is: decided by content, a name is only believed for text.

A kind that people do drop in but no reader takes is refused by its name, with what to do.
"""

from __future__ import annotations

import mmap
import re
import zipfile
from pathlib import Path

from ingest.readers.decoding import utf16_of
from memgpt_docs.errors import EmptyFile, ProtectedFile, UnreadableFile, UnsupportedFile

HEAD_BYTES = 65_536
TAKEN = "PDF, HTML, DOCX, PPTX, XLSX, CSV, EPUB, e-mail (EML), Markdown and plain text can be read."
# What is taken from a folder; what no reader takes is among them so that it is refused by name
# and not passed over in silence.
DOCUMENT_SUFFIXES = frozenset(
    [
        ".pdf", ".html", ".htm", ".xhtml", ".docx", ".docm", ".pptx", ".pptm", ".ppsx", ".xlsx",
        ".xlsm", ".csv", ".tsv", ".md", ".markdown", ".mdown", ".txt", ".text", ".eml", ".epub",
        ".doc", ".rtf", ".odt", ".ods", ".odp", ".xls", ".ppt", ".msg", ".pages", ".numbers",
        ".key",
    ]
)  # fmt: skip

_HTML = re.compile(
    r"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<xbrl[\s>]|<(?:div|table|p)[\s>]", re.I
)
_MARKUP = re.compile(r"<(?:!doctype\b|!--|\?xml\b|[a-z])", re.I)
_HEADER = re.compile(r"^([A-Za-z][A-Za-z0-9-]*):", re.MULTILINE)
# A memo has "From:" and "Subject:" too; these only a mail program writes.
_MAIL_HEADERS = {"message-id", "received", "return-path", "mime-version", "delivered-to"}
_BY_SUFFIX = {
    ".md": "markdown", ".markdown": "markdown", ".mdown": "markdown", ".csv": "csv", ".tsv": "csv",
}  # fmt: skip

_NOT_TEXT = {".pdf", ".docx", ".pptx", ".xlsx", ".epub"}

_AS_WORD = "Save it as DOCX or PDF and add that."
_AS_SHEET = "Save it as XLSX or PDF and add that."
_AS_SLIDES = "Save it as PPTX or PDF and add that."
_UNPACK = "Unpack it and add the documents in it."
_PICTURE = f"Put it into a PDF and add that. {TAKEN}"
_REFUSED_MARKS = (
    (b"{\\rtf", "a rich-text file (RTF)", _AS_WORD),
    (b"\x89PNG", "a picture", _PICTURE),
    (b"\xff\xd8\xff", "a picture", _PICTURE),
    (b"GIF8", "a picture", _PICTURE),
    (b"II*\x00", "a picture", _PICTURE),
    (b"MM\x00*", "a picture", _PICTURE),
    (b"\x1f\x8b", "an archive", _UNPACK),
    (b"7z\xbc\xaf", "an archive", _UNPACK),
    (b"Rar!", "an archive", _UNPACK),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names of streams in an OLE file; an encrypted DOCX, PPTX or XLSX is wrapped in one.
_ENCRYPTED_STREAM = "EncryptedPackage"
_OLE_STREAMS = (
    ("WordDocument", "an old Word file (DOC)", _AS_WORD),
    ("PowerPoint Document", "an old PowerPoint file (PPT)", _AS_SLIDES),
    ("Workbook", "an old Excel file (XLS)", _AS_SHEET),
    ("__properties_version1.0", "an Outlook message (MSG)", "Save it as EML or PDF and add that."),
)
_PACKAGES = (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx"))
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_REFUSED_TYPES = (
    (_OPEN_DOCUMENT + "text", "an OpenDocument text (ODT)", _AS_WORD),
    (_OPEN_DOCUMENT + "spreadsheet", "an OpenDocument spreadsheet (ODS)", _AS_SHEET),
    (_OPEN_DOCUMENT + "presentation", "an OpenDocument presentation (ODP)", _AS_SLIDES),
    (_OPEN_DOCUMENT, "an OpenDocument file", "Save it as PDF and add that."),
)


def kind_of(file: str, path: Path, head: bytes) -> str:
    """The kind of the file at `path`, shown as `file`, that begins with `head` (`HEAD_BYTES`).

    Raises `EmptyFile`, `ProtectedFile`, `UnreadableFile` or `UnsupportedFile`.
    """
    # The PDF mark may stand anywhere in the first kilobyte.
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK"):
        return _package_kind(file, path)
    if head.startswith(_OLE):
        raise _ole_refusal(file, path)
    for mark, what, help in _REFUSED_MARKS:
        if head.startswith(mark):
            raise UnsupportedFile(f"{file} is {what}, which cannot be read.", help)
    if not head.strip() and len(head) < HEAD_BYTES:
        raise EmptyFile(f"{file} holds only white space.", "Check that it was copied whole.")
    suffix = Path(file).suffix.lower()
    kind = _text_kind(suffix, head) if _is_text(head) else ""
    if suffix in _NOT_TEXT and kind in ("", "text"):
        # A PDF whose beginning is lost must not be taken in as the text of its syntax.
        raise UnreadableFile(
            f"{file} is damaged: it does not begin as a {suffix[1:].upper()} file does.",
            "Check that it was copied whole, or that its name is right.",
        )
    if not kind:
        raise UnsupportedFile(f"{file} is of a kind that cannot be read.", TAKEN)
    return kind


def _text_kind(suffix: str, head: bytes) -> str:
    # UTF-16 shows its letters once the zero bytes between them are gone.
    start = head[:8192].replace(b"\0", b"").decode("utf-8", "ignore")
    if _is_mail(suffix, start):
        return "mail"
    # A note may tell of tags; a page of the web begins with one.
    is_markup = _MARKUP.match(start.lstrip("\ufeff \r\n\t")) is not None
    if suffix in _BY_SUFFIX and not is_markup:
        return _BY_SUFFIX[suffix]
    if suffix in _BY_SUFFIX and _BY_SUFFIX[suffix] == "markdown":
        return "markdown"  # which may begin with a tag
    if is_markup and _HTML.search(start[:1024]):
        return "html"
    if suffix in (".html", ".htm", ".xhtml") and "<" in start:
        return "html"
    return "text"


def _is_mail(suffix: str, start: str) -> bool:
    block = re.split(r"\r?\n\r?\n", start.lstrip("\ufeff\r\n"), maxsplit=1)[0]
    names = {name.lower() for name in _HEADER.findall(block)}
    if not _HEADER.match(block) and not block.startswith("From "):
        return False
    return bool(names) if suffix == ".eml" else bool(names & _MAIL_HEADERS) and "from" in names


def _package_kind(file: str, path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
            media_type = _media_type(package)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile(
            f"{file} is a damaged package ({error}).", "Check that it was copied whole."
        ) from error
    for prefix, kind in _PACKAGES:
        if any(name.startswith(prefix) for name in names):
            return kind
    if media_type == "application/epub+zip" or "META-INF/container.xml" in names:
        return "epub"
    for start, what, help in _REFUSED_TYPES:
        if media_type.startswith(start):
            raise UnsupportedFile(f"{file} is {what}, which cannot be read.", help)
    if any(name.endswith(".iwa") for name in names):
        raise UnsupportedFile(
            f"{file} is a Pages, Numbers or Keynote file, which cannot be read.",
            "Export it as PDF and add that.",
        )
    raise UnsupportedFile(f"{file} is an archive.", _UNPACK)


def _media_type(package: zipfile.ZipFile) -> str:
    try:
        with package.open("mimetype") as stream:
            return stream.read(100).decode("ascii", "ignore").strip()
    except KeyError:
        return ""


def _ole_refusal(file: str, path: Path) -> ProtectedFile | UnsupportedFile:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        if whole.find(_ENCRYPTED_STREAM.encode("utf-16-le")) >= 0:
            return ProtectedFile(
                f"{file} is protected with a password.",
                "Open it with its password, save it without one and add the copy.",
            )
        for name, what, help in _OLE_STREAMS:
            if whole.find(name.encode("utf-16-le")) >= 0:
                return UnsupportedFile(f"{file} is {what}, which cannot be read.", help)
    return UnsupportedFile(
        f"{file} is an old Office file, which cannot be read.", "Save it as PDF and add that."
    )


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")) or utf16_of(head):
        return True
    controls = sum(byte < 0x20 and byte not in b"\t\n\r\f\x1a\x1b" for byte in head)
    return controls <= len(head) // 200
