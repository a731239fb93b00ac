"""The annual reports on Form 10-K."""

from pathlib import Path

from make.cover import special
from make.filing import Heads, write
from make.markup import parse
from make.model import Company, load
from make.paths import OUTPUT
from make.styles import Look
from make.wording import Wording

FILES = {"halden": "Halden_Robotics_10K_FY", "calder": "Calder_Vale_Foods_10K_FY"}
YEARS = (2023, 2024)


def write_annual(company: Company, year: int) -> Path:
    """One 10-K."""
    words = Wording(company, year)
    path = OUTPUT / f"{FILES[company.key]}{year}.pdf"
    heads = Heads(
        title=words.fill("{co} — Form 10-K for fiscal {y}"),
        author=words.fill("{co} (invented company)"),
        subject="Sample annual report",
        left=words.fill("{co}"),
        right=words.fill("Form 10-K for fiscal year {y}"),
        footer=words.fill("{sh} {y} Annual Report"),
    )
    write(path, Look(), heads, parse(f"{company.key}/filing", words), special(words))
    return path


def write_all() -> list[Path]:
    """All four 10-Ks."""
    made = []
    for key in FILES:
        company = load(key)
        made += [write_annual(company, year) for year in YEARS]
    return made
