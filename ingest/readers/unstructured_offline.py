"""unstructured without a network: no telemetry, and no model to download.

On first use unstructured downloads a spaCy model, to guess from the grammar of a line whether it
is a title or prose. Readers here go by tags and styles and drop those guesses, so a blank pipeline
with a rule for the ends of sentences takes the model's place: the pages that come out are the
same, and a filing is read several times as fast. Call `prepare()` before importing a partitioner.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language

QUIET = {
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "1",
    "UNSTRUCTURED_DISABLE_NOTICE": "1",
    "HF_HUB_OFFLINE": "1",
}


def prepare() -> None:
    """Makes unstructured work offline in this process; safe to call again."""
    os.environ.update(QUIET)
    from unstructured.nlp import tokenize

    tokenize._load_spacy_model = _rules_only


def _rules_only() -> Language:
    import spacy

    model = spacy.blank("en")
    model.add_pipe("sentencizer")
    return model
