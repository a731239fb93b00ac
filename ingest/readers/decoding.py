"""Bytes to text: byte order mark, what the file declares, UTF-8, then the likeliest guess."""

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
LONE = 1.4
# What the web reads as Windows' own, with its quotation marks.
_LATIN = {
    "iso-8859-1", "iso8859-1", "latin1", "latin-1", "us-ascii", "ascii", "windows-1252", "cp1252",
}  # fmt: skip
_LIKELY = [
    "gb18030", "big5", "cp932", "euc_jp", "euc_kr", "cp1250", "cp1251", "cp1252", "cp1253",
    "cp1254", "cp1255", "cp1256", "koi8_r", "cp874",
]  # fmt: skip


def decode(raw: bytes, *, declared: bool = False) -> str:
    """`raw` as text, never failing: what no encoding explains becomes U+FFFD.

    Bytes that are UTF-8 are taken for it whatever else they are said to be, as no other text looks
    like it. Else, with `declared`, a charset named in the first kilobytes (HTML, XML) is tried.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, errors="replace")
    if encoding := utf16_of(raw):
        return raw.decode(encoding, errors="replace")
    candidates = ["utf-8"]
    if declared and (match := _DECLARED.search(raw[:4096])):
        candidates += codecs_of(match[1].decode("ascii"))
    for encoding in candidates:
        try:
            return raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode(_guess(raw), errors="replace")


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
    sample = raw[:SAMPLE_BYTES]
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", sample)]
    # Accents and quotation marks stand alone; letters of other scripts stand together.
    if runs and sum(runs) < LONE * len(runs):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_LIKELY).best()
    return best.encoding if best is not None else "cp1252"
