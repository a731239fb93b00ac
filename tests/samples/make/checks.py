"""What must hold of the built files."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pypdf

from make.annual import FILES, YEARS
from make.annual_zh import NAME as CHINESE
from make.paths import OUTPUT
from make.quarterly import NAME as QUARTERLY

LEAST_PAGES = 60
MOST_BYTES = 400_000


def check_all() -> list[str]:
    """Checks page counts, sizes, outlines and labels; gives a line on each file."""
    names = [f"{stem}{year}.pdf" for stem in FILES.values() for year in YEARS]
    report = [_pdf(OUTPUT / name, LEAST_PAGES) for name in names]
    report.append(_pdf(OUTPUT / CHINESE, 20))
    ElementTree.parse(OUTPUT / QUARTERLY)
    return report


def _pdf(path: Path, least: int) -> str:
    reader = pypdf.PdfReader(path)
    pages, size = len(reader.pages), path.stat().st_size
    labels = reader.page_labels
    assert pages >= least, f"{path.name} has {pages} pages"
    assert size <= MOST_BYTES, f"{path.name} has {size} bytes"
    assert labels[0] == "i", labels[:3]
    body = labels.index("1")
    assert labels[body:] == [str(n + 1) for n in range(pages - body)], "labels of the body"
    marks = len(_flat(list(reader.outline)))
    assert marks > 30, f"{path.name} has {marks} bookmarks"
    return f"{path.name}: {pages} pages, {size:,} bytes, {marks} bookmarks, body on page {body + 1}"


def _flat(entries: Sequence[object]) -> list[object]:
    flat: list[object] = []
    for entry in entries:
        flat += _flat(entry) if isinstance(entry, list) else [entry]
    return flat
