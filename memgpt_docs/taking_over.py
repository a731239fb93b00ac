"""Taking over: the memory of an agent becomes what was saved of its session."""

from __future__ import annotations

from memgpt_docs.context import MainContext
from memgpt_docs.functions import Functions
from memgpt_docs.sessions import Saved


def take_over(saved: Saved, context: MainContext, functions: Functions) -> None:
    """Fills a new context and new functions with what was saved."""
    context.working_context.restore(saved.notes)
    context.summary = saved.summary
    for entry, scale in saved.queue:
        context.rescale(scale)  # so that it is clipped as it was
        context.append(entry)
    context.rescale(saved.scale)
    functions.handles.restore(saved.handles)
    functions.archival.restore(saved.rankings)
    context.question = saved.question
    functions.begin(saved.question, saved.documents)
    for page in saved.pages:
        functions.coverage.read(page)
    context.coverage = functions.coverage.searches()
    functions.acceptance.expressions = list(saved.expressions)
    functions.acceptance.returned, functions.gate.returned = saved.returned
