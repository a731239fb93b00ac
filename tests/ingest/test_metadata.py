"""What a filing says about itself is read; what it does not say stays empty."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest

from ingest import Summary, ingest
from ingest.dates import find_date
from ingest.intake import Source, admit
from ingest.metadata import Metadata, metadata_of, read_name
from ingest.readers.message import ReadPage
from ingest.readers.xbrl import facts_of
from ingest.sandbox import read_document
from memgpt_docs import Library
from memgpt_docs.errors import UsageError
from memgpt_docs.settings import Settings
from tests.ingest.conftest import real_files

SAMPLES = Path(__file__).resolve().parents[2] / "sample_docs"
COVER = """UNITED STATES
SECURITIES AND EXCHANGE COMMISSION
Washington, D.C. 20549
FORM {form}
For the {period} ended {ended}
Commission file number: 1-2345
____________________ HALDEN ROBOTICS, INC .
(Exact name of registrant as specified in its charter)
"""


def of(*texts: str, file: str = "x.pdf", facts: dict[str, str] | None = None) -> Metadata:
    pages = [ReadPage(number, text, "text") for number, text in enumerate(texts, start=1)]
    return metadata_of(file, pages, facts or {})


def read_metadata(path: Path, name: str = "") -> Metadata:
    read = read_document(admit(Source(path, name), max_file_mb=100), Settings())
    return metadata_of(name or path.name, read.pages, dict(read.facts))


def cover(form: str, ended: str, period: str = "fiscal year") -> str:
    return COVER.format(form=form, ended=ended, period=period)


# -- covers -----------------------------------------------------------------------------------


def test_an_annual_report() -> None:
    found = of(cover("10-K", "June 30, 2024"))
    assert found == Metadata(
        "HALDEN ROBOTICS, INC.", "10-K", 2024, "FY", "2024-06-30", "",
        tuple((name, "cover") for name in (
            "company", "fiscal_period", "fiscal_year", "form_type", "period_end",
        )),
    )  # fmt: skip


@pytest.mark.parametrize("ended", ["June 30,2024", "6/30/2024", "06/30/2024"])
def test_a_cover_writes_its_day_in_many_ways(ended: str) -> None:
    found = of(cover("10-K", ended))
    assert (found.period_end, found.fiscal_year) == ("2024-06-30", 2024)


def test_an_amendment_is_named_as_one() -> None:
    text = cover("10-K", "June 30, 2024").replace("For the", "(Amendment No. 1)\nFor the", 1)
    assert of(text).form_type == "10-K/A"


@pytest.mark.parametrize(
    ("words", "year"),
    [
        ("fiscal 2023 " * 20 + "fiscal 2022 " * 12 + "fiscal 2024 " * 2, 2023),
        ("fiscal 2024 " * 20 + "fiscal 2023 " * 21, 2024),
        ("fiscal 2024 " * 8 + "fiscal 2023 " * 20, None),  # the next year, or this one
        ("", None),
    ],
)
def test_a_year_that_ends_in_january_is_named_by_the_company_only(
    words: str, year: int | None
) -> None:
    found = of(cover("10-K", "January 28, 2024"), words)
    assert (found.fiscal_year, found.period_end) == (year, "2024-01-28")


@pytest.mark.parametrize(
    ("ended", "text", "quarter", "year"),
    [
        ("December 31, 2022", "Three and Six Months Ended December 31,\n2022", "Q2", 2023),
        ("September 30, 2024", "Nine months ended September 30, 2024", "Q3", 2024),
        ("March 31, 2024", "Three months ended\nMarch 31, 2024", "Q1", 2024),
        ("September 29, 2024", "thirty-nine weeks ended September 29, 2024", "Q3", 2024),
        ("July 29, 2023", "six months ended July 29, 2023 " + "fiscal 2024 " * 9, "Q2", 2024),
        ("July 29, 2023", "six months ended July 29, 2023", "Q2", None),
        ("May 6, 2023", "for the thirty-six weeks ended May 6, 2023", "Q3", 2023),
        ("February 11, 2023", "Twenty-four weeks ended\nFebruary 11, 2023", "Q2", 2023),
        ("September 30, 2023", "Nine Months Ended | Three Months Ended\nSeptember 30,", "Q3", 2023),
        ("June 30, 2023", "Six Months Ended Three Months Ended\nJune 30, 2023", "Q2", 2023),
        ("March 31, 2024", "results of the first quarter ended March 31, 2024", "Q1", 2024),
        ("May 6, 2023", "for the third quarter ended May 6, 2023", "Q3", 2023),
        ("September 30, 2023", "the quarter ended September 30, 2023", "", None),
        ("March 31, 2024", "nothing about the quarter", "", None),
    ],
)
def test_a_quarter_is_counted_from_the_months_its_statements_cover(
    ended: str, text: str, quarter: str, year: int | None
) -> None:
    found = of(cover("10-Q", ended, "quarterly period"), text)
    assert (found.form_type, found.fiscal_period, found.fiscal_year) == ("10-Q", quarter, year)


def test_an_event_has_a_date_and_no_fiscal_year() -> None:
    text = (
        "FORM 8-K\nDate of Report (Date of earliest event reported): July 1, 2022\n"
        "AMCOR PLC\n(Exact name of registrant as specified in its charter)\n"
    )
    found = of(text, file="AMCOR_2022_8K.pdf")
    assert (found.company, found.form_type, found.period_end) == ("AMCOR PLC", "8-K", "2022-07-01")
    assert (found.fiscal_year, found.fiscal_period) == (None, "")


def test_the_header_that_edgar_keeps() -> None:
    text = (
        "CONFORMED SUBMISSION TYPE:\t10-K405\nCONFORMED PERIOD OF REPORT:\t19981231\n"
        "FILED AS OF DATE:\t19990330\nCOMPANY CONFORMED NAME:\t\tBIRCH & CO\n"
    )
    found = of(text)
    assert (found.company, found.form_type, found.fiscal_year) == ("BIRCH & CO", "10-K405", 1998)
    assert (found.period_end, found.filing_date) == ("1998-12-31", "1999-03-30")


@pytest.mark.parametrize(
    ("text", "company", "form", "year", "period"),
    [
        (
            "澜川精密传动股份有限公司\n2024 年年度报告\n",
            "澜川精密传动股份有限公司",
            "年度报告",
            2024,
            "FY",
        ),
        ("甲乙股份有限公司\n2024年年度报告", "甲乙股份有限公司", "年度报告", 2024, "FY"),
        ("甲乙股份有限公司二〇二三年年度报告", "甲乙股份有限公司", "年度报告", 2023, "FY"),
        ("甲乙股份有限公司\n2024年半年度报告", "甲乙股份有限公司", "半年度报告", 2024, "H1"),
        ("甲乙股份有限公司\n2024 年第三季度报告", "甲乙股份有限公司", "季度报告", 2024, "Q3"),
        (
            "某某集團有限公司\n2023年報\n截至二零二三年三月三十一日止年度",
            "某某集團有限公司",
            "年度报告",
            2023,
            "FY",
        ),
    ],
)
def test_chinese_reports(text: str, company: str, form: str, year: int, period: str) -> None:
    found = of(text)
    assert (found.company, found.form_type) == (company, form)
    assert (found.fiscal_year, found.fiscal_period) == (year, period)


def test_a_press_release_about_results() -> None:
    found = of("Amcor reports fiscal 2023 results and provides outlook for fiscal 2024\nJune 2023")
    assert (found.company, found.form_type, found.fiscal_year) == (
        "Amcor",
        "Earnings release",
        2023,
    )
    found = of("Halden Robotics announces second quarter fiscal 2024 results")
    assert (found.fiscal_period, found.fiscal_year) == ("Q2", 2024)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Master Supply Agreement between Halden Robotics, Inc. and Brightmoor dated April 17, 2022",
        "These sample documents include a Form 10-K and a Form 10-Q.",
        "本公司2024年经营情况",
        "FORM 10-K " * 5_000,
        "(Exact name of registrant" * 2_000,
        "for the year ended " * 5_000,
        "截至2024年13月45日止",
    ],
)
def test_nothing_is_guessed(text: str) -> None:
    assert of(text) == Metadata()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("June 30, 2024", "2024-06-30"), ("JUNE 30 , 2024", "2024-06-30"),
        ("September 30,2023", "2023-09-30"), ("30 September,2023", "2023-09-30"),
        ("June 302024", ""), ("Part 12/31/2023", ""),
        ("30 June 2024", "2024-06-30"), ("Sept. 1, 2023", "2023-09-01"),
        ("二〇二四年十二月三十一日", "2024-12-31"), ("2024 年 6 月 30 日", "2024-06-30"),
        ("2024-02-30", ""), ("June 2024", ""),
    ],
)  # fmt: skip
def test_dates(text: str, day: str) -> None:
    assert find_date(text) == day


# -- facts and names --------------------------------------------------------------------------

FACTS = {
    "EntityRegistrantName": "Ardenne Photonics Corporation",
    "DocumentType": "10-Q",
    "DocumentFiscalYearFocus": "2024",
    "DocumentFiscalPeriodFocus": "Q3",
    "DocumentPeriodEndDate": "September 30, 2024",
}


def test_xbrl_says_what_the_cover_does_not() -> None:
    found = of("A report without a cover.", facts=FACTS)
    assert (found.company, found.form_type) == ("Ardenne Photonics Corporation", "10-Q")
    assert (found.fiscal_year, found.fiscal_period) == (2024, "Q3")
    assert found.period_end == "2024-09-30"
    assert {source for _, source in found.sources} == {"xbrl"}
    assert of(cover("10-K", "June 30, 2024"), facts=FACTS).form_type == "10-K"


@pytest.mark.parametrize(
    ("text", "quarter", "source"),
    [
        ("Sales of the quarter ended September 30, 2024 rose.", "Q3", "xbrl"),
        ("Three months ended September 30, 2024", "Q3", "xbrl"),
        ("Six months ended September 30, 2024", "Q2", "cover"),
    ],
)
def test_three_months_in_a_text_are_of_any_quarter(text: str, quarter: str, source: str) -> None:
    found = of(cover("10-Q", "September 30, 2024", "quarterly period"), text, facts=FACTS)
    assert found.fiscal_period == quarter
    assert dict(found.sources)["fiscal_period"] == source


def test_facts_are_found_in_the_hidden_header() -> None:
    html = (
        '<ix:header><ix:hidden><ix:nonNumeric name="dei:DocumentFiscalYearFocus" contextRef="c">'
        '2024</ix:nonNumeric></ix:hidden></ix:header><p><ix:nonNumeric contextRef="c" '
        'name="dei:EntityRegistrantName"><b>A&amp;B</b> Corp</ix:nonNumeric>'
        '<ix:nonNumeric name="us-gaap:Secret">no</ix:nonNumeric>'
    )
    assert facts_of(html) == (
        ("DocumentFiscalYearFocus", "2024"),
        ("EntityRegistrantName", "A&B Corp"),
    )
    assert facts_of("<ix:nonNumeric " * 100_000 + "dei:") == ()


def test_names_of_files() -> None:
    assert read_name("3M_2018_10K.pdf")["company"] == "3M"
    found = of("No cover.", file="Halden_Robotics_2024Q2_10-Q.pdf")
    assert (found.company, found.form_type) == ("Halden Robotics", "10-Q")
    assert (found.fiscal_year, found.fiscal_period) == (2024, "Q2")
    assert {source for _, source in found.sources} == {"file name"}
    assert of("No cover.", file="Halden_Brightmoor_Supply_Agreement_2022.docx") == Metadata()


# -- corrections ------------------------------------------------------------------------------


def test_corrections_stay_when_the_document_comes_in_again(
    library: Library, tmp_path: Path
) -> None:
    path = tmp_path / "filing.txt"
    path.write_text(cover("10-K", "June 30, 2024") + "\n\nSales rose.")
    list(ingest(library, [path]))
    assert library.document("filing.txt").source_of("company") == "cover"
    edited = library.edit("filing.txt", company="Halden", fiscal_year=2025, filing_date="")
    assert edited == library.document("filing.txt")
    assert (edited.company, edited.fiscal_year) == ("Halden", 2025)
    assert (edited.source_of("company"), edited.source_of("form_type")) == ("user", "cover")
    *_, last = ingest(library, [path])
    assert isinstance(last, Summary)
    assert [str(done.status) for done in last.files] == ["added"]
    again = library.document("filing.txt")
    assert (again.company, again.fiscal_year, again.form_type) == ("Halden", 2025, "10-K")
    assert again.source_of("fiscal_year") == "user"
    header = library.document_passages(again.doc_id)[0].header
    assert header.startswith("Halden · 10-K FY2025 · filing")


@pytest.mark.parametrize(
    "fields",
    [
        {"colour": "red"}, {"fiscal_year": "next"}, {"fiscal_year": 30}, {"fiscal_period": "Q5"},
        {"period_end": "tomorrow"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    library: Library, tmp_path: Path, fields: dict[str, str]
) -> None:
    path = tmp_path / "filing.txt"
    path.write_text("Sales rose.")
    list(ingest(library, [path]))
    with pytest.raises(UsageError):
        library.edit("filing.txt", **fields)


# -- documents --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "company", "form", "year", "period", "ended"),
    [
        (
            "Halden_Robotics_10K_FY2023.pdf",
            "HALDEN ROBOTICS, INC.",
            "10-K",
            2023,
            "FY",
            "2023-12-31",
        ),
        (
            "Calder_Vale_Foods_10K_FY2024.pdf",
            "CALDER VALE FOODS, INC.",
            "10-K",
            2024,
            "FY",
            "2024-06-30",
        ),
        (
            "Ardenne_Photonics_10Q_2024Q3.html",
            "Ardenne Photonics Corporation",
            "10-Q",
            2024,
            "Q3",
            "2024-09-30",
        ),
        (
            "Lanchuan_Drive_Annual_Report_2024.pdf",
            "澜川精密传动股份有限公司",
            "年度报告",
            2024,
            "FY",
            "",
        ),
        ("Halden_Brightmoor_Master_Supply_Agreement.docx", "", "", None, "", ""),
    ],
)
def test_sample_documents(
    file: str, company: str, form: str, year: int | None, period: str, ended: str
) -> None:
    found = read_metadata(SAMPLES / file, "upload" + Path(file).suffix)
    assert (found.company, found.form_type, found.fiscal_year) == (company, form, year)
    assert (found.fiscal_period, found.period_end) == (period, ended)


def test_real_filings_under_random_names(tmp_path: Path) -> None:
    """At least 18 of 20 have company, form and fiscal year as their names had them; a report of an
    event has no fiscal year, whatever its name says."""
    wrong = []
    for path in real_files("financebench_dev/pdfs"):
        name = f"{random.Random(path.name).getrandbits(64):016x}.pdf"
        shutil.copyfile(path, tmp_path / name)
        found = read_metadata(tmp_path / name)
        company, year, form = path.stem.split("_")[:3]
        squeezed = re.sub(r"\W", "", found.company).casefold()
        forms = {"EARNINGS": "Earnings release", "10K": "10-K", "10Q": "10-Q", "8K": "8-K"}
        stated = None if form == "8K" else int(year[:4])
        if (
            company.casefold() not in squeezed
            or found.form_type != forms[form]
            or found.fiscal_year != stated
        ):
            wrong.append((path.name, found))
    assert len(wrong) <= 2, wrong


FILINGS = {
    "AAPL": ("Apple Inc.", "10-K", 2024, "FY", "2024-09-28"),
    "AA_0": ("ALCOA CORPORATION", "10-Q", 2018, "Q2", "2018-06-30"),
    "NVDA": ("NVIDIA CORPORATION", "10-K", 2024, "FY", "2024-01-28"),
    "HealthPeak": ("Healthpeak Properties, Inc.", "424B2", None, "", ""),
    "ko-10-k": ("COCA COLA CO", "10-K", 2024, "FY", "2024-12-31"),
    "10-K__0000950153-99": ("MEDICIS PHARMACEUTICAL CORPORATION", "10-K", 1999, "FY", "1999-06-30"),
    "8-K__0001437749-16": ("Sophiris Bio Inc.", "8-K", None, "", "2016-03-23"),
}


def test_real_filings_as_html() -> None:
    paths = real_files("filings")
    for part, expected in FILINGS.items():
        (path,) = [path for path in paths if part in path.name]
        found = read_metadata(path, "upload.html")
        assert expected == (
            found.company, found.form_type, found.fiscal_year, found.fiscal_period,
            found.period_end,
        ), path.name  # fmt: skip
