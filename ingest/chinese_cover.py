"""What the cover of a Chinese annual, half-year or quarterly report states."""

from __future__ import annotations

import re

from ingest.dates import find_date, year_of

# The report is named at the top; further down, others are only mentioned.
NAMED_WITHIN = 4_000

_COMPANY = re.compile(
    r"^[ \t]*([\u4e00-\u9fff（）()A-Za-z·]{2,40}?(?:股份|集團|集团|控股)?(?:有限)?公司)"
    r"(?=[ \t]*$|[ \t]*(?:19|20|二)[\d〇○零一二三四五六七八九]{2,3}[ \t]*年)",
    re.M,
)
_YEAR = r"((?:19|20)\d{2}|[一二][〇○零一二三四五六七八九]{3})"
_REPORT = re.compile(
    _YEAR + r"[ \t]*年?[ \t]*"
    r"(年[ \t]*度[ \t]*[报報][ \t]*告|年[报報]|半[ \t]*年[ \t]*度?[ \t]*[报報][ \t]*告|中期[报報]告"
    r"|第[ \t]*[一二三四][ \t]*季[ \t]*度?[ \t]*[报報][ \t]*告)"
)
_END = re.compile(
    r"(?:截至|至)[ \t]*" + _YEAR + r"[ \t]*年[ \t]*([\d一二三四五六七八九十]{1,3})[ \t]*月"
    r"[ \t]*([\d一二三四五六七八九十]{1,3})[ \t]*日[ \t]*(?:止|的)"
)


def read_chinese(cover: str) -> dict[str, str]:
    """Company, report, fiscal year and period; nothing where `cover` is no such cover."""
    report = _REPORT.search(cover[:NAMED_WITHIN])
    company = _COMPANY.search(cover[:NAMED_WITHIN])
    if report is None or company is None:
        return {}
    kind = re.sub(r"\s", "", report[2])
    if quarter := re.search("第([一二三四])季", kind):
        period, form = f"Q{'一二三四'.index(quarter[1]) + 1}", "季度报告"
    elif "半" in kind or "中期" in kind:
        period, form = "H1", "半年度报告"
    else:
        period, form = "FY", "年度报告"
    ended = _END.search(cover)
    return {
        "company": " ".join(company[1].split()),
        "form_type": form,
        "fiscal_year": str(year_of(report[1])),
        "fiscal_period": period,
        "period_end": find_date(ended[0]) if ended else "",
    }
