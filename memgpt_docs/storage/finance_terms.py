"""What people ask for and what filings call it: a table of terms.

Each row says in which words something is asked for, in which words filings write it, on which of
the primary statements it stands or is computed from, and where that is laid down. The words widen
the full-text arm; they never replace the words of the question. The table holds what is common to
all filers, nothing of any one company or question. Ratios are given by the lines they are made of,
as textbooks define them (CFA Institute, "Introduction to Financial Statement Analysis" and
"Financial Analysis Techniques": CFA below).

S-X: Regulation S-X, 17 CFR 210. S-K: Regulation S-K, 17 CFR 229. ASC: FASB codification. CAS: the
Chinese Accounting Standards for Business Enterprises (企业会计准则).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from memgpt_docs.storage.statements import Statement

INCOME, BALANCE, CASH = Statement.INCOME, Statement.BALANCE, Statement.CASH


@dataclass(frozen=True)
class Term:
    """One row of the table."""

    asked: tuple[str, ...]  # lower case, English in the singular
    written: str  # words as filings write them; empty where they are the same
    statements: tuple[Statement, ...]
    source: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds the words asked for: whole English words, in the plural too, however spaced."""
        return re.compile("|".join(_pattern(words) for words in self.asked), re.I)


def _pattern(words: str) -> str:
    if not words.isascii():
        return re.escape(words)
    parts = [r"(?:and|&)" if w == "and" else re.escape(w) for w in re.split(r"[\s,-]+", words)]
    spaced = r"[\s,-]*".join(parts)
    return rf"(?<![A-Za-z0-9]){spaced}(?:'?s|es)?(?![A-Za-z0-9])"


def terms_in(query: str) -> list[Term]:
    """The rows whose words a query asks with, in the order of the table."""
    return [term for term in TERMS if term.pattern.search(query)]


TERMS = (
    # -- lines of the income statement ---------------------------------------------------------
    Term(
        ("top line", "turnover of the company", "sales revenue"),
        "net sales revenue",
        (),
        "S-X 5-03.1",
    ),
    Term(
        ("cogs", "cost of goods sold", "cost of sale", "cost of revenue"),
        "cost of sales cost of revenue cost of goods sold",
        (INCOME,),
        "S-X 5-03.2",
    ),
    Term(
        ("gross margin", "gross profit", "gross profitability"),
        "gross profit gross margin cost of sales net sales",
        (INCOME,),
        "S-X 5-03.1-2; CFA",
    ),
    Term(
        ("sg&a", "selling, general and administrative", "overhead"),
        "selling, general and administrative expenses",
        (INCOME,),
        "S-X 5-03.4",
    ),
    Term(("r&d", "r and d expense"), "research and development", (), "ASC 730-10-50"),
    Term(
        ("ebit", "operating margin", "operating income", "operating profit", "operating earnings"),
        "operating income income from operations",
        (INCOME,),
        "CFA",
    ),
    # No line of any statement: filers reconcile it to net income beside their results.
    Term(
        ("ebitda",),
        "EBITDA reconciliation of non-GAAP net income interest depreciation amortization",
        (),
        "SEC Non-GAAP Financial Measures, question 103.01",
    ),
    Term(
        ("bottom line", "net profit", "net margin", "profit margin", "net income", "net earning"),
        "net income net earnings",
        (INCOME,),
        "S-X 5-03.18",
    ),
    Term(
        ("eps", "earnings per share"),
        "earnings per share diluted basic",
        (INCOME,),
        "ASC 260-10-45",
    ),
    Term(
        ("effective tax rate", "tax rate", "tax expense"),
        "provision for income taxes income tax expense tax rate income before income taxes",
        (INCOME,),
        "S-X 4-08(h)",
    ),
    Term(
        ("interest expense", "interest coverage"),
        "interest expense interest and debt expense",
        (INCOME,),
        "S-X 5-03.8",
    ),
    # -- lines of the balance sheet ------------------------------------------------------------
    Term(
        (
            "pp&e",
            "ppe",
            "ppne",
            "pp&e net",
            "net pp&e",
            "fixed asset",
            "property, plant and equipment",
        ),
        "property, plant and equipment, net property and equipment",
        (BALANCE,),
        "S-X 5-02.13",
    ),
    Term(("inventory", "inventories"), "inventories", (BALANCE,), "S-X 5-02.6"),
    Term(
        ("accounts receivable", "trade receivable", "net ar", "receivable"),
        "accounts receivable receivables, net",
        (BALANCE,),
        "S-X 5-02.3",
    ),
    Term(("accounts payable", "trade payable"), "accounts payable", (BALANCE,), "S-X 5-02.19"),
    Term(
        ("cash and cash equivalent", "cash balance", "cash on hand"),
        "cash and cash equivalents",
        (BALANCE,),
        "S-X 5-02.1",
    ),
    Term(("current asset",), "total current assets", (BALANCE,), "S-X 5-02.9"),
    Term(
        ("current liability", "current liabilities"),
        "total current liabilities",
        (BALANCE,),
        "S-X 5-02.21",
    ),
    Term(("total asset",), "total assets", (BALANCE,), "S-X 5-02.18"),
    Term(("total liability", "total liabilities"), "total liabilities", (BALANCE,), "S-X 5-02"),
    Term(
        ("net debt", "leverage", "total debt", "gearing", "debt to equity", "debt-to-equity"),
        "long-term debt short-term borrowings shareholders' equity",
        (BALANCE,),
        "S-X 5-02.22; CFA",
    ),
    Term(
        (
            "shareholders' equity",
            "shareholder equity",
            "stockholders' equity",
            "stockholder equity",
            "book value",
        ),
        "total shareholders' equity stockholders' equity",
        (BALANCE,),
        "S-X 5-02.30",
    ),
    Term(("goodwill",), "goodwill", (BALANCE,), "ASC 350-20-45"),
    # -- lines of the cash flow statement ------------------------------------------------------
    Term(
        ("capex", "capital expenditure", "capital spending"),
        "purchases of property, plant and equipment capital expenditures additions to property",
        (CASH,),
        "ASC 230-10-45-13",
    ),
    Term(
        (
            "cash from operation",
            "operating cash flow",
            "cash flow from operation",
            "operating activities",
        ),
        "net cash provided by operating activities",
        (CASH,),
        "ASC 230-10-45-16",
    ),
    Term(
        ("investing activities", "investing cash flow"),
        "net cash used in investing activities",
        (CASH,),
        "ASC 230-10-45-12",
    ),
    Term(
        ("financing activities", "financing cash flow"),
        "net cash used in financing activities",
        (CASH,),
        "ASC 230-10-45-14",
    ),
    Term(
        ("free cash flow", "fcf", "cash conversion"),
        "net cash provided by operating activities purchases of property, plant and equipment",
        (CASH,),
        "CFA",
    ),
    Term(
        ("dividends paid", "cash dividend", "payout ratio", "dividend payout"),
        "dividends paid payments of dividends",
        (CASH,),
        "ASC 230-10-45-15",
    ),
    Term(
        ("share buyback", "buyback", "share repurchase", "stock repurchase"),
        "repurchases of common stock purchases of treasury stock",
        (CASH,),
        "ASC 230-10-45-15",
    ),
    Term(
        ("d&a", "depreciation and amortization", "depreciation"),
        "depreciation and amortization",
        (CASH,),
        "ASC 230-10-45-28",
    ),
    Term(
        ("stock-based compensation", "share-based compensation", "sbc"),
        "stock-based compensation share-based compensation",
        (CASH,),
        "ASC 718-10-50",
    ),
    # -- ratios, by the lines they are made of ---------------------------------------------------
    Term(
        ("current ratio", "working capital", "liquidity ratio"),
        "total current assets total current liabilities",
        (BALANCE,),
        "CFA",
    ),
    Term(
        ("quick ratio", "acid test"),
        "cash and cash equivalents receivables total current assets total current liabilities",
        (BALANCE,),
        "CFA",
    ),
    Term(
        ("inventory turnover", "days inventory", "dio", "days sales in inventory"),
        "cost of sales inventories",
        (INCOME, BALANCE),
        "CFA",
    ),
    Term(
        ("receivables turnover", "days sales outstanding", "dso"),
        "net sales accounts receivable",
        (INCOME, BALANCE),
        "CFA",
    ),
    Term(
        ("payables turnover", "days payable", "days payable outstanding", "dpo"),
        "cost of sales accounts payable",
        (INCOME, BALANCE),
        "CFA",
    ),
    Term(
        ("asset turnover",),
        "net sales total assets property, plant and equipment",
        (INCOME, BALANCE),
        "CFA",
    ),
    Term(
        ("return on assets", "roa", "return on equity", "roe", "return on capital", "roic"),
        "net income total assets shareholders' equity",
        (INCOME, BALANCE),
        "CFA",
    ),
    Term(
        ("capital intensive", "capital intensity", "asset heavy"),
        "purchases of property, plant and equipment total assets net sales",
        (INCOME, BALANCE, CASH),
        "CFA",
    ),
    # -- parts of a report -----------------------------------------------------------------------
    Term(
        ("m&a", "takeover", "merger", "acquisition"),
        "acquisitions divestitures business combinations",
        (),
        "ASC 805-10-50",
    ),
    Term(
        ("fx", "forex", "currency effect", "exchange rate"),
        "foreign currency exchange rates translation",
        (),
        "ASC 830-20-50",
    ),
    Term(
        ("legal battle", "lawsuit", "litigation", "legal dispute", "sued", "court case"),
        "legal proceedings litigation contingencies",
        (),
        "S-K Item 103",
    ),
    Term(
        ("line of business", "industry", "what does the company do", "business model"),
        "business overview products segments",
        (),
        "S-K Item 101",
    ),
    Term(
        ("guidance", "outlook", "forecast"), "outlook guidance expect expected", (), "S-K Item 303"
    ),
    Term(
        ("headcount", "number of employees", "workforce", "staff"),
        "human capital employees full-time",
        (),
        "S-K Item 101(c)(2)(ii)",
    ),
    Term(("boss", "ceo", "chief executive"), "chief executive officer", (), "S-K Item 401"),
    Term(("cfo",), "chief financial officer", (), "S-K Item 401"),
    Term(
        ("layoff", "job cut", "redundancies", "severance"),
        "restructuring severance workforce reduction",
        (),
        "ASC 420-10-50",
    ),
    Term(
        ("write-down", "write-off", "writedown", "writeoff"),
        "impairment charges",
        (),
        "ASC 360-10-50",
    ),
    Term(
        ("major customer", "largest customer", "big customer", "customer concentration"),
        "concentration customers accounted for revenue",
        (),
        "ASC 280-10-50-42",
    ),
    # -- Chinese ---------------------------------------------------------------------------------
    Term(("营收", "销售额", "营业额"), "营业收入", (), "CAS 30"),
    Term(("毛利", "毛利率"), "营业收入 营业成本 毛利率", (INCOME,), "CAS 30"),
    Term(("纯利", "净利", "净利润"), "净利润", (INCOME,), "CAS 30"),
    Term(("每股盈利", "每股收益"), "基本每股收益", (INCOME,), "CAS 34"),
    Term(("存货周转", "库存"), "存货", (BALANCE,), "CAS 1"),
    Term(("应收款", "应收账款"), "应收账款", (BALANCE,), "CAS 22"),
    Term(("固定资产",), "固定资产", (BALANCE,), "CAS 4"),
    Term(("负债率", "资产负债率"), "负债合计 资产总计", (BALANCE,), "CAS 30"),
    Term(("流动比率", "速动比率", "营运资金"), "流动资产合计 流动负债合计", (BALANCE,), "CAS 30"),
    Term(
        ("资本开支", "资本支出", "资本性支出"),
        "购建固定资产、无形资产和其他长期资产支付的现金",
        (CASH,),
        "CAS 31",
    ),
    Term(("经营现金流", "自由现金流"), "经营活动产生的现金流量净额", (CASH,), "CAS 31"),
    Term(("回购", "股份回购"), "回购股份 库存股", (), "CAS 37"),
    Term(("分红", "派息", "股利"), "利润分配 现金股利 分配股利", (), "CAS 31"),
    Term(("诉讼", "官司"), "诉讼 仲裁 或有事项", (), "CAS 13"),
    Term(
        ("员工人数", "职工人数"),
        "在职员工的数量",
        (),
        "CSRC 年度报告的内容与格式 (公开发行证券准则第2号)",
    ),
)
