"""Text of documents, file names and models cannot draw, link, run or reach anything."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.e2e.app_page import AppPage
from tests.e2e.browser import Watch, new_page
from tests.e2e.conftest import Serve
from tests.ui.chat_server import serving

NAME = "![x](http:evil.example) <b>bold :rocket: $x$ *it*.txt"
TEXT = (
    "The rate is 7.25 percent ![p](https://evil.example/p.png) <img src=x onerror=alert(1)> "
    "<script>alert(2)</script> [go](https://evil.example) www.evil.example me@evil.example "
    ":rocket: :material/home: $x^2$ **b** a -> b -- c"
)
ALIVE = "a[href], [data-testid='stMain'] img[src^='http'], .katex, iframe, [role='img']"


def test_nothing_of_it_comes_alive(page: Page, serve: Serve, tmp_path: Path) -> None:
    hostile = tmp_path / NAME
    hostile.write_text(TEXT, "utf-8")
    quote = "The rate is ![q](https://evil.example/q.png) 8.5 percent"
    with serving(
        ("archival_search", {"query": f"rate {TEXT}"}),
        ("working_context_append", {"text": TEXT}),
        ("send_message", {"message": TEXT, "citations": [{"handle": 1, "quote": quote}]}),
    ) as server:
        app = AppPage(page, serve(**server.settings()).url)
        app.upload([hostile])
        app.has_document(NAME)
        app.idle()
        app.ask(TEXT)
        app.answered()
    app.citations().first.get_by_test_id("stIconMaterial").first.click()
    expect(page.locator('[class*="st-key-source-citation"]')).to_contain_text(TEXT)
    app.citations().get_by_role("button", name="Open section 1").click()
    expect(page.get_by_role("dialog")).to_contain_text(TEXT)
    page.keyboard.press("Escape")
    app.tab("Memory")
    expect(app.evidence.get_by_test_id("stCode")).to_contain_text(TEXT)
    answer = page.get_by_test_id("stChatMessage").last
    # The joiner that keeps addresses from becoming links has no width.
    assert TEXT in answer.inner_text().replace("\u2060", "")
    live = page.locator(ALIVE)
    kept = [live.nth(n).evaluate("e => e.outerHTML") for n in range(live.count())]
    # Streamlit's own: avatars, icons, the link that skips to the content, the meter.
    assert not [html for html in kept if "evil" in html or "🚀" in html or "katex" in html], kept
    app.expect_no_traceback()


def test_the_policy_stops_what_would_leave_the_machine(chrome: Browser, serve: Serve) -> None:
    watch = Watch()
    page = new_page(chrome, watch)
    AppPage(page, serve().url)
    blocked = page.evaluate(
        """async () => {
            const seen = [];
            const note = event => seen.push(event.violatedDirective);
            document.addEventListener('securitypolicyviolation', note);
            const picture = new Image();
            picture.src = 'http://127.0.0.2:9/p.png';
            const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.head.append(script);
            const frame = document.createElement('iframe');
            frame.src = 'http://127.0.0.2:9/';
            document.body.append(frame);
            await fetch('http://127.0.0.2:9/').catch(() => {});
            await new Promise(done => setTimeout(done, 500));
            return {seen, ran: Boolean(window.ran)};
        }"""
    )
    page.context.close()
    assert not blocked["ran"]
    kinds = " ".join(blocked["seen"])
    for directive in ("img-src", "script-src", "connect-src", "frame-src"):
        assert directive in kinds, kinds
