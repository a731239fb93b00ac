"""Questions with the pages that answer them, and whether a search or an answer reached those."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memgpt_docs.errors import UsageError
from memgpt_docs.events import Answer
from memgpt_docs.storage.archival import Result


@dataclass(frozen=True)
class Evidence:
    """A page that answers a question, or a part of it."""

    file: str
    page_no: int | None  # 1-based; None where the file has no pages: any place in it counts
    phrase: str  # words that stand there
    passage_id: str = ""  # the passage itself, where the questions name passages

    def found_in(self, result: Result) -> bool:
        """Whether a passage of a page of results is this one, or lies on this page; a result also
        shows where else its text stands."""
        if self.passage_id:
            shown = (result.passage.passage_id, *(twin.passage_id for twin in result.twins))
            return self.passage_id in shown
        return self.holds(result.file, result.passage.page_no) or any(
            self.holds(twin.file, twin.page_no) for twin in result.twins
        )

    def holds(self, file: str, page_no: int) -> bool:
        """Whether a place in a file is this one."""
        return file == self.file and self.page_no in (None, page_no)


@dataclass(frozen=True)
class Question:
    """One line of a `questions.jsonl`; without evidence it cannot be answered."""

    id: str
    question: str
    answer: str
    kind: str
    evidence: tuple[Evidence, ...]

    def first_hit(self, results: Sequence[Result]) -> int | None:
        """The 1-based rank of the first passage from an evidence page, or None."""
        for result in results:
            if any(evidence.found_in(result) for evidence in self.evidence):
                return result.rank
        return None

    def cited_by(self, answer: Answer) -> bool:
        """Whether an answer cites a page of the evidence."""
        return any(
            evidence.holds(citation.file, citation.page_no)
            for evidence in self.evidence
            for citation in answer.citations
        )


def load_questions(path: Path) -> list[Question]:
    """Reads a `questions.jsonl`; raises `UsageError` for a line that is not a question."""
    questions = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            evidence = tuple(_evidence(one) for one in row["evidence"])
            questions.append(
                Question(
                    str(row.get("id", number)),
                    row["question"],
                    row.get("answer", ""),
                    row.get("kind", ""),
                    evidence,
                )
            )
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{path}, line {number} is not a question: {error!r}.",
                "Each line is JSON with question and evidence: a list of {file, page_no} or "
                "{passage_id}; id and answer may be there, too.",
            ) from error
    return questions


def _evidence(row: dict[str, Any]) -> Evidence:
    if "passage_id" in row:
        return Evidence(row.get("file", ""), None, row.get("phrase", ""), row["passage_id"])
    return Evidence(row["file"], row.get("page_no"), row.get("phrase", ""))
