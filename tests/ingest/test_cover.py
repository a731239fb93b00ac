"""Covers as companies set them: each is the text of one, shortened, with other names."""

from __future__ import annotations

import pytest

from ingest.cover import read_cover

TOP = "UNITED STATES\nSECURITIES AND EXCHANGE COMMISSION\nWashington, D.C. 20549\n"
CHARTER = "(Exact name of registrant as specified in its charter)\n"


def check(cover: str, **expected: str) -> None:
    found = read_cover(cover)
    assert {name: found.get(name, "") for name in expected} == expected


def test_a_form_with_hyphens_that_do_not_break() -> None:
    check(
        f"{TOP}Form\xa010‑K\nFor the year ended\xa0December\xa031, 2023\nHalden\n{CHARTER}",
        form_type="10-K", company="Halden", period_end="2023-12-31",
    )  # fmt: skip


def test_rules_between_a_name_and_its_caption() -> None:
    check(
        "FORM 20-F\n(Mark One)\nX    ANNUAL REPORT\nFor the fiscal year ended   December 31, 2000\n"
        "           ------------------\nCommission file number    0-14071\n   -------\n"
        "          BIRCH N.V.\n- ---------------\n"
        "   (Exact name of Registrant as specified in its charter)\n\n   Not applicable\n- ---\n"
        "   (Translation of Registrant's name into English)\n",
        form_type="20-F", company="BIRCH N.V.", period_end="2000-12-31",
    )  # fmt: skip


def test_a_transition_period() -> None:
    check(
        TOP + "FORM 10-K\nFor the Fiscal Year Ended:\n\n[X]  TRANSITION REPORT UNDER SECTION 13\n"
        "For the Transition Period from April 2, 2000 to December 30, 2000\n"
        "Commission File Number: 1-11064\n\n     BRIGHT TEETH, INC.\n   ------\n"
        "(Exact name of small business issuer as specified in its charter)\n",
        form_type="10-K", company="BRIGHT TEETH, INC.", period_end="2000-12-30",
    )  # fmt: skip


def test_a_name_in_two_lines() -> None:
    check(
        f"{TOP}FORM 10-Q\nFor the quarterly period ended July 2, 2023\nTHE NORDHAVN BANK\n"
        f"GROUP, INC.\n{CHARTER}",
        company="THE NORDHAVN BANK GROUP, INC.", period_end="2023-07-02",
    )  # fmt: skip


def test_several_companies_in_a_table() -> None:
    check(
        TOP + "FORM 10-Q\nFor the quarterly period ended September 30, 2025\n\n"
        "Commission File Number | Exact Name of Registrant as specified in its charter | State\n"
        "1-9936 | EASTERN POWER GLOBAL | California\n1-2313 | EASTERN POWER COMPANY | Utah\n",
        company="EASTERN POWER GLOBAL", form_type="10-Q",
    )  # fmt: skip


@pytest.mark.parametrize(
    "dated",
    [
        "Date of Report (Date of earliest event reported): July 1, 2022",
        "Date of Report (Date of earliest event reported)\n\nJuly 1, 2022",
        "July 1, 2022\n\nDate of Report (Date of earliest event reported)",
        "July 6, 2022 (July 1, 2022)\nDate of Report (Date of earliest event reported)",
        "Date of Report: July 6, 2022 (Date of earliest event reported: July 1, 2022)",
        "Date of Report (Date of earliest event reported) ____ July 1, 2022 ____",
    ],
)
def test_the_day_of_an_event(dated: str) -> None:
    check(
        f"{TOP}FORM 8-K\nCURRENT REPORT\n{dated}\nALDER CORP\n(Exact Name of Registrant as\n"
        "Specified in Charter)\n",
        form_type="8-K", company="ALDER CORP", period_end="2022-07-01",
    )  # fmt: skip


def test_a_foreign_report_with_a_short_caption() -> None:
    check(
        TOP + "FORM 6-K \nREPORT OF FOREIGN PRIVATE ISSUER\nFebruary 13, 2023\n"
        "Commission File Number: 001-31269 \n_________________\nLENS INC. \n(Registrant Name)\n",
        form_type="6-K", company="LENS INC.",
    )  # fmt: skip


def test_a_registration_statement() -> None:
    check(
        "As filed with the Securities and Exchange Commission on November 16, 2020.\n"
        "Registration No. 333-\n" + TOP + "AMENDMENT NO. 2\nTO\nFORM S-1\nREGISTRATION STATEMENT\n"
        "Lodging, Inc.\n" + CHARTER,
        form_type="S-1/A", company="Lodging, Inc.", filing_date="2020-11-16",
    )  # fmt: skip


def test_a_prospectus_is_not_named_after_its_banks() -> None:
    top = "Filed Pursuant to Rule 424(b)(4)\nRegistration No. 333-250118\n51,323,531 Shares\n"
    table = "Per Share | Total\nUnderwriting discounts and commissions | $1\nWrighton & Co. LLC\n"
    check(top + table, form_type="424B4", company="")
    check(
        top + "This is an offering of shares of Class A common stock of Lodging, Inc.\n" + table,
        company="Lodging, Inc.",
    )
    check(top + "Lodging, Inc.\nCLASS A COMMON STOCK\n" + table, company="Lodging, Inc.")


@pytest.mark.parametrize(
    ("boxes", "form"),
    [
        ("☐ | Preliminary Proxy Statement\n☒ | Definitive Proxy Statement", "DEF 14A"),
        ("[X] Preliminary Proxy Statement\n[ ] Definitive Proxy Statement", "PRE 14A"),
        ("o Definitive Proxy Statement\nþ Definitive Additional Materials", "DEFA14A"),
        ("Definitive Proxy Statement", "Schedule 14A"),
    ],
)
def test_a_proxy_statement(boxes: str, form: str) -> None:
    check(
        f"SCHEDULE 14A\n(RULE 14a-101)\nProxy Statement Pursuant to Section 14(a)\n{boxes}\n"
        "KESTREL CORPORATION\n(Name of Registrant as Specified In Its Charter)\n",
        form_type=form, company="KESTREL CORPORATION",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("headline", "company", "year", "period"),
    [
        ("Amber & Amber Reports Q4 and Full-Year 2022 Results", "Amber & Amber", "2022", "Q4"),
        ("Pilot Reports First-Quarter 2023 Results; Raises Outlook", "Pilot", "2023", "Q1"),
        ("Dune Beauty Announces Fourth Quarter Fiscal 2022 Results", "Dune Beauty", "2022", "Q4"),
        ("BIRCH REPORTS FISCAL 2024 SECOND QUARTER RESULTS", "BIRCH", "2024", "Q2"),
        (
            "Alder reports strong fiscal 2023\nresults and raises its dividend",
            "Alder",
            "2023",
            "FY",
        ),
        ("Alder Reports Third Quarter Results", "Alder", "", "Q3"),
    ],
)
@pytest.mark.parametrize("above", ["", "FOR IMMEDIATE RELEASE\nContact: Ada Berg\n" + "x\n" * 200])
def test_a_release(headline: str, company: str, year: str, period: str, above: str) -> None:
    check(
        f"{above}{headline}\nOSLO -- sales rose.",
        form_type="Earnings release", company=company, fiscal_year=year, fiscal_period=period,
    )  # fmt: skip


def test_a_report_to_shareholders() -> None:
    check(
        "2023 Annual Report\nHALDEN ROBOTICS, INC.\nTo our shareholders",
        form_type="Annual report", company="HALDEN ROBOTICS, INC.", fiscal_year="2023",
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Invoice\nHalden Robotics, Inc.\nNet 30 days",
        "Minutes of a meeting\nHalden Robotics, Inc.\nIt reports results next week.",
        "Exhibit 99.1 contact us. Nobody reports. " * 50,
        "name of registrant (" * 3_000,
        "for the transition period from " * 3_000,
        "shares of " * 3_000,
        "A " * 6_000 + "Inc",
    ],
)
def test_nothing_is_guessed(text: str) -> None:
    assert read_cover(text) == {}
