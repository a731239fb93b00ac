"""Pages of the web and filings as HTML, read in their child process as in the pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.readers.web import blocks_of_html
from memgpt_docs.errors import EmptyFile, UnreadableFile
from tests.ingest.test_readers import read_text

FILING = """<?xml version="1.0" encoding="UTF-8"?>
<html xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"><head><title>acme-2024</title>
<script>steal()</script></head><body>
<div style="display:none"><ix:header><ix:hidden>HIDDENFACT 0001</ix:hidden></ix:header></div>
<p style="font-size:0">TOOSMALLTOSEE</p><p hidden>ALSOHIDDEN</p><!-- NOTSHOWN -->
<div><span style="font-weight:700">Item 8. Financial Statements</span></div>
<div><span>Net sales were <ix:nonFraction>1,577</ix:nonFraction> million.</span></div>
<table><tr><td></td><td colspan="2">2024</td><td></td><td colspan="2">2023</td></tr>
<tr><td>Net sales</td><td>$</td><td><ix:nonFraction>1,577</ix:nonFraction></td><td></td><td>$</td>
<td>1,400</td></tr>
<tr><td>Other, net</td><td>(</td><td>45</td><td>)</td><td></td><td>(</td><td>31</td><td>)</td></tr>
<tr><td>Margin</td><td>12.5</td><td>%</td><td>—</td><td>%</td></tr></table>
<hr style="page-break-after:always"/>
<p>Second page, with <b>one</b> bold word &lt;img src=x&gt;.</p>
</body></html>"""


def test_html_filing(tmp_path: Path) -> None:
    document = read_text(tmp_path, "acme.html", FILING)
    first, second = document.pages
    assert first.text.split("\n\n") == [
        "Item 8. Financial Statements",
        "Net sales were 1,577 million.",
        "2024 | 2023\nNet sales | $1,577 | $1,400\nOther, net | (45) | (31)\nMargin | 12.5% | —%",
    ]
    assert (second.text, second.unit) == ("Second page, with one bold word <img src=x>.", "page")
    assert [(one.page_no, one.start, one.title) for one in document.headings] == [
        (1, 0, "Item 8. Financial Statements")
    ]


def test_html_that_lays_out_with_tables_is_taken_apart(tmp_path: Path) -> None:
    inner = "<table><tr><td>Assets</td><td>5</td></tr></table>"
    page = f"<html><body><table><tr><td><p>A paragraph.</p>{inner}</td></tr></table></body></html>"
    assert read_text(tmp_path, "a.html", page).pages[0].text == "A paragraph.\n\nAssets | 5"


def blocks_of(body: str) -> list[str]:
    return [block.text for block in blocks_of_html(f"<html><body>{body}</body></html>")[1]]


INNER = "<table><tr><td>Item</td><td>7</td></tr></table>"


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        (f"<table><tr><td>Amount due 2023</td><td>5,000</td></tr><tr><td>{INNER}</td></tr></table>",
         ["Amount due 2023 | 5,000", "Item | 7"]),
        (f"<table><caption>Offer</caption><tr><td><p>One.</p><p>Two.</p></td><td>{INNER}</td></tr>"
         f"<tr><td><p>Fee</p></td><td><p>9</p></td></tr></table>",
         ["Offer", "One.", "Two.", "Item | 7", "Fee | 9"]),
        ("<table><tr><td><h2>Terms</h2>Net 30.<table><tr><td>" + INNER + "</td></tr></table>"
         "</td></tr></table>", ["Terms", "Net 30.", "Item | 7"]),
    ],
)  # fmt: skip
def test_a_table_that_holds_tables_keeps_its_cells_apart(body: str, blocks: list[str]) -> None:
    assert blocks_of(body) == blocks


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        ("<p>Before.</p><main><p>In it.</p></main><main>Second.</main><p>After.</p>",
         ["Before.", "In it.", "Second.", "After."]),
        ("<form><p>Sales were 44.</p><label>Total:</label> 42 <button>Pay 9</button></form>",
         ["Sales were 44.", "Total: 42 Pay 9"]),
        ("<fieldset><legend>Terms</legend>Net 30.</fieldset>", ["Terms", "Net 30."]),
        (f"<figure>{INNER}<figcaption>Figure 1</figcaption></figure>", ["Item | 7", "Figure 1"]),
        ("<details><summary>Risk</summary><p>A lawsuit.</p></details>", ["Risk", "A lawsuit."]),
        ("<nav><ul><li>Reports</li></ul></nav><dialog>Read this.</dialog>",
         ["- Reports", "Read this."]),
        ("<p>It costs <del>75</del> 90.</p><table><tr><td>Price</td><td><del>75</del> 90</td></tr>"
         "</table>", ["It costs 90.", "Price | 90"]),
    ],
)  # fmt: skip
def test_html_that_a_person_sees_is_read(body: str, blocks: list[str]) -> None:
    assert blocks_of(body) == blocks


def test_the_caption_of_a_table_heads_its_rows() -> None:
    rows = "<tr><td>Arms</td><td>5</td></tr>"
    assert blocks_of(f"<table><caption>Sales <br>(USD <b>million</b>)</caption>{rows}</table>") == [
        "Sales (USD million)\nArms | 5"
    ]
    assert blocks_of(f"<table>Unaudited{rows}<tr>Total</tr></table>") == [
        "Unaudited Total\nArms | 5"
    ]


def table(*rows: str) -> str:
    """A table whose cells are parted by "|"; a cell "=text" takes two columns, "^text" two rows."""
    kinds = {"=": ' colspan="2"', "^": ' rowspan="2"'}
    cells = [[(kinds.get(c[:1], ""), c.lstrip("=^")) for c in row.split("|")] for row in rows]
    lines = ["".join(f"<td{kind}>{text}</td>" for kind, text in row) for row in cells]
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (table("Item|2023|2022", "Impairment||120", "Sales|5|"),
         ["Item | 2023 | 2022", "Impairment |  | 120", "Sales | 5"]),
        # Gaps and signs have columns of their own, which heads span.
        (table("||=2023||=2022", "Sales||$|5||$|4", "Impairment||||||120", "Cost||(|3)||(|2)"),
         ["2023 | 2022", "Sales | $5 | $4", "Impairment |  | 120", "Cost | (3) | (2)"]),
        # Numbers of footnotes have no head.
        (table("Item|2023||2022", "Sales|515|1|480", "Cost|317||301", "Impairment||2|120"),
         ["Item | 2023 | 2022", "Sales | 515 | 1 | 480", "Cost | 317 | 301",
          "Impairment |  | 2 | 120"]),
        (table("Region|Year|Units|Share", "^Europe|2023|5|9", "2022||8"),
         ["Region | Year | Units | Share", "Europe | 2023 | 5 | 9", "Europe | 2022 |  | 8"]),
        (table("^Item|=Sales", "2023|2022", "Arms|5|4"),
         ["Item | Sales", "2023 | 2022", "Arms | 5 | 4"]),
        # Where the columns of the source are not those of the table, empty cells are dropped.
        (table("|2023|2022", "Sales||5|4", "Cost|||3|2"), ["2023 | 2022", "Sales | 5 | 4",
                                                            "Cost | 3 | 2"]),
        (table("|".join("a" * 251), "b||c"), [" | ".join("a" * 251), "b | c"]),
        (table("|".join("a" * 40), *["b||c"] * 90), [" | ".join("a" * 40), *["b | c"] * 90]),
    ],
    ids=range(8),
)  # fmt: skip
def test_a_number_stands_under_its_own_head(body: str, lines: list[str]) -> None:
    assert blocks_of(body) == ["\n".join(lines)]


def test_the_text_of_a_cell_keeps_its_order() -> None:
    cell = "<b>Stock, $<i>0.25</i> par value;</b> <span>(<i>31</i>)</span> issued"
    assert blocks_of(f"<table><tr><td>{cell}</td><td>7</td></tr></table>") == [
        "Stock, $0.25 par value; (31) issued | 7"
    ]


def test_a_paragraph_of_one_letter_is_read() -> None:
    body = "<p>How many?</p><p>5</p><div>是</div><div>Choice <div>B</div></div><p>•</p>"
    items = "<ul><li><p>7</p></li></ul><dl><dt>A</dt><dd>9</dd></dl>"
    assert blocks_of(body + items) == ["How many?", "5", "是", "Choice", "B", "- 7", "A", "- 9"]


def test_html_without_page_breaks_is_read_in_sections(tmp_path: Path) -> None:
    sections = "".join(f"<h2>Part {n}</h2>" + "<p>Some words here.</p>" * 60 for n in range(3))
    document = read_text(tmp_path, "a.html", f"<html><body><h1>Title</h1>{sections}</body></html>")
    assert {page.unit for page in document.pages} == {"section"}
    assert [page.text.split("\n")[0] for page in document.pages] == ["Title", "Part 1", "Part 2"]


def test_html_encodings(tmp_path: Path) -> None:
    old = '<html><meta charset="gb2312"><body><p>净利润同比增长</p></body></html>'
    assert read_text(tmp_path, "a.html", old.encode("gb2312")).pages[0].text == "净利润同比增长"
    plain = "<html><body><p>Company’s “plan”</p></body></html>"
    assert "plan" in read_text(tmp_path, "b.html", plain.encode("cp1252")).pages[0].text


@pytest.mark.parametrize("left_open", ["<p><font size=2>", "<b>", "<p><a name='x'><i>"])
def test_html_whose_fonts_are_never_closed_is_read_to_its_end(
    tmp_path: Path, left_open: str
) -> None:
    lines = [f"Sentence {number} of many says what it has to say.<br>" for number in range(600)]
    read = read_text(tmp_path, "old.html", f"<html><body>{left_open}{left_open.join(lines)}")
    text = " ".join(page.text for page in read.pages)
    assert all(f"Sentence {number} of many" in text for number in range(600))


def test_html_that_is_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="nested too deeply"):
        read_text(tmp_path, "deep.html", "<html><body>" + "<div>" * 300 + "Deep down.")


def test_html_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile, match=r"a\.html holds no text"):
        read_text(tmp_path, "a.html", "<html><body><script>x</script></body></html>")
