"""An embeddings server on this machine, spoken to through the real client."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import numpy as np

DIMENSION = 24
Request = dict[str, Any]
Reply = tuple[int, Any]


class EmbeddingServer:
    """Answers POST /v1/embeddings: a text's vector is the sum of fixed random vectors of its words
    (or what `reply` makes of the request)."""

    def __init__(self, reply: Callable[[Request], Reply] | None = None) -> None:
        self.requests: list[Request] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.path == "/v1/embeddings"
                owner.requests.append(request)
                status, body = (reply or answered)(request)
                content = json.dumps(body).encode()
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
        self._server.shutdown()
        self._server.server_close()


def answered(request: Request) -> Reply:
    data = [
        # Out of order, as the protocol allows.
        {"object": "embedding", "index": number, "embedding": vector(text)}
        for number, text in reversed(list(enumerate(request["input"])))
    ]
    return 200, {"object": "list", "model": request["model"], "data": data}


def vector(text: str) -> list[float]:
    words = [sha256(word.encode()).digest()[:DIMENSION] for word in text.casefold().split()]
    summed = sum((np.frombuffer(word, dtype=np.uint8).astype(float) - 127.5 for word in words),
                 start=np.full(DIMENSION, 1e-3))  # fmt: skip
    return [float(value) for value in summed]
