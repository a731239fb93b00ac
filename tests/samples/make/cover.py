"""The cover page of an annual report on Form 10-K."""

from collections.abc import Callable

from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, HRFlowable, Paragraph, Spacer, Table, TableStyle

from make.filing import Filing
from make.tables import escaped
from make.wording import Wording


class Cover:
    """Sets the cover from the facts of the company and the year."""

    def __init__(self, doc: Filing, words: Wording) -> None:
        self.doc, self.words, self.look = doc, words, doc.look

    def story(self) -> list[Flowable]:
        """The flowables of the page."""
        rule = HRFlowable(width="100%", thickness=1.1, color=self.look.accent, spaceAfter=5)
        made: list[Flowable] = [
            rule,
            self._line("UNITED STATES", 11, bold=True),
            self._line("SECURITIES AND EXCHANGE COMMISSION", 11, bold=True),
            self._line("Washington, D.C. 20549", 9.5),
            Spacer(1, 4),
            self._line("FORM 10-K", 17, bold=True),
            self._line("(Mark One)", 9),
            self._line("[X] ANNUAL REPORT PURSUANT TO SECTION 13 OR 15(d) OF THE", 9.5, bold=True),
            self._line("SECURITIES EXCHANGE ACT OF 1934", 9.5, bold=True),
            self._line("For the fiscal year ended {fye_full}", 10.5, bold=True),
            self._line("or", 9),
            self._line("[ ] TRANSITION REPORT PURSUANT TO SECTION 13 OR 15(d)", 9),
            self._line("Commission file number: {file_no}", 10),
            Spacer(1, 5),
            self._line("{co_caps}", 20, bold=True),
            self._line("(Exact name of registrant as specified in its charter)", 8.5),
            Spacer(1, 4),
        ]
        made += self._pairs()
        made += self._securities()
        made += [self._small(text) for text in _STATEMENTS]
        made.append(HRFlowable(width="100%", thickness=1.1, color=self.look.accent))
        return made

    def _line(self, text: str, size: float, bold: bool = False) -> Paragraph:
        font = self.look.head if bold else self.look.body
        style = ParagraphStyle(
            "cover", fontName=font, fontSize=size, leading=size * 1.27, alignment=1, spaceAfter=1.5
        )
        return Paragraph(escaped(self.words.fill(text)), style)

    def _small(self, text: str) -> Paragraph:
        style = ParagraphStyle(
            "small", fontName=self.look.body, fontSize=8.3, leading=10.2, spaceAfter=3.6,
            alignment=4,
        )  # fmt: skip
        return Paragraph(escaped(self.words.fill(text)), style)

    def _pairs(self) -> list[Flowable]:
        rows = [
            [self._line("{state}", 10, bold=True), self._line("{ein}", 10, bold=True)],
            [
                self._line("(State or other jurisdiction of incorporation)", 8),
                self._line("(I.R.S. Employer Identification No.)", 8),
            ],
            [self._line("{address}", 10), self._line("{phone}", 10)],
            [
                self._line("(Address of principal executive offices)", 8),
                self._line("(Registrant's telephone number)", 8),
            ],
        ]
        tight = TableStyle(
            [("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 1)]
        )
        return [Table(rows, [self.doc.width / 2] * 2, style=tight), Spacer(1, 5)]

    def _securities(self) -> list[Flowable]:
        heads = ["Title of each class", "Trading symbol", "Name of each exchange"]
        cells = ["{share_title}", "{ticker}", "{exchange}"]
        rows = [
            [self._line(text, 8.5, bold=True) for text in heads],
            [self._line(text, 9.5) for text in cells],
        ]
        style = TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 0.5, self.look.grey),
                ("LINEBELOW", (0, 0), (-1, 0), 0.5, self.look.grey),
                ("BACKGROUND", (0, 0), (-1, 0), self.look.tint),
            ]
        )
        title = self._line("Securities registered pursuant to Section 12(b) of the Act:", 9)
        return [title, Spacer(1, 3), Table(rows, [self.doc.width / 3] * 3, style=style),
                Spacer(1, 6)]  # fmt: skip


_STATEMENTS = [
    "Securities registered pursuant to Section 12(g) of the Act: None.",
    "Indicate by check mark if the registrant is a well-known seasoned issuer, as defined in "
    "Rule 405 of the Securities Act. Yes [X] No [ ]. Indicate by check mark if the registrant "
    "is not required to file reports pursuant to Section 13 or Section 15(d) of the Act. "
    "Yes [ ] No [X]",
    "Indicate by check mark whether the registrant (1) has filed all reports required to be "
    "filed by Section 13 or 15(d) of the Securities Exchange Act of 1934 during the preceding "
    "12 months and (2) has been subject to such filing requirements for the past 90 days. "
    "Yes [X] No [ ]",
    "Large accelerated filer [X]  Accelerated filer [ ]  Non-accelerated filer [ ]  Smaller "
    "reporting company [ ]  Emerging growth company [ ]",
    "Indicate by check mark whether the registrant is a shell company (as defined in Rule 12b-2 "
    "of the Act). Yes [ ] No [X]",
    "The aggregate market value of the voting stock held by non-affiliates of the registrant, "
    "computed by reference to the closing price on {mv_date}, was approximately {mv}. As of "
    "{shares_date}, there were {shares_out} shares of the registrant's common stock outstanding.",
    "DOCUMENTS INCORPORATED BY REFERENCE: Portions of the registrant's definitive proxy "
    "statement for its annual meeting of shareholders to be held on {agm_date} are incorporated "
    "by reference into Part III of this report where indicated. The registrant is an invented "
    "company; this document is a sample.",
]


def special(words: Wording) -> Callable[[Filing], dict[str, Callable[[], list[Flowable]]]]:
    """The directives a 10-K text may use beside the common ones."""
    return lambda doc: {"cover": Cover(doc, words).story}
