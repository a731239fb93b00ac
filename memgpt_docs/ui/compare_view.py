"""The table of a comparison: the same questions asked of many documents."""

from __future__ import annotations

import streamlit as st

from memgpt_docs.agent import Agent
from memgpt_docs.comparison import Cell, CellState, Comparison, compare
from memgpt_docs.errors import MemGPTDocsError
from memgpt_docs.export.sheet import to_csv, to_xlsx
from memgpt_docs.ui import failure
from memgpt_docs.ui.comparison_job import ComparisonJob
from memgpt_docs.ui.desk import Desk
from memgpt_docs.ui.jobs import Failure
from memgpt_docs.ui.live import live
from memgpt_docs.ui.page_view import open_page
from memgpt_docs.ui.session import Session
from memgpt_docs.ui.text import clean, counted, literal, remaining, shortened

VIEW, COMPARE = "view", "compare"
DOCUMENTS, COMPANIES = "Documents", "Companies by year"
CELLS_DRAWN = 60
BADGES = {
    CellState.VERIFIED: ":green-badge[:material/check: verified]",
    CellState.UNVERIFIED: ":orange-badge[:material/warning: not verified]",
    CellState.UNCLEAR: ":blue-badge[:material/help: on the page, but unclear]",
    CellState.NOT_DISCLOSED: ":gray-badge[not disclosed]",
    CellState.FAILED: ":red-badge[:material/error: failed]",
}
MARKS = {
    CellState.VERIFIED: "✓ ",
    CellState.UNVERIFIED: "! ",
    CellState.UNCLEAR: "? ",
    CellState.NOT_DISCLOSED: "",
    CellState.FAILED: "✗ ",
}


def chosen() -> bool:
    """Whether the page shows the comparison in place of the chat."""
    return st.query_params.get(VIEW) == COMPARE


def switch() -> None:
    """Draws the way there, or back."""
    if chosen():
        st.button("Back to questions", key="to-chat", icon=":material/arrow_back:",
                  on_click=_close)  # fmt: skip
    else:
        st.button("Compare documents", key="to-compare", icon=":material/table:",
                  type="tertiary", on_click=_open)  # fmt: skip


def _open() -> None:
    st.query_params[VIEW] = COMPARE


def _close() -> None:
    st.query_params.pop(VIEW, None)


def show(desk: Desk, session: Session) -> None:
    """Draws the form and under it the table."""
    st.markdown("### Compare documents")
    st.caption(
        "Each question is asked of each document by itself. ✓ the words and figures of a value "
        "stand on the page it names; ? they do, but may not be the answer; ! they do not."
    )
    running = session.comparison is not None and session.comparison.running
    with st.form("compare", border=False):
        asked = st.text_area(
            "Questions, one a line", key="compare-questions", max_chars=4000,
            placeholder="What was revenue?\nHow many employees were there at year end?",
        )  # fmt: skip
        files = {one.doc_id: one.file for one in desk.library.documents()}
        picked = st.multiselect(
            "Documents (all where none is chosen)", list(files), key="compare-documents",
            format_func=lambda doc_id: clean(files[doc_id]),
        )  # fmt: skip
        if st.form_submit_button("Fill the table", type="primary", disabled=running):
            _start(desk, session, asked or "", picked)
            running = session.comparison is not None
    job = session.comparison
    if job is not None:
        live(_table, running=running)(desk, job, running)


def _start(desk: Desk, session: Session, asked: str, picked: list[str]) -> None:
    def agent() -> Agent:
        return Agent(desk.library, desk.processor, settings=desk.settings)

    try:
        table = compare(desk.library, asked.splitlines(), picked, make_agent=agent)
    except MemGPTDocsError as error:
        failure.show(Failure(error.message, error.help))
        return
    session.comparison = ComparisonJob(table)


def _table(desk: Desk, job: ComparisonJob, was_running: bool) -> None:
    running = job.running
    if was_running != running:  # ended, or begun again by a button of this part
        st.rerun()
    if job.failure is not None:
        failure.show(job.failure)
    cells = dict(job.comparison.cells)
    with st.container(horizontal=True, vertical_alignment="center"):
        left = remaining(job.seconds_left) if running else ""
        st.caption(f"{len(cells)} of {counted(job.total, 'cell')}{left}", width="content")
        if running:
            st.button("Stop", key="stop-comparison", disabled=job.cancelled, on_click=job.cancel)
    _overview(job.comparison, cells)
    if not running and cells:
        _downloads(job.comparison)
    for number, cell in enumerate(list(cells.values())[:CELLS_DRAWN]):
        _cell(desk, job, cell, number)


def _overview(comparison: Comparison, cells: dict[tuple[str, str], Cell]) -> None:
    head, *by_company = comparison.by_company() or [[]]
    if len({row[1] for row in by_company}) > 1 or len(head) > 3:
        chosen_rows = st.segmented_control(
            "Rows", [DOCUMENTS, COMPANIES], default=DOCUMENTS, key="comparison-rows",
            label_visibility="collapsed",
        )  # fmt: skip
        if chosen_rows == COMPANIES:
            names = [clean(str(name)) for name in head]
            told = [
                dict(zip(names, (shortened(str(value), 300) for value in row), strict=True))
                for row in by_company
            ]
            st.dataframe(told, width="stretch", hide_index=True, key="comparison-companies")
            out = sum(not (one.company and one.fiscal_year) for one in comparison.documents)
            if out:
                st.caption(f"Left out: {counted(out, 'document')} without company or fiscal year.")
            return
    rows = []
    for document in comparison.documents:
        row: dict[str, str] = {"document": clean(document.file)}
        for question in comparison.questions:
            cell = cells.get((document.doc_id, question))
            text = f"{MARKS[cell.state]}{cell.value}" if cell else "…"
            row[clean(question)] = shortened(text, 300)
        rows.append(row)
    st.dataframe(rows, width="stretch", hide_index=True, key="comparison-table")


def _downloads(comparison: Comparison) -> None:
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Excel",
            data=lambda: to_xlsx(comparison.sheets()),
            file_name="comparison.xlsx",
            key="comparison-xlsx",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "CSV",
            data=lambda: to_csv(comparison.table()).encode("utf-8-sig", "replace"),
            file_name="comparison.csv",
            mime="text/csv",
            key="comparison-csv",
            icon=":material/download:",
            on_click="ignore",
        )


def _cell(desk: Desk, job: ComparisonJob, cell: Cell, number: int) -> None:
    place = f", {cell.citation.unit} {cell.citation.page_no}" if cell.citation else ""
    label = (
        f"{BADGES[cell.state]} {literal(cell.document.file)}{place} · "
        f":gray[{literal(shortened(cell.question, 80))}]"
    )
    box = st.expander(label, key=f"cell-{number}", on_change="rerun")
    if not box.open:
        return
    with box:
        st.text(clean(cell.value))
        if cell.citation is not None:
            st.caption("Quoted from the document:")
            st.text(clean(f"“{' '.join(cell.citation.quote.split())}”"))
        with st.container(horizontal=True):
            if cell.citation is not None and st.button(
                f"Open {cell.citation.unit} {cell.citation.page_no}", key=f"cell-page-{number}"
            ):
                assert cell.transcript.answer is not None
                open_page(desk.library, cell.citation.doc_id, cell.citation.page_no,
                          cell.citation, cell.transcript.answer.citations)  # fmt: skip
            st.button("Run again", key=f"cell-again-{number}", type="tertiary",
                      disabled=job.running, on_click=job.run_again, args=(cell,))  # fmt: skip
