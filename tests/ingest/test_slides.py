"""Slides, read in their child process as in the pipeline."""

from __future__ import annotations

from pathlib import Path

from tests.ingest.test_readers import read


def make_pptx(path: Path) -> Path:
    import pptx
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    deck = pptx.Presentation()
    deck.core_properties.title = "Halden results"
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "Orders\nrose"
    first.placeholders[1].text = "Europe led"
    inner = first.placeholders[1].text_frame.add_paragraph()
    inner.text, inner.level = "Norway 12 %", 1
    first.notes_slide.notes_text_frame.text = "Say why."
    second = deck.slides.add_slide(deck.slide_layouts[6])
    table = second.shapes.add_table(2, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
    for cell, text in zip(table.iter_cells(), ["", "2024", "Net sales", "1,577"], strict=True):
        cell.text = text
    data = CategoryChartData()
    data.categories = ["Arms", "Carts"]
    data.add_series("Units", (31, 45.5))
    second.shapes.add_chart(
        XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(3), Inches(4), Inches(3), data
    )
    group = second.shapes.add_group_shape()
    box = group.shapes.add_textbox(Inches(1), Inches(6.5), Inches(2), Inches(1))
    box.text_frame.text = "Inside a group"
    deck.slides.add_slide(deck.slide_layouts[6])
    deck.save(str(path))
    return path


def test_a_slide_is_a_page(tmp_path: Path) -> None:
    document = read(make_pptx(tmp_path / "deck.pptx"))
    assert document.title == "Halden results"
    assert [(page.unit, page.status) for page in document.pages] == [
        ("slide", "text"), ("slide", "text"), ("slide", "blank"),
    ]  # fmt: skip
    assert document.pages[0].text == "Orders rose\n\nEurope led\n- Norway 12 %\n\nNotes: Say why."
    assert document.pages[1].text.split("\n\n") == [
        "| 2024\nNet sales | 1,577",
        "Units\nArms | 31\nCarts | 45.5",
        "Inside a group",
    ]
    assert [(one.page_no, one.start, one.title) for one in document.headings] == [
        (1, 0, "Orders rose")
    ]


def charts(path: Path) -> Path:
    """A slide with a pie drawn in three dimensions and bubbles, and words beside them."""
    import pptx
    from pptx.chart.data import BubbleChartData, CategoryChartData, XyChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Orders"
    shares = CategoryChartData()
    shares.categories = ["Arms", "Carts"]
    shares.add_series("Share", (0.1 + 0.2, None))
    pie = slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(4), Inches(3), shares)
    for element in pie.chart._chartSpace.iter("{*}pieChart"):
        # python-pptx writes none of these.
        element.tag = element.tag.replace("pieChart", "pie3DChart")
    pie.chart.has_title = True
    pie.chart.chart_title.text_frame.text = "Share of orders\nin 2024"
    prices = XyChartData()
    prices.add_series("Price").add_data_point(1.5, 77)
    slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, 0, Inches(3), Inches(4), Inches(2), prices)
    sizes = BubbleChartData()
    sizes.add_series("Margin").add_data_point(2, 88, 5)
    slide.shapes.add_chart(XL_CHART_TYPE.BUBBLE, 0, Inches(5), Inches(4), Inches(2), sizes)
    deck.save(str(path))
    return path


def test_the_numbers_of_every_kind_of_chart_are_read(tmp_path: Path) -> None:
    (page,) = read(charts(tmp_path / "deck.pptx")).pages
    assert page.text.split("\n\n") == [
        "Orders",
        "Share of orders in 2024\nShare\nArms | 0.3\nCarts",
        "x | Price\n1.5 | 77",
        "x | Margin | size\n2 | 88 | 5",
    ]


def test_a_box_with_an_equation_is_read_and_ink_is_passed_over(tmp_path: Path) -> None:
    import pptx
    from lxml import etree

    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    box = slide.shapes.add_textbox(0, 0, 100, 100)
    box.text_frame.text = "The yield is "
    a14 = "http://schemas.microsoft.com/office/drawing/2010/main"
    math = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    box._element.find(".//{*}p").append(
        etree.fromstring(
            f"<x:m xmlns:x='{a14}' xmlns:m='{math}'><m:oMath><m:r><m:t>y=</m:t></m:r>"
            "<m:r><m:t>42</m:t></m:r></m:oMath></x:m>"
        )
    )
    compatibility = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    both = etree.SubElement(slide.shapes._spTree, f"{{{compatibility}}}AlternateContent")
    choice = etree.SubElement(both, f"{{{compatibility}}}Choice", Requires="a14")
    choice.append(box._element)
    choice.append(etree.fromstring("<p:contentPart xmlns:p='x'/>"))
    etree.SubElement(both, f"{{{compatibility}}}Fallback")
    deck.save(str(tmp_path / "deck.pptx"))
    assert read(tmp_path / "deck.pptx").pages[0].text == "The yield is y=42"
