"""A real Chromium that notes every request, console error and traceback it comes across."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
LOCAL = {"localhost", "127.0.0.1", ""}
QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
)
# The order in which the server came to be asked, not a fault of the page.
HARMLESS = ("favicon",)


def chromium() -> str | None:
    """The path of a Chromium on this machine, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def required() -> bool:
    """Whether a missing browser is a failure: a check that never runs checks nothing."""
    return os.environ.get("CI", "").casefold() in ("1", "true", "yes")


@dataclass
class Watch:
    """What went on in the browser that nobody sees on the page."""

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        """Listens to `page` from now on."""
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(f"page error: {error}"))
        page.on("websocket", lambda socket: self.requests.append(socket.url))

    @property
    def foreign(self) -> list[str]:
        """Requests that went to another machine."""
        return [url for url in self.requests if not _is_local(url)]

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(word in message.text for word in HARMLESS):
            self.errors.append(message.text)


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob", "about") or (parts.hostname or "") in LOCAL


@contextmanager
def browser() -> Iterator[Browser]:
    """A running Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        try:
            yield started
        finally:
            started.close()


def new_page(browser: Browser, watch: Watch, **options: Any) -> Page:
    """A page of 1440 x 900 that is watched from its first request."""
    context = browser.new_context(
        **{"viewport": {"width": 1440, "height": 900}, "accept_downloads": True, **options}
    )
    page = context.new_page()
    watch.attach(page)
    return page
