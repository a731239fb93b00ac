"""Long sessions: time a step, memory and reopening over 2,000 events; the agent's own share of a
step in a large window; and a run killed at many points."""

from __future__ import annotations

import cProfile
import pstats
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from statistics import median

from memgpt_docs import Agent, Library
from memgpt_docs.context import MainContext
from memgpt_docs.events import Flushed, StepEnded
from memgpt_docs.processors.base import Decision, Reply
from memgpt_docs.processors.scripted import call
from memgpt_docs.settings import Settings
from tests.conftest import add_file
from tests.integration.test_sessions import PROGRAM, check_whole

STEPS = 2000
KILLS = 30


class ReadsOn:
    """Reads one search after another, noting now and then, as long as it is asked."""

    name, destination, price = "reads on", "", None

    def __init__(self) -> None:
        self._replies = self._all()

    def _all(self) -> Iterator[Reply]:
        for number in count():
            yield call("archival_search", query=f"turbine {number // 8 % 40}", page=number % 8 + 1)
            if number % 4 == 3:
                yield call("working_context_append", text=f"[{number % 50 + 1}] noted")
                yield call("working_context_replace", old=f"[{number % 50 + 1}] noted", new="")

    def decide(self, context: MainContext, cancelled: object) -> Decision:
        yield from ()
        return next(self._replies)


def _turbines(folder: str) -> Library:
    library = Library(Path(folder) / "library")
    for number in range(60):
        add_file(library, f"long{number}.txt", [f"turbine {number} " + "blade steel " * 100])
    library.refresh()
    return library


def measure() -> None:
    """Prints the three tables."""
    print("\n## Long sessions")
    with tempfile.TemporaryDirectory() as folder:
        _long_run(_turbines(folder))
    with tempfile.TemporaryDirectory() as folder:
        _overhead(_turbines(folder))
    with tempfile.TemporaryDirectory() as folder:
        _kills(_turbines(folder), Path(folder))


def _long_run(library: Library) -> None:
    settings = Settings(context_window=8192, max_steps=10**6, max_tokens=10**9)
    agent = Agent(library, ReadsOn(), settings=settings)
    seconds: list[float] = []
    sizes: list[int] = []
    flushed = False
    before = time.perf_counter()
    for event in agent.run("Which turbine?", cancelled=lambda: len(sizes) >= STEPS):
        if isinstance(event, Flushed):
            flushed = True
        if isinstance(event, StepEnded):
            sizes.append(_resident())
            now = time.perf_counter()
            if not flushed:
                seconds.append(now - before)
            flushed, before = False, now
    started = time.perf_counter()
    again = Agent(library, ReadsOn(), settings=settings, session_id=agent.session_id)
    reopened = time.perf_counter() - started
    assert again.context.messages() == agent.context.messages()
    first, last = median(seconds[:100]), median(seconds[-100:])
    print("\n| steps | first 100, ms | last 100, ms | ratio | RSS at 200, 1,000 and 2,000, MB "
          "| reopened in, s |\n|---|---|---|---|---|---|")  # fmt: skip
    resident = " / ".join(str(sizes[at - 1] >> 20) for at in (200, 1000, STEPS))
    print(f"| {len(sizes):,} | {1e3 * first:.1f} | {1e3 * last:.1f} | {last / first:.2f} "
          f"| {resident} | {reopened:.2f} |")  # fmt: skip


def _overhead(library: Library) -> None:
    """The agent's own time in a step: all but the processor and storage."""
    settings = Settings(context_window=128_000, page_size=50, max_steps=200, max_tokens=10**9)
    agent = Agent(library, ReadsOn(), settings=settings)
    profile = cProfile.Profile()
    started = time.perf_counter()
    profile.enable()
    steps = sum(isinstance(event, StepEnded) for event in agent.run("Which turbine?"))
    profile.disable()
    total = time.perf_counter() - started
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    storage = sum(
        row[3]
        for (file, _, name), row in stats.items()
        if (file.endswith("storage/archival.py") and name == "search")
        or (file.endswith("storage/recall.py") and name == "append")
    )
    print("\n| window | steps | all, ms a step | storage, ms a step | the agent's own, ms a step |"
          "\n|---|---|---|---|---|")  # fmt: skip
    print(f"| 128,000 | {steps} | {1e3 * total / steps:.1f} | {1e3 * storage / steps:.1f} "
          f"| {1e3 * (total - storage) / steps:.1f} |")  # fmt: skip


def _kills(library: Library, folder: Path) -> None:
    dice = random.Random(3)
    program = folder / "run.py"
    program.write_text(PROGRAM)
    root = Path(__file__).resolve().parents[2]
    steps = []
    for number in range(KILLS):
        session_id = f"{number:032x}"
        running = subprocess.Popen(
            [sys.executable, program, library.uri, session_id],
            stdout=subprocess.PIPE, cwd=root, env={"PYTHONPATH": str(root)},
        )  # fmt: skip
        assert running.stdout is not None
        running.stdout.readline()
        time.sleep(dice.uniform(0.02, 0.8))
        running.send_signal(signal.SIGKILL)
        running.wait()
        running.stdout.close()
        steps.append(check_whole(Library(library.uri), session_id))
    print(f"\nKilled at {KILLS} random points, after {min(steps)} to {max(steps)} whole steps: "
          f"{KILLS} of {KILLS} sessions opened at a whole step and went on.")  # fmt: skip


def _resident() -> int:
    """Bytes of memory this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    measure()
