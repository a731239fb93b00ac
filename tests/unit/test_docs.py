"""The README cannot go stale: its commands, settings and example are the real ones."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from memgpt_docs.cli import parser
from memgpt_docs.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def settings_table() -> str:
    """The rows that README.md must hold, one for each setting."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "the user's data folder" if name == "library" else field.default
        shown = "" if default is None else f"`{default}`" if name != "library" else default
        rows.append(f"| `{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(rows)


def test_the_settings_table_is_the_settings() -> None:
    assert settings_table() in README, f"README.md must hold:\n{settings_table()}"


def test_every_command_is_in_the_readme_and_none_that_is_not_there() -> None:
    commands = set(re.findall(r"^memgpt-docs (\w+)", README, re.MULTILINE))
    (action,) = (a for a in parser()._actions if a.choices and a.metavar == "COMMAND")
    assert commands == set(action.choices or ())


def test_make_targets_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"`?make (\w+)", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_links_and_pictures_are_there() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_python_example_runs(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    example = example.replace('["sample_docs"]', repr([str(ROOT / "sample_docs")]))
    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "stop_reason=<StopReason.ANSWERED" in done.stdout


def test_the_table_of_the_papers_parts_names_real_files_and_tests() -> None:
    text = (ROOT / "docs" / "memgpt.md").read_text("utf-8")
    rows = [line.split("|")[-3:-1] for line in text.split("\n") if line.count("|") == 5]
    named = [(code, tests) for code, tests in rows if "`" in tests]
    assert len(named) == 25
    for code, tests in named:
        for path in re.findall(r"`([^`:]+)", code)[::2]:
            assert (ROOT / "memgpt_docs" / path).exists(), path
        for path, _, name in re.findall(r"`([\w/]+\.py)(::(\w+))?`", tests):
            source = (ROOT / "tests" / path).read_text("utf-8")
            assert not name or f"def {name}(" in source, name
