"""Where the sources are and where the finished documents go."""

from pathlib import Path

MAKE = Path(__file__).resolve().parent
OUTPUT = MAKE.parents[2] / "sample_docs"
TEXT = MAKE / "text"
DATA = MAKE / "data"
