"""Excel workbooks, through openpyxl: a page is a sheet, or a part of a long one."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat, zip_longest
from pathlib import Path
from typing import Any

import openpyxl

from ingest.readers import ReadError, reason_of
from ingest.readers.cell_text import cell_text
from ingest.readers.message import Ended, Heading, Message, Opened, ReadPage, clean
from ingest.readers.sheet_pages import parts_of

# A formula that was never calculated: a program wrote the file and no spreadsheet has saved it.
_UNCALCULATED = re.compile(rb"</(?:\w+:)?f>\s*(?:<(?:\w+:)?v\s*/>|<v></v>|</(?:\w+:)?c>)")
SCAN_BYTES = 1 << 20


def read(path: Path, max_pages: int) -> Iterator[Message]:
    """Sheets of the workbook at `path`, hidden ones too; raises `ReadError`."""
    values = _open(path, data_only=True)
    formulas = _open(path, data_only=False) if _has_uncalculated(path) else None
    yield Opened(None, f"openpyxl {openpyxl.__version__}")
    headings: list[Heading] = []
    page_no = 0
    for sheet in values.worksheets:
        rows = _rows(sheet, None if formulas is None else formulas[sheet.title])
        name = clean(sheet.title)
        is_first = True
        for part in parts_of(rows):
            page_no += 1
            if page_no > max_pages:
                raise ReadError("pages")
            if is_first:
                headings.append(Heading(page_no, 0, 1, name))
            label = name if is_first else f"{name[:20]} from row {part.first}"
            is_first = False
            yield ReadPage(page_no, clean(part.text), "text", label, unit="sheet", cells=part.cells)
    if not page_no:
        raise ReadError("empty")
    yield Ended(clean(values.properties.title or "").strip(), tuple(headings))


def _open(path: Path, *, data_only: bool) -> Any:
    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=data_only, keep_links=False)
    except MemoryError:
        raise
    except Exception as error:
        # openpyxl lets many kinds of error out of a damaged package.
        # Its messages name the path, which is not the name a person knows the file by.
        told = "its parts do not fit together" if str(path) in str(error) else reason_of(error)
        raise ReadError("unreadable", told) from error


def _rows(sheet: Any, formulas: Any) -> Iterator[Sequence[str]]:
    # What a file says of its size is not believed: some say one cell, some a million rows.
    sheet.reset_dimensions()
    others: Iterable[Sequence[Any]] = repeat(())
    if formulas is not None:
        formulas.reset_dimensions()
        others = formulas.iter_rows()
    for cells, unvalued in zip(sheet.iter_rows(), others, strict=False):
        texts = [cell_text(cell.value, getattr(cell, "number_format", "")) for cell in cells]
        if unvalued:
            # A formula that came to no words has a type and no value.
            kinds = [getattr(cell, "data_type", "") for cell in cells]
            texts = [
                text or ("" if kind == "str" else _formula(cell))
                for text, kind, cell in zip_longest(texts, kinds, unvalued, fillvalue="")
            ]
        yield texts


def _formula(cell: Any) -> str:
    """The formula of a cell whose value the file does not hold."""
    value = getattr(cell, "value", None)
    text = getattr(value, "text", value)  # an array formula is an object of its own
    return text if isinstance(text, str) and text.startswith("=") else ""


def _has_uncalculated(path: Path) -> bool:
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                continue
            with package.open(name) as stream:
                before = b""
                while block := stream.read(SCAN_BYTES):
                    if _UNCALCULATED.search(before + block):
                        return True
                    before = block[-100:]
    return False
