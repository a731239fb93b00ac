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

from memgpt_docs.storage.report_terms import REPORT_TERMS
from memgpt_docs.storage.statements import Statement
from memgpt_docs.storage.term import Term

INCOME, BALANCE, CASH = Statement.INCOME, Statement.BALANCE, Statement.CASH


def terms_in(query: str) -> list[Term]:
    """The rows whose words a query asks with, in the order of the table."""
    return [term for term in TERMS if term.pattern.search(query)]


TERMS = (
    # -- lines of the income statement ---------------------------------------------------------
    Term(
        ("revenue", "sales", "net sale", "total sale", "top line", "turnover of the company"),
        "net sales total revenue",
        (INCOME,),
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
    Term(
        (
            "pretax income",
            "pre-tax income",
            "income before tax",
            "profit before tax",
            "ebt",
            "earnings before tax",
        ),
        "income before income taxes earnings before provision for income taxes",
        (INCOME,),
        "S-X 5-03.10",
    ),
    Term(
        ("share count", "diluted share", "shares outstanding", "weighted average share"),
        "weighted average shares outstanding diluted basic",
        (INCOME,),
        "ASC 260-10-50",
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
    Term(
        ("intangible asset", "intangibles"),
        "intangible assets, net",
        (BALANCE,),
        "S-X 5-02.15",
    ),
    Term(
        ("retained earnings", "accumulated deficit"),
        "retained earnings accumulated deficit",
        (BALANCE,),
        "S-X 5-02.30",
    ),
    Term(
        ("deferred revenue", "unearned revenue", "contract liability", "contract liabilities"),
        "deferred revenue contract liabilities",
        (BALANCE,),
        "ASC 606-10-45",
    ),
    Term(
        ("short-term debt", "current debt", "current portion of long-term debt"),
        "current portion of long-term debt short-term borrowings",
        (BALANCE,),
        "S-X 5-02.19",
    ),
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
    Term(
        ("cash conversion cycle", "ccc"),
        "cost of sales inventories accounts receivable accounts payable net sales",
        (INCOME, BALANCE),
        "CFA",
    ),
    Term(
        ("cash ratio",),
        "cash and cash equivalents total current liabilities",
        (BALANCE,),
        "CFA",
    ),
    Term(
        ("interest cover", "times interest earned"),
        "operating income interest expense",
        (INCOME,),
        "CFA",
    ),
    Term(
        ("operating cash flow ratio",),
        "net cash provided by operating activities total current liabilities",
        (BALANCE, CASH),
        "CFA",
    ),
    *REPORT_TERMS,
)
