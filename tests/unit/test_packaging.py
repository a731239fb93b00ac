"""Security floors, the lock and the licence stay as promised."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
# The first versions without the known advisories.
FLOORS = {
    "unstructured": "0.24.1",
    "pypdf": "6.16.1",
    "pyarrow": "23.0.1",
    "pillow": "12.3",
    "starlette": "1.1.0",
    "python-multipart": "0.0.31",
    "streamlit": "1.60",
    "filelock": "3.20.3",
}


def locked() -> dict[str, list[Version]]:
    versions: dict[str, list[Version]] = {}
    for name, version in re.findall(r"^([a-z0-9_.-]+)==([^ ;\\]+)", LOCK, re.MULTILINE):
        versions.setdefault(name, []).append(Version(version))
    return versions


def test_floors_are_in_the_project_and_in_the_lock() -> None:
    required = {r.name: r for r in map(Requirement, PROJECT["dependencies"])}
    for name, floor in FLOORS.items():
        below = Version(f"{floor}.dev0")
        assert below not in required[name].specifier, name
        assert all(version >= Version(floor) for version in locked()[name]), name


def test_the_lock_holds_every_requirement_with_hashes_and_no_address() -> None:
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    for requirement in (Requirement(text) for group in groups for text in group):
        versions = locked().get(requirement.name)
        assert versions, f"{requirement.name} is not in requirements.lock: run make lock"
        assert all(version in requirement.specifier for version in versions), requirement.name
    blocks = re.split(r"\n(?=[a-z0-9])", LOCK.strip())
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in LOCK


def test_the_licence() -> None:
    assert PROJECT["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")
