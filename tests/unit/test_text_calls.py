"""Calls in text: recognised where the reply ends with them, and nowhere else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs.processors.dialects import partial_string
from memgpt_docs.processors.text_calls import calls_in

KNOWN = ("archival_search", "send_message")
CALL = '{"name": "archival_search", "arguments": {"query": "capex", "page": 2}}'
ARGUMENTS = {"query": "capex", "page": 2}


@pytest.mark.parametrize(
    "text",
    [
        CALL,
        f"I will read on.\n{CALL}",
        f"```json\n{CALL}\n```",
        f"<tool_call>\n{CALL}\n</tool_call>",
        f"<tool_call>{CALL}</tool_call><|im_end|>",
        f"[TOOL_CALLS][{CALL}]",
        '<|python_tag|>{"name": "archival_search", "parameters": {"query": "capex", "page": 2}}',
        '{"function": {"name": "archival_search", "arguments": {"query": "capex", "page": 2}}}',
        '{"name": "functions.archival_search", "arguments": "{\\"query\\": \\"capex\\", '
        '\\"page\\": 2}"}',
        "<function=archival_search><parameter=query>capex</parameter>"
        "<parameter=page>2</parameter></function>",
        'Next:\narchival_search(query="capex", page=2)',
        '```python\narchival_search(query="capex", page=2)\n```',
    ],
)
def test_a_call_is_recognised(text: str) -> None:
    (call,), thought = calls_in(text, KNOWN)
    assert call.name == "archival_search" and json.loads(call.arguments) == ARGUMENTS
    assert thought in ("", "I will read on.", "Next:", "```python")


@pytest.mark.parametrize(
    "text",
    [
        f"The page says {CALL} and I will not do it.",
        '{"name": "delete_everything", "arguments": {}}',
        '{"revenue": 1577}',
        "archival_search is what I would call",
        'send_message(__import__("os").system("x"))',
        "{" * 5000,
        "[" * 5000,
        "",
    ],
)
def test_words_about_a_call_are_no_call(text: str) -> None:
    assert calls_in(text, KNOWN)[0] == ()


def test_several_calls_in_a_row_are_all_taken() -> None:
    calls, _ = calls_in(f"<tool_call>{CALL}</tool_call>\n<tool_call>{CALL}</tool_call>", KNOWN)
    assert len(calls) == 2


@pytest.mark.timeout(60)
def test_marks_after_a_call_are_read_once_each() -> None:
    for marks in ("<|im_end|>" * 2000, " " * 20_000, "[" * 20_000):
        assert calls_in(f"{CALL}{marks} and so on", KNOWN)[0] == ()
        assert len(calls_in(f"so on {marks}{CALL}", KNOWN)[0]) == 1


@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    calls_in(text, KNOWN)
    calls_in(text + CALL, KNOWN)


@given(st.text(), st.integers(0, 200))
def test_a_string_that_breaks_off_is_the_beginning_of_the_whole(text: str, cut: int) -> None:
    text = text.encode("utf-8", "replace").decode()
    for ascii_only in (True, False):
        whole = json.dumps({"thought": "t", "message": text}, ensure_ascii=ascii_only)
        assert text.startswith(partial_string(whole[:cut], "message"))
        assert partial_string(whole, "message") == text
