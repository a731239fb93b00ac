"""What a Word document holds where its reader does not look: text inserted while changes are
tracked, content controls and fields, text boxes, equations, footnotes, endnotes and comments.

A contract in negotiation is made of these. They are brought to where the reader looks; what was
deleted while changes were tracked is not text and stays out.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from lxml import etree

from ingest.readers.equations import MATH, equation_text
from ingest.readers.sign_fonts import sign_of
from ingest.readers.units import Block, BlockKind

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Their content stands in their place.
_WRAPPERS = frozenset(
    _W + name for name in ("ins", "moveTo", "smartTag", "fldSimple", "customXml", "sdtContent")
) | {f"{MATH}oMathPara"}
_DROPPED = frozenset(
    [_FALLBACK, *(_W + name for name in ("del", "moveFrom", "sdtPr", "sdtEndPr", "customXmlPr"))]
)
_NOTES = (("footnote", "Footnotes"), ("endnote", "Endnotes"), ("comment", "Comments"))
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}s"


def bring_up(body: Any) -> None:
    """Changes the `body` of a document so that every word a person sees is in a paragraph or a
    table directly under it, or in a run directly under its paragraph."""
    _drop_deleted_rows(body)
    for dropped in [one for one in body.iter() if one.tag in _DROPPED]:
        if dropped.getparent() is not None:
            dropped.getparent().remove(dropped)
    _spell_out(body)
    # From the inside out, as wrappers hold wrappers.
    for wrapper in reversed([one for one in body.iter() if one.tag in _WRAPPERS]):
        _unwrap(wrapper)
    for control in reversed(list(body.iter(_W + "sdt"))):
        _unwrap(control)
    for box in reversed(list(body.iter(_W + "txbxContent"))):
        _move_after_its_paragraph(box)


def _drop_deleted_rows(body: Any) -> None:
    for row in list(body.iter(_W + "tr")):
        if row.find(f"{_W}trPr/{_W}del") is not None:
            row.getparent().remove(row)
    for table in list(body.iter(_W + "tbl")):
        if next(table.iter(_W + "tr"), None) is None:
            table.getparent().remove(table)


def _spell_out(root: Any) -> None:
    """Makes text of equations and of signs that are named by their place in a font."""
    for equation in list(root.iter(f"{MATH}oMath")):
        run = equation.makeelement(_W + "r")
        etree.SubElement(run, _W + "t").text = equation_text(equation)
        equation.getparent().replace(equation, run)
    for sign in list(root.iter(_W + "sym")):
        text = etree.SubElement(sign.getparent(), _W + "t")
        text.text = sign_of(sign.get(_W + "font", ""), sign.get(_W + "char", ""))
        sign.getparent().replace(sign, text)


def notes_of(document: Any) -> Iterator[Block]:
    """The footnotes, endnotes and comments of a document, numbered, each kind under a heading;
    comments with who made them."""
    for name, heading in _NOTES:
        texts = [text for part in _parts(document, name) for text in _note_texts(part, name)]
        if texts:
            yield Block(BlockKind.HEADING, heading, 1)
        for number, text in zip(count(1), texts):
            yield Block(BlockKind.TEXT, f"{number}. {text}")


def _unwrap(wrapper: Any) -> None:
    parent = wrapper.getparent()
    if parent is None:
        return
    place = parent.index(wrapper)
    for child in reversed(wrapper):
        parent.insert(place, child)
    parent.remove(wrapper)


def _move_after_its_paragraph(box: Any) -> None:
    paragraph = next(
        (one for one in box.iterancestors(_W + "p") if one.getparent() is not None), None
    )
    if paragraph is None:
        return
    for child in reversed(list(box)):
        paragraph.addnext(child)


def _parts(document: Any, name: str) -> Iterator[bytes]:
    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype == _RELATED.format(name):
            yield relation.target_part.blob


def _note_texts(part: bytes, name: str) -> Iterator[str]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    notes = etree.fromstring(part, parser)
    _spell_out(notes)
    for note in notes.iter(_W + name):
        # Those with a type are the lines between text and notes.
        if note.get(_W + "type") in (None, "normal"):
            for deleted in list(note.iter(_W + "del")):
                deleted.getparent().remove(deleted)
            text = " ".join("".join(run.text or "" for run in note.iter(_W + "t")).split())
            if text:
                author = note.get(_W + "author")
                yield f"{author}: {text}" if author else text
