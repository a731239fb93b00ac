"""Column heads: a row of a table is quoted with the line that says what its columns are of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memgpt_docs.processors.column_heads import head_of, is_head
from memgpt_docs.processors.findings import _LINE, Finding, _read

TABLE = """Results of operations
(in millions) 2023 2022 Change Change, %
Net sales $2,561.4 $2,389.6 $171.8 7.2%
Revenue from customers
Gross profit 517.4 497.0 20.4 4.1%
Restructuring charges 4.1 6.4 (2.3) n/m
Impairment — — — n/m
We sold two plants in 2021. Their sales are in the table.
Employees 4,902 4,811
"""


@pytest.mark.parametrize(
    "line",
    [
        "(in millions) 2023 2022 Change Change, %",
        "Goodwill by segment as of December 31 2024 2023",
        "December 31, 2024 December 31, 2023",
        "Fiscal years ended June 30 FY2023 FY2022 FY2021",
        "（单位：万元） 分产品 2024年 2023年 同比增减",
        "| in thousands | 2024 | 2023 |",
    ],
)
def test_dates_side_by_side_are_a_head(line: str) -> None:
    assert is_head(line)


@pytest.mark.parametrize(
    "line",
    [
        "In fiscal 2023 and 2022 we sold 5 plants.",
        "Total revenue 1,186.3 1,047.9 934.7",
        "Order 2023-2022",
        "Revenue in 2024",
        "Units 2023,4 2022,5",
        "",
    ],
)
def test_other_lines_are_none(line: str) -> None:
    assert not is_head(line)


def test_a_row_has_the_head_of_its_own_table() -> None:
    head = "(in millions) 2023 2022 Change Change, %"
    lines = TABLE.split("\n")
    assert [head_of(line, TABLE) for line in lines[2:7]] == [head, "", head, head, ""]
    # Prose between a head and a row: the row may be of another table.
    assert head_of("Employees 4,902 4,811", TABLE) == ""
    # A head of more dates than the row has figures is another's.
    assert head_of("Leases 12.5", "2023 2022 2021\nLeases 12.5") == ""
    assert head_of("Not there 5 6", TABLE) == ""


@given(st.text(alphabet="ab (2023)1|.,—\n", max_size=200), st.data())
def test_a_head_is_a_line_of_the_text_before_the_row(text: str, data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(text.split("\n")))
    head = head_of(row, text)
    assert head == "" or (is_head(head) and head in text[: text.index(row)])


def test_a_finding_is_read_back_with_its_head() -> None:
    for head in ("", "(in millions) 2023 2022"):
        finding = Finding(7, 1, 2, 9.131, 0.83, "report.pdf p.60", 'A "b" 5 6', head)
        match = _LINE.match(finding.line())
        assert match is not None and _read(match) == finding
