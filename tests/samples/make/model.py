"""One small model of a company: yearly drivers in, every statement line out."""

import random
import tomllib
from dataclasses import dataclass, field
from typing import Any

from make.amount import split, tenths
from make.paths import DATA

Lines = dict[str, int]

ASSETS = [
    "cash", "receivables", "inventories", "prepaid", "ppe", "rou", "goodwill",
    "intangibles", "dta", "other_assets",
]  # fmt: skip
LIABILITIES = [
    "payables", "accrued_comp", "contract_liab", "lease_current", "debt_current",
    "other_current", "debt_long", "lease_long", "dtl", "other_long",
]  # fmt: skip
CURRENT_ASSETS = ASSETS[:4]
CURRENT_LIABILITIES = LIABILITIES[:6]
MOVING_ASSETS = ["receivables", "inventories", "prepaid", "other_assets"]
MOVING_LIABILITIES = ["payables", "accrued_comp", "contract_liab", "other_current", "other_long"]
COSTS = ["cogs_1", "cogs_2"]
EXPENSES = ["research", "sga", "amortization", "restructuring", "impairment"]


@dataclass
class Company:
    """Facts in words by year and statement lines by year, in tenths of a million."""

    key: str
    facts: dict[str, dict[str, Any]]
    lines: dict[int, Lines] = field(default_factory=dict)


def load(key: str) -> Company:
    """Reads data/<key>.toml, rolls the years forward and checks that all adds up."""
    raw = tomllib.loads((DATA / f"{key}.toml").read_text("utf-8"))
    company = Company(key, raw["facts"])
    before = _opening(raw["opening"])
    first = int(raw["first_year"])
    company.lines[first - 1] = before
    for index in range(int(raw["years"])):
        drivers = {name: tenths(column[index]) for name, column in raw["drivers"].items()}
        now = _roll(before, drivers, raw)
        _check(now, before)
        company.lines[first + index] = now
        before = now
    for year, lines in company.lines.items():
        if year >= first:
            _divide(lines, year, key, raw["splits"])
            _derive(lines, company.lines[year - 1])
            _quarters(lines, year, key, raw["quarter_weights"])
    return company


def _opening(values: dict[str, float]) -> Lines:
    lines = {name: tenths(value) for name, value in values.items()}
    for name in ASSETS + LIABILITIES:
        lines.setdefault(name, 0)
    equity = sum(lines[a] for a in ASSETS) - sum(lines[b] for b in LIABILITIES)
    lines["apic"] = equity - lines["par"] - lines["retained"] - lines["aoci"]
    return _totals(lines)


def _totals(lines: Lines) -> Lines:
    lines["current_assets"] = sum(lines[name] for name in CURRENT_ASSETS)
    lines["assets"] = sum(lines[name] for name in ASSETS)
    lines["current_liabilities"] = sum(lines[name] for name in CURRENT_LIABILITIES)
    lines["liabilities"] = sum(lines[name] for name in LIABILITIES)
    lines["equity"] = sum(lines[name] for name in ("par", "apic", "retained", "aoci"))
    lines["liabilities_equity"] = lines["liabilities"] + lines["equity"]
    lines["debt"] = lines["debt_current"] + lines["debt_long"]
    lines["leases"] = lines["lease_current"] + lines["lease_long"]
    lines["working_capital"] = lines["current_assets"] - lines["current_liabilities"]
    return lines


def _income(lines: Lines, segments: list[str]) -> None:
    lines["revenue"] = sum(lines[f"seg_{name}"] for name in segments)
    lines["cogs"] = sum(lines[name] for name in COSTS)
    lines["gross_profit"] = lines["revenue"] - lines["cogs"]
    lines["opex"] = sum(lines[name] for name in EXPENSES)
    lines["operating_income"] = lines["gross_profit"] - lines["opex"]
    lines["pretax"] = (
        lines["operating_income"]
        - lines["interest_expense"]
        + lines["interest_income"]
        + lines["other_income"]
    )
    lines["tax"] = lines["tax_current"] + lines["tax_deferred"]
    lines["net_income"] = lines["pretax"] - lines["tax"]
    lines["oci"] = lines["fx_cash"] + lines["fx_goodwill"]
    lines["comprehensive"] = lines["net_income"] + lines["oci"]
    known = sum(lines[f"oi_{name}"] for name in segments[:-1])
    unallocated = lines["corporate"] + sum(lines[name] for name in EXPENSES[2:])
    lines[f"oi_{segments[-1]}"] = lines["operating_income"] + unallocated - known
    lines["segment_profit"] = lines["operating_income"] + unallocated
    lines["taxes_paid"] = lines["tax_current"] - tenths(1.7)
    lines["interest_paid"] = lines["interest_expense"] - tenths(0.6)


def _roll(before: Lines, drivers: Lines, raw: dict[str, Any]) -> Lines:
    lines = dict(drivers)
    _income(lines, raw["segments"])
    lines["da"] = lines["depreciation"] + lines["amortization"]
    lines["acq_goodwill"] = lines["acquisitions"] - lines["acq_intangibles"] - lines["acq_ppe"]
    lines["ppe"] = before["ppe"] + lines["capex"] + lines["acq_ppe"] - lines["depreciation"]
    lines["goodwill"] = before["goodwill"] + lines["acq_goodwill"] + lines["fx_goodwill"]
    lines["intangibles"] = (
        before["intangibles"]
        + lines["acq_intangibles"]
        - lines["amortization"]
        - lines["impairment"]
    )
    side = raw["deferred_side"]
    lines["dta"] = before["dta"] - (lines["tax_deferred"] if side == "asset" else 0)
    lines["dtl"] = before["dtl"] + (lines["tax_deferred"] if side == "liability" else 0)
    debt = before["debt"] + lines["borrowed"] - lines["repaid"]
    lines["debt_long"] = debt - lines["debt_current"]
    lines["par"] = before["par"]
    lines["apic"] = (
        before["apic"] + lines["sbc"] + lines["stock_proceeds"] - lines["stock_withheld"]
    )
    lines["retained"] = (
        before["retained"] + lines["net_income"] - lines["dividends"] - lines["buyback"]
    )
    lines["aoci"] = before["aoci"] + lines["oci"]
    _cash(lines, before)
    return _totals(lines)


def _cash(lines: Lines, before: Lines) -> None:
    for name in MOVING_ASSETS:
        lines[f"cf_{name}"] = before[name] - lines[name]
    for name in MOVING_LIABILITIES:
        lines[f"cf_{name}"] = lines[name] - before[name]
    owed = lines["lease_current"] + lines["lease_long"] - before["leases"]
    lines["cf_leases"] = owed - (lines["rou"] - before["rou"])
    moved = [f"cf_{name}" for name in [*MOVING_ASSETS, *MOVING_LIABILITIES, "leases"]]
    added = ["net_income", "da", "sbc", "tax_deferred", "impairment"]
    lines["cfo"] = sum(lines[name] for name in added + moved)
    lines["cfi"] = -lines["capex"] - lines["acquisitions"]
    lines["cff"] = (
        lines["borrowed"]
        - lines["repaid"]
        - lines["buyback"]
        - lines["dividends"]
        + lines["stock_proceeds"]
        - lines["stock_withheld"]
    )
    lines["cash_change"] = lines["cfo"] + lines["cfi"] + lines["cff"] + lines["fx_cash"]
    lines["cash_begin"] = before["cash"]
    lines["cash"] = before["cash"] + lines["cash_change"]
    lines["fcf"] = lines["cfo"] - lines["capex"]


def _check(now: Lines, before: Lines) -> None:
    """Every statement must add up; a slip in the drivers stops the build."""
    assert now["assets"] == now["liabilities_equity"], "the balance sheet does not balance"
    assert now["cash"] == before["cash"] + now["cash_change"], "cash does not roll forward"
    moved = now["equity"] - before["equity"]
    owners = now["sbc"] + now["stock_proceeds"] - now["stock_withheld"]
    paid = now["buyback"] + now["dividends"]
    assert moved == now["comprehensive"] + owners - paid, "equity does not roll forward"
    assert now["cash"] > 0 and now["intangibles"] > 0 and now["debt_long"] > 0


def _divide(lines: Lines, year: int, key: str, splits: dict[str, dict[str, float]]) -> None:
    """Breaks lines into parts by weight, with a small spread seeded by company and year."""
    for line, weights in splits.items():
        spread = random.Random(f"{key}-{line}-{year}")
        exact = "mat_1" in weights
        parts = [w if exact else w * spread.uniform(0.94, 1.06) for w in weights.values()]
        for name, part in zip(weights, split(lines[line], parts), strict=True):
            lines[name] = part
        assert sum(lines[name] for name in weights) == lines[line]


def _derive(lines: Lines, before: Lines) -> None:
    """The smaller lines of the notes."""
    lines["pretax_foreign"] = lines["pretax"] - lines["pretax_us"]
    lines["tax_statutory"] = round(lines["pretax"] * 0.21)
    lines["tax_state_net"] = round(lines["tc_state"] * 0.79)
    lines["tax_credit"] = -round(lines["research"] * 0.031)
    parts = lines["tax_statutory"] + lines["tax_state_net"] + lines["tax_credit"]
    lines["tax_rest"] = lines["tax"] - parts
    costs = ("lease_cost_op", "lease_cost_short", "lease_cost_var")
    lines["lease_cost"] = sum(lines[name] for name in costs)
    lines["loan"] = lines["debt"] - lines["notes_fixed"]
    lines["adj_oi"] = (
        lines["operating_income"]
        + lines["amortization"]
        + lines["restructuring"]
        + lines["impairment"]
    )
    lines["trade_wc"] = (
        lines["receivables"] + lines["inventories"] - lines["payables"] - lines["contract_liab"]
    )
    lines["pay_move"] = lines["cf_payables"] * -1
    lines["con_move"] = lines["cf_contract_liab"] * -1
    if "backlog" in lines:
        lines["intake"] = lines["revenue"] + lines["backlog"] - before.get("backlog", 0)
    if "pen_assets" in lines:
        lines["pen_funded"] = lines["pen_assets"] - lines["pen_obligation"]
    lines["pc_rest"] = lines["pc_2"] + lines["pc_3"]
    assert lines["pc_1"] + lines["pc_rest"] == lines["purchase_commit"]
    lines["obl_total"] = lines["debt"] + lines["leases"] + lines["purchase_commit"]
    lines["inc_other"] = -lines["interest_income"] - lines["other_income"]
    added = ("amortization", "impairment", "depreciation", "ebitda_rs", "ebitda_sbc")
    lines["ebitda"] = lines["operating_income"] + sum(lines[name] for name in added)
    lines["net_debt"] = lines["debt"] - lines["ebitda_cash"]
    lines["dilutive"] = lines["shares_diluted"] - lines["shares_basic"]
    moved = ("warranty_open", "warranty_new", "warranty_used")
    assert sum(lines[name] for name in moved) == lines["warranty_close"]


def _quarters(lines: Lines, year: int, key: str, weights: list[float]) -> None:
    """Quarterly figures that add up to the year."""
    spread = random.Random(f"{key}-quarters-{year}")
    for short, line in (("rev", "revenue"), ("gp", "gross_profit"), ("ni", "net_income")):
        parts = split(lines[line], [weight * spread.uniform(0.98, 1.02) for weight in weights])
        for number, part in enumerate(parts, start=1):
            lines[f"q{number}_{short}"] = part
