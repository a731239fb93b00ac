"""The quarterly report on Form 10-Q as XHTML with inline XBRL."""

import itertools
import re
from pathlib import Path
from xml.sax.saxutils import escape

from make.amount import read
from make.markup import Block, Row, parse
from make.paths import OUTPUT
from make.wording import Wording

NAME = "Ardenne_Photonics_10Q_2024Q3.html"
_CIK = "0009900417"
_SPACES = {
    "": "http://www.w3.org/1999/xhtml",
    "ix": "http://www.xbrl.org/2013/inlineXBRL",
    "ixt": "http://www.xbrl.org/inlineXBRL/transformation/2020-02-12",
    "ixt-sec": "http://www.sec.gov/inlineXBRL/transformation/2015-08-31",
    "xbrli": "http://www.xbrl.org/2003/instance",
    "link": "http://www.xbrl.org/2003/linkbase",
    "xlink": "http://www.w3.org/1999/xlink",
    "iso4217": "http://www.xbrl.org/2003/iso4217",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "dei": "http://xbrl.sec.gov/dei/2024",
    "us-gaap": "http://fasb.org/us-gaap/2024",
    "apc": "http://ardenne-photonics.example/20240930",
}
_PERIODS = {
    "D3": ("2024-07-01", "2024-09-30"),
    "D3P": ("2023-07-01", "2023-09-30"),
    "D9": ("2024-01-01", "2024-09-30"),
    "D9P": ("2023-01-01", "2023-09-30"),
    "I": ("2024-09-30", ""),
    "IP": ("2023-12-31", ""),
    "COVER": ("2024-10-31", ""),
}
_HIDDEN = {
    "dei:EntityCentralIndexKey": _CIK,
    "dei:AmendmentFlag": "false",
    "dei:CurrentFiscalYearEndDate": "--12-31",
    "dei:DocumentFiscalYearFocus": "2024",
    "dei:DocumentFiscalPeriodFocus": "Q3",
}
_FORMATS = {
    "dei:DocumentPeriodEndDate": "ixt:date-monthname-day-year-en",
    "dei:DocumentQuarterlyReport": "ixt:fixed-true",
    "dei:EntityIncorporationStateCountryCode": "ixt-sec:stateprovnameen",
}
_COVER = [
    ("UNITED STATES SECURITIES AND EXCHANGE COMMISSION", "", ""),
    ("", "dei:DocumentType", "10-Q"),
    ("Quarterly report pursuant to Section 13 or 15(d): ", "dei:DocumentQuarterlyReport", "☒"),
    ("For the quarterly period ended ", "dei:DocumentPeriodEndDate", "September 30, 2024"),
    ("Commission file number ", "dei:EntityFileNumber", "001-99480"),
    ("", "dei:EntityRegistrantName", "Ardenne Photonics Corporation"),
    ("State of incorporation: ", "dei:EntityIncorporationStateCountryCode", "New York"),
    ("I.R.S. Employer Identification No. ", "dei:EntityTaxIdentificationNumber", "00-0448120"),
    ("", "dei:EntityAddressAddressLine1", "70 Poestenkill Mill Lane"),
    ("", "dei:EntityAddressCityOrTown", "Troy, New York 12180"),
    ("Trading symbol: ", "dei:TradingSymbol", "ARPH"),
    ("Exchange: ", "dei:SecurityExchangeName", "The Nasdaq Stock Market LLC"),
]
_STYLE = (
    "body{font-family:'Times New Roman',serif;max-width:50em;margin:2em auto;line-height:1.45}"
    "h1,h2,h3,h4{font-family:Arial,sans-serif;color:#1f3a5f}h1{text-align:center}"
    "table{border-collapse:collapse;width:100%;margin:1em 0;font-size:.92em}"
    "th,td{padding:.2em .5em;vertical-align:bottom;text-align:left}"
    "td.n,th.n{text-align:right}tr.t td{font-weight:bold;border-top:1px solid #000}"
    "tr:nth-child(even){background:#eaf0f6}.c{text-align:center}"
    "h1{page-break-before:always}"
)


class Quarterly:
    """Writes the report, numbering its facts."""

    def __init__(self) -> None:
        self.number = itertools.count(1)

    def document(self, blocks: list[Block]) -> str:
        """The whole page."""
        spaces = " ".join(
            f'xmlns:{prefix}="{uri}"' if prefix else f'xmlns="{uri}"'
            for prefix, uri in _SPACES.items()
        )
        body = "\n".join(self._block(block) for block in blocks)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<html {spaces} xml:lang="en-US">\n<head>\n<meta charset="UTF-8"/>\n'
            "<title>Ardenne Photonics Corporation — Form 10-Q, September 30, 2024</title>\n"
            f"<style>{_STYLE}</style>\n</head>\n<body>\n{self._header()}\n{self._cover()}\n"
            f"{body}\n</body>\n</html>\n"
        )

    def _header(self) -> str:
        hidden = "\n".join(self._text(name, value) for name, value in _HIDDEN.items())
        contexts = "\n".join(_context(key) for key in _PERIODS)
        units = "\n".join(
            [
                _unit("usd", "<xbrli:measure>iso4217:USD</xbrli:measure>"),
                _unit("shares", "<xbrli:measure>xbrli:shares</xbrli:measure>"),
                _unit(
                    "usdPerShare",
                    "<xbrli:divide><xbrli:unitNumerator><xbrli:measure>iso4217:USD"
                    "</xbrli:measure></xbrli:unitNumerator><xbrli:unitDenominator>"
                    "<xbrli:measure>xbrli:shares</xbrli:measure></xbrli:unitDenominator>"
                    "</xbrli:divide>",
                ),
            ]
        )
        return (
            f'<div style="display:none">\n<ix:header>\n<ix:hidden>\n{hidden}\n</ix:hidden>\n'
            '<ix:references>\n<link:schemaRef xlink:type="simple" '
            'xlink:href="apc-20240930.xsd"/>\n</ix:references>\n'
            f"<ix:resources>\n{contexts}\n{units}\n</ix:resources>\n</ix:header>\n</div>"
        )

    def _cover(self) -> str:
        lines = []
        for label, name, value in _COVER:
            shown = self._text(name, value) if name else ""
            lines.append(f'<p class="c">{escape(label)}{shown}</p>')
        shares = (
            '<ix:nonFraction name="dei:EntityCommonStockSharesOutstanding" contextRef="COVER" '
            f'unitRef="shares" decimals="0" scale="0" format="ixt:num-dot-decimal" '
            f'id="f-{next(self.number)}">31,412,650</ix:nonFraction>'
        )
        lines.append(f'<p class="c">Shares outstanding at October 31, 2024: {shares}</p>')
        lines.append('<p class="c">The registrant is an invented company; this is a sample.</p>')
        return "\n".join(lines)

    def _text(self, name: str, value: str) -> str:
        mark = next(self.number)
        form = f' format="{_FORMATS[name]}"' if name in _FORMATS else ""
        return (
            f'<ix:nonNumeric name="{name}" contextRef="D9"{form} id="f-{mark}">'
            f"{escape(value)}</ix:nonNumeric>"
        )

    def _block(self, block: Block) -> str:
        if block.kind == "table":
            return self._table(block)
        text = escape(block.text)
        if block.kind == "heading":
            return f"<h{block.level}>{text}</h{block.level}>"
        if block.kind == "item":
            return f"<ul><li>{text}</li></ul>"
        return f"<p>{text}</p>"

    def _table(self, block: Block) -> str:
        head, *rows = block.rows
        marks = [re.search(r"@(\w+)$", cell) for cell in head.cells]
        contexts = [mark.group(1) if mark else "" for mark in marks]
        kind = ' class="n"' if head.kind == "#" else ""
        names = [escape(re.sub(r" @\w+$", "", cell)) for cell in head.cells]
        first = f"<th>{names[0]}</th>" + "".join(f"<th{kind}>{name}</th>" for name in names[1:])
        lines = [f"<tr>{first}</tr>"]
        lines += [self._row(row, contexts, kind) for row in rows]
        return "<table>\n" + "\n".join(lines) + "\n</table>"

    def _row(self, row: Row, contexts: list[str], kind: str) -> str:
        label, _, concept = row.cells[0].partition(" ^")
        cells = [f"<td>{escape(label)}</td>"]
        for cell, context in zip(row.cells[1:], contexts[1:], strict=False):
            shown = self._figure(cell, concept, context) if concept and context else escape(cell)
            cells.append(f"<td{kind}>{shown}</td>")
        style = ' class="t"' if row.kind in {"+", "++", "=", "=="} else ""
        return f"<tr{style}>{''.join(cells)}</tr>"

    def _figure(self, cell: str, concept: str, context: str) -> str:
        assert read(cell) is not None, cell
        bare = cell.strip("$()")
        unit, scale, decimals = "usd", "6", "-5"
        if "EarningsPerShare" in concept:
            unit, scale, decimals = "usdPerShare", "0", "2"
        sign = ' sign="-"' if cell.startswith("(") and _signed(concept) else ""
        fact = (
            f'<ix:nonFraction name="{concept}" contextRef="{context}" unitRef="{unit}" '
            f'decimals="{decimals}" scale="{scale}"{sign} format="ixt:num-dot-decimal" '
            f'id="f-{next(self.number)}">{bare}</ix:nonFraction>'
        )
        before = "$" if cell.startswith("$") else ""
        return f"({fact})" if cell.startswith("(") else before + fact


def _signed(concept: str) -> bool:
    """Whether parentheses mean a negative fact and not only an expense or payment shown so."""
    outflows = ("Payments", "Repayments", "InterestExpense", "IncomeTaxExpense", "Expense")
    name = concept.partition(":")[2]
    if name.startswith("IncreaseDecreaseIn"):
        assets = ("AccountsReceivable", "Inventories", "Prepaid")
        return not name.removeprefix("IncreaseDecreaseIn").startswith(assets)
    return not (
        name.startswith(outflows)
        or name.endswith(("Payments", "CorporateExpense", "SegmentAmortization"))
    )


def _context(key: str) -> str:
    start, end = _PERIODS[key]
    if end:
        period = f"<xbrli:startDate>{start}</xbrli:startDate><xbrli:endDate>{end}</xbrli:endDate>"
    else:
        period = f"<xbrli:instant>{start}</xbrli:instant>"
    return (
        f'<xbrli:context id="{key}"><xbrli:entity><xbrli:identifier '
        f'scheme="http://www.sec.gov/CIK">{_CIK}</xbrli:identifier></xbrli:entity>'
        f"<xbrli:period>{period}</xbrli:period></xbrli:context>"
    )


def _unit(key: str, measure: str) -> str:
    return f'<xbrli:unit id="{key}">{measure}</xbrli:unit>'


def write_quarterly() -> Path:
    """Builds the page."""
    path = OUTPUT / NAME
    blocks = parse("ardenne/filing", Wording(None, 2024))
    path.write_text(Quarterly().document(blocks), "utf-8")
    return path
