"""Steps: what the agent did, a short line each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from memgpt_docs.events import (
    Event,
    Flushed,
    FunctionCalled,
    FunctionReturned,
    MemoryPressure,
    ResultsPageRead,
)
from memgpt_docs.storage.archival import ResultsPage
from memgpt_docs.ui.text import counted, shortened

MAX_QUERY_CHARS = 90


@dataclass(frozen=True)
class Step:
    """One line of what the agent did. All of it is untrusted text."""

    text: str
    thought: str = ""
    ok: bool = True


class StepLog:
    """A fold over the events of a run that keeps one line a step."""

    def __init__(self) -> None:
        self.lines: list[Step] = []
        self._call: FunctionCalled | None = None
        self._page: ResultsPage | None = None
        self._page_before: ResultsPage | None = None
        self._thought = ""

    def add(self, event: Event) -> None:
        """Takes in the next event of the run."""
        match event:
            case FunctionCalled():
                self._call, self._page = event, None
            case ResultsPageRead():
                self._page = event.page
            case FunctionReturned():
                self._returned(event)
            case MemoryPressure():
                share = event.context.used / event.context.window
                self.lines.append(Step(f"The window is {share:.0%} full"))
            case Flushed():
                entries = counted(event.evicted, "entry", "entries")
                self.lines.append(Step(f"Moved {entries} out of the window, to recall storage"))
            case _:
                pass

    def _returned(self, event: FunctionReturned) -> None:
        call = self._call
        thought = call.thought if call and call.thought != self._thought else ""
        self._thought = call.thought if call else ""
        if not event.ok:
            reason = event.message.strip().split("\n")[0]
            self.lines.append(Step(f"{event.name} failed: {reason}", thought, ok=False))
        elif event.name == "archival_search" and self._page is not None:
            self.lines.append(Step(_search_line(self._page, self._page_before), thought))
            self._page_before = self._page
        elif event.name != "send_message":  # the answer is shown as such
            self.lines.append(Step(_line(event.name, call.arguments if call else {}), thought))


def _line(name: str, arguments: dict[str, Any]) -> str:
    """What a call did."""
    match name:
        case "read_document":
            return f"Read {arguments.get('document')}, page {arguments.get('page')}"
        case "working_context_append":
            return "Noted in working context"
        case "working_context_replace":
            return "Revised working context"
        case "recall_search":
            query = shortened(str(arguments.get("query")), MAX_QUERY_CHARS)
            return f"Looked in recall storage for “{query}”"
        case "recall_search_date":
            return "Looked in recall storage by date"
        case "list_documents":
            return "Listed the documents"
        case _:
            return f"Called {name}"


def _search_line(page: ResultsPage, before: ResultsPage | None) -> str:
    query = f"“{shortened(page.query, MAX_QUERY_CHARS)}”"
    if page.total == 0:
        return f"Searched {query} — nothing found"
    if page.past_end:
        return f"Searched {query} — past the last of {page.pages} pages"
    if before and (before.query, before.documents) == (page.query, page.documents):
        return f"Turned to page {page.page} of {page.pages}"
    return f"Searched {query} — page {page.page} of {page.pages}"
