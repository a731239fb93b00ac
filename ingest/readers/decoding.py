"""Bytes to text: byte order mark, UTF-8, what the file declares, then the likeliest guess."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.I)
SAMPLE_BYTES = 200_000
WORD_BYTES = 30
LONE = 1.4
# Letters of UTF-8 for each byte that is none: a text of another encoding has far fewer by chance.
LETTERS_PER_BAD_BYTE = 10
# Signs inside words from which on they are taken for letters.
FEW_SIGNS = 3
# What the web reads as Windows' own, with its quotation marks.
_LATIN = {
    "iso-8859-1", "iso8859-1", "latin1", "latin-1", "us-ascii", "ascii", "windows-1252", "cp1252",
}  # fmt: skip
# What decoding leaves of bytes that are not UTF-8, and of an end cut within a letter.
_BAD = re.compile("[\udc80-\udcff]+")
_CUT = re.compile("[\udcc2-\udcf4][\udc80-\udcbf]{0,2}\\Z")
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_LIKELY = [
    "gb18030", "big5", "cp932", "euc_jp", "euc_kr", "cp1250", "cp1251", "cp1252", "cp1253",
    "cp1254", "cp1255", "cp1256", "koi8_r", "cp874",
]  # fmt: skip


def decode(raw: bytes, *, declared: bool = False) -> str:
    """`raw` as text, never failing: what no encoding explains becomes U+FFFD.

    Bytes that are UTF-8, but for a few, are taken for it whatever else they are said to be, as no
    other text looks like it. Else, with `declared`, a charset named in the first kilobytes (HTML,
    XML) is tried.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, errors="replace")
    if encoding := utf16_of(raw):
        return raw.decode(encoding, errors="replace")
    text = _as_utf8(raw)
    if text is not None:
        return text
    if declared and (match := _DECLARED.search(raw[:4096])):
        for encoding in codecs_of(match[1].decode("ascii")):
            try:
                return raw.decode(encoding)
            except (UnicodeDecodeError, LookupError):
                continue
    return raw.decode(_guess(raw), errors="replace")


def _as_utf8(raw: bytes) -> str | None:
    """`raw` as UTF-8, with the few bytes that are none as Windows has them; None where they are
    not few."""
    text = raw.decode("utf-8", "surrogateescape")
    if cut := _CUT.search(text[-3:]):
        raw, text = raw[: -len(cut[0])], text[: -len(cut[0])]
    n_bad = len(raw) - len(text.encode("utf-8", "ignore"))
    n_letters = len(text) - n_bad - len(raw.translate(None, _BEYOND_ASCII))
    if n_letters < LETTERS_PER_BAD_BYTE * n_bad or (cut and not n_letters):
        return None
    return _BAD.sub(_as_windows, text) + ("\ufffd" if cut else "")


def _as_windows(bad: re.Match[str]) -> str:
    return bad[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace")


def codecs_of(charset: str) -> tuple[str, ...]:
    """The encodings to try, in order, on text that is said to be in `charset`."""
    return ("utf-8", "cp1252") if charset.lower() in _LATIN else (charset,)


def is_utf16(raw: bytes) -> bool:
    """Whether `raw` is UTF-16, with a mark or without."""
    return raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or bool(utf16_of(raw))


def utf16_of(raw: bytes) -> str:
    """The UTF-16 encoding of `raw` without a mark, by the zero bytes of its ASCII; else nothing."""
    sample = raw[:SAMPLE_BYTES]
    half = max(1, len(sample) // 2)
    even, odd = sample[::2].count(0) / half, sample[1::2].count(0) / half
    if len(sample) < 16 or max(even, odd) < 0.4 or min(even, odd) > 0.05:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _guess(raw: bytes) -> str:
    sample = _sample(raw)
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", sample)]
    # Accents and quotation marks stand alone; letters of other scripts stand together.
    if sum(runs) >= LONE * len(runs):
        from charset_normalizer import from_bytes

        best = from_bytes(sample, cp_isolation=_LIKELY).best()
        if best is not None and best.encoding != "cp1252":
            return best.encoding
    return _latin(sample.decode("cp1252", "replace"))


def _sample(raw: bytes) -> bytes:
    """What tells an encoding: of each line the part from its first word beyond ASCII on, as a cut
    anywhere else could part the bytes of a letter."""
    sample = bytearray()
    for match in re.finditer(rb"[\x80-\xff][^\n]*\n?", raw):
        at = max(0, match.start() - WORD_BYTES)
        sample += raw[max(at, raw.rfind(b"\n", at, match.start()) + 1) : match.end()]
        if len(sample) >= SAMPLE_BYTES:
            break
    return bytes(sample[: sample.rfind(b"\n", 0, SAMPLE_BYTES) + 1 or SAMPLE_BYTES])


def _latin(text: str) -> str:
    """The encoding of Windows for a text in Latin letters, by how it reads as Western European."""
    if len(re.findall(r"[^\W\d_][³¹¿£][^\W\d_]", text)) >= FEW_SIGNS:
        return "cp1250"  # Polish
    if re.search("[ðþÐÞ]", text) and re.search("[ýÝ]", text) and not re.search("[áæíó]", text):
        return "cp1254"  # Turkish; Icelandic has these letters, and those
    return "cp1252"
