"""HTML, and SEC filings as HTML with inline XBRL, through unstructured.

The tree is prepared first: what a person does not see is dropped (hidden XBRL facts, text styled
away), what only the look of a page sets apart becomes plain blocks, page breaks become marks, and
short lines in bold become headings, because a filing has hardly any heading elements.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from lxml import etree, html

from ingest.readers import ReadError, unstructured_offline
from ingest.readers.decoding import decode
from ingest.readers.edgar import Part, is_set_in_spaces, parts_of, without_tags
from ingest.readers.elements import NO_LANGUAGE_DETECTION, blocks_of, one_line, reader_name
from ingest.readers.message import Ended, Message, clean
from ingest.readers.plain import pages_of, paragraphs_of
from ingest.readers.table_rows import cells_of, row_of, rows_of
from ingest.readers.units import Block, BlockKind, read_blocks
from ingest.readers.xbrl import facts_of

_UNSEEN_TAGS = {
    "script", "style", "noscript", "template", "head", "iframe", "object", "embed", "svg", "math",
    "ix:header", "ix:hidden", "ix:references", "ix:resources", "select", "textarea", "del",
}  # fmt: skip
# unstructured leaves these out, or what stands outside the first <main>, or runs them together.
_SHOWN_AS = dict.fromkeys(
    ["form", "fieldset", "legend", "figure", "figcaption", "details", "summary", "nav", "main",
     "dialog"], "div",
) | {"label": "span", "button": "span"}  # fmt: skip
_UNSEEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|$|!)",
    re.I,
)
_BREAK_BEFORE = re.compile(r"(?:page-)?break-before\s*:\s*(?:always|page|left|right)", re.I)
_BREAK_AFTER = re.compile(r"(?:page-)?break-after\s*:\s*(?:always|page|left|right)", re.I)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)|font\s*:[^;]*\bbold\b", re.I)
_CENTRED = re.compile(r"text-align\s*:\s*center", re.I)
_BLOCK_TAGS = {
    "div", "p", "table", "tr", "td", "th", "ul", "ol", "li", "hr", "h1", "h2", "h3", "h4", "h5",
    "h6", "section", "article", "main", "header", "footer", "blockquote", "pre", "center", "body",
}  # fmt: skip
_TABLE_TAGS = ("table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th")
MAX_HEADING_CHARS = 120
MAX_DEPTH = 240  # unstructured's parser leaves out in silence what lies deeper than 255
# Tags that only say how words look; those of old pages are often never closed.
_LOOKS = re.compile(
    r"</?(?:font|span|b|i|u|s|em|strong|small|big|tt|strike|center|a)(?:\s[^>]*)?>", re.I
)


def read(path: Path, max_pages: int) -> Iterator[Message]:
    """Pages (where the file has page breaks) or sections of the HTML file; raises `ReadError`."""
    yield from read_text(decode(path.read_bytes(), declared=True), max_pages)


def read_text(text: str, max_pages: int) -> Iterator[Message]:
    """Pages or sections of a page of the web, or of a filing made of several; raises
    `ReadError`."""
    header, parts = parts_of(text)
    if parts:
        title, blocks, facts = _filing(header, parts)
    else:
        title, blocks = _document(text)
        facts = facts_of(text)
    for message in read_blocks(blocks, reader=reader_name(), title=title, max_pages=max_pages):
        yield replace(message, facts=facts) if isinstance(message, Ended) else message


def _filing(
    header: str, parts: Sequence[Part]
) -> tuple[str, list[Block], tuple[tuple[str, str], ...]]:
    """The title, the blocks and the facts of a filing as EDGAR sends it."""
    title = ""
    blocks = list(paragraphs_of(header))
    facts: dict[str, str] = {"EdgarType": parts[0].type}
    left_out = []
    for part in parts:
        part_title, inside = _document(part.body) if part.is_read else ("", [])
        if all(block.kind is BlockKind.BREAK for block in inside):
            left_out.append(f"{part.type} {part.name}".strip())
            continue
        title = title or part_title
        facts = dict(facts_of(part.body)) | facts
        blocks += [Block(BlockKind.BREAK), *inside]
    if left_out and blocks:
        told = f"Parts of this filing that are not text: {', '.join(left_out)}"
        blocks += [Block(BlockKind.BREAK), Block(BlockKind.TEXT, told)]
    return title, blocks, tuple(sorted(facts.items()))


def _document(text: str) -> tuple[str, list[Block]]:
    """The title and the blocks of a page of the web, or of plain text; raises `ReadError`."""
    # Not by <table>: EDGAR's own tag of that name stands around rows that are set in spaces.
    if re.search(r"<(?:html|body|div|p|tr|td)\b", text, re.I) and not is_set_in_spaces(text):
        return blocks_of_html(text)
    return "", list(pages_of(without_tags(text)))


def blocks_of_html(text: str) -> tuple[str, list[Block]]:
    """The title and the visible blocks of an HTML document; raises `ReadError`."""
    unstructured_offline.prepare()
    from unstructured.partition.html import partition_html

    root = _parse(text)
    title = one_line(clean(root.findtext(".//title") or ""))
    _drop_unseen(root)
    for element in root.iter(*_SHOWN_AS):
        element.tag = _SHOWN_AS[element.tag]
    # A mark no document can know, so that no document can forge a page break.
    mark = f"page-break-{secrets.token_hex(8)}"
    _mark_breaks(root, mark)
    _mark_headings(root)
    _lay_out_tables(root)
    _keep_single_letters(root)
    prepared = etree.tostring(root, method="html", encoding="unicode")
    elements = partition_html(text=prepared, languages=NO_LANGUAGE_DETECTION)
    blocks = blocks_of(
        elements,
        is_break=lambda element: element.text.strip() == mark,
        is_heading=lambda element: len(element.text) <= 2 * MAX_HEADING_CHARS,
    )
    return title, list(blocks)


def _parse(text: str) -> html.HtmlElement:
    """The tree of a page. Old pages leave fonts open, so that each paragraph lies within the one
    before; the parsers go on without what lies too deep, and that must not be lost in silence."""
    text = clean(text)
    if not text.strip():
        raise ReadError("empty")
    root, is_whole = _tree(text)
    if not is_whole:
        root, is_whole = _tree(_LOOKS.sub("", text))
    if not is_whole:
        raise ReadError("unreadable", "it is nested too deeply")
    return root


def _tree(text: str) -> tuple[html.HtmlElement, bool]:
    """The tree of a page, and whether all of the page is in it and will be in unstructured's."""
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = html.document_fromstring(text.encode(), parser=parser)
    except etree.ParserError as error:
        raise ReadError("empty") from error  # comments only
    except (etree.LxmlError, ValueError) as error:
        raise ReadError("unreadable", f"it cannot be parsed ({error})") from error
    is_cut = any("depth" in entry.message.lower() for entry in parser.error_log)
    return root, not is_cut and _depth(root) <= MAX_DEPTH


def _depth(root: html.HtmlElement) -> int:
    depth = deepest = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _drop_unseen(root: html.HtmlElement) -> None:
    for element in list(root.iter()):
        if not isinstance(element.tag, str) or element.getparent() is None:
            continue
        unseen = (
            element.tag.lower() in _UNSEEN_TAGS
            or "hidden" in element.attrib
            or _UNSEEN_STYLE.search(element.get("style", "")) is not None
        )
        if unseen and element.tag != "body":
            element.drop_tree()


def _mark_breaks(root: html.HtmlElement, mark: str) -> None:
    for element in list(root.iter()):
        style = element.get("style", "") if isinstance(element.tag, str) else ""
        if "break" not in style.lower() or element.tag in ("html", "body"):
            continue
        # A break inside a table stands before or after all of it: cells hold no pages.
        tables = list(element.iterancestors("table"))
        at = tables[-1] if tables else element
        if at.getparent() is None:
            continue
        if _BREAK_BEFORE.search(style):
            at.addprevious(_paragraph(mark))
        if _BREAK_AFTER.search(style):
            tail, at.tail = at.tail, None
            paragraph = _paragraph(mark)
            at.addnext(paragraph)
            paragraph.tail = tail


def _paragraph(text: str) -> html.HtmlElement:
    paragraph = html.Element("p")
    paragraph.text = text
    return paragraph


def _mark_headings(root: html.HtmlElement) -> None:
    for element in root.iter("p", "div"):
        if any(child.tag in _BLOCK_TAGS for child in element.iterdescendants()):
            continue
        if any(True for _ in element.iterancestors("table", "h1", "h2", "h3", "h4", "h5", "h6")):
            continue
        text = one_line(element.text_content())
        if not 2 < len(text) <= MAX_HEADING_CHARS or not re.search(r"[^\W\d_]{2}", text):
            continue
        if _all_bold(element):
            strong = text.isupper() or _CENTRED.search(element.get("style", "")) is not None
            element.tag = "h5" if strong else "h6"


def _lay_out_tables(root: html.HtmlElement) -> None:
    """Tables become preformatted rows, because unstructured puts spaces inside their numbers; a
    table that holds tables only places them on the page and is taken apart, down to its rows of
    short cells."""
    for table in list(root.iter("table")):
        if next(table.iterdescendants("table"), None) is None:
            _preformat(table, rows_of(table))
    # Only tables that hold tables are left.
    for row in list(root.iter("tr")):
        if all(_is_short(cell) for cell in cells_of(row)):
            _preformat(row, row_of(row))
    for part in root.iter(*_TABLE_TAGS):
        part.tag = "div"


def _is_short(cell: html.HtmlElement) -> bool:
    """Whether a cell holds no more than a paragraph."""
    blocks = (child.tag for child in cell.iterdescendants() if child.tag in _BLOCK_TAGS)
    return next(blocks, "p") in ("p", "div") and next(blocks, None) is None


def _keep_single_letters(root: html.HtmlElement) -> None:
    """A paragraph of one letter or digit, which may be an answer, is preformatted, because
    unstructured leaves out any other."""
    for element in list(root.iter("p", "div", "dt", "blockquote", "center")):
        if any(child.tag in _BLOCK_TAGS for child in element.iterdescendants()):
            continue
        text = one_line(element.text_content())
        alone_in_item = element.getparent().tag == "li" and len(element.getparent()) == 1
        if len(text) == 1 and text.isalnum() and not alone_in_item:
            _preformat(element, text)


def _preformat(element: html.HtmlElement, text: str) -> None:
    for child in list(element):
        element.remove(child)
    element.attrib.clear()
    element.tag, element.text = "pre", text


def _all_bold(element: html.HtmlElement) -> bool:
    """Whether every visible character of `element` stands in bold."""

    def bold(node: html.HtmlElement) -> bool:
        return node.tag in ("b", "strong") or _BOLD.search(node.get("style", "")) is not None

    def visit(node: html.HtmlElement, inherited: bool, depth: int) -> bool:
        inside = inherited or bold(node)
        if not inside and (node.text or "").strip():
            return False
        if depth > 20:
            return False
        for child in node:
            if not visit(child, inside, depth + 1):
                return False
            if not inside and (child.tail or "").strip():
                return False
        return True

    return visit(element, False, 0)
