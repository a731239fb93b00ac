"""Nested pairs, as the paper asks them: a key whose value is the key of another pair.

140 pairs, each a passage; a question of level n needs n + 1 look-ups. 30 orderings a level. An
answer is right when the final value is in it; a search is a call of archival_search, so a page that
was turned counts, too.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path
from time import perf_counter

from memgpt_docs import Agent, Library
from memgpt_docs.events import FunctionCalled, Stopped
from memgpt_docs.settings import Settings
from tests.bench.retrieval import lines
from tests.conftest import add_file

WINDOW = 4096
ORDERINGS = 30
LEVELS = range(6)
ASKED = (
    "What is the value of the key {key}? If the value is itself a key of another pair, go on to "
    "the value of that key, until a value is no key."
)


def measure(folder: Path) -> None:
    """Prints a row for each level."""
    pairs = next(iter(lines(folder / "kv-retrieval-140_keys.jsonl.gz")))["ordered_kv_records"]
    print(f"\n## Nested pairs, extractive processor, window {WINDOW:,}\n")
    print("| level | right | look-ups needed | searches made | steps | s a question |")
    print("|---|---|---|---|---|---|")
    for level in LEVELS:
        name = f"random_orderings_100_samples_140_indices_{level + 1}_levels.jsonl"
        right, searches, steps = 0, Counter[int](), 0
        seconds = 0.0
        for ordering in list(lines(folder / name))[:ORDERINGS]:
            with tempfile.TemporaryDirectory() as path:
                library = Library(path)
                nested = nest([tuple(pair) for pair in pairs], ordering)
                add_file(library, "pairs.txt", [said(key, value) for key, value in nested])
                library.refresh()
                started = perf_counter()
                agent = Agent(library, "extractive", settings=Settings(context_window=WINDOW))
                events = list(agent.run(ASKED.format(key=nested[ordering[0]][0])))
                seconds += perf_counter() - started
            stopped = events[-1]
            assert isinstance(stopped, Stopped)
            right += nested[ordering[-1]][1] in stopped.answer.text
            steps += stopped.answer.steps
            searches[sum(_is_search(event) for event in events)] += 1
        made = ", ".join(f"{times} × {count}" for count, times in sorted(searches.items()))
        print(
            f"| {level} | {right} of {ORDERINGS} | {level + 1} | {made} "
            f"| {steps / ORDERINGS:.1f} | {seconds / ORDERINGS:.2f} |",
            flush=True,
        )


def nest(pairs: list[tuple[str, str]], ordering: list[int]) -> list[tuple[str, str]]:
    """The pairs with the value at each index of `ordering` the key at the next."""
    nested = list(pairs)
    for index, following in pairwise(ordering):
        nested[index] = (nested[index][0], pairs[following][0])
    return nested


def said(key: str, value: str) -> str:
    """A pair as a passage."""
    return f"Key-value pair: key = {key}, value = {value}"


def _is_search(event: object) -> bool:
    return isinstance(event, FunctionCalled) and event.name == "archival_search"
