"""The real app in a process of its own, on a free port, over a library of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 60


class AppServer:
    """Runs `streamlit run app.py` for a library in `folder` until it is closed."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.library = folder / "library"
        self.port = _free_port()
        self.url = f"http://localhost:{self.port}"
        self._log = (folder / "server.log").open("w+")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MEMGPT_", "STREAMLIT_"))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"),
             "--server.port", str(self.port), "--server.headless", "true"],
            # Not the root of the project: the app must run from anywhere.
            cwd=folder,
            env={**kept, "MEMGPT_DOCS_LIBRARY": str(self.library), **settings},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._wait()

    @property
    def log(self) -> str:
        """What the server wrote to its terminal."""
        return (self.folder / "server.log").read_text("utf-8", "replace")

    def kill(self) -> None:
        """Ends the server as a power cut does."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Ends the server as Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _wait(self) -> None:
        end = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise RuntimeError(f"The app ended at its start:\n{self.log}")
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        self.close()
        raise RuntimeError(f"The app did not answer within {START_TIMEOUT_S} s:\n{self.log}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
