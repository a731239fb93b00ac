"""Files as EDGAR keeps and sends them: a header, then the documents of a filing between tags of its
own; and filings from before HTML, whose pages and tables are set in spaces and marked with such
tags (`<PAGE>`, `<S>`, `<C>`), also where some program put a page of the web around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

# The tag that ends a page of a text filing.
PAGE_TAG = re.compile(r"^[ \t]*<PAGE>[ \t]*\d*[ \t]*$", re.MULTILINE)
_DOCUMENT = re.compile(r"<DOCUMENT>\s*<TYPE>[ \t]*([^\s<]{1,20}(?: 14A| 13[DG](?:/A)?)?)", re.I)
_BODY = re.compile(r"<TEXT>(.*?)(?:</TEXT>|\Z)", re.I | re.S)
_NAME = re.compile(r"<(?:FILENAME|DESCRIPTION)>[ \t]*([^\n<]{1,100})", re.I)
_HEADER_TAGS = re.compile(r"</?(?:SEC|IMS)-(?:DOCUMENT|HEADER)>.*|<ACCEPTANCE-DATETIME>\d*", re.I)
# Pictures, data behind the statements, and what is there a second time in another form.
_NOT_READ = re.compile(r"GRAPHIC|ZIP|EXCEL|PDF|XML|JSON|EX-10[14](?:\.\w+)?", re.I)
_PACKED = re.compile(r"\s*(?:<PDF>|<ZIP>|<EXCEL>|begin \d{3} )", re.I)
_MARKS = re.compile(r"^[ \t]*<(?:PAGE|S|C|CAPTION|TABLE)>", re.I | re.M)
# Tags that text set in spaces may stand between; with others it is a page of the web.
_PLAIN_TAGS = (
    r"/?(?:html|head|body|div|pre|title|font|meta|page|table|caption|s|c|f[n\d]{0,2}|r|i|u|b|br"
    r"|document|text)\b"
)
_PLAIN_TAG = re.compile(rf"<{_PLAIN_TAGS}[^<>]{{0,300}}>", re.I)
_OTHER_TAG = re.compile(rf"<(?!{_PLAIN_TAGS})/?[a-z!][^<>]{{0,300}}", re.I)
_TITLE = re.compile(r"<title\b[^>]{0,100}>.{0,500}?</title>|<!--.{0,2000}?-->", re.I | re.S)
MIN_LINES = 40
# Of such text a page of the web has at most this many tags a line.
MAX_TAGS = 0.05


@dataclass(frozen=True)
class Part:
    """A document of a filing: its type ("10-K", "EX-99.1") and what is in it; `is_read` is false
    for pictures and data."""

    type: str
    name: str
    body: str
    is_read: bool


def parts_of(text: str) -> tuple[str, list[Part]]:
    """The header of a filing, as lines, and its documents; of other text nothing."""
    starts = list(_DOCUMENT.finditer(text))
    if not starts:
        return "", []
    parts = []
    ends = [match.start() for match in starts[1:]] + [len(text)]
    for match, end in zip(starts, ends, strict=True):
        body = _BODY.search(text, match.end(), end)
        before = text[match.end() : body.start() if body else end]
        names = [name.strip() for name in _NAME.findall(before)]
        content = body[1] if body else ""
        is_read = _NOT_READ.fullmatch(match[1]) is None and not _PACKED.match(content)
        parts.append(Part(match[1].upper(), " ".join(names[:1]), content, is_read))
    header = _HEADER_TAGS.sub("", text[: starts[0].start()])
    return "\n".join(line.rstrip() for line in header.split("\n")).strip("\n"), parts


def is_set_in_spaces(text: str) -> bool:
    """Whether lines and columns of a page of the web are those of its source, which a browser runs
    together, so that it has to be read as plain text."""
    n_lines = text.count("\n")
    if n_lines < MIN_LINES or "<" not in text:
        return False
    return sum(1 for _ in _OTHER_TAG.finditer(text)) <= MAX_TAGS * n_lines


def without_tags(text: str) -> str:
    """Text set in spaces without its tags, those of pages left in; lines of tags only go."""
    return unescape("\n".join(_lines(_TITLE.sub("", text))))


def has_marks(text: str) -> bool:
    """Whether plain text is marked with EDGAR's tags."""
    return _MARKS.search(text) is not None


def _lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        if "<" not in line or PAGE_TAG.fullmatch(line):
            yield line
            continue
        bare = _PLAIN_TAG.sub("", line).rstrip()
        if bare:
            yield bare
