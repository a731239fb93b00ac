"""A server and a browser for each test that asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser import Watch, browser, chromium, new_page, required
from tests.e2e.server import AppServer

Serve = Callable[..., AppServer]


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    if chromium() is None:
        message = "no Chromium on this machine: install chromium to run the browser tests"
        if required():
            pytest.fail(message)
        pytest.skip(message)
    with browser() as started:
        yield started


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    servers: list[AppServer] = []

    def start(**settings: str) -> AppServer:
        servers.append(AppServer(tmp_path, **settings))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
        assert "Traceback" not in server.log, server.log


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def page(chrome: Browser, watch: Watch, serve: Serve) -> Iterator[Page]:
    """A page that must not have reached beyond this machine nor met an error."""
    assert serve, "its server ends after it, or the page would meet a closed door"
    page = new_page(chrome, watch)
    yield page
    page.context.close()
    assert watch.requests, "the page was never opened"
    assert watch.foreign == []
    assert watch.errors == []
