"""With the network cut, everything works: ingest, search, ask, cite and export."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def without_network(*command: str) -> list[str]:
    """`command` in a network namespace of its own, which holds nothing but a loopback device."""
    unshare = shutil.which("unshare")
    if unshare is not None:
        isolated = [unshare, "--map-root-user", "--net"]
        if subprocess.run([*isolated, "true"], capture_output=True, check=False).returncode == 0:
            return [*isolated, *command]
    message = "this machine cannot cut the network of a process (unshare --net)"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


def test_the_whole_job_with_the_network_cut(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "lease.pdf"))
    canvas.drawString(72, 700, "The monthly rent of the Lindau warehouse is 18,400 euro.")
    canvas.save()
    (tmp_path / "memo.html").write_text("<h1>Memo</h1><p>The lease began in March 2021.</p>")

    def run(*arguments: str) -> str:
        module = [sys.executable, "-m", "memgpt_docs.cli", "--library", str(tmp_path / "library")]
        done = subprocess.run(
            without_network(*module, *arguments),
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "HOME": str(tmp_path)},
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("ingest", str(tmp_path / "lease.pdf"), str(tmp_path / "memo.html"))
    assert "18,400" in run("search", "rent of the warehouse")
    export = tmp_path / "answer.md"
    question = "What is the monthly rent of the Lindau warehouse?"
    answer = json.loads(run("ask", question, "--json", "--export", str(export)))
    assert answer["citations"][0]["status"] == "exact"
    assert (answer["citations"][0]["file"], answer["citations"][0]["page_no"]) == ("lease.pdf", 1)
    assert "18,400 euro" in export.read_text("utf-8")
