"""The rest of the table of terms (see `finance_terms.py`): parts of a report, measures of single
trades, and Chinese."""

from __future__ import annotations

from memgpt_docs.storage.statements import Statement
from memgpt_docs.storage.term import Term

INCOME, BALANCE, CASH = Statement.INCOME, Statement.BALANCE, Statement.CASH

REPORT_TERMS = (
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
    Term(
        (
            "listed security",
            "listed securities",
            "registered to trade",
            "stock exchange",
            "ticker",
            "trading symbol",
        ),
        "securities registered pursuant to Section 12(b) title of each class trading symbol name of"
        " each exchange",
        (),
        "Form 10-K, cover page",
    ),
    Term(
        ("shareholder vote", "voted", "annual meeting", "director nominee", "proxy vote"),
        "submission of matters to a vote of security holders votes for against abstain nominees",
        (),
        "Form 8-K, Item 5.07",
    ),
    Term(
        ("auditor", "audit firm"),
        "report of independent registered public accounting firm",
        (),
        "S-X 2-02",
    ),
    Term(
        ("credit line", "credit facility", "revolver", "borrowing capacity"),
        "credit agreement revolving credit facility commitments",
        (),
        "S-K Item 303(b)(1)",
    ),
    Term(
        ("spin off", "spin-off", "spinoff", "divestiture", "disposal"),
        "spin-off separation divestiture discontinued operations",
        (),
        "ASC 205-20-50",
    ),
    Term(
        ("backlog", "order book"),
        "backlog remaining performance obligations",
        (),
        "ASC 606-10-50-13",
    ),
    Term(
        ("geography", "geographies", "by region", "international sales", "overseas"),
        "geographic areas regions countries United States international",
        (),
        "ASC 280-10-50-41",
    ),
    Term(
        ("seasonal", "seasonality"),
        "seasonal seasonality fluctuations quarters",
        (),
        "S-K Item 101(c)(1)(v)",
    ),
    Term(
        ("rival", "competitor"),
        "competition competitors compete",
        (),
        "S-K Item 101(c)(1)",
    ),
    # -- measures of single trades -----------------------------------------------------------------
    Term(
        ("organic growth", "organic sales", "constant currency"),
        "organic sales growth constant currency excluding foreign exchange acquisitions",
        (),
        "S-K Item 10(e)",
    ),
    Term(
        ("same-store sale", "like-for-like", "comp sale", "comparable sale", "comps"),
        "comparable store sales same-store sales increase",
        (),
        "S-K Item 303",
    ),
    Term(
        ("arr", "churn", "net retention", "recurring revenue"),
        "annual recurring revenue net revenue retention subscription customers",
        (),
        "S-K Item 303",
    ),
    Term(
        ("clinical pipeline", "drug pipeline", "product pipeline", "pipeline of drugs"),
        "product candidates clinical trials phase approval",
        (),
        "S-K Item 101(c)(1)",
    ),
    Term(
        ("patent cliff", "loss of exclusivity", "generic competition"),
        "patent expiration loss of exclusivity generic biosimilar",
        (),
        "S-K Item 101(c)(1)(iii)",
    ),
    Term(
        ("net interest income", "nii", "net interest margin", "nim"),
        "net interest income net interest margin interest income interest expense average yield",
        (INCOME,),
        "S-X 9-04; S-K Item 1402",
    ),
    Term(
        ("loan loss", "credit loss", "bad loan", "provision for loan", "charge-off"),
        "provision for credit losses allowance for credit losses net charge-offs",
        (),
        "S-K Item 1405; ASC 326-20-50",
    ),
    Term(
        ("nonperforming", "non-performing", "npl"),
        "nonaccrual nonperforming loans past due",
        (),
        "S-K Item 1405; ASC 326-20-50",
    ),
    Term(
        ("cet1", "capital ratio", "tier 1", "capital adequacy"),
        "common equity tier 1 capital ratio risk-weighted assets regulatory capital",
        (),
        "12 CFR 217.10",
    ),
    Term(
        ("combined ratio", "loss ratio", "underwriting result"),
        "combined ratio loss ratio expense ratio losses and loss adjustment expenses",
        (),
        "S-X 7-04",
    ),
    Term(
        ("gross written premium", "premium income", "gwp"),
        "premiums written net premiums earned",
        (INCOME,),
        "S-X 7-04.1",
    ),
    Term(
        ("loss reserve", "claims reserve", "insurance reserve"),
        "reserve for losses and loss adjustment expenses prior year development",
        (),
        "ASC 944-40-50",
    ),
    Term(
        ("rate base", "rate case", "allowed return"),
        "rate base rate case authorized return on equity public utility commission",
        (),
        "ASC 980-10",
    ),
    Term(
        ("load factor", "passenger yield", "rasm", "casm"),
        "available seat miles load factor revenue passenger miles cost per available seat mile",
        (),
        "S-K Item 303",
    ),
    Term(
        ("ffo", "funds from operations", "noi", "net operating income"),
        "funds from operations net operating income occupancy",
        (),
        "S-K Item 10(e)",
    ),
    Term(
        ("proved reserve", "oil reserve", "gas reserve"),
        "proved reserves barrels of oil equivalent standardized measure",
        (),
        "S-K Item 1202",
    ),
    Term(
        ("vehicle deliveries", "units sold", "shipments"),
        "deliveries units shipped production",
        (),
        "S-K Item 303",
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
