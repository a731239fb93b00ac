"""The numbers behind a chart of an Office document, as a table.

Read from the chart's own markup, in which all kinds of charts keep them in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ingest.readers.elements import one_line
from ingest.readers.sheet_pages import line_of

_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_SERIES = _CHART + "ser"


def chart_text(space: Any) -> str:
    """The title of a chart (a `c:chartSpace`) and a row for each of its categories, or for each
    point of a chart that has none."""
    lines = [one_line(_title(space))]
    # Kinds of charts that lie over one another, such as bars and a line.
    for plot in space.iterfind(f"{_CHART}chart/{_CHART}plotArea/*"):
        series = list(plot.iterfind(_SERIES))
        if any(one.find(f"{_CHART}yVal") is not None for one in series):
            for one in series:
                lines.extend(_points(one))
        elif series:
            lines.extend(_categories(series))
    return "\n".join(line for line in lines if line)


def _categories(series: list[Any]) -> Iterator[str]:
    labels: dict[int, str] = next((found for one in series if (found := _cells(one, "cat"))), {})
    columns = [_cells(one, "val") for one in series]
    yield line_of(["", *map(_name, series)])
    yield from _rows([labels, *columns])


def _points(one: Any) -> Iterator[str]:
    columns = [_cells(one, name) for name in ("xVal", "yVal", "bubbleSize")]
    yield line_of(["x", _name(one), "size" if columns[-1] else ""])
    yield from _rows(columns)


def _rows(columns: list[dict[int, str]]) -> Iterator[str]:
    for index in sorted(set().union(*columns)):
        yield line_of([column.get(index, "") for column in columns])


def _cells(series: Any, name: str) -> dict[int, str]:
    """The texts of a column of a series by their place, which is left out where it is empty."""
    column = series.find(_CHART + name)
    if column is None:
        return {}
    # Of categories of several levels the innermost come first.
    level = next(column.iter(f"{_CHART}lvl"), column)
    is_number = name != "cat"
    cells = {}
    for place, point in enumerate(level.iter(f"{_CHART}pt")):
        text = point.findtext(f"{_CHART}v") or ""
        index = point.get("idx", "")
        cells[int(index) if index.isdecimal() else place] = _value(text) if is_number else text
    return cells


def _value(text: str) -> str:
    """A number as it was meant: 0.3 and not 0.30000000000000004."""
    try:
        return f"{float(text):.15g}"
    except ValueError:
        return text


def _name(series: Any) -> str:
    return _words(series.iterfind(f"{_CHART}tx//{_CHART}v"))


def _title(space: Any) -> str:
    title = space.find(f"{_CHART}chart/{_CHART}title")
    if title is None:
        return ""
    paragraphs = (
        _words(paragraph.iter(f"{_DRAWING}t", f"{_DRAWING}br"))
        for paragraph in title.iter(f"{_DRAWING}p")
    )
    return " ".join(paragraphs) or _words(title.iter(f"{_CHART}v"))


def _words(runs: Iterable[Any]) -> str:
    return "".join(run.text or " " for run in runs)
