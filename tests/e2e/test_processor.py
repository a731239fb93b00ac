"""Choosing a processor in the app: tested, used, never asked for a key."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.app_page import AppPage
from tests.e2e.conftest import Serve
from tests.model_server import Chat, Said, calling, results, serving


def model(request: Chat) -> Said:
    names = [tool["function"]["name"] for tool in request.get("tools", ())]
    if names == ["report"]:
        return calling("report", colour="blue")
    if not names:
        return Said('{"kind": "greeting", "word": "hello"}')
    if not results(request):
        return calling("archival_search", query="revenue")
    quote = "Revenue was 12 million."
    return calling(
        "send_message", message="12 million [1].", citations=[{"handle": 1, "quote": quote}]
    )


def test_a_model_on_a_server_is_tested_and_used(page: Page, serve: Serve, tmp_path: Path) -> None:
    folders = {name: str(tmp_path / name) for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    report = tmp_path / "report.txt"
    report.write_text("Annual report.\n\nRevenue was 12 million.\n")
    with serving(model) as server:
        app = AppPage(page, serve(**folders).url)
        app.upload([report])
        app.has_document("report.txt")
        app.idle()
        page.get_by_role("button", name="Processor").click()
        expect(page.get_by_text("Nothing leaves this machine.").first).to_be_visible()
        page.get_by_text("A model on a server").click()
        expect(page.get_by_text("api.openai.com", exact=False).first).to_be_visible()
        expect(page.locator('input[type="password"]:visible')).to_have_count(0)
        page.get_by_label("Address").fill(server.url)
        page.get_by_label("Address").press("Enter")
        expect(page.get_by_text("Nothing leaves this machine.").first).to_be_visible()
        page.get_by_role("button", name="Test connection").click()
        expect(page.get_by_text("Calls functions when told to: yes")).to_be_visible()
        page.get_by_role("button", name="Use this").click()
        expect(page.get_by_role("button", name="In use")).to_be_visible()
        page.get_by_role("button", name="Back to questions").click()
        app.ready()
        expect(page.locator(".st-key-destination")).to_contain_text("openai_compat")
        app.ask("What was revenue?")
        app.answered()
        expect(page.get_by_text("12 million", exact=False).first).to_be_visible()
    assert (
        'processor = "openai_compat"'
        in (tmp_path / "XDG_CONFIG_HOME" / "memgpt-docs" / "settings.toml").read_text()
    )
