"""A Chat Completions server on this machine: a scripted model behind a server that can misbehave.

The model decides from the request as it was sent, in either dialect; the server streams or not, and
cuts, drips, refuses or mangles as it is told.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

Chat = dict[str, Any]
CHUNK_CHARS = 12
MOST_CHUNKS = 64


@dataclass
class Said:
    """What the model says: a text, calls, or both."""

    content: str = ""
    calls: Sequence[tuple[str, Any]] = ()  # arguments: an object, or text as it is
    finish: str = ""


def calling(name: str, /, **arguments: Any) -> Said:
    return Said("Because.", ((name, arguments),))


Model = Callable[[Chat], Said]


@dataclass
class Manners:
    """How the server behaves."""

    status: list[int] = field(default_factory=list)  # of the next replies; then 200
    error: Chat = field(default_factory=dict)  # body of an error
    headers: dict[str, str] = field(default_factory=dict)  # of an error
    streams: bool = True  # False: sends the whole whatever was asked
    usage: bool = True
    cut_after: int | None = None  # bytes of the body, then the connection is reset
    cut_times: int = 10**9  # so many replies are cut
    drip_s: float = 0  # between drops
    drip_bytes: int = 1  # in a drop
    wait_s: float = 0  # before the first byte
    body: bytes | None = None  # sent in place of what the model says
    break_in: bytes | None = None  # sent in the middle of a stream, which ends there
    ignores_tool_choice: bool = False  # writes the call into the text
    obeys_schema: bool = True
    cached: int | None = None
    reads: int | None = None  # tokens it says it read; None: about as many as were sent


class ModelServer:
    """Serves `model` with `manners`; keeps the requests."""

    def __init__(self, model: Model, manners: Manners | None = None) -> None:
        self.model = model
        self.manners = manners or Manners()
        self.requests: list[Chat] = []
        self.keys: list[str] = []
        self.paths: list[str] = []
        self.closed_early = Event()  # a client went away in the middle of a reply
        self.stop = Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = json.dumps({"data": [{"id": "scripted", "max_model_len": 32768}]}).encode()
                self._head(200, "application/json", len(body))
                self.wfile.write(body)

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                owner.requests.append(request)
                owner.keys.append(self.headers.get("Authorization") or self.headers["api-key"])
                owner.paths.append(self.path)
                try:
                    owner.answer(self, request)
                except (BrokenPipeError, ConnectionResetError):
                    owner.closed_early.set()
                    self.close_connection = True

            def _head(self, status: int, kind: str, length: int | None) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                if status >= 400:
                    for name, value in owner.manners.headers.items():
                        self.send_header(name, value)
                if length is None:
                    self.send_header("Connection", "close")
                else:
                    self.send_header("Content-Length", str(length))
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        self.stop.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: Any, request: Chat) -> None:
        manners = self.manners
        if manners.wait_s:
            self._wait(handler, manners.wait_s)
        status = manners.status.pop(0) if manners.status else 200
        if status != 200:
            body = json.dumps({"error": {"message": "no", **manners.error}}).encode()
            handler._head(status, "application/json", len(body))
            handler.wfile.write(body)
            return
        streams = bool(request.get("stream")) and manners.streams
        if manners.body is not None:
            body = manners.body
        else:
            said = self.model(request)
            body = self._streamed(request, said) if streams else self._whole(request, said)
        handler._head(200, "text/event-stream" if streams else "application/json", None)
        self._send(handler, body)
        handler.close_connection = True

    def _send(self, handler: Any, body: bytes) -> None:
        manners = self.manners
        cut = manners.cut_after is not None and manners.cut_times > 0
        sent = body[: manners.cut_after] if cut else body
        if manners.drip_s:
            for position in range(0, len(sent), manners.drip_bytes):
                handler.wfile.write(sent[position : position + manners.drip_bytes])
                handler.wfile.flush()
                self._wait(handler, manners.drip_s)
        else:
            handler.wfile.write(sent)
        handler.wfile.flush()
        if cut:
            manners.cut_times -= 1
            # Linger of no time: the connection is reset, not closed.
            linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.connection.close()

    def _wait(self, handler: Any, seconds: float) -> None:
        """Waits as a server that works does: it notices when the client has gone."""
        handler.connection.settimeout(seconds)
        try:
            if handler.connection.recv(1) == b"":
                raise ConnectionResetError
        except TimeoutError:
            pass
        finally:
            handler.connection.settimeout(None)
        if self.stop.is_set():
            raise ConnectionResetError

    # -- bodies ---------------------------------------------------------------------------------

    def _message(self, request: Chat, said: Said) -> tuple[Chat, str]:
        native = "tools" in request and not self.manners.ignores_tool_choice
        calls = [
            (name, given if isinstance(given, str) else json.dumps(given, ensure_ascii=False))
            for name, given in said.calls
        ]
        if native:
            message: Chat = {"content": said.content or None}
            if calls:
                message["tool_calls"] = [
                    {
                        "index": index,
                        "id": f"call_{len(self.requests)}_{index}",
                        "type": "function",
                        "function": {"name": name, "arguments": given},
                    }
                    for index, (name, given) in enumerate(calls)
                ]
            return message, said.finish or ("tool_calls" if calls else "stop")
        if not calls or not self.manners.obeys_schema:
            return {"content": said.content}, said.finish or "stop"
        # Constrained replies hold one call; text may hold more.
        texts = [
            f'{{"thought": {json.dumps(said.content)}, "name": "{name}", "arguments": {given}}}'
            for name, given in calls[: 1 if "response_format" in request else None]
        ]
        if "tools" in request:
            texts = [f"<tool_call>\n{text}\n</tool_call>" for text in texts]
        return {"content": "\n".join(texts)}, said.finish or "stop"

    def _usage(self) -> Chat:
        sent = len(json.dumps(self.requests[-1], ensure_ascii=False)) // 4
        reads = sent if self.manners.reads is None else self.manners.reads
        usage: Chat = {"prompt_tokens": reads, "completion_tokens": 20}
        if self.manners.cached is not None:
            usage["prompt_tokens_details"] = {"cached_tokens": self.manners.cached}
        return usage

    def _whole(self, request: Chat, said: Said) -> bytes:
        message, finish = self._message(request, said)
        choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", **message}}
        body: Chat = {
            "id": "c", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice],
        }  # fmt: skip
        if self.manners.usage:
            body["usage"] = self._usage()
        return json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")

    def _streamed(self, request: Chat, said: Said) -> bytes:
        message, finish = self._message(request, said)
        deltas: list[Chat] = [{"role": "assistant", "content": ""}]
        content = message.get("content") or ""
        deltas += [{"content": part} for part in pieces(content)]
        for call in message.get("tool_calls", ()):
            given = call["function"]["arguments"]
            deltas.append(
                {"tool_calls": [{**call, "function": {**call["function"], "arguments": ""}}]}
            )
            deltas += [
                {"tool_calls": [{"index": call["index"], "function": {"arguments": part}}]}
                for part in pieces(given)
            ]
        lines = [event([{"index": 0, "delta": delta, "finish_reason": None}]) for delta in deltas]
        if self.manners.break_in is not None:
            return b"".join([*lines[: len(lines) // 2], self.manners.break_in])
        lines.append(event([{"index": 0, "delta": {}, "finish_reason": finish}]))
        if self.manners.usage:
            lines.append(event([], usage=self._usage()))
        return b"".join([*lines, b"data: [DONE]\n\n"])


def pieces(text: str) -> list[str]:
    size = max(CHUNK_CHARS, len(text) // MOST_CHUNKS)
    return [text[start : start + size] for start in range(0, len(text), size)]


def event(choices: list[Chat], **more: Any) -> bytes:
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m", **more}
    data = json.dumps({**chunk, "choices": choices}, ensure_ascii=False)
    return b"data: " + data.encode("utf-8", "surrogatepass") + b"\n\n"


def results(request: Chat) -> list[str]:
    """The results of function calls that a request shows, oldest first, in either dialect."""
    found = []
    for message in request["messages"]:
        content = message["content"] or ""
        if message["role"] == "tool":
            found.append(json.loads(content)["message"])
        elif message["role"] == "user":
            parts = re.split(r"(?=\[result of |\[working context|\[question\])", content)
            found += [part for part in parts if part.startswith("[result of ")]
    return found


def last_text(request: Chat) -> str:
    """Everything that was said since the model last spoke."""
    texts: list[str] = []
    for message in reversed(request["messages"]):
        if message["role"] == "assistant":
            break
        texts.insert(0, message["content"] or "")
    return "\n".join(texts)


@contextmanager
def serving(model: Model, **manners: Any) -> Iterator[ModelServer]:
    """A server for as long as the block lasts."""
    server = ModelServer(model, Manners(**manners))
    try:
        yield server
    finally:
        server.close()


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether something comes true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.01)
    return condition()
