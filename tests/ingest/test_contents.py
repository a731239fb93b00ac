"""Sections of real filings against what a person sees in their tables of contents.

Each line of the tables here was compared with the file's own contents (the report of 1999 and the
current report have none: with its headings); the page is the one where the section begins.
"""

from __future__ import annotations

import re

import pytest

from ingest.intake import Source, admit
from ingest.sandbox import read_document
from ingest.sections import find_sections
from memgpt_docs.settings import Settings
from tests.ingest.conftest import real_files

# start of the file's name: "item:page" in order, Parts and Signatures among them
ITEMS = {
    "AAPL": "I:3 1:3 1A:7 1B:19 1C:19 2:20 3:20 4:20 II:21 5:21 6:22 7:23 7A:29 8:30 9:53 9A:53 "
    "9B:54 9C:54 III:54 10:54 11:54 12:54 13:54 14:54 IV:55 15:55 16:58 Signatures:59",
    "AA_": "I:3 1:3 2:38 3:48 4:49 II:50 1:50 4:52 6:53 Signatures:54",
    "NVDA": "I:4 1:4 1A:13 1B:31 1C:31 2:32 3:32 4:32 II:32 5:32 6:33 7:34 7A:43 8:44 9:44 9A:44 "
    "9B:45 9C:45 III:45 10:45 11:46 12:46 13:46 14:46 IV:47 15:47 16:83 Signatures:84",
    "tests__fixtures__html__ko": "I:4 1:4 1A:14 1B:28 1C:28 2:29 3:30 4:33 X:34 II:36 5:36 6:37 "
    "7:37 7A:61 8:63 9:126 9A:126 9B:126 9C:126 III:126 10:126 11:126 12:126 13:127 14:127 IV:127 "
    "15:127 16:137 Signatures:138",
    "tests__fixtures__parity_gate__10-K": "I:2 1:2 2:18 3:18 4:18 II:19 5:19 6:19 7:19 7A:19 8:19 "
    "9:19 III:20 10:20 11:20 12:20 13:20 IV:21 14:21 Signatures:25",
    "tests__fixtures__parity_gate__8-K": "2.02:2 9.01:2 Signatures:3",
}
PROSPECTUS = """
3 ABOUT THIS PROSPECTUS SUPPLEMENT
4 SUMMARY
7 RISK FACTORS
9 THE PLAN
26 SUPPLEMENTAL UNITED STATES FEDERAL INCOME TAX CONSIDERATIONS
29 DESCRIPTION OF COMMON STOCK
29 USE OF PROCEEDS
29 PLAN OF DISTRIBUTION
30 LEGAL MATTERS
33 ABOUT THIS PROSPECTUS
34 WHERE YOU CAN FIND MORE INFORMATION
35 SUMMARY
36 RISK FACTORS
37 GUARANTOR DISCLOSURES
38 USE OF PROCEEDS
39 DESCRIPTION OF CAPITAL STOCK
43 DESCRIPTION OF DEPOSITARY SHARES
45 DESCRIPTION OF WARRANTS
47 DESCRIPTION OF DEBT SECURITIES AND GUARANTEES
54 CERTAIN PROVISIONS OF MARYLAND LAW AND HEALTHPEAK’S CHARTER AND BYLAWS
60 DESCRIPTION OF HEALTHPEAK OP, LLC’S OPERATING AGREEMENT
67 SELLING SECURITY HOLDERS
68 UNITED STATES FEDERAL INCOME TAX CONSIDERATIONS
94 PLAN OF DISTRIBUTION
97 LEGAL MATTERS
97 EXPERTS
"""
# Headings that stand as high as those of the contents and are not in it: the titles on the first
# page of the second prospectus and on the back.
NOT_IN_CONTENTS = {31, 32, 98}


def sections_of(start: str) -> list[tuple[int, list[str]]]:
    path = next(path for path in real_files("filings") if path.name.startswith(start))
    document = read_document(admit(Source(path), max_file_mb=100), Settings())
    found = find_sections(document.pages, document.headings)
    return [(one.page_no, one.path.split(" > ")) for one in found]


def short(title: str) -> str:
    match = re.match(r"(?:Part|Item) ([\dIVX.]+[A-C]?)(?:\.|$)", title)
    return match[1].rstrip(".") if match else title


@pytest.mark.parametrize("start", ITEMS)
def test_sections_are_those_of_the_contents(start: str) -> None:
    found = [
        f"{short(path[-1])}:{page_no}"
        for page_no, path in sections_of(start)
        if re.match(r"Part [IV]+$|Item [\dX][\dA-C.]*\.(?: |$)|Signatures$", path[-1])
    ]
    assert found == ITEMS[start].split()


def test_what_stands_before_the_first_part_is_a_section_too() -> None:
    assert sections_of("tests__fixtures__html__ko")[0] == (4, ["FORWARD-LOOKING STATEMENTS"])


def test_sections_of_a_prospectus_are_those_of_its_two_contents() -> None:
    found = [
        f"{page_no} {path[0]}"
        for page_no, path in sections_of("data__html__HealthPeak")
        if len(path) == 1 and page_no not in NOT_IN_CONTENTS
    ]
    assert found == PROSPECTUS.strip().split("\n")
