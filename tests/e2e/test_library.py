"""The library panel: a scanned page is read in the background, and details are corrected."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ingest.ocr import is_available
from memgpt_docs import Library
from tests.e2e.app_page import WAIT_MS, AppPage
from tests.e2e.conftest import Serve
from tests.ingest.test_ocr import ENGLISH, HOW, picture, scanned


@pytest.mark.skipif(not is_available(), reason=f"the extra ocr is absent. {HOW}")
def test_a_scan_is_read_and_its_details_are_corrected(
    page: Page, serve: Serve, tmp_path: Path
) -> None:
    pictures = [picture(ENGLISH, index) for index in (4, 6, 7)]
    server = serve()
    app = AppPage(page, server.url)
    app.upload([scanned(tmp_path / "scan.pdf", *pictures)])
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar).to_contain_text("not read")
    # It can be asked about meanwhile, and its pictures go on being read under a reload.
    expect(sidebar).to_contain_text("Reading pictures")
    app.reload()
    expect(sidebar).to_contain_text("of 3 pictures")
    sidebar.get_by_role("button", name="Details of scan.pdf").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Fiscal year").fill("last")
    # What ends meanwhile does not close the dialog.
    read_in_full(server.library)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("is not a fiscal year")
    expect(dialog.get_by_label("Fiscal year")).to_have_value("last")
    dialog.get_by_label("Fiscal year").fill("2024")
    dialog.get_by_label("Form").fill("10-K")
    dialog.get_by_label("Company").fill("Halden Robotics")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(sidebar).to_contain_text("10-K FY2024 · 3 pages")
    expect(sidebar).not_to_contain_text("not read")
    expect(sidebar).not_to_contain_text("Reading pictures")
    app.idle()
    app.ask("What was the Logistics Automation revenue of Halden Robotics in 2024?")
    app.answered()
    expect(app.citations().first).to_contain_text("scan.pdf")
    app.expect_no_traceback()


def read_in_full(folder: Path) -> None:
    """Waits until no page in a library is left unread."""
    end = time.monotonic() + WAIT_MS / 1000
    while any(document.unread_pages for document in Library(folder).documents()):
        assert time.monotonic() < end, "pictures are still being read"
        time.sleep(0.5)
