"""The user's settings file: what the app and `memgpt-docs processor use` remember.

`settings.toml` in the platform's folder for settings. The environment overrides it. Keys are never
written to it.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from memgpt_docs.errors import UsageError
from memgpt_docs.settings import config_folder

HEADING = "# Written by memgpt-docs; each line is a setting of the README in small letters.\n"


def settings_file() -> Path:
    return config_folder() / "settings.toml"


def remembered() -> dict[str, Any]:
    """What the file holds; nothing where there is none. Raises `UsageError` when it cannot be
    read."""
    path = settings_file()
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}.", "Mend or remove it.") from error


def remember(**chosen: str | float | int | None) -> Path:
    """Adds settings to the file; None takes one out. Raises `UsageError` when it cannot be
    written."""
    kept = {name: value for name, value in {**remembered(), **chosen}.items() if value is not None}
    assert not any("key" in name for name in chosen)
    path = settings_file()
    # A string of JSON is a string of TOML, too.
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in sorted(kept.items())]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_text(HEADING + "".join(lines), "utf-8")
        draft.replace(path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.", "Set the environment instead."
        ) from error
    return path
