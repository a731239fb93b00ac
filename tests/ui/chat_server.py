"""A Chat Completions server on this machine that replies what a test tells it to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

Call = tuple[str, dict[str, Any]]


class ChatServer:
    """Replies with `calls`, one after the other and the last for ever.

    While `gate` is not set, replies wait for it. `reached` is set once it was asked.
    """

    def __init__(self, calls: Sequence[Call], status: int = 200) -> None:
        self.gate = Event()
        self.gate.set()
        self.reached = Event()
        self.asked = 0
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = len(self.rfile.read(int(self.headers["Content-Length"])))
                name, arguments = calls[min(owner.asked, len(calls) - 1)]
                owner.asked += 1
                owner.reached.set()
                owner.gate.wait(60)
                content = json.dumps(_completion(name, arguments, sent // 4)).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()

    def settings(self) -> dict[str, str]:
        """The environment that makes the app use this server."""
        return {
            "MEMGPT_DOCS_PROCESSOR": "openai_compat",
            "MEMGPT_DOCS_OPENAI_BASE_URL": self.url,
            "MEMGPT_DOCS_OPENAI_MODEL": "scripted",
            "MEMGPT_DOCS_OPENAI_API_KEY": "no-key",
            "MEMGPT_DOCS_OPENAI_DIALECT": "tools",
        }


def _completion(name: str, arguments: dict[str, Any], read: int) -> dict[str, Any]:
    function = {"name": name, "arguments": json.dumps(arguments)}
    call = {"id": "call_1", "type": "function", "function": function}
    message = {"role": "assistant", "content": "Because I must.", "tool_calls": [call]}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "scripted",
        "choices": [{"index": 0, "finish_reason": "tool_calls", "message": message}],
        "usage": {"prompt_tokens": read, "completion_tokens": 20, "total_tokens": read + 20},
    }


@contextmanager
def serving(*calls: Call, status: int = 200) -> Iterator[ChatServer]:
    """A server that replies with `calls`, for as long as the block lasts."""
    server = ChatServer(calls, status)
    try:
        yield server
    finally:
        server.close()
