"""Writes the sample documents and questions.jsonl; the same bytes on every run.

    .venv/bin/python tests/samples/make_sample_docs.py

Needs reportlab, python-docx, pypdf and pypdfium2, and Debian's fonts-droid-fallback for the
Chinese report (or CJK_FONT naming another TrueType font, which gives other bytes).
"""

from make.annual import write_all
from make.annual_zh import write_annual_zh
from make.checks import check_all
from make.contract import write_contract
from make.quarterly import write_quarterly
from make.questions import write_questions


def main() -> None:
    """Builds everything, then checks it."""
    written = [*write_all(), write_annual_zh(), write_contract(), write_quarterly()]
    written.append(write_questions())
    for path in written:
        print("wrote", path.name)
    for line in check_all():
        print(line)


if __name__ == "__main__":
    main()
