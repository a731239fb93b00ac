"""The child that looks at one PDF: `python -m memgpt_docs.citations.page_process PATH LIMITS`.

A PDF may crash or hang whoever draws it, so the app never does. The child limits itself, opens the
document once and then answers requests, each a line of JSON on its standard input:

    {"do": "find", "page_no": 3, "text": "...", "nth": 0}       -> {"rectangles": [[l, t, r, b]]}
    {"do": "read", "page_no": 3, "rectangles": [...]}           -> {"text": "..."}
    {"do": "draw", "page_no": 3, "rectangles": [...], "width": 1000} -> {"bytes": n, ...} and a PNG

Each answer is a line of JSON; `error` in it says what went wrong. Rectangles are found through
PDFium's own characters, because the text of the library is a cleaned copy of them.
"""

from __future__ import annotations

import io
import json
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageChops

from memgpt_docs.citations.comparable import Comparable
from memgpt_docs.citations.rectangles import Box, Rectangle, lines_of
from memgpt_docs.confinement import confine
from memgpt_docs.pdf_page import open_page

# A page may be as large as its maker likes; its picture may not.
MAX_PIXELS = 8_000_000
MARKER = (255, 226, 92)
MARGIN = 1.0  # points around a marked line
GRID = 1_000_000  # steps across a page when its points are turned to what is shown
UNSEEN = "\u200b"


def main(arguments: list[str]) -> int:
    """Answers requests until its standard input ends."""
    out = os.fdopen(os.dup(1), "wb")
    # A library that prints must not be taken for an answer.
    os.dup2(2, 1)
    confine(json.loads(arguments[1]))
    document: Any = None
    for line in sys.stdin.buffer:
        picture = b""
        try:
            if document is None:
                document = pdfium.PdfDocument(Path(arguments[0]))
            answer, picture = _answer(document, json.loads(line))
        except MemoryError:
            answer = {"error": "it needs more memory than a page may take"}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        _say(out, answer, picture)
    return 0


def _say(out: BinaryIO, answer: dict[str, Any], picture: bytes) -> None:
    out.write(json.dumps(answer).encode() + b"\n" + picture)
    out.flush()


def _answer(document: Any, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    page = open_page(document, int(request["page_no"]) - 1)
    try:
        match request["do"]:
            case "find":
                found = find(page, str(request["text"]), int(request["nth"]))
                return {"rectangles": [[r.left, r.top, r.right, r.bottom] for r in found]}, b""
            case "read":
                return {"text": read(page, _rectangles(request))}, b""
            case "draw":
                image = draw(page, _rectangles(request), int(request["width"]))
                picture = io.BytesIO()
                image.save(picture, "PNG", compress_level=1)
                size = {"width": image.width, "height": image.height}
                return {"bytes": picture.tell(), **size}, picture.getvalue()
            case unknown:
                raise ValueError(f"unknown request {unknown}")
    finally:
        page.close()


def _rectangles(request: dict[str, Any]) -> list[Rectangle]:
    return [Rectangle(*map(float, sides)) for sides in request["rectangles"]]


def find(page: Any, text: str, nth: int) -> list[Rectangle]:
    """Where the `nth` (0-based) occurrence of `text` stands on the page, a rectangle a line; where
    it does not stand in one piece, each of its lines is looked for by itself."""
    text_page = page.get_textpage()
    try:
        characters = Comparable.of(_characters(text_page))
        spans = _spans(characters, text, nth)
        width, height = page.get_size()
        boxes = [
            box
            for start, end in spans
            for index in range(start, end)
            if (box := _box(page, text_page, index, characters.text[index]))
        ]
    finally:
        text_page.close()
    return [
        Rectangle(
            max(0.0, (line.left - MARGIN) / width),
            max(0.0, (line.top - MARGIN) / height),
            min(1.0, (line.right + MARGIN) / width),
            min(1.0, (line.bottom + MARGIN) / height),
        )
        for line in lines_of(boxes)
    ]


def read(page: Any, rectangles: Sequence[Rectangle]) -> str:
    """The characters whose middle lies in one of `rectangles`, in the order of the text."""
    width, height = page.get_size()
    text_page = page.get_textpage()
    try:
        characters = _characters(text_page)
        inside = []
        for index, character in enumerate(characters):
            if character.isspace():
                inside.append(" ")
                continue
            box = _box(page, text_page, index, character)
            if box is None:
                continue
            x, y = (box.left + box.right) / 2 / width, (box.top + box.bottom) / 2 / height
            if any(rectangle.holds(x, y) for rectangle in rectangles):
                inside.append(character)
    finally:
        text_page.close()
    return " ".join("".join(inside).split())


def draw(page: Any, rectangles: Sequence[Rectangle], width: int) -> Image.Image:
    """The page as a picture `width` pixels wide, `rectangles` marked as with a pen."""
    points, height = page.get_size()
    scale = min(width / points, math.sqrt(MAX_PIXELS / (points * height)))
    image: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
    for one in rectangles:
        corners = (
            int(one.left * image.width),
            int(one.top * image.height),
            max(int(one.left * image.width) + 1, math.ceil(one.right * image.width)),
            max(int(one.top * image.height) + 1, math.ceil(one.bottom * image.height)),
        )
        part = image.crop(corners)
        image.paste(ImageChops.multiply(part, Image.new("RGB", part.size, MARKER)), corners)
    return image


def _characters(text_page: Any) -> str:
    """PDFium's characters, one for each of its indices."""
    codes = (
        pdfium_c.FPDFText_GetUnicode(text_page, index) for index in range(text_page.count_chars())
    )
    return "".join(_character(code) for code in codes)


def _character(code: int) -> str:
    if code in (0x02, 0xFFFE):
        return "-"
    if code == 0 or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return UNSEEN
    return " " if code < 0x20 or code == 0x7F else chr(code)


def _spans(characters: Comparable, text: str, nth: int) -> list[tuple[int, int]]:
    wanted = Comparable.of(text)
    found: list[tuple[int, int]] = []
    while len(found) <= nth:
        span = characters.find(wanted, found[-1][0] + 1 if found else 0)
        if span is None:
            break
        found.append(span)
    if found:
        return found[-1:]
    lines = [line for line in text.splitlines() if line.strip()]
    spans = (characters.find(Comparable.of(line)) for line in lines if len(lines) > 1)
    return [span for span in spans if span is not None]


def _box(page: Any, text_page: Any, index: int, character: str) -> Box | None:
    """The box of a character as the page is shown, as high as its line; None for one without
    extent."""
    if character.isspace() or character == UNSEEN:
        return None
    left, bottom, right, top = text_page.get_charbox(index, loose=True)
    if right <= left and top <= bottom:
        return None
    x1, y1 = _as_shown(page, left, bottom)
    x2, y2 = _as_shown(page, right, top)
    angle = pdfium_c.FPDFText_GetCharAngle(text_page, index)
    turned = page.get_rotation() in (90, 270)
    is_vertical = (abs(math.sin(angle)) > 0.7) != turned if angle >= 0 else False
    return Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2), is_vertical)


def _as_shown(page: Any, x: float, y: float) -> tuple[float, float]:
    """A point of the page in points from the top left corner of what is shown."""
    width, height = page.get_size()
    across, down = pdfium_c.c_int(), pdfium_c.c_int()
    pdfium_c.FPDF_PageToDevice(page, 0, 0, GRID, GRID, 0, x, y, across, down)
    return across.value / GRID * width, down.value / GRID * height


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
