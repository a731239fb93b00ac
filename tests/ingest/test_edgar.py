"""Files as EDGAR keeps them, and filings from before HTML."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.metadata import metadata_of
from ingest.sections import find_sections
from memgpt_docs.errors import EmptyFile
from tests.ingest.test_readers import read_text

HEADER = """<SEC-DOCUMENT>0000123456-24-000007.txt : 20240801
<SEC-HEADER>0000123456-24-000007.hdr.sgml : 20240801
<ACCEPTANCE-DATETIME>20240801163412
ACCESSION NUMBER:\t\t0000123456-24-000007
CONFORMED SUBMISSION TYPE:\t10-Q
CONFORMED PERIOD OF REPORT:\t20240630
FILED AS OF DATE:\t\t20240801

FILER:
\tCOMPANY DATA:
\t\tCOMPANY CONFORMED NAME:\t\t\tBIRCH CORP
</SEC-HEADER>
"""
PART = (
    "<DOCUMENT>\n<TYPE>{type}\n<SEQUENCE>1\n<FILENAME>{name}\n<TEXT>\n{body}\n</TEXT>\n"
    "</DOCUMENT>\n"
)
PAGE = "<html><body><p>{}</p></body></html>"
SALES = " ".join(["Net sales rose by 4 % in the quarter."] * 20)
TEXT = f"""
                                   FORM 10-K

For the fiscal year ended December 31, 2000

                                 ALDER & SONS
- ------------------------------------------------
            (Exact name of Registrant as specified in its charter)

                                       2
<PAGE>   3

PART I

Item 1.  Business
{"The company makes arms and legs." + chr(10)}
Item 2.  Properties
It has two plants.

<TABLE>
<CAPTION>
                                     Years ended December 31,
                                     2000             1999
                                     ----             ----
<S>                                  <C>              <C>
Net sales                            $   20,771       $   14,980
Net income                                2,066            1,570
</TABLE>
""" + "\n".join(f"Line {number} of a report that goes on." for number in range(60))


def submission(*parts: tuple[str, str, str]) -> str:
    return HEADER + "".join(PART.format(type=t, name=n, body=b) for t, n, b in parts)


def test_a_filing_as_edgar_sends_it(tmp_path: Path) -> None:
    text = submission(
        ("10-Q", "birch.htm", PAGE.format(SALES)),
        ("EX-31.1", "ex311.htm", PAGE.format("I certify that it is right.")),
        ("GRAPHIC", "logo.jpg", "begin 644 logo.jpg\nM_]C_X``02D9)1@`!`0$`8`!@``#_\n"),
        ("EX-101.SCH", "birch.xsd", "<XBRL><schema/></XBRL>"),
    )
    document = read_text(tmp_path, "0000123456-24-000007.txt", text)
    texts = [page.text for page in document.pages]
    assert texts[0].startswith("ACCESSION NUMBER:") and "<" not in texts[0]
    assert texts[1:] == [
        SALES,
        "I certify that it is right.",
        "Parts of this filing that are not text: GRAPHIC logo.jpg, EX-101.SCH birch.xsd",
    ]
    found = metadata_of("x.txt", document.pages, dict(document.facts))
    assert (found.company, found.form_type) == ("BIRCH CORP", "10-Q")
    assert (found.period_end, found.filing_date) == ("2024-06-30", "2024-08-01")


def test_a_page_of_the_web_between_the_tags_of_edgar(tmp_path: Path) -> None:
    page = PART.format(type="424B5", name="b.htm", body=PAGE.format("Bonds due 2053 are offered."))
    document = read_text(tmp_path, "bonds.html", page)
    assert [page.text for page in document.pages] == ["Bonds due 2053 are offered."]
    assert metadata_of("x.html", document.pages, dict(document.facts)).form_type == "424B5"


@pytest.mark.parametrize("around", ["{}", "<html><body><div>{}</div></body></html>",
                                    "<HTML><BODY><PRE>\n{}\n</PRE></BODY></HTML>"])  # fmt: skip
def test_lines_and_columns_of_an_old_filing_stay(tmp_path: Path, around: str) -> None:
    name = "old.txt" if around == "{}" else "old.html"
    document = read_text(tmp_path, name, around.format(TEXT))
    whole = "\n".join(page.text for page in document.pages)
    assert "Net sales                            $   20,771       $   14,980\n" in whole
    assert "<" not in whole
    assert len(document.pages) == 2
    found = metadata_of("x.txt", document.pages, {})
    assert (found.company, found.form_type, found.fiscal_year) == ("ALDER & SONS", "10-K", 2000)
    sections = [one.path for one in find_sections(document.pages, document.headings)]
    assert {"Part I > Item 1. Business", "Part I > Item 2. Properties"} <= set(sections)


def test_a_page_of_the_web_stays_one(tmp_path: Path) -> None:
    rows = "".join(f"<p>Paragraph {n}\nwith a line\nthat a browser\njoins</p>\n" for n in range(60))
    document = read_text(tmp_path, "page.html", f"<html><body>{rows}</body></html>")
    assert "Paragraph 3 with a line that a browser joins" in document.pages[0].text


def test_a_filing_without_text(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile):
        read_text(tmp_path, "x.html", PART.format(type="10-K", name="x", body=PAGE.format("")))


SUBSIDIARIES = """SUBSIDIARIES OF THE REGISTRANT

<TABLE>
<CAPTION>
Name                      Jurisdiction
<S>                       <C>
Birch Europe Ltd          England
</TABLE>
"""
SCHEDULE = "<TABLE> <S> <C>\n\n<ARTICLE> 5\n<S>                  <C>\n" + "".join(
    f"<{name}>          4,{number:03}\n"
    for number, name in enumerate(["CASH", "TOTAL-ASSETS", "PP&E", "EPS-PRIMARY"] * 10)
) + "</TABLE>\n"  # fmt: skip


def test_short_exhibits_of_an_old_filing_keep_their_tables(tmp_path: Path) -> None:
    text = submission(("10-K", "", TEXT), ("EX-21", "", SUBSIDIARIES), ("EX-27", "", SCHEDULE))
    whole = "\n".join(page.text for page in read_text(tmp_path, "old.txt", text).pages)
    assert "Name                      Jurisdiction\n" in whole
    assert "Birch Europe Ltd          England" in whole
    assert "<TOTAL-ASSETS>          4,001\n" in whole


@pytest.mark.parametrize("name", ["ex.txt", "ex.html"])
def test_a_short_exhibit_by_itself_keeps_its_tables(tmp_path: Path, name: str) -> None:
    assert "<CASH>          4,000\n" in read_text(tmp_path, name, SCHEDULE).pages[0].text
    found = read_text(tmp_path, name, SUBSIDIARIES).pages[0].text
    assert "Birch Europe Ltd          England" in found


def test_rows_set_in_spaces_inside_a_page_of_the_web_stay(tmp_path: Path) -> None:
    page = f"<html><body><p>Exhibit 21</p>{SUBSIDIARIES}</body></html>"
    found = read_text(tmp_path, "ex.html", page).pages[0].text
    assert "Birch Europe Ltd          England" in found


def test_a_part_of_a_filing_that_holds_nothing_is_named(tmp_path: Path) -> None:
    text = submission(
        ("10-Q", "birch.htm", PAGE.format(SALES)), ("EX-99", "map.htm", PAGE.format(""))
    )
    last = read_text(tmp_path, "0000123456-24-000007.txt", text).pages[-1].text
    assert last == "Parts of this filing that are not text: EX-99 map.htm"
