"""The measures of answers and of recall say what they should on cases worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from memgpt_docs import Library
from memgpt_docs.errors import UsageError
from memgpt_docs.evaluation.answers import Quoted, area, caught, curve_table, share_holding
from memgpt_docs.evaluation.recall import PlainBM25, measure_recall, recall_table

ANSWERS = [
    Quoted(("It is blue.", "It is red."), ("RED",), 0.9),
    Quoted(("It is  green.",), ("is green",), 0.7),
    Quoted((), ("red",), 0.2),
    Quoted(("It is red.",), ("blue",), 0.8, answerable=False),
    Quoted((), ("blue",), 0.1, answerable=False),
]


def test_measures_of_answers() -> None:
    assert share_holding(ANSWERS, 1) == pytest.approx(1 / 5)
    assert share_holding(ANSWERS, 3) == pytest.approx(2 / 5)
    assert area(ANSWERS) == pytest.approx(4 / 6)
    assert caught(ANSWERS, 0.0) == pytest.approx(1 / 2)
    assert caught(ANSWERS, 0.9) == pytest.approx(1.0)
    assert "| 0.00–0.50 | 2 | 0.50 | 0.00 |" in curve_table(ANSWERS, (0.0, 0.5, 1.0))


def test_recall_of_turns_that_answer(tmp_path: Path) -> None:
    said = ["I bought a kayak.", "What colour is it?", "Bright orange, from Bergen.", "Nice day."]
    turns = [
        {"conv": "c", "dia_id": f"D{n}", "session_datetime": "4:04 pm on 20 January, 2023",
         "speaker": "Ada", "text": text}
        for n, text in enumerate(said)
    ]  # fmt: skip
    questions = [
        {"conv": "c", "question": "Who bought a kayak?", "evidence": ["D0"]},
        {"conv": "c", "question": "Anything else?", "evidence": ["D9"]},
    ]
    for name, rows in (("turns", turns), ("questions", questions)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    measured = measure_recall(Library(tmp_path / "library"), tmp_path)
    assert measured["recall storage"].at(1) == measured["plain BM25"].at(1) == 1.0
    assert "| all | 1 | recall storage | 1.000 |" in recall_table(measured)


def test_a_folder_without_conversations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"turns\.jsonl"):
        measure_recall(Library(tmp_path / "library"), tmp_path)


def test_plain_bm25_prefers_the_rare_word() -> None:
    texts = {"a": "the red kayak", "b": "the red car", "c": "the red house"}
    assert PlainBM25(texts).best("the kayak", 3)[0] == "a"
