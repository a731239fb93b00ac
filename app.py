"""Starts the web app with `streamlit run app.py`: security headers around `memgpt_docs/ui`."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    # The app runs from any working directory, also where the project is not installed.
    sys.path.insert(0, str(ROOT))

from memgpt_docs.ui.failure import unexpected  # noqa: E402
from memgpt_docs.ui.headers import SecurityHeaders  # noqa: E402

app = st.App(
    ROOT / "memgpt_docs" / "ui" / "main.py",
    middleware=[Middleware(SecurityHeaders)],
    on_script_error=unexpected,
)
