"""The child that recognises the words on pages that are pictures:
`python -m ingest.readers.ocr PATH LIMITS`.

Pages are rendered by PDFium and recognised by RapidOCR, whose models (English and Chinese) come in
its wheel. LIMITS is a JSON object: seconds, memory_mb, and pages, the numbers (1-based) of those to
recognise. What it says is a `ReadPage` for each, its lines in the order of reading.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

from ingest.readers.message import Ended, Failed, Message, Opened, ReadPage, clean, to_dict
from memgpt_docs.confinement import confine

DPI = 150
# A page may be as large as its maker likes; its picture may not.
MAX_PIXELS = 12_000_000
# Lines with a lower score are more often specks than words.
MIN_SCORE = 0.5
NICE = 10
# Boxes whose middles are closer than this share of their height stand on one row.
SAME_ROW = 0.5
# Boxes further apart than this many times their height are columns of a table.
COLUMN_GAP = 1.5


def main(arguments: list[str]) -> int:
    """Recognises the pages named by `arguments`; 0 when all was said."""
    path, limits = Path(arguments[0]), json.loads(arguments[1])
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    # A library that prints must not be taken for a message.
    os.dup2(2, 1)
    confine(limits)
    # The user goes on working meanwhile.
    if hasattr(os, "nice"):
        os.nice(NICE)

    def say(message: Message) -> None:
        out.write(json.dumps(to_dict(message)) + "\n")
        out.flush()

    try:
        recognise(path, limits["pages"], say)
    except MemoryError:
        say(Failed("memory"))
    except Exception as error:
        # Whatever a hostile page brings out, the parent gets a sentence.
        say(Failed("unreadable", f"{type(error).__name__}: {error}"[:300]))
    out.flush()
    # Without tidying up: threads of a library may hang.
    os._exit(0)


def recognise(path: Path, page_numbers: Sequence[int], say: Any) -> None:
    """Says a `ReadPage` for each page of the PDF at `path` that is named."""
    import numpy as np
    import pypdfium2 as pdfium

    from memgpt_docs.pdf_page import open_page

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    engine: Any = import_module("rapidocr").RapidOCR()
    say(Opened(len(page_numbers), f"rapidocr {version('rapidocr')}"))
    document = pdfium.PdfDocument(path)
    for page_no in page_numbers:
        try:
            page = open_page(document, page_no - 1)
            width, height = page.get_size()
            scale = min(DPI / 72, (MAX_PIXELS / max(1.0, width * height)) ** 0.5)
            # In colour, as the models were trained, whatever colours the page has.
            image = page.render(scale=scale).to_pil().convert("RGB")
            found = engine(np.asarray(image)[:, :, ::-1])
            page.close()
        except MemoryError:
            raise
        except Exception as error:
            # One bad page does not cost the others.
            say(ReadPage(page_no, "", "failed", reason=f"{type(error).__name__}: {error}"[:200]))
            continue
        boxes = [] if found.boxes is None else found.boxes.tolist()
        text = rows_of(
            [
                (box, text)
                for box, text, score in zip(
                    boxes, found.txts or (), found.scores or (), strict=True
                )
                if score >= MIN_SCORE
            ]
        )
        say(ReadPage(page_no, clean(text), "scanned"))
    say(Ended("", ()))


def rows_of(found: Sequence[tuple[list[list[float]], str]]) -> str:
    """Lines of text from top to bottom: what stands on one row of the page is one line, with
    columns set apart by " | ". Boxes are four corners (x, y), from the top left on."""
    boxes = [
        (min(y for _, y in box), max(y for _, y in box), min(x for x, _ in box),
         max(x for x, _ in box), text)
        for box, text in found
    ]  # fmt: skip
    rows: list[list[tuple[float, float, float, float, str]]] = []
    for box in sorted(boxes):
        middle, height = (box[0] + box[1]) / 2, box[1] - box[0]
        last = rows[-1][0] if rows else None
        if last is not None and abs((last[0] + last[1]) / 2 - middle) < SAME_ROW * height:
            rows[-1].append(box)
        else:
            rows.append([box])
    return "\n".join(_row(row) for row in rows)


def _row(row: list[tuple[float, float, float, float, str]]) -> str:
    row = sorted(row, key=lambda box: box[2])
    line = row[0][4]
    for before, box in pairwise(row):
        gap = box[2] - before[3]
        line += (" | " if gap > COLUMN_GAP * (box[1] - box[0]) else " ") + box[4]
    return line


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
