"""What processors keep and reckon: prices, what a probe found, quotations, the user's settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs.calls import PassagesShown
from memgpt_docs.cli import main
from memgpt_docs.errors import UsageError
from memgpt_docs.openai_client import Server
from memgpt_docs.processors.assisted import located, read_reply, sentence_around
from memgpt_docs.processors.chat_client import ChatClient
from memgpt_docs.processors.prices import Price, price_of, prices_file
from memgpt_docs.processors.probe import Found, cache_file, find, kept, parameters_in, probe
from memgpt_docs.processors.wording import CHINESE, ENGLISH, wording
from memgpt_docs.settings import Settings
from memgpt_docs.storage.archival import Result
from memgpt_docs.storage.schema import Passage, PassageKind
from memgpt_docs.user_settings import remember, remembered, settings_file
from tests.model_server import Chat, Said, calling, serving


@pytest.fixture(autouse=True)
def _as_new() -> Iterator[None]:
    """No settings, prices or findings of another test."""
    for path in (settings_file(), prices_file(), cache_file()):
        path.unlink(missing_ok=True)
    yield
    for path in (settings_file(), prices_file(), cache_file()):
        path.unlink(missing_ok=True)


# -- prices -------------------------------------------------------------------------------------


def test_a_price_counts_what_was_read_kept_and_written() -> None:
    price = Price(read=2.0, written=8.0, cached=0.5)
    assert price.of(1_000_000, 0) == 2.0
    assert price.of(1_000_000, 500_000, 1_000_000) == 0.5 + 4.0
    assert Price(2.0, 8.0).of(1_000_000, 0, 1_000_000) == 2.0


def test_the_users_table_comes_before_the_defaults() -> None:
    assert price_of("a model nobody knows") is None
    prices_file().parent.mkdir(parents=True, exist_ok=True)
    prices_file().write_text('["my-model"]\nread = 1\nwritten = 2.5\n["gpt-4o"]\nread=9\nwritten=9')
    assert price_of("my-model") == Price(1, 2.5)
    assert price_of("gpt-4o") == Price(9, 9)
    prices_file().write_text('["my-model"]\nread = "much"\nwritten = 2')
    with pytest.raises(UsageError, match="my-model"):
        price_of("my-model")
    prices_file().write_text("[[[")
    with pytest.raises(UsageError, match=r"prices\.toml"):
        price_of("my-model")


# -- the probe ----------------------------------------------------------------------------------


def obedient(request: Chat) -> Said:
    if "tools" in request:
        return calling("report", colour="blue")
    return Said('{"kind": "greeting", "word": "hello"}')


def server_at(url: str) -> Server:
    return Server(url, "m-1.5b", "k", 5)


@pytest.mark.parametrize(
    ("manners", "expected"),
    [
        ({}, ("tools", True, True, True)),
        ({"ignores_tool_choice": True}, ("json_schema", False, True, True)),
        ({"streams": False}, ("tools", True, True, True)),
        ({"break_in": b"data: {broken\n\n"}, ("tools", True, True, False)),
    ],
    ids=["sound", "tools_as_text", "whole_replies", "broken_stream"],
)
def test_the_probe_finds_out_what_a_server_can_do(
    manners: dict[str, object], expected: tuple[str, bool, bool, bool]
) -> None:
    with serving(obedient, **manners) as server:
        client = ChatClient(server_at(server.url), max_retries=0)
        found = probe(client, lambda: False)
        assert found is not None
        shown = (found.dialect, found.calls_tools, found.obeys_schema, found.streams)
        assert shown == expected
        assert found.context == 32768 and found.parameters == 1.5e9
        # It is kept: another client of the same server and model asks nothing.
        asked = len(server.requests)
        again = find(ChatClient(server_at(server.url)), Settings(), lambda: False)
        assert again == found and len(server.requests) == asked
        assert "k" not in (kept(server_at(server.url)) or found).at


def test_a_server_that_can_do_neither_is_told_so() -> None:
    with serving(lambda _: Said("Hello there!")) as server:
        found = probe(ChatClient(server_at(server.url)), lambda: False)
        assert found is not None and not found.sound
        # Assisted reading needs the schema, however small the model.
        assert found.parameters == 1.5e9 and not found.suggests_assisted


def test_a_setting_overrides_the_probe_and_known_servers_are_not_tried() -> None:
    with serving(obedient) as server:
        chosen = Settings(openai_dialect="json_schema")
        found = find(ChatClient(server_at(server.url)), chosen, lambda: False)
        assert found is not None and found.dialect == "json_schema" and not server.requests
    known = ChatClient(Server("https://api.openai.com/v1", "gpt-4o-mini", "k"))
    found = find(known, Settings(), lambda: False)
    assert found == Found("tools")


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("qwen2.5-coder-1.5b-instruct", 1.5e9),
        ("SmolLM2-135M-Instruct", 135e6),
        ("llama3:8b", 8e9),
        ("Mistral_7B", 7e9),
        ("gpt-4o-mini", None),
        ("phi-3.5-mini", None),
    ],
)
def test_the_size_that_a_name_tells(name: str, size: float | None) -> None:
    assert parameters_in(name) == size


# -- quotations ---------------------------------------------------------------------------------


def result(text: str) -> Result:
    passage = Passage("p", "d", 0, 1, 0, len(text), "", "", PassageKind.PROSE, text, 1)
    return Result(1, 0.0, "a.pdf", passage)


FIRST = "Acme makes turbines. Revenue was $1,577 million in fiscal 2023. It grew."
SECOND = "Birch earned $890 million.\nEmployees numbered 12,400. 净利润为三亿元。其他。"


def test_a_quotation_is_found_by_its_text_and_widened_to_the_sentence() -> None:
    shown = [(7, result(FIRST)), (8, result(SECOND))]
    found = located("revenue was $1,577 million", True, shown)
    assert found is not None and found.answers
    assert (found.handle, found.quote) == (7, "Revenue was $1,577 million in fiscal 2023.")
    found = located("净利润为三亿元", False, shown)
    assert found is not None and (found.handle, found.quote) == (8, "净利润为三亿元。")
    assert located("The moon is made of cheese and honey", True, shown) is None
    assert located("", True, shown) is None


def test_a_row_is_noted_with_the_head_of_its_columns() -> None:
    table = "(in millions) 2023 2022\nNet sales 2,561.4 2,389.6"
    found = located("net sales 2,561.4", True, [(3, result(table))])
    assert found is not None
    assert (
        found.line() == '[3] answers: "Net sales 2,561.4 2,389.6" under "(in millions) 2023 2022"'
    )


def test_a_part_of_a_long_sentence_is_cut_between_words() -> None:
    text = "word " * 200 + "northeasterly winds arrive " + "word " * 200
    start = text.index("easterly")
    assert sentence_around(text, start, start + 20) == "northeasterly winds arrive"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"quote": 5}', '{"quote": "x"}', "null"])
def test_a_reply_that_is_not_what_was_asked_for_is_no_finding(text: str) -> None:
    assert read_reply(text, PassagesShown((result(FIRST),), (7,), None)) is None


@given(st.text(min_size=1), st.data())
def test_what_is_quoted_stands_in_the_passage(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert sentence_around(text, start, end) in text
    found = located(text[start:end], True, [(1, result(text))])
    assert found is None or found.quote in text


def test_chinese_is_told_by_its_characters() -> None:
    assert wording("净利润是多少?") is CHINESE and wording("What was revenue?") is ENGLISH


# -- the user's settings ------------------------------------------------------------------------


def test_what_is_remembered_is_below_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    remember(processor="openai_compat", openai_model='a "quoted" 模型')
    assert Settings().processor == "openai_compat"
    assert Settings().openai_model == 'a "quoted" 模型'
    monkeypatch.setenv("MEMGPT_DOCS_PROCESSOR", "extractive")
    assert Settings().processor == "extractive"
    remember(processor=None)
    assert remembered() == {"openai_model": 'a "quoted" 模型'}


def test_a_file_that_cannot_be_used_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    settings_file().parent.mkdir(parents=True, exist_ok=True)
    settings_file().write_text("processor = [")
    assert main(["documents"]) == 2
    settings_file().write_text('procesor = "extractive"')
    assert main(["documents"]) == 2
    assert "procesor" in capsys.readouterr().err.lower()


def test_processors_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["processor", "list"]) == 0
    listed = capsys.readouterr().out
    assert "* extractive: ready, nothing leaves this machine" in listed
    with serving(obedient) as server:
        use = ["processor", "use", "openai_compat", "--url", server.url, "--model", "m"]
        assert main(use) == 0
        assert "Nothing leaves this machine." in capsys.readouterr().out
        assert main(["processor", "probe"]) == 0
        told = capsys.readouterr().out
        assert "Obeys a JSON schema: yes" in told and "native tool calls" in told
    assert main(["processor", "use", "llama_cpp", "--file", str(tmp_path / "none.gguf")]) == 2
    assert main(["processor", "use", "extractive"]) == 0
    assert Settings().processor == "extractive"
    assert "key" not in settings_file().read_text().replace("memgpt-docs", "")
