"""Wording: what code says around quotations, in the language of the question."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Wording:
    """The words of one language."""

    nothing: str  # was found
    nothing_here: str  # behind the name of a document or a part of the question
    very_likely: str
    likely: str
    perhaps: str
    unclear: str  # what is closest follows
    in_all: str  # documents
    last_record: str
    on_the_way: str
    quoted: str
    said_before: str  # in the session
    under: str  # between a row and the heads of its columns
    colon: str

    def line(self, quote: str, head: str, handle: int) -> str:
        """A quotation as a line of a list; with the head of its columns where it has one."""
        under = f"{self.under}“{head}”" if head else ""
        return f"- “{quote}”{under} [{handle}]"


ENGLISH = Wording(
    nothing="No passage that was read answers this.",
    nothing_here="nothing that was read answers this.",
    very_likely="very likely the answer",
    likely="likely the answer",
    perhaps="perhaps the answer",
    unclear="nothing that was read answers this clearly; closest to it",
    in_all="In all documents",
    last_record="Followed from record to record; the last one:",
    on_the_way="The records on the way there:",
    quoted="quoted from the documents",
    said_before="Said before in this session:",
    under=" under ",
    colon=": ",
)
CHINESE = Wording(
    nothing="所读的段落都没有回答这个问题。",
    nothing_here="所读的段落都没有回答这个问题。",
    very_likely="很可能是答案",
    likely="较可能是答案",
    perhaps="或许是答案",
    unclear="所读的段落没有明确回答这个问题；最接近的是",
    in_all="在所有文件中",
    last_record="按记录逐条查找；最后一条：",
    on_the_way="途经的记录：",
    quoted="摘自文件",
    said_before="本次会话中说过：",
    under="，列名：",
    colon="：",
)


def wording(question: str) -> Wording:
    """The words for the language that `question` is asked in."""
    return CHINESE if _CHINESE.search(question) else ENGLISH


def as_heading(text: str, words: Wording, where: str = "") -> str:
    """`text`, of a document or a part of the question where one is named, over a list."""
    said = f"{where}{words.colon}{text}" if where else f"{text[:1].upper()}{text[1:]}"
    return said + words.colon.rstrip()
