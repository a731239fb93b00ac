"""The page on which a processor is chosen and tested. None is required, and no key is asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import streamlit as st

from memgpt_docs.errors import MemGPTDocsError
from memgpt_docs.processors import make_processor
from memgpt_docs.settings import Settings
from memgpt_docs.ui import failure
from memgpt_docs.ui.connection_test import ConnectionTest
from memgpt_docs.ui.desk import Desk
from memgpt_docs.ui.jobs import Failure, explain
from memgpt_docs.ui.live import live
from memgpt_docs.ui.text import literal
from memgpt_docs.user_settings import remember

VIEW, PROCESSOR = "view", "processor"
LABELS = {
    "extractive": "No model",
    "llama_cpp": "A model in a file",
    "openai_compat": "A model on a server",
}
CAPTIONS = {
    "extractive": "Searches, reads on and quotes by rule.",
    "llama_cpp": "A GGUF file, run inside the app.",
    "openai_compat": "Any server that speaks Chat Completions, here or elsewhere.",
}


def chosen() -> bool:
    """Whether the page shows processors in place of the chat."""
    return st.query_params.get(VIEW) == PROCESSOR


def switch() -> None:
    """Draws the way there, or back."""
    if chosen():
        st.button("Back to questions", key="from-processor", icon=":material/arrow_back:",
                  on_click=_close)  # fmt: skip
    else:
        st.button("Processor", key="to-processor", icon=":material/memory:",
                  type="tertiary", on_click=_open)  # fmt: skip


def _open() -> None:
    st.query_params[VIEW] = PROCESSOR


def _close() -> None:
    st.query_params.pop(VIEW, None)


def show(desk: Desk) -> None:
    """Draws the page."""
    _, middle, _ = st.columns([1, 4, 1])
    with middle:
        st.markdown("### Who decides what to search, read and answer")
        settings = desk.processor.settings
        names = list(LABELS)
        name = st.radio(
            "Processor",
            names,
            index=names.index(settings.processor) if settings.processor in names else 0,
            format_func=LABELS.__getitem__,
            captions=list(CAPTIONS.values()),
            label_visibility="collapsed",
            key="processor-name",
        )
        fields = _fields(name, settings)
        _where_text_goes(name, fields)
        new = _new_settings(settings, {"processor": name, **fields})
        _buttons(desk, settings, new, {"processor": name, **fields})
        test = desk.connection_test
        # What was found of another choice says nothing of this one.
        if test is not None and (test.running or test.settings == new):
            live(_test, running=test.running)(desk, test.running)


def _fields(name: str, settings: Settings) -> dict[str, Any]:
    """What must be told of a processor."""
    match name:
        case "llama_cpp":
            known = str(settings.llama_model or "")
            path = st.text_input("GGUF file", known, placeholder="/path/to/model.gguf")
            return {"llama_model": path.strip() or None}
        case "openai_compat":
            url = st.text_input("Address", settings.openai_base_url)
            model = st.text_input("Model", settings.openai_model)
            return {"openai_base_url": url.strip(), "openai_model": model.strip()}
    return {}


def _where_text_goes(name: str, fields: dict[str, Any]) -> None:
    host = ""
    if name == "openai_compat":
        from memgpt_docs.openai_client import destination  # which takes a second to import

        try:
            host = destination(fields["openai_base_url"])
        except MemGPTDocsError as error:
            failure.show(Failure(error.message, error.help))
            return
    if host:
        st.warning(
            f"Your questions and the passages read for them go to **{literal(host)}**.",
            icon=":material/cloud_upload:",
        )
    else:
        st.caption(":material/lock: Nothing leaves this machine.")


def _new_settings(settings: Settings, given: dict[str, Any]) -> Settings:
    path = given.get("llama_model")
    typed = {**given, "llama_model": Path(path)} if path else given
    return Settings.model_validate(settings.model_dump() | typed)


def _buttons(desk: Desk, settings: Settings, new: Settings, given: dict[str, Any]) -> None:
    if given["processor"] == "openai_compat":
        _key_box(desk)
    fixed = [name for name in given if f"MEMGPT_DOCS_{name.upper()}" in os.environ]
    with st.container(horizontal=True, gap="small"):
        unchanged = all(getattr(settings, name) == getattr(new, name) for name in given)
        st.button(
            "In use" if unchanged else "Use this",
            type="primary",
            disabled=unchanged or bool(fixed),
            on_click=_use,
            args=(desk, new, given),
        )
        if given["processor"] != "extractive":
            running = desk.connection_test is not None and desk.connection_test.running
            st.button("Test connection", disabled=running, on_click=_start_test, args=(desk, new))
    if fixed and not unchanged:
        named = ", ".join(f"MEMGPT_DOCS_{name.upper()}" for name in fixed)
        st.caption(f"{literal(named)} is set in the environment and overrides this page.")
    if problem := st.session_state.pop("processor-problem", None):
        failure.show(problem)


def _key_box(desk: Desk) -> None:
    """A key can be given, where a server wants one; the page does not ask for it."""
    has_key = desk.processor.settings.openai_api_key is not None
    label = "A key is in use" if has_key else "If the server needs a key"
    with st.expander(label):
        st.text_input(
            "Key",
            type="password",
            key="processor-key",
            on_change=_take_key,
            args=(desk,),
            help="Kept in memory until the app stops, and sent to this server only. To keep it, "
            "set MEMGPT_DOCS_OPENAI_API_KEY.",
        )
        if desk.processor.has_typed_key:
            st.button("Forget it", on_click=desk.processor.use_key, args=("",))


def _take_key(desk: Desk) -> None:
    desk.processor.use_key(str(st.session_state.get("processor-key") or "").strip())
    st.session_state["processor-key"] = ""


def _use(desk: Desk, new: Settings, given: dict[str, Any]) -> None:
    try:
        make_processor(new.processor, new)  # says what is missing
        remember(**given)
        desk.processor.follow(new)
    except MemGPTDocsError as error:
        st.session_state["processor-problem"] = Failure(error.message, error.help)


# -- test ---------------------------------------------------------------------------------------


def _start_test(desk: Desk, settings: Settings) -> None:
    desk.connection_test = ConnectionTest(settings)


def _test(desk: Desk, was_running: bool) -> None:
    test = desk.connection_test
    if test is None:
        return
    if was_running and not test.running:
        st.rerun()
    if test.running:
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.markdown(":shimmer[Testing: a few short requests]")
        right.button("Stop", key="stop-test", on_click=test.cancel)
    elif test.failure:
        failure.show(test.failure)
    elif test.found is not None:
        from memgpt_docs.processors.testing import found_lines

        try:
            lines = found_lines(test.found, test.settings)
        except MemGPTDocsError as error:
            failure.show(explain(error))
            return
        with st.container(border=True):
            st.markdown("  \n".join(literal(line) for line in lines))
