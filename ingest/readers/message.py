"""What a reader says about a document, as it crosses from the child process to its parent.

Only names, numbers and text: a child that read a hostile file is not believed any further.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

MAX_HEADINGS = 20_000
MAX_TITLE_CHARS = 300
MAX_NAME_CHARS = 60
MAX_FACTS = 20
# The reason of a page set in a font that only draws: recognition may read it.
NO_LETTERS = "its font does not say which letters it draws"


@dataclass(frozen=True)
class Opened:
    """The document could be opened; `pages` is None where it is known only at the end."""

    pages: int | None
    reader: str  # name and version of the library that reads


@dataclass(frozen=True)
class ReadPage:
    """One page as text; `status` is a value of `memgpt_docs.storage.schema.PageStatus`."""

    page_no: int  # 1-based
    text: str
    status: str
    label: str = ""
    unit: str = "page"
    reason: str = ""
    cells: str = ""  # of a sheet: the first cell of each line, "A1 B3 A4"


@dataclass(frozen=True)
class Heading:
    """A heading the format itself marks. `start` counts code points into the page's text and is
    None where the format names only the page; `level` is 1 for the outermost."""

    page_no: int
    start: int | None
    level: int
    title: str


@dataclass(frozen=True)
class Ended:
    """All pages were given."""

    title: str
    headings: tuple[Heading, ...]
    facts: tuple[tuple[str, str], ...] = ()  # what the file says of itself: (XBRL name, text)


@dataclass(frozen=True)
class Failed:
    """The document cannot be read: `code` is one of `FAILURES`."""

    code: str
    detail: str = ""


FAILURES = ("protected", "unreadable", "memory", "pages", "empty")

Message = Opened | ReadPage | Ended | Failed

_NAMES: dict[str, type[Opened] | type[ReadPage] | type[Ended] | type[Failed]] = {
    "opened": Opened,
    "page": ReadPage,
    "ended": Ended,
    "failed": Failed,
}
_NAME_OF = {kind: name for name, kind in _NAMES.items()}


def to_dict(message: Message) -> dict[str, Any]:
    """A JSON object of `message`."""
    return {"message": _NAME_OF[type(message)], **asdict(message)}


def from_dict(raw: Any) -> Message:
    """The message that `raw` is; raises `ValueError` where it is none."""
    try:
        fields = dict(raw)
        match fields.pop("message"):
            case "opened":
                pages = fields["pages"]
                return Opened(None if pages is None else int(pages), str(fields["reader"])[:100])
            case "page":
                return ReadPage(
                    int(fields["page_no"]),
                    clean(str(fields["text"])),
                    str(fields["status"]),
                    clean(str(fields["label"]))[:40],
                    str(fields["unit"])[:20],
                    clean(str(fields["reason"]))[:300],
                    _cells(str(fields["cells"])),
                )
            case "ended":
                return Ended(
                    clean(str(fields["title"]))[:MAX_TITLE_CHARS],
                    tuple(_heading(item) for item in fields["headings"][:MAX_HEADINGS]),
                    tuple(
                        (str(name)[:MAX_NAME_CHARS], clean(str(value))[:MAX_TITLE_CHARS])
                        for name, value in fields.get("facts", [])[:MAX_FACTS]
                    ),
                )
            case "failed":
                return Failed(str(fields["code"]), clean(str(fields["detail"]))[:300])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"not a message of a reader: {error!r}") from error
    raise ValueError("not a message of a reader")


def _cells(text: str) -> str:
    return text if re.fullmatch(r"(?:[A-Z]{1,4}\d{1,9}(?: (?=[A-Z])|$))*", text) else ""


def _heading(raw: Any) -> Heading:
    start = raw["start"]
    return Heading(
        int(raw["page_no"]),
        None if start is None else int(start),
        int(raw["level"]),
        clean(str(raw["title"]))[:MAX_TITLE_CHARS],
    )


# PDFium marks a hyphen at the end of a line with one of the first two; a reader of the page sees
# a hyphen there ("Regulation S-T"). The other control characters are never seen.
_CLEAN = {0x02: "-", 0xFFFE: "-", 0xFEFF: "", 0x00: "", 0x7F: " ", 0x0D: "\n"}
_CLEAN |= {code: " " for code in range(0x20) if code not in (*_CLEAN, 0x09, 0x0A)}
_CLEAN |= dict.fromkeys(range(55296, 57344), "�")


def clean(text: str) -> str:
    """`text` with `\\n` as its only line break and without what UTF-8 or a reader cannot take:
    lone surrogates, NULs and other control characters."""
    return text.replace("\r\n", "\n").translate(_CLEAN)
