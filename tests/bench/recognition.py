"""Words recognised on pages that are pictures, by what the extra `ocr` uses and by tesseract where
that is installed: pages of the sample documents, drawn at 150 dots per inch."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from time import perf_counter

from ingest.ocr import is_available
from ingest.readers.message import Message, ReadPage
from tests.ingest.test_ocr import CHINESE, ENGLISH, picture, scanned, text_of

PAGES = (
    ("English", "eng", ENGLISH, (4, 6, 30, 33)),
    ("Chinese", "chi_sim", CHINESE, (5, 6, 8, 20)),
)


def measure() -> None:
    if not is_available():
        print("\nThe extra ocr is not installed: recognition is left out.")
        return
    engines = ["rapidocr", *(["tesseract"] if shutil.which("tesseract") else [])]
    print("\n## Recognition of pages that are pictures\n")
    print("| pages | engine | seconds a page | share of words (Chinese: characters) found |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        for shown, language, source, indices in PAGES:
            for engine in engines:
                seconds, found, there = 0.0, 0, 0
                for index in indices:
                    began = perf_counter()
                    text = recognised(Path(name), engine, language, source, index)
                    seconds += perf_counter() - began
                    truth = words(text_of(source, index), language)
                    found += (truth & words(text, language)).total()
                    there += truth.total()
                rate = f"{seconds / len(indices):.1f}"
                print(f"| {shown} | {engine} | {rate} | {found / there:.3f} |")


def recognised(folder: Path, engine: str, language: str, source: Path, index: int) -> str:
    """The text of one page; the time for it includes loading the models."""
    image = picture(source, index)
    if engine == "tesseract":
        image.save(folder / "page.png", dpi=(150, 150))
        command = ["tesseract", str(folder / "page.png"), "-", "-l", language]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    from ingest.readers.ocr import recognise

    said: list[Message] = []
    recognise(scanned(folder / "page.pdf", image), [1], said.append)
    return "\n".join(one.text for one in said if isinstance(one, ReadPage))


def words(text: str, language: str) -> Counter[str]:
    """Words with figures and signs; of Chinese, characters."""
    if language == "eng":
        return Counter(re.findall(r"[\w.,%$()-]+", text))
    return Counter(re.sub(r"[\s|]+", "", text))
