"""A page of a PDF as it is shown: with what was filled into its form.

Whoever reads a page and whoever shows where a quotation stands on it open it here, so that both see
the same characters.
"""

from __future__ import annotations

from typing import Any

import pypdfium2.raw as pdfium_c

# Annotations that may hold words of the page. A link, of which most pages have some, holds none.
_WITH_WORDS = (
    pdfium_c.FPDF_ANNOT_WIDGET,
    pdfium_c.FPDF_ANNOT_FREETEXT,
    pdfium_c.FPDF_ANNOT_STAMP,
)


def open_page(document: Any, index: int) -> Any:
    """Page `index` (0-based) of a document of pypdfium2, with the fields of its form, its typed
    notes and its stamps made part of it (in memory only)."""
    page = document[index]
    if not _has_words_in_annotations(page):
        return page
    try:
        # PDFium makes the looks of fields that lack them when it draws.
        page.render(scale=1 / max(page.get_size()))
        # It also takes a page that inherits its size for one of letter size.
        box = page.get_bbox()
        page.set_mediabox(*box)
        page.set_cropbox(*box)
        pdfium_c.FPDFPage_Flatten(page, pdfium_c.FLAT_NORMALDISPLAY)
    finally:
        page.close()
    return document[index]


def _has_words_in_annotations(page: Any) -> bool:
    for number in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, number)
        if not annotation:
            continue
        subtype = pdfium_c.FPDFAnnot_GetSubtype(annotation)
        pdfium_c.FPDFPage_CloseAnnot(annotation)
        if subtype in _WITH_WORDS:
            return True
    return False
