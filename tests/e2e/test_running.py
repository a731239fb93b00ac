"""What happens while the agent works: reload, stop, wait, refuse, delete."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.app_page import AppPage
from tests.e2e.conftest import Serve
from tests.ui.chat_server import serving

ENDLESS = {"MEMGPT_DOCS_MAX_STEPS": "100000", "MEMGPT_DOCS_MAX_TOKENS": "1000000000"}
SEARCH = ("archival_search", {"query": "rent of the lease", "page": 1})
NOTE = ("working_context_append", {"text": "[1] rent 1,200 a month"})
ANSWER = (
    "send_message",
    {
        "message": "The rent is 1,200 a month [1].",
        "citations": [{"handle": 1, "quote": "The rent is 1,200 a month"}],
    },
)


def lease(folder: Path) -> Path:
    path = folder / "lease.txt"
    path.write_text("The rent is 1,200 a month.\n\nThe term of the lease is nine years.\n", "utf-8")
    return path


def test_a_run_goes_on_under_a_reload_and_is_shown_as_it_happens(
    page: Page, serve: Serve, tmp_path: Path
) -> None:
    with serving(SEARCH, NOTE, ANSWER) as server:
        app = AppPage(page, serve(**server.settings()).url)
        app.upload([lease(tmp_path)])
        app.has_document("lease.txt")
        app.idle()
        server.gate.clear()
        app.ask("What is the rent?")
        app.stop.wait_for()
        assert server.reached.wait(60), "the processor was never asked"
        app.reload()
        expect(page.get_by_text("What is the rent?").first).to_be_visible()
        expect(app.stop).to_be_visible()
        assert server.asked == 1, "a reload asks nothing again"
        server.gate.set()
        app.answered()
    message = page.get_by_test_id("stChatMessage").last
    expect(message).to_contain_text("The rent is 1,200 a month")
    expect(app.citations().first).to_contain_text("exact")
    message.get_by_text(re.compile(r"\d steps")).click()
    expect(message).to_contain_text("Searched “rent of the lease” — page 1 of 1")
    expect(message).to_contain_text("Noted in working context")
    app.expect_no_traceback()


def test_the_next_answer_is_read_from_its_beginning(
    page: Page, serve: Serve, tmp_path: Path
) -> None:
    long = ("send_message", {**ANSWER[1], "message": "The rent is 1,200 [1].\n\n" * 60})
    with serving(SEARCH, long) as server:
        app = AppPage(page, serve(**server.settings()).url)
        app.upload([lease(tmp_path)])
        app.has_document("lease.txt")
        app.idle()
        app.ask("What is the rent?")
        app.answered()
        app.tab("Memory")
        main = page.get_by_test_id("stMain")
        main.evaluate("main => main.scrollTop = main.scrollHeight")
        app.ask("What is the rent of the lease?")
        app.answered()
        assert main.evaluate("main => main.scrollTop") < 100
        expect(page.get_by_role("tab", name="Memory")).to_have_attribute("aria-selected", "true")
        # What is refused is not lost.
        text = "rent " * 20_001
        app.question_box.fill(text)
        app.question_box.press("Enter")
        page.get_by_text("add the text as a document").wait_for()
        expect(app.question_box).to_have_value(text)
    app.expect_no_traceback()


def test_stop_keeps_what_was_found(page: Page, serve: Serve, tmp_path: Path) -> None:
    searches = (("archival_search", {"query": f"rent {number}"}) for number in range(5000))
    with serving(SEARCH, NOTE, *searches) as server:
        app = AppPage(page, serve(**ENDLESS, **server.settings()).url)
        app.upload([lease(tmp_path)])
        app.has_document("lease.txt")
        app.idle()
        app.ask("What is the rent?")
        page.get_by_text("earlier steps").wait_for()
        app.stop.click()
        app.answered()
    expect(page.get_by_text("Stopped by you")).to_be_visible()
    expect(page.get_by_test_id("stChatMessage").last).to_contain_text("[1] rent 1,200 a month")
    app.expect_no_traceback()


def test_refused_files_say_why_and_documents_can_be_deleted(
    page: Page, serve: Serve, tmp_path: Path
) -> None:
    picture = tmp_path / "scan.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n0000")
    app = AppPage(page, serve().url)
    app.upload([lease(tmp_path), picture])
    app.has_document("lease.txt")
    app.idle()
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar).to_contain_text("Refused: scan.png is a picture")
    sidebar.get_by_role("button", name="Delete lease.txt").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(sidebar).to_contain_text("No documents yet")
    expect(app.question_box).to_be_disabled()
    app.expect_no_traceback()
