"""What is doubtful about an answer, under it: claims without a citation, figures that nothing cited
holds, years and companies that are mixed; and how derived figures were worked out."""

from __future__ import annotations

import streamlit as st

from memgpt_docs.citations import Checked
from memgpt_docs.export.report import doubts
from memgpt_docs.ui.text import literal, shortened

MOST = 8


def show(checked: Checked) -> None:
    """Draws nothing for an answer without a doubt."""
    lines = [
        f"“{literal(shortened(one.text, 140))}”: {literal('; '.join(doubts(one)))}"
        for one in checked.statements
        if doubts(one)
    ]
    lines += [literal(warning) for warning in checked.warnings]
    if lines:
        more = f"- and {len(lines) - MOST} more" if len(lines) > MOST else ""
        listed = "\n".join([*(f"- {line}" for line in lines[:MOST]), more])
        st.warning(f"Check these before you rely on them:\n\n{listed}")
    for formula in checked.formulas:
        st.caption(f":material/calculate: Worked out: {literal(formula)}")
