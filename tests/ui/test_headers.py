"""The policy of the app allows its own server and nothing else."""

from __future__ import annotations

import tomllib
from pathlib import Path

from memgpt_docs.settings import Settings
from memgpt_docs.ui.headers import headers

CONFIG = Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml"


def policy() -> dict[str, list[str]]:
    parts = (part.split() for part in headers()["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in parts}


def test_no_source_is_another_machine_or_a_wildcard() -> None:
    allowed = {"'self'", "'none'", "'unsafe-inline'", "data:", "blob:"}
    for directive, sources in policy().items():
        for source in sources:
            assert source in allowed or source.startswith("'sha256-"), (directive, source)


def test_scripts_come_from_the_server_or_are_known_by_their_hash() -> None:
    scripts = policy()["script-src"]
    assert "'unsafe-inline'" not in scripts and "'unsafe-eval'" not in scripts
    assert any(source.startswith("'sha256-") for source in scripts), "Streamlit's page changed"
    assert policy()["default-src"] == ["'none'"]


def test_the_configuration_keeps_the_app_to_this_machine() -> None:
    config = tomllib.loads(CONFIG.read_text("utf-8"))
    assert config["server"]["address"] == "localhost"
    assert config["browser"]["gatherUsageStats"] is False
    assert config["client"]["showErrorDetails"] == "none"
    assert config["server"]["maxUploadSize"] == Settings.model_fields["max_file_mb"].default
    assert "http" not in CONFIG.read_text("utf-8"), "fonts and pictures of the system only"
