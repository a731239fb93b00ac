"""The main job in a real browser: drop documents in, ask across them, check, export."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, expect
from reportlab.pdfgen.canvas import Canvas

from tests.e2e.app_page import AppPage
from tests.e2e.conftest import Serve

QUESTION = "What was the revenue of Northwind in fiscal 2022 and in fiscal 2023?"
SENTENCE = "Revenue of Northwind was {amount} million in fiscal {year}."
AMOUNTS = {2022: "$1,577", 2023: "$1,812"}
PAGES = 30
FACT_ON = 23  # 1-based page
FILLER = [
    "The company sells equipment and services to customers in many countries.",
    "Management reviews risks every quarter and reports them to the board.",
    "Leases are recognised when the asset is available for use.",
    "Inventories are stated at the lower of cost and net realisable value.",
    "No single customer accounted for more than a tenth of sales.",
]


def make_report(folder: Path, year: int) -> Path:
    """A PDF of 30 pages that states its revenue on one of them."""
    path = folder / f"Northwind_{year}.pdf"
    canvas = Canvas(str(path))
    for number in range(1, PAGES + 1):
        fact = SENTENCE.format(amount=AMOUNTS[year], year=year)
        last = fact if number == FACT_ON else "General matters."
        lines = [f"Note {number}.", *(FILLER[(number + n) % len(FILLER)] for n in range(19)), last]
        for place, line in enumerate(lines):
            canvas.drawString(60, 780 - 28 * place, line)
        canvas.showPage()
    canvas.save()
    return path


def expect_answer(app: AppPage, files: Sequence[Path]) -> None:
    """The whole of the answered question is on the page."""
    page = app.page
    expect(page.get_by_text(QUESTION).first).to_be_visible()
    for year, amount in AMOUNTS.items():
        expect(page.get_by_test_id("stChatMessage").last).to_contain_text(
            f"{amount} million in fiscal {year}"
        )
    lines = app.citations().all_inner_texts()
    for file in files:
        line = next(line for line in lines if file.name in line and f"page {FACT_ON}" in line)
        assert "exact" in line
    expect(app.evidence).to_contain_text(re.compile(r"\d of \d+ pages read"))
    expect(app.evidence).to_contain_text("Page 1 of")
    expect(app.evidence).to_contain_text("cited")
    app.tab("Memory")
    expect(app.evidence).to_contain_text("of 16,384 tokens")
    expect(app.evidence.get_by_test_id("stCode").first).to_contain_text(AMOUNTS[2023])
    app.tab("Pages read")
    app.expect_no_traceback()


def test_the_whole_story(page: Page, serve: Serve, tmp_path: Path) -> None:
    files = [make_report(tmp_path, year) for year in AMOUNTS]
    app = AppPage(page, serve().url)
    expect(app.question_box).to_be_disabled()

    app.upload(files)
    page.get_by_text("Adding: ").wait_for()
    app.reload()  # while they come in
    for file in files:
        app.has_document(file.name)
    app.idle()
    expect(page.get_by_test_id("stSidebar")).to_contain_text(f"{2 * PAGES} pages")

    app.ask(QUESTION)
    app.reload()  # while it reads
    app.answered()
    expect_answer(app, files)
    app.reload()
    app.answered()
    expect_answer(app, files)

    check_a_citation(app, files)
    check_the_export(app, files, tmp_path)


def check_a_citation(app: AppPage, files: Sequence[Path]) -> None:
    """A citation opens to its passage, and on to the page that it came from."""
    place = f"{files[0].name}, page {FACT_ON}"
    citation = app.citations().filter(has_text=place).first
    citation.get_by_test_id("stIconMaterial").first.click()
    marked = app.page.locator('[class*="st-key-quote-citation"]').first
    expect(marked).to_contain_text(AMOUNTS[2022])
    citation.get_by_role("button", name=f"Open page {FACT_ON}").click()
    dialog = app.page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"{FACT_ON} of {PAGES}")
    expect(dialog.locator(".st-key-page-picture img")).to_be_visible()
    # It stands at the foot of the page: it is shown before that has to be scrolled to.
    expect(dialog.locator(".st-key-page-mark img")).to_be_in_viewport(ratio=1)
    dialog.get_by_text("Text", exact=True).click()
    expect(dialog.locator('[class*="st-key-quote-"]').first).to_contain_text(AMOUNTS[2022])
    dialog.get_by_role("button", name="Next page").click()
    expect(dialog).to_contain_text(f"Note {FACT_ON + 1}.")
    app.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def check_the_export(app: AppPage, files: Sequence[Path], folder: Path) -> None:
    """The file on disk has the cited chunks: quotation, file, page and status."""
    target = folder / "answer.md"
    download = app.export()
    assert download.suggested_filename.endswith(".md")
    download.save_as(target)
    text = target.read_text("utf-8")
    plain = text.replace("\\", "")
    for file, (year, amount) in zip(files, AMOUNTS.items(), strict=True):
        assert f"{file.name}, page {FACT_ON}" in plain
        assert SENTENCE.format(amount=amount, year=year) in text
    assert "exact" in text and "Stop reason: answered" in text
    assert QUESTION in plain
