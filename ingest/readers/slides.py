"""PowerPoint presentations, through python-pptx: a page is a slide, with its notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lxml import etree

from ingest.readers import ReadError, reason_of
from ingest.readers.chart_numbers import chart_text
from ingest.readers.elements import one_line
from ingest.readers.equations import equation_text
from ingest.readers.message import Ended, Heading, Message, Opened, ReadPage, clean
from ingest.readers.sheet_pages import line_of

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_EQUATION = "{http://schemas.microsoft.com/office/drawing/2010/main}"
_LINKS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# As for a page of a PDF: with so few characters a picture over so much of it may hold the words.
FEW_CHARS = 250
IMAGE_SHARE = 0.3
MAX_DEPTH = 12


def read(path: Path, max_pages: int) -> Iterator[Message]:
    """Slides of the presentation at `path`, hidden ones too; raises `ReadError`."""
    import pptx

    try:
        presentation = pptx.Presentation(str(path))
        slides = list(presentation.slides)
        title = one_line(presentation.core_properties.title or "")
    except MemoryError:
        raise
    except Exception as error:
        # python-pptx lets many kinds of error out of a damaged package.
        raise ReadError("unreadable", reason_of(error)) from error
    if not slides:
        raise ReadError("empty")
    if len(slides) > max_pages:
        raise ReadError("pages", str(len(slides)))
    yield Opened(len(slides), f"python-pptx {version('python-pptx')}")
    area = max(1, (presentation.slide_width or 0) * (presentation.slide_height or 0))
    headings = []
    for page_no, slide in enumerate(slides, start=1):
        page, heading = _read_slide(slide, page_no, area)
        if heading:
            headings.append(Heading(page_no, 0, 1, heading))
        yield page
    yield Ended(clean(title), tuple(headings))


def _read_slide(slide: Any, page_no: int, area: int) -> tuple[ReadPage, str]:
    """The page of a slide, and its title."""
    try:
        _bring_up(slide.shapes._spTree)
        title = slide.shapes.title
        heading = clean(one_line(title.text_frame.text)) if title is not None else ""
        shapes = [shape for shape in slide.shapes if title is None or shape != title]
        blocks = [heading, *(text for shape in _in_order(shapes) for text in _texts(shape, slide))]
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            notes = _paragraphs(slide.notes_slide.notes_text_frame)
            blocks.append(f"Notes: {notes}" if notes else "")
        pictures = sum(shape.width * shape.height for shape in shapes if _is_picture(shape))
    except MemoryError:
        raise
    except Exception as error:
        # One bad slide does not cost the presentation.
        reason = f"python-pptx: {error}"
        return ReadPage(page_no, "", "failed", unit="slide", reason=reason), ""
    text = clean("\n\n".join(block for block in blocks if block.strip()))
    n_chars = len("".join(text.split()))
    status = "text" if n_chars else "blank"
    if n_chars < FEW_CHARS and pictures >= IMAGE_SHARE * area:
        status = "mixed" if n_chars else "scanned"
    reason = "a picture without text" if status == "scanned" else ""
    return ReadPage(page_no, text, status, unit="slide", reason=reason), heading


def _bring_up(tree: Any) -> None:
    """Changes the shapes of a slide so that python-pptx sees every word: what PowerPoint writes in
    two ways, for itself and for older programs, in the first; an equation as a run of text."""
    for both in reversed(list(tree.iter(f"{_COMPATIBILITY}AlternateContent"))):
        choice = both.find(f"{_COMPATIBILITY}Choice")
        for shape in () if choice is None else list(choice):
            both.addprevious(shape)
        both.getparent().remove(both)
    # Ink has no words, and python-pptx does not know where it lies.
    for ink in list(tree.iter("{*}contentPart")):
        ink.getparent().remove(ink)
    for equation in list(tree.iter(f"{_EQUATION}m")):
        run = equation.makeelement(f"{_DRAWING}r")
        etree.SubElement(run, f"{_DRAWING}t").text = equation_text(equation)
        equation.getparent().replace(equation, run)


def _in_order(shapes: Iterable[Any]) -> list[Any]:
    """Shapes as they are read: from top to bottom, then from left to right."""
    return sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))


def _texts(shape: Any, slide: Any, depth: int = 0) -> Iterator[str]:
    if hasattr(shape, "shapes"):  # a group
        if depth < MAX_DEPTH:
            for inner in _in_order(shape.shapes):
                yield from _texts(inner, slide, depth + 1)
    elif getattr(shape, "has_table", False):
        yield "\n".join(line_of([cell.text for cell in row.cells]) for row in shape.table.rows)
    elif getattr(shape, "has_chart", False):
        yield chart_text(shape.chart_part._element)
    elif shape.has_text_frame:
        yield _paragraphs(shape.text_frame)
    else:
        yield _diagram(shape, slide)


def _paragraphs(frame: Any) -> str:
    lines = []
    for paragraph in frame.paragraphs:
        line = one_line(paragraph.text)
        if line:
            lines.append(f"{'  ' * (paragraph.level - 1)}- {line}" if paragraph.level else line)
    return "\n".join(lines)


def _diagram(shape: Any, slide: Any) -> str:
    """The words of a diagram (SmartArt), which are kept in a part of their own."""
    links = next(shape._element.iter(f"{_DIAGRAM}relIds"), None)
    part_id = None if links is None else links.get(f"{_LINKS}dm")
    if not part_id:
        return ""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(slide.part.related_part(part_id).blob, parser)
    lines = (
        "".join(run.text or "" for run in paragraph.iter(f"{_DRAWING}t"))
        for paragraph in root.iter(f"{_DRAWING}p")
    )
    return "\n".join(one_line(line) for line in lines if line.strip())


def _is_picture(shape: Any) -> bool:
    return str(shape._element.tag).endswith("}pic")
