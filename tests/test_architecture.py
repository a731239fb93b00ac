"""Who may import whom: the folder is the architecture, and this keeps it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    [ROOT / "app.py", *(ROOT / "memgpt_docs").rglob("*.py"), *(ROOT / "ingest").rglob("*.py")]
)
STORAGE = "memgpt_docs/storage/"
UI = "memgpt_docs/ui/"
# module: the places that may import it (prefixes of paths)
ONLY_IN = {
    "streamlit": ("app.py", UI),
    "lancedb": (STORAGE,),
    "openai": (
        "memgpt_docs/openai_client.py",
        "memgpt_docs/processors/chat_client.py",
        "memgpt_docs/processors/probe.py",
        "memgpt_docs/embedding/openai_compat.py",
    ),
    "xllamacpp": ("memgpt_docs/processors/llama_cpp.py",),
    "pypdf": ("ingest/readers/", "memgpt_docs/citations/"),
    "pypdfium2": ("ingest/readers/", "memgpt_docs/citations/", "memgpt_docs/pdf_page.py"),
    "unstructured": ("ingest/readers/",),
    "openpyxl": ("ingest/readers/", "memgpt_docs/export/"),
    "reportlab": ("memgpt_docs/export/",),
    "pptx": ("ingest/readers/",),
    "rapidocr": ("ingest/readers/",),
    "memgpt_docs.ui": ("app.py", UI),
    "ingest": ("ingest/", UI, "memgpt_docs/cli.py", "memgpt_docs/evaluation/command.py"),
    "memgpt_docs.agent": (
        "memgpt_docs/__init__.py",
        UI,
        "memgpt_docs/cli.py",
        "memgpt_docs/comparison.py",
    ),
}
INGEST_MAY_IMPORT = (
    "storage", "embedding", "tokens", "settings", "errors", "confinement",
    "pdf_page",
)  # fmt: skip
# Inside the agent, imports go downward only.
LAYERS = [
    "calculation", "citations", "events", "calls", "working_context", "coverage", "handles",
    "context", "exit_gate", "notes", "paging", "functions", "function_schemas", "executor",
    "summary", "records", "record_json", "queue_manager", "sessions", "taking_over",
    "inbox", "turn", "agent",
]  # fmt: skip


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=place)
def test_imports_keep_to_their_place(path: Path) -> None:
    for name in imports(path):
        for module, places in ONLY_IN.items():
            if name == module or name.startswith(module + "."):
                assert place(path).startswith(places), f"{place(path)} imports {name}"
        if place(path).startswith("ingest/") and name.startswith("memgpt_docs."):
            assert name.split(".")[1] in INGEST_MAY_IMPORT, f"{place(path)} imports {name}"


def test_the_agent_imports_downward() -> None:
    for height, module in enumerate(LAYERS):
        package = ROOT / "memgpt_docs" / module
        files = package.glob("*.py") if package.is_dir() else [package.with_suffix(".py")]
        for name in (name for file in files for name in imports(file)):
            parts = name.split(".")
            if parts[0] == "memgpt_docs" and len(parts) > 1 and parts[1] in LAYERS:
                own = parts[1] == module
                assert own or LAYERS.index(parts[1]) < height, f"{module} imports {parts[1]}"


@pytest.mark.parametrize("path", SOURCES, ids=place)
def test_files_and_functions_stay_readable(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= 400, f"{place(path)} is longer than 400 lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 60, f"{place(path)}: {node.name} is longer than 60 lines"


@pytest.mark.parametrize("path", SOURCES, ids=place)
def test_nothing_is_called_utils_and_every_module_says_what_it_is(path: Path) -> None:
    assert path.stem not in {"utils", "helpers", "common", "misc"}
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree) or not tree.body, f"{place(path)} has no docstring"


@pytest.mark.parametrize("path", [p for p in SOURCES if place(p).startswith(UI)], ids=place)
def test_a_dialog_is_opened_by_open_dialog_alone_and_noted_when_it_is_dismissed(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    dialogs = set()
    for node in ast.walk(tree):
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "st.dialog":
                dialogs.add(node.name)  # type: ignore[union-attr]
                kept = {keyword.arg: ast.unparse(keyword.value) for keyword in decorator.keywords}
                assert kept.get("on_dismiss") == "dialogs.close", f"{place(path)}: {node}"
    called = {
        ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)
    } & dialogs
    assert not called, f"{place(path)} draws {called} by itself: see dialogs.py"
