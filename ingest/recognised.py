"""Pages on which words were recognised: what their `reason` says, and how they keep their text when
their document is made anew."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ingest.readers.message import NO_LETTERS, ReadPage
from memgpt_docs.storage.schema import Page, PageStatus

RECOGNISED, NO_WORDS, FAILED = "recognised by", "no words found by", "not recognised:"
# With fewer recognised letters a page full of them was not read: this machine cannot draw them.
FEW_CHARS = 50


def looked_at(reason: str) -> bool:
    """Whether the page with that `reason` was looked at for words already."""
    return reason.startswith((RECOGNISED, NO_WORDS, FAILED))


def is_unread(page: Page) -> bool:
    """Whether a page holds something that was not read."""
    if page.status is PageStatus.MIXED:
        # What its picture says may still be recognised; on a slide it cannot.
        return page.unit == "page" and (
            not looked_at(page.reason) or page.reason.startswith(FAILED)
        )
    return page.status in (PageStatus.SCANNED, PageStatus.FAILED) and not page.text.strip()


def marked(page: ReadPage, engine: str) -> ReadPage:
    """A page as `engine`, a name and a version, gives it, with a reason that says so."""
    if page.status == "failed":
        return replace(page, reason=f"{FAILED} {page.reason}")
    return replace(page, reason=f"{RECOGNISED if page.text.strip() else NO_WORDS} {engine}")


def merged(page: ReadPage, known: Page) -> ReadPage:
    """A page as it is to be stored: with the text recognised just now, or in an earlier run."""
    if looked_at(page.reason):
        if known.status is PageStatus.MIXED:
            text = _added(known.text, page.text)
            if known.reason == NO_LETTERS and len(_bare(page.text)) < FEW_CHARS:
                page = replace(page, reason=f"{FAILED} {NO_LETTERS}")
            return replace(page, text=text, status="mixed", label=known.label)
        return replace(page, status=str(known.status), label=known.label)
    if looked_at(known.reason):
        return replace(page, text=known.text, reason=known.reason)
    return page


def with_recognised(pages: list[ReadPage], known: Mapping[int, Page]) -> list[ReadPage]:
    """`pages`, each with what was recognised on it in an earlier run."""
    return [merged(page, known[page.page_no]) if page.page_no in known else page for page in pages]


def _added(text: str, recognised: str) -> str:
    """`text` of a mixed page, as the file gives it, and below it the recognised lines that are not
    in it."""
    have = _bare(text)
    new = [line for line in recognised.split("\n") if _bare(line) and _bare(line) not in have]
    return "\n\n".join(part for part in (text.rstrip(), "\n".join(new)) if part)


def _bare(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()
