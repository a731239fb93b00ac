"""The app as a person uses it: what to click, and what to wait for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Download, Locator, Page, expect

# Long, because a loaded machine is slow; what is there is seen at once.
WAIT_MS = 60_000
expect.set_options(timeout=WAIT_MS)


class AppPage:
    """One page of the app in a browser."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        page.set_default_timeout(WAIT_MS)
        page.goto(url)
        self.ready()

    @property
    def question_box(self) -> Locator:
        return self.page.get_by_test_id("stChatInputTextArea")

    @property
    def evidence(self) -> Locator:
        return self.page.locator(".st-key-beside")

    @property
    def stop(self) -> Locator:
        """The button that stops a run, not the one by which Streamlit stops drawing."""
        return self.page.locator('[class*="st-key-stop-"] button')

    def ready(self) -> None:
        """Waits until the page is drawn."""
        self.question_box.wait_for()

    def reload(self) -> None:
        self.page.reload()
        self.ready()

    def upload(self, files: Sequence[Path]) -> None:
        self.page.locator('input[type="file"]').set_input_files(list(files))

    def has_document(self, file: str) -> None:
        """Waits until a document stands in the library."""
        documents = self.page.locator(".st-key-documents")
        expect(documents.get_by_text(file, exact=True)).to_be_visible()

    def idle(self) -> None:
        """Waits until no file is on its way in."""
        cancel = self.page.get_by_role("button", name="Cancel", exact=True)
        expect(cancel).to_have_count(0)

    def ask(self, question: str) -> None:
        expect(self.question_box).to_be_enabled()
        self.question_box.fill(question)
        self.question_box.press("Enter")
        # The question, not only the text that is being typed.
        first = question.split("\n")[0]
        messages = self.page.get_by_test_id("stChatMessage").get_by_text(first, exact=True)
        messages.last.wait_for()

    def answered(self) -> None:
        """Waits until the newest question is answered and the page is drawn to its end."""
        expect(self.stop).to_have_count(0)
        # In the last message: an answer before it may still stand there.
        newest = self.page.get_by_test_id("stChatMessage").last
        newest.get_by_test_id("stDownloadButton").first.wait_for()
        app = self.page.get_by_test_id("stApp")
        expect(app).to_have_attribute("data-test-script-state", "notRunning")

    def citations(self) -> Locator:
        """The citations of the open answer, a line each."""
        return self.page.locator('[class*="st-key-citation-"]')

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()

    def export(self) -> Download:
        with self.page.expect_download(timeout=WAIT_MS) as started:
            self.page.get_by_role("button", name="Export Markdown").last.click()
        return started.value

    def expect_no_traceback(self) -> None:
        text = self.page.inner_text("body")
        assert "Traceback" not in text and "StreamlitAPIException" not in text, text
        expect(self.page.get_by_test_id("stException")).to_have_count(0)
