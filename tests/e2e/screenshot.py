"""Makes docs/screenshot.png: a question that crosses two sample documents, answered.

python -m tests.e2e.screenshot [FILE]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

from memgpt_docs.ui import samples
from tests.e2e.app_page import AppPage
from tests.e2e.browser import Watch, browser, new_page
from tests.e2e.server import ROOT, AppServer

COLOURS = 160  # enough for a page of text, and a third of the bytes


def main(target: Path) -> None:
    """Loads the samples, asks the first example question and takes the picture."""
    with tempfile.TemporaryDirectory() as folder:
        server = AppServer(Path(folder))
        try:
            with browser() as chrome:
                page = new_page(chrome, Watch())
                app = AppPage(page, server.url)
                page.get_by_role("button", name="Load the sample documents").click()
                for source in samples.sources():
                    app.has_document(source.shown)
                app.idle()
                page.get_by_role("button", name="Dismiss").click()
                app.ask(samples.questions()[0])
                app.answered()
                page.mouse.move(700, 860)
                page.wait_for_timeout(1500)
                page.screenshot(path=target)
        finally:
            server.close()
    with Image.open(target) as picture:
        picture.convert("RGB").quantize(COLOURS).save(target, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshot.png")
