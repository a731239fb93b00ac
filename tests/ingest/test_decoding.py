"""Bytes to text: what was written is what is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.readers.decoding import decode
from tests.ingest.test_readers import read_text

GERMAN = "Die Umsätze stiegen – „Größe“ zählt. 5 €\n"
CHINESE = "公司净利润为一亿二千万元，同比增长百分之五。\n"
POLISH = "Przychody spółki wyniosły 42 miliony złotych, część środków przeznaczono na dywidendę.\n"
TURKISH = "Şirketin yılı gelirleri 42 milyon lira olarak gerçekleşti; kâr dağıtımını onayladı.\n"
ICELANDIC = "Það var þá að félagið hafði nýja tekjur, 42 milljónir; hagnaður jókst.\n"
RUSSIAN = "Выручка компании выросла на четыре процента за год.\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "utf-8"), (GERMAN, "utf-16"), (GERMAN, "cp1252"), (GERMAN * 30, "cp1252"),
        ("Name;Betrag\nÄ;1,5\n", "cp1252"), ("The revenue rose by 4 %.\n", "utf-16-le"),
        ("The revenue rose by 4 %.\n", "utf-16-be"), (CHINESE * 9, "gb18030"),
        ("公司淨利潤為一億二千萬元，同比增長百分之五。\n" * 9, "big5"),
        ("当社の売上高は前年比５％増加しました。\n" * 9, "cp932"), (RUSSIAN * 9, "cp1251"),
        (POLISH, "cp1250"), (TURKISH, "cp1254"), (ICELANDIC, "cp1252"),
        ("The fee¹ is £42 for 5 m³ of gas.\n", "cp1252"),
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


@pytest.mark.parametrize("text", [CHINESE * 9, GERMAN * 9])
def test_a_bad_byte_does_not_spoil_a_file(tmp_path: Path, text: str) -> None:
    raw = text.encode()
    assert decode(raw + b"it\x92s \x8042\n" + raw) == f"{text}it’s €42\n{text}"
    page = f"<html><meta charset='utf-8'><body><p>{text}".encode() + b"it\x92s"
    words = read_text(tmp_path, "a.html", page).pages[0].text
    assert words.endswith("it’s")
    assert text.split()[0] in words


def test_a_file_cut_within_its_last_letter() -> None:
    for text in (CHINESE, "Größe, Käse und 5 €"):
        whole = text.strip().encode() + "€".encode()
        for cut in (1, 2):
            assert decode(whole[:-cut]) == text.strip() + "\ufffd"
    assert decode(b"42 caf\xe9") == "42 café"


def test_letters_that_come_late_are_read() -> None:
    ascii = "Plain lines of the text.\n" * 10_000
    for late, encoding in (("The fee is £42 and it’s final.", "cp1252"), (RUSSIAN * 9, "cp1251")):
        assert decode((ascii + late).encode(encoding)) == ascii + late
    many = "x" + CHINESE * 9_000  # a sample of so many bytes would end within a letter
    assert decode(many.encode("gb18030")) == many
    line = "x" * 400_000
    assert decode((line + CHINESE * 9).encode("gb18030")) == line + CHINESE * 9
