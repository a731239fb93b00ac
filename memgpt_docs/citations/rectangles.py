"""Rectangles: where on a page a stretch of its text stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# Characters further apart than this many times their height stand in columns of their own.
COLUMN_GAP = 2.5
# Boxes that share at least this much of the lower one's height stand on one line.
SAME_LINE = 0.5


@dataclass(frozen=True)
class Rectangle:
    """A part of a page as it is shown (turned as its reader sees it): shares of its width and
    height from 0 to 1, counted from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom


@dataclass(frozen=True)
class Box:
    """The box of one character in points from the top left corner of the page as it is shown."""

    left: float
    top: float
    right: float
    bottom: float
    is_vertical: bool = False  # it is read from top to bottom, or from bottom to top

    @property
    def size(self) -> float:
        """Its extent across the line."""
        return self.right - self.left if self.is_vertical else self.bottom - self.top


def lines_of(boxes: Iterable[Box]) -> list[Box]:
    """The boxes of characters, in the order of the text, made one for each stretch of a line."""
    lines: list[Box] = []
    for box in boxes:
        if lines and _continues(lines[-1], box):
            last = lines[-1]
            lines[-1] = Box(
                min(last.left, box.left),
                min(last.top, box.top),
                max(last.right, box.right),
                max(last.bottom, box.bottom),
                box.is_vertical,
            )
        else:
            lines.append(box)
    return lines


def _continues(line: Box, box: Box) -> bool:
    if line.is_vertical != box.is_vertical:
        return False
    if box.is_vertical:
        across = min(line.right, box.right) - max(line.left, box.left)
        gap = max(box.top - line.bottom, line.top - box.bottom)
    else:
        across = min(line.bottom, box.bottom) - max(line.top, box.top)
        gap = max(box.left - line.right, line.left - box.right)
    lower = min(line.size, box.size)
    return across >= SAME_LINE * lower and gap <= COLUMN_GAP * max(line.size, box.size)
