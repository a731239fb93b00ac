"""The app's process is killed: its sessions are there when it runs again."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.e2e.app_page import AppPage
from tests.e2e.conftest import Serve
from tests.e2e.test_running import ANSWER, NOTE, SEARCH, lease
from tests.ui.chat_server import serving

RENT, TERM = "What is the rent of the lease?", "How long is the term of the lease?"


def session_of(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query)["session"][0]


def reopened(page: Page, serve: Serve, session: str, **settings: str) -> AppPage:
    """The page of a session in a new process over the same library."""
    app = AppPage(page, f"{serve(**settings).url}/?session={session}")
    assert session_of(page) == session
    return app


def test_answers_and_evidence_are_there_after_a_kill(
    page: Page, serve: Serve, tmp_path: Path
) -> None:
    server = serve()
    app = AppPage(page, server.url)
    app.upload([lease(tmp_path)])
    app.has_document("lease.txt")
    app.idle()
    for question in (RENT, TERM):
        app.ask(question)
        app.answered()
    session = session_of(page)
    expect(app.evidence).to_contain_text("cited")
    evidence = app.evidence.inner_text()
    page.goto("about:blank")
    server.kill()

    app = reopened(page, serve, session)
    app.answered()
    expect(page.get_by_test_id("stChatMessage").last).to_contain_text("nine years")
    expect(app.evidence).to_have_text(evidence, use_inner_text=True)
    page.get_by_test_id("stExpander").filter(has_text=RENT).first.click()
    expect(page.get_by_test_id("stChatMessage").first).to_contain_text("1,200 a month")
    app.ask(RENT)
    app.answered()
    rename_and_delete(app)


def rename_and_delete(app: AppPage) -> None:
    """The list of sessions: named anew, forked, deleted after a question."""
    page, sidebar = app.page, app.page.get_by_test_id("stSidebar")
    original = session_of(page)
    sidebar.get_by_role("button", name=f"Manage {RENT}").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("<b>The lease</b>")
    dialog.get_by_role("button", name="Rename").click()
    expect(sidebar.get_by_role("button", name="<b>The lease</b>", exact=True)).to_be_visible()
    page.get_by_role("button", name="Fork from here").last.click()
    expect(sidebar.locator(".st-key-session-current")).to_contain_text("(fork)")
    app.answered()
    assert session_of(page) != original
    sidebar.get_by_role("button", name="Manage <b>The lease</b> (fork)").click()
    dialog.get_by_role("button", name="Delete …").click()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(sidebar.locator('[class*="st-key-open-"]')).to_have_count(1)
    sidebar.get_by_role("button", name="<b>The lease</b>", exact=True).click()
    expect(page).to_have_url(re.compile(f"session={original}"))
    app.answered()
    app.expect_no_traceback()


def test_a_run_cut_off_by_a_kill_goes_on(page: Page, serve: Serve, tmp_path: Path) -> None:
    searches = [("archival_search", {"query": f"rent {n}"}) for n in range(400)]
    with serving(SEARCH, NOTE, *searches) as model:
        server = serve(MEMGPT_DOCS_MAX_STEPS="400", **model.settings())
        app = AppPage(page, server.url)
        app.upload([lease(tmp_path)])
        app.has_document("lease.txt")
        app.idle()
        app.ask(RENT)
        page.get_by_text("earlier steps").wait_for()
        session = session_of(page)
        page.goto("about:blank")
        server.kill()
    with serving(ANSWER) as model:
        app = reopened(page, serve, session, **model.settings())
        expect(page.get_by_text("was stopped while it worked on this")).to_be_visible()
        expect(page.get_by_text("earlier steps")).to_be_visible()
        page.get_by_role("button", name="Go on").click()
        app.answered()
    message = page.get_by_test_id("stChatMessage").last
    expect(message).to_contain_text("The rent is 1,200 a month")
    expect(app.citations().first).to_contain_text("exact")
    expect(message).to_contain_text(re.compile(r"\d steps"))
    app.expect_no_traceback()
