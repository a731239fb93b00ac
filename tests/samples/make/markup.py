"""The small markup the texts are written in, read into blocks.

``# `` to ``#### `` headings, ``~ `` a run-in title, ``- `` a list item, ``!name`` a directive,
``|`` table lines, ``%include folder/file``, ``@2024 `` keeps a line for one year only; any other
line is a paragraph.  Table lines: ``|h[w,w] `` a table of words with its heading, ``|# `` a table
of figures with its heading, ``| `` a row, ``|: `` a label row, ``|+ `` a total of the rows above
(checked), ``|= `` a total that is not a plain sum; a doubled sign draws a double rule.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from make.amount import read
from make.paths import TEXT
from make.wording import Wording

_YEAR = re.compile(r"@(\d{4}) ")
_ROW = re.compile(r"\|(h(?:\[[\d,]+\])?|#|:|\+\+|\+|==|=|) (.*)")


@dataclass
class Row:
    """One table line: how it is set and its cells."""

    kind: str
    cells: list[str]


@dataclass
class Block:
    """One piece of a document."""

    kind: str
    text: str = ""
    level: int = 0
    rows: list[Row] = field(default_factory=list)


def lines_of(name: str, wording: Wording) -> Iterator[str]:
    """The lines of text/<name>.txt for one year, with its includes."""
    for raw in (TEXT / f"{name}.txt").read_text("utf-8").splitlines():
        line = raw.strip()
        match = _YEAR.match(line)
        if match:
            if int(match.group(1)) != wording.year:
                continue
            line = line[match.end() :]
        if line.startswith("%include "):
            inner = wording.fill(line.removeprefix("%include ").strip())
            yield from lines_of(inner, wording)
        else:
            yield line


def parse(name: str, wording: Wording) -> list[Block]:
    """The blocks of one text, filled in for its year."""
    blocks: list[Block] = []
    for raw in lines_of(name, wording):
        if not raw:
            continue
        line = wording.fill(raw)
        row = _ROW.match(line)
        if row:
            kind = row.group(1)
            if kind.startswith(("h", "#")):
                blocks.append(Block("table"))
            cells = [cell.strip() for cell in row.group(2).split("|")]
            blocks[-1].rows.append(Row(kind, cells))
        else:
            blocks.append(_plain(line))
    for block in blocks:
        check_sums(block)
    return blocks


def _plain(line: str) -> Block:
    heading = re.match(r"(#{1,4}) (.*)", line)
    if heading:
        return Block("heading", heading.group(2), len(heading.group(1)))
    for sign, kind in (("~ ", "title"), ("- ", "item"), ("!", "directive")):
        if line.startswith(sign):
            return Block(kind, line.removeprefix(sign))
    return Block("para", line)


def check_sums(block: Block) -> None:
    """Fails where a total row of a table is not the sum of the rows it totals."""
    group: list[list[float | None]] = []
    for row in block.rows:
        values = [read(cell) for cell in row.cells[1:]]
        if row.kind in {"+", "++"}:
            for index, value in enumerate(values):
                if value is None:
                    continue
                parts = [line[index] for line in group if index < len(line)]
                whole = sum(part for part in parts if part is not None)
                assert abs(whole - value) < 0.051, f"{row.cells}: column adds to {whole:.1f}"
            group = [values]
        elif row.kind == "":
            group.append(values)
        else:
            group = []
