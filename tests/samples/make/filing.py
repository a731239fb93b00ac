"""A filing as PDF: pages with running heads, labels, contents, outline."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportlab import rl_config
from reportlab.lib.pagesizes import letter
from reportlab.lib.units import inch
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
)
from reportlab.platypus.tableofcontents import TableOfContents

from make.markup import Block
from make.styles import Look
from make.tables import marked, table

rl_config.useA85 = 0
_RUNS = re.compile(r"[ -~]+|[^ -~]+")
_ROMAN = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"]


def _runs(text: str) -> list[str]:
    return _RUNS.findall(text)


@dataclass
class Heads:
    """The running words of a document."""

    title: str
    author: str
    subject: str
    left: str
    right: str
    footer: str


class Heading(Paragraph):
    """A heading that knows its place in the outline."""

    outline_level: int | None = None
    outline_text = ""
    indexed = False


class Listing(TableOfContents):
    """A table of contents that listens to one kind of notice."""

    def __init__(self, kind: str, **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind

    def notify(self, kind: str, stuff: Any) -> None:
        """Takes an entry of its own kind."""
        if kind == self.kind:
            self.addEntry(*stuff)


class Filing(BaseDocTemplate):
    """Front pages numbered i, ii, iii and a body numbered from 1."""

    def __init__(
        self, path: Path, look: Look, heads: Heads, page: tuple[float, float], lang: str
    ) -> None:
        super().__init__(
            str(path), pagesize=page, invariant=1, pageCompression=1, lang=lang,
            leftMargin=1.08 * inch, rightMargin=1.08 * inch, topMargin=1.0 * inch,
            bottomMargin=0.95 * inch, title=heads.title, author=heads.author,
            subject=heads.subject, creator="make_sample_docs.py",
        )  # fmt: skip
        self.look, self.heads = look, heads
        self.body_start: int | None = None
        self.last_start: int | None = None
        self.marks = 0
        frame = Frame(
            self.leftMargin, self.bottomMargin, self.width, self.height, 0, 0, 0, 0, id="f"
        )
        self.addPageTemplates(
            [
                PageTemplate("cover", [frame], onPage=self._cover),
                PageTemplate("front", [frame], onPage=self._front),
                PageTemplate("body", [frame], onPage=self._body),
            ]
        )

    def beforeDocument(self) -> None:
        """Starts each pass afresh."""
        self.last_start = self.body_start
        self.body_start, self.marks = None, 0

    def label(self, page: int) -> str:
        """The number printed on a physical page."""
        start = self.body_start or self.last_start
        if start and page >= start:
            return str(page - start + 1)
        return _ROMAN[page] if page < len(_ROMAN) else ""

    def _cover(self, canvas: Canvas, _doc: Any) -> None:
        canvas.addPageLabel(0, style="ROMAN_LOWER", start=1)

    def _front(self, canvas: Canvas, _doc: Any) -> None:
        self._running(canvas)

    def _body(self, canvas: Canvas, _doc: Any) -> None:
        if self.body_start is None:
            self.body_start = canvas.getPageNumber()
            canvas.addPageLabel(self.body_start - 1, style="ARABIC", start=1)
        self._running(canvas)

    def _running(self, canvas: Canvas) -> None:
        width, height = self.pagesize
        canvas.saveState()
        canvas.setFillColor(self.look.grey)
        top, bottom = height - 0.62 * inch, 0.5 * inch
        right = width - self.rightMargin
        self._words(canvas, self.heads.left, self.leftMargin, top)
        self._words(canvas, self.heads.right, right, top, align_right=True)
        canvas.setStrokeColor(self.look.accent)
        canvas.setLineWidth(0.6)
        canvas.line(self.leftMargin, top - 5, width - self.rightMargin, top - 5)
        self._words(canvas, self.heads.footer, self.leftMargin, bottom)
        label = self.label(canvas.getPageNumber())
        self._words(canvas, label, right, bottom, align_right=True)
        canvas.restoreState()

    def _words(
        self, canvas: Canvas, text: str, x: float, y: float, align_right: bool = False
    ) -> None:
        """Draws a line in which Latin and Chinese runs have their own fonts."""
        latin = self.look.latin or self.look.light
        runs = [(run, latin if run.isascii() else self.look.light) for run in _runs(text)]
        if align_right:
            x -= sum(stringWidth(run, font, 8) for run, font in runs)
        for run, font in runs:
            canvas.setFont(font, 8)
            canvas.drawString(x, y, run)
            x += stringWidth(run, font, 8)

    def afterFlowable(self, flowable: Flowable) -> None:
        """Marks headings in the outline and the contents."""
        if not isinstance(flowable, Heading) or flowable.outline_level is None:
            return
        level, text = flowable.outline_level, flowable.outline_text
        self.marks += 1
        key = f"mark-{self.marks}"
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(text, key, level, closed=level > 0)
        if level < 2:
            entry = marked(text, self.look)
            if self.look.latin:
                entry = f'<font name="{self.look.body}">{entry}</font>'
            self.notify("TOCEntry", (level, entry, self.page, key))
        elif flowable.indexed:
            self.notify("IndexEntry", (0, marked(text, self.look), self.page, key))


class Setter:
    """Turns blocks into flowables."""

    def __init__(self, doc: Filing, special: dict[str, Callable[[], list[Flowable]]]) -> None:
        self.doc, self.look, self.special = doc, doc.look, special
        self.fresh = True

    def story(self, blocks: list[Block]) -> list[Flowable]:
        """All flowables of a document in order."""
        story: list[Flowable] = []
        for block in blocks:
            made = self._one(block)
            if block.kind != "directive":
                self.fresh = block.kind == "heading" and block.level == 1
            story += made
        return story

    def _one(self, block: Block) -> list[Flowable]:
        if block.kind == "table":
            return table(block, self.look, self.doc.width)
        if block.kind == "heading":
            return self._heading(block)
        if block.kind == "directive":
            return self._directive(block.text)
        style = self.look.style(block.kind)
        bullet = "•" if block.kind == "item" else None
        return [Paragraph(marked(block.text, self.look), style, bulletText=bullet)]

    def _heading(self, block: Block) -> list[Flowable]:
        text = block.text.removeprefix("+").strip()
        made = Heading(marked(text, self.look), self.look.style(f"h{block.level}"))
        if block.level < 4:
            made.outline_level = block.level - 1
            made.outline_text = text
            made.indexed = text.startswith(("Note ", "Consolidated ", "Report of "))
        breaks = block.level == 1 or (block.level == 2 and not block.text.startswith("+"))
        if breaks and not self.fresh:
            return [PageBreak(), made]
        return [made]

    def _directive(self, name: str) -> list[Flowable]:
        if name == "page":
            self.fresh = True
            return [PageBreak()]
        if name == "front":
            self.fresh = True
            return [NextPageTemplate("front"), PageBreak()]
        if name == "body":
            self.fresh = True
            return [NextPageTemplate("body"), PageBreak()]
        if name == "contents":
            return [self._listing("TOCEntry", [self.look.style("toc1"), self.look.style("toc2")])]
        if name == "index":
            return [self._listing("IndexEntry", [self.look.style("toc2")])]
        if name == "space":
            return [Spacer(1, 14)]
        return self.special[name]()

    def _listing(self, kind: str, styles: list[Any]) -> Listing:
        made = Listing(kind, levelStyles=styles, dotsMinLevel=0)
        made.formatter = self.doc.label
        return made


def write(
    path: Path,
    look: Look,
    heads: Heads,
    blocks: list[Block],
    special: Callable[[Filing], dict[str, Callable[[], list[Flowable]]]],
    page: tuple[float, float] = letter,
    lang: str = "en-US",
) -> None:
    """Builds one PDF; a second pass fills the contents."""
    doc = Filing(path, look, heads, page, lang)
    story = Setter(doc, special(doc)).story(blocks)
    doc.multiBuild(_bound(story))


def _bound(story: list[Flowable]) -> list[Flowable]:
    """Keeps a table on one page with the headings and the short paragraph that lead to it."""
    bound: list[Flowable] = []
    for flowable in story:
        if isinstance(flowable, KeepTogether):
            lead: list[Flowable] = []
            while bound and _leads(bound[-1], bool(lead)):
                lead.insert(0, bound.pop())
            flowable = KeepTogether([*lead, *getattr(flowable, "_content", [])])
        bound.append(flowable)
    return bound


def _leads(flowable: Flowable, led: bool) -> bool:
    name = getattr(getattr(flowable, "style", None), "name", "")
    text = getattr(flowable, "text", "") or ""
    return name in {"h2", "h3", "h4"} or (name == "para" and not led and len(text) <= 420)
