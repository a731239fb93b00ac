"""Citations: from what a processor claims to a checked place on a page.

`verification` resolves a handle and a quotation and says whether the words stand there;
`statements` takes an answer apart into claims with their citations; `figures` looks for the numbers
of a claim in what it cites; `provenance` warns where years or companies are mixed; `acceptance`
puts them together for the processor, the app and the exports; `page_images` shows the place.
"""

from memgpt_docs.citations.acceptance import (
    Acceptance,
    Checked,
    Problem,
    check_answer,
    examine,
    repair_request,
)
from memgpt_docs.citations.comparable import find_quote
from memgpt_docs.citations.figures import FigureState
from memgpt_docs.citations.statements import Statement
from memgpt_docs.citations.verification import (
    Citation,
    Claim,
    QuoteStatus,
    check,
    in_reading_order,
    resolve,
)

__all__ = [
    "Acceptance",
    "Checked",
    "Citation",
    "Claim",
    "FigureState",
    "Problem",
    "QuoteStatus",
    "Statement",
    "check",
    "check_answer",
    "examine",
    "find_quote",
    "in_reading_order",
    "repair_request",
    "resolve",
]
