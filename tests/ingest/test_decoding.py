"""Bytes to text: what was written is what is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.readers.decoding import decode
from tests.ingest.test_readers import read_text

GERMAN = "Die Umsätze stiegen – „Größe“ zählt. 5 €\n"
CHINESE = "公司净利润为一亿二千万元，同比增长百分之五。\n"
RUSSIAN = "Выручка компании выросла на четыре процента за год.\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "utf-8"), (GERMAN, "utf-16"), (GERMAN, "cp1252"), (GERMAN * 30, "cp1252"),
        ("Name;Betrag\nÄ;1,5\n", "cp1252"), ("The revenue rose by 4 %.\n", "utf-16-le"),
        ("The revenue rose by 4 %.\n", "utf-16-be"), (CHINESE * 9, "gb18030"),
        ("公司淨利潤為一億二千萬元，同比增長百分之五。\n" * 9, "big5"),
        ("当社の売上高は前年比５％増加しました。\n" * 9, "cp932"), (RUSSIAN * 9, "cp1251"),
    ],
)  # fmt: skip
def test_text_in_the_encodings_of_the_world(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_utf8_is_taken_for_it_whatever_it_is_said_to_be(tmp_path: Path) -> None:
    page = "<html><head><meta charset='iso-8859-1'></head><body><p>{}</p></body></html>"
    told = read_text(tmp_path, "a.html", page.format("净利润 Größe"))
    assert told.pages[0].text == "净利润 Größe"
    # What calls itself Latin 1 has the quotation marks of Windows.
    told = read_text(tmp_path, "b.html", page.format("„Größe“").encode("cp1252"))
    assert told.pages[0].text == "„Größe“"


def test_utf16_without_a_mark_is_text(tmp_path: Path) -> None:
    text = "The revenue rose by four percent in the year."
    assert read_text(tmp_path, "a.txt", text.encode("utf-16-le")).pages[0].text == text
