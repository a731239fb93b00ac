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


def decode(raw: bytes, *, declared: bool = False) -> str:
    """`raw` as text, never failing: what no encoding explains becomes U+FFFD.

    With `declared`, a charset named in the first kilobytes (HTML, XML) is tried first.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, errors="replace")
    candidates = ["utf-8"]
    if declared and (match := _DECLARED.search(raw[:4096])):
        candidates.insert(0, match[1].decode("ascii"))
    for encoding in candidates:
        try:
            return raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode(_guess(raw), errors="replace")


def _guess(raw: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(raw[:SAMPLE_BYTES]).best()
    return best.encoding if best is not None else "cp1252"
