"""Fills {name} in a text with the figure or fact of the year it is written for."""

import re
from typing import Any

from make.amount import shown
from make.model import Company

_SLOT = re.compile(r"\{([a-z0-9_.]+)\}")


class Wording:
    """Resolves slots such as {revenue}, {revenue.p}, {revenue.pct}, {y}, {y1}, {employees.p}."""

    def __init__(self, company: Company | None, year: int) -> None:
        self.company = company
        self.year = year

    def fill(self, text: str) -> str:
        """The text with each slot replaced; an unknown slot is an error."""
        while _SLOT.search(text):
            text = _SLOT.sub(lambda match: self._value(match.group(1)), text)
        return text

    def _value(self, slot: str) -> str:
        name, *marks = slot.split(".")
        plain = self._plain_year(name)
        if plain is not None:
            return plain
        year = self.year - marks.count("p") - 2 * marks.count("pp")
        marks = [mark for mark in marks if mark not in {"p", "pp"}]
        company = self.company
        assert company is not None, slot
        if year in company.lines and name in company.lines[year]:
            return self._figure(company, name, year, marks)
        fact: Any = company.facts.get(str(year), {}).get(name)
        if fact is None:
            fact = company.facts["all"].get(name)
        if fact is None:
            raise KeyError(f"{company.key} {year}: {slot}")
        return str(fact)

    def _plain_year(self, name: str) -> str | None:
        if name in {"y", "py", "ppy"}:
            return str(self.year - (len(name) - 1))
        match = re.fullmatch(r"y(\d)", name)
        return str(self.year + int(match.group(1))) if match else None

    def _figure(self, company: Company, name: str, year: int, marks: list[str]) -> str:
        value = company.lines[year][name]
        mark = marks[0] if marks else ""
        if mark == "":
            return shown(value)
        if mark == "n":
            return shown(-value)
        if mark == "abs":
            return shown(abs(value))
        if mark == "m":
            return f"{100 * value / company.lines[year]['revenue']:.1f}%"
        if mark == "of":
            return f"{100 * value / company.lines[year][marks[1]]:.1f}%"
        if mark == "x":
            return f"{value / company.lines[year]['ebitda']:.2f}"
        if mark == "rate":
            return f"{100 * value / company.lines[year]['pretax']:.1f}%"
        if mark in {"eps", "epsd"}:
            shares = company.lines[year]["shares_basic" if mark == "eps" else "shares_diluted"]
            return f"{value / shares:.2f}"
        return self._movement(value, company.lines[year - 1][name], mark)

    def _movement(self, value: int, before: int, mark: str) -> str:
        if mark == "chg":
            return shown(abs(value - before))
        if mark == "diff":
            return shown(value - before)
        if mark == "dir":
            return "increased" if value >= before else "decreased"
        if mark == "noun":
            return "increase" if value >= before else "decrease"
        if mark == "pct":
            return f"{abs(100 * (value - before) / before):.1f}%"
        if mark == "spct":
            moved = 100 * (value - before) / before
            return f"({abs(moved):.1f})%" if moved < 0 else f"{moved:.1f}%"
        raise KeyError(mark)
