"""A report as one HTML file: nothing in it is loaded from anywhere, and nothing in it runs."""

from __future__ import annotations

from html import escape

from memgpt_docs.export.report import Block, Kind, Report, printable

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
       color: #1c2430; background: #fff; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.3; } h2 { font-size: 1.15rem; margin-top: 2rem; }
h3 { font-size: 1rem; margin-bottom: .3rem; }
pre { white-space: pre-wrap; background: #f4f5f7; border-left: 3px solid #9aa4b2;
      padding: .6rem .8rem; font: .86rem/1.45 ui-monospace, monospace; }
.warning { background: #fff4e0; border-left: 3px solid #c77700; padding: .5rem .8rem; }
@media print { body { margin: 0; max-width: none; } }
"""
# Even an image or a script that slipped through would not be loaded.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
_TAGS = {
    Kind.TITLE: ("<h1>", "</h1>"),
    Kind.HEADING: ("<h2>", "</h2>"),
    Kind.SUBHEADING: ("<h3>", "</h3>"),
    Kind.TEXT: ('<p dir="auto">', "</p>"),
    Kind.ITEM: ('<li dir="auto">', "</li>"),
    Kind.SOURCE: ('<pre dir="auto">', "</pre>"),
    Kind.WARNING: ('<p class="warning">', "</p>"),
}


def write(report: Report) -> str:
    """The report as HTML."""
    blocks = list(report.blocks())
    title = next((block.text for block in blocks if block.kind is Kind.TITLE), "Answers")
    body = []
    in_list = False
    for block in blocks:
        if (block.kind is Kind.ITEM) != in_list:
            in_list = not in_list
            body.append("<ul>" if in_list else "</ul>")
        body.append(_block(block))
    if in_list:
        body.append("</ul>")
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(printable(title))}</title>",
            f"<style>{_STYLE}</style></head><body>",
            *body,
            "</body></html>\n",
        ]
    )


def _block(block: Block) -> str:
    before, after = _TAGS[block.kind]
    return f"{before}{escape(printable(block.text))}{after}"
