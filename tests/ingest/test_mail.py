"""Mail, read in its child process as in the pipeline."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from memgpt_docs.errors import UnreadableFile
from tests.ingest.test_readers import read_text


def test_a_message_with_its_attachments_named(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "Ada Berg <ada@halden.example>", "Ole <ole@halden.example>"
    message["Subject"] = "Größe der Arme"
    message.set_content("Dear Ole,\n\nthe arms are 4 m long.\n")
    message.add_alternative("<html><body><p>HTML words</p></body></html>", subtype="html")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="a.pdf")
    document = read_text(tmp_path, "a.eml", message.as_bytes())
    assert document.title == "Größe der Arme"
    assert [(page.text, page.unit) for page in document.pages] == [
        (
            "From: Ada Berg <ada@halden.example>\nTo: Ole <ole@halden.example>\n"
            "Subject: Größe der Arme\nAttachments (not opened): a.pdf\n\n"
            "Dear Ole,\n\nthe arms are 4 m long.",
            "message",
        )
    ]


def test_a_message_in_html_and_an_old_charset(tmp_path: Path) -> None:
    head = b"From: a@b.c\r\nSubject: =?gb2312?B?wPvI8w==?=\r\nMIME-Version: 1.0\r\n"
    html = "<html><body><table><tr><td>净利润</td><td>5</td></tr></table></body></html>"
    body = b"Content-Type: text/html; charset=gb2312\r\n\r\n" + html.encode("gb2312")
    document = read_text(tmp_path, "a.eml", head + body)
    assert document.pages[0].text == "From: a@b.c\nSubject: 利润\n\n净利润 | 5"


MAIL_HEAD = "From: a@b.c\r\nSubject: Offer\r\nMessage-ID: <1@x>\r\nMIME-Version: 1.0\r\n"
PLAIN, HTML = "Content-Type: text/plain", "Content-Type: text/html"


def multipart(subtype: str, *parts: tuple[str, str]) -> str:
    """The rest of a message, after its first headers, whose parts are each headers and words."""
    inside = "".join(f"--B\r\n{head}\r\n\r\n{words}\r\n" for head, words in parts)
    return f"Content-Type: multipart/{subtype}; boundary=B\r\n\r\n{inside}--B--\r\n"


def words_of_mail(tmp_path: Path, rest: str) -> str:
    """What is read of a message besides its first headers."""
    document = read_text(tmp_path, "a.eml", MAIL_HEAD + rest)
    (page,) = document.pages
    return page.text.removeprefix("From: a@b.c\nSubject: Offer").strip()


def test_every_text_of_a_message_is_read_and_the_rest_is_named(tmp_path: Path) -> None:
    pdf = "Content-Type: application/pdf; name=a.pdf\r\nContent-Disposition: inline"
    parts = [(PLAIN, "See the offer:"), (pdf, "x"), (PLAIN, "Our price is 42.")]
    told = words_of_mail(tmp_path, multipart("mixed", *parts))
    assert told == "Attachments (not opened): a.pdf\n\nSee the offer:\n\nOur price is 42."
    parts = [(HTML, "<p>One</p>"), (HTML, "<p>Two</p>"), (HTML, "<!-- -->")]
    assert words_of_mail(tmp_path, multipart("mixed", *parts)) == "One\n\nTwo"
    calendar = ("Content-Type: text/calendar", "BEGIN:VCALENDAR")
    attached = (f"{PLAIN}; name=log.txt\r\nContent-Disposition: attachment", "No words of it.")
    told = words_of_mail(tmp_path, multipart("mixed", calendar, attached))
    assert told == "Attachments (not opened): unnamed (text/calendar), log.txt"


@pytest.mark.parametrize(
    ("plain", "html", "told"),
    [
        ("The price is 42.", "<p>The <b>price</b> is 42.</p>", "The price is 42."),
        (" ", "<p>The price is 42.</p>", "The price is 42."),
        ("Your reader cannot show HTML.", "<p>The price is 42.</p>", "The price is 42."),
        ("See below.", "<p>The price is 42, until Friday.</p>", "The price is 42, until Friday."),
        ("We sent HTML to you.", "<p> </p>", "We sent HTML to you."),
    ],
)
def test_of_two_versions_the_one_with_the_words_is_read(
    tmp_path: Path, plain: str, html: str, told: str
) -> None:
    assert words_of_mail(tmp_path, multipart("alternative", (PLAIN, plain), (HTML, html))) == told


def test_a_message_nested_without_end(tmp_path: Path) -> None:
    def nested(depth: int) -> str:
        heads = (
            f"Content-Type: multipart/mixed; boundary=B{n}\r\n\r\n--B{n}\r\n" for n in range(depth)
        )
        return "".join(heads) + f"{PLAIN}\r\n\r\nDeep words.\r\n"

    assert words_of_mail(tmp_path, nested(20)) == "Deep words."
    told = words_of_mail(tmp_path, nested(40))
    assert told == "Attachments (not opened): unnamed (multipart/mixed)"
    with pytest.raises(UnreadableFile, match="nested too deeply"):
        words_of_mail(tmp_path, nested(2_000))


ENCODED = f"{PLAIN}\r\nContent-Transfer-Encoding: base64\r\n\r\nVGhlIHByaWNlIGlzIDQyLg==\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("before", ["", "\r\n"])
def test_a_message_that_another_program_saved(tmp_path: Path, encoding: str, before: str) -> None:
    raw = (before + MAIL_HEAD + ENCODED).encode(encoding)
    document = read_text(tmp_path, "a.eml", raw)
    assert [page.text for page in document.pages] == [
        "From: a@b.c\nSubject: Offer\n\nThe price is 42."
    ]


def test_a_message_that_calls_its_windows_letters_latin(tmp_path: Path) -> None:
    head = f"{MAIL_HEAD}{PLAIN}; charset=iso-8859-1\r\n\r\n".encode()
    for words, encoding in (("“42 €” – it’s", "cp1252"), ("42 €", "utf-8")):
        document = read_text(tmp_path, "a.eml", head + words.encode(encoding))
        assert document.pages[0].text.endswith(f"Offer\n\n{words}")


def test_every_mail_of_a_mailbox_is_read(tmp_path: Path) -> None:
    envelope = "From a@b.c Mon Jan  1 00:00:00 2024\r\n"
    mails = [multipart("mixed", (PLAIN, f"From mail {n} on.\n>{envelope}")) for n in range(3)]
    text = "\r\n".join(envelope + MAIL_HEAD + mail for mail in mails)
    document = read_text(tmp_path, "all.mbox", text)
    assert [page.unit for page in document.pages] == ["message"] * 3
    for number, page in enumerate(document.pages):
        assert page.text.startswith(f"From: a@b.c\nSubject: Offer\n\nFrom mail {number} on.")
    # A mail that quotes another is one.
    quoting = f"{MAIL_HEAD}{PLAIN}\r\n\r\n{envelope}Subject: Old\r\n\r\nOld words."
    assert len(read_text(tmp_path, "a.eml", quoting).pages) == 1
