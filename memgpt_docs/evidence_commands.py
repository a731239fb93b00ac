"""What the command line does with evidence: doubts under an answer, bundles and their check."""

from __future__ import annotations

import argparse
import json
import os
from typing import TYPE_CHECKING

from memgpt_docs.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from memgpt_docs.events import Transcript
    from memgpt_docs.export.report import Report
    from memgpt_docs.storage.library import Library


def verify(arguments: argparse.Namespace, read: Callable[[Path], Sequence[str]]) -> int:
    """`memgpt-docs verify`: 0 where everything is as it was, 1 where something was changed. `read`
    gives the texts of a document's pages."""
    from memgpt_docs.citations.page_images import PageImages
    from memgpt_docs.export.verification import verify as check

    images = PageImages()
    try:
        findings = list(check(arguments.bundle, arguments.documents, images, read))
    finally:
        images.close()
    wrong = [finding for finding in findings if finding.problem]
    if arguments.json:
        told = [{"what": one.what, "problem": one.problem} for one in findings]
        print(json.dumps(told, ensure_ascii=False))
    else:
        for finding in wrong:
            print(f"CHANGED  {finding}")
        print(f"{len(findings)} checked, {len(wrong)} changed.")
    return 1 if wrong else 0


def can_be_written(path: Path) -> None:
    """Raises `UsageError` where a file cannot be written: said before the work that would fill it,
    not after."""
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", "Make it, or choose another.")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"{path} cannot be written.", "Choose another file.")


def write(path: Path, contents: bytes) -> None:
    """Writes an export; raises `UsageError`."""
    try:
        path.write_bytes(contents)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def print_doubts(transcript: Transcript) -> None:
    """Prints what is doubtful about an answer, and how derived figures were worked out."""
    from memgpt_docs.export.report import checked_answer, doubts

    checked = checked_answer(transcript)
    for statement in checked.statements:
        if found := doubts(statement):
            print(f"! {'; '.join(found)}: “{statement.text}”")
    for warning in checked.warnings:
        print(f"! {warning}")
    for formula in checked.formulas:
        print(f"= {formula}")


def bundle(report: Report, library: Library) -> bytes:
    """The evidence bundle of a report."""
    from memgpt_docs.citations.page_images import PageImages
    from memgpt_docs.export.bundle import write

    images = PageImages()
    try:
        return write(report, library, images)
    finally:
        images.close()
