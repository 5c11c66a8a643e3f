"""The first part of what a message says: the sender's own words, whatever the bytes, in little time."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.message import MOST_ANSWERED, Thread, thread
from adapters.mail.opening import LONGEST_OPENING, opening


def raw(text: str) -> bytes:
    """Write a message as the record keeps it."""
    return text.replace("\n", "\r\n").encode()


def plain(body: str) -> str:
    """Give the opening of a plain message."""
    return opening(raw(f"From: r@example.org\nSubject: x\n\n{body}\n"))


def html(body: str) -> str:
    """Give the opening of a message that has HTML alone."""
    return opening(raw(f"From: r@example.org\nContent-Type: text/html; charset=utf-8\n\n{body}\n"))


def made(message: EmailMessage) -> str:
    """Give the opening of a message that Python's library wrote."""
    return opening(message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


OWN = {
    "plain words": ("Hello,\n\nyou.", "Hello,\n\nyou."),
    "quoted lines are left out": ("> HO/2024-123\n\nNo.\n>> older\nNever.", "No.\nNever."),
    "so is what introduces them": ("No.\n\nOn Monday R. Example wrote:\n\n> HO/2024-123", "No."),
    "on two lines": ("No.\n\nOn Monday 9 March 2026 at 10:00,\nR. Example <r@example.org> wrote:\n> HO", "No."),
    "in Welsh": ("Na.\n\nAr Lun ysgrifennodd R. Example:\nysgrifennodd:\n> HO", "Na."),
    "words that end so without a quote stay": ("This is what you wrote:\nNo to all of it.",) * 2,
    "a message below a ruler": ("No.\n-----Original Message-----\nHO/2024-123", "No."),
    "a message below its header": (
        "No.\n\nFrom: Office <o@example.org>\nSent: 9 March 2026 10:00\nTo: R. Example\nSubject: HO/2024-123\n\nText",
        "No.",
    ),
    "a header in bold": ("No.\n*From:* O\n*Sent:* now\n*To:* R\nHO/2024-123", "No."),
    "one word that looks like a field stays": ("From: my window I see HO/2024-123.",) * 2,
    "a signature": ("No.\n-- \nR. Example, HO/2024-123", "No."),
    "a dash is no signature": ("No.\n--\nYes.", "No.\n--\nYes."),
    "nothing but quotes": ("> HO/2024-123", ""),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("body", "own"), OWN.values(), ids=OWN)
def test_only_the_senders_own_words(body, own):
    """What the sender quotes, forwards or signs with is not what the message is about."""
    assert plain(body) == own


HTML = {
    "words between tags": ("<p>HO/2024-<b>123</b></p><p>two &amp; three</p>", "HO/2024-123\ntwo & three"),
    "cells of a table": ("<table><tr><td>Ref</td><td>HO/2024-123</td><td>open</td></tr>", "Ref\nHO/2024-123\nopen"),
    "a quote is left out": (
        "<div>No.</div><blockquote>HO<blockquote>2024</blockquote>123</blockquote><p>Yes.",
        "No.\nYes.",
    ),
    "scripts and styles too": ("<style>HO</style><script>2024</script>No.", "No."),
    "an ampersand at the end": ("Mine &amp; yours &", "Mine & yours &"),
    "a broken declaration is left out": ("No.<![<b>HO", "No.HO"),
    "a quote that is not closed": ("No.<blockquote>HO", "No."),
    "one that was never opened": ("No.</blockquote> Yes.", "No. Yes."),
}


@pytest.mark.parametrize(("body", "own"), HTML.values(), ids=HTML)
def test_the_words_of_html(body, own):
    """Mail that is HTML alone is read by its words."""
    assert html(body) == own


def test_encoded_text_is_decoded():
    """Base64, quoted-printable and charsets are undone; a reference broken by a soft line end is whole again."""
    message = EmailMessage()
    message.set_content("Ynglŷn â HO/2024-123", cte="base64")
    assert made(message) == "Ynglŷn â HO/2024-123"
    assert (
        opening(
            b"Content-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            b"\x93HO/20=\r\n24-123=94 =96 no\r\n"
        )
        == "\u201cHO/2024-123\u201d \u2013 no"
    )


def test_the_plain_text_is_read_and_nothing_that_is_attached():
    """Of several forms the plain one; an attachment is not opened, even a text."""
    message = EmailMessage()
    message.add_attachment("HO/2024-123", filename="letter.txt")
    message.add_attachment(b"HO/2024-123", maintype="application", subtype="pdf", filename="letter.pdf")
    assert made(message) == ""
    message = EmailMessage()
    message.set_content("plain")
    message.add_alternative("<p>rich</p>", subtype="html")
    message.add_attachment("HO/2024-123", filename="letter.txt")
    assert made(message) == "plain"


def test_an_empty_plain_text_beside_html_is_none():
    """Some programs send an empty plain part with their HTML: then the HTML is what was written."""
    message = EmailMessage()
    message.set_content("\n")
    message.add_alternative("<p>rich</p>", subtype="html")
    assert made(message) == "rich"


def test_only_the_first_part_is_given():
    """A long message is cut; what stands far below is not read."""
    text = plain("word " * 2_000 + "\nHO/2024-123")
    assert len(text) <= LONGEST_OPENING
    assert "HO/2024" not in text


HOSTILE = {
    "tags that never end": "Content-Type: text/html\n\n" + "<a " * 30_000,
    "quotes in tags": "Content-Type: text/html\n\n" + "<a x='" * 15_000,
    "comments": "Content-Type: text/html\n\n" + "<!--" * 20_000,
    "ampersands": "Content-Type: text/html\n\n" + "&#" * 40_000,
    "quotes in quotes": "Content-Type: text/html\n\n" + "<blockquote>" * 6_000 + "</blockquote>" * 6_000,
    "empty lines": "From: x\n\n" + "\n" * 60_000,
    "fields in the text": "From: x\n\n" + "from:\n" * 15_000,
    "parts": "Content-Type: multipart/mixed; boundary=a\n\n" + "--a\n\nx\n" * 9_000,
    "nesting": "Content-Type: multipart/mixed; boundary=a\n\n"
    + "--a\nContent-Type: multipart/mixed; boundary=b\n\n" * 2_000,
    "parameters": "Content-Type: text/plain; " + "a*0*=b; " * 9_000 + "\n\nx",
    "quoted parameters": "Content-Type: text/plain; " + '";' * 40_000 + "\n\nx",
    "an unknown charset": "Content-Type: text/plain; charset=x-\u0661\n\nx",
    "a wrong encoding": "Content-Transfer-Encoding: base64\n\n=A=A\ud7ff",
    "a marked section": "Content-Type: text/html\n\nNo. <![IE[<" * 900,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_messages_cost_little(text):
    """Whatever is in a body, it is read in a moment, without an exception (THREATS C1)."""
    began = time.perf_counter()
    assert len(opening(raw(text))) <= LONGEST_OPENING
    assert time.perf_counter() - began < 1.0


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"Content-Type: text/html\r\n", b"Content-Type: multipart/x\r\n"])
)
def test_no_bytes_are_too_strange(body, field):
    """No message whatever raises."""
    assert isinstance(opening(field + b"\r\n" + body), str)
    assert isinstance(thread(field + b"\r\n" + body), Thread)


# What it answers

THREADS = {
    "it answers nothing": ("Message-ID: <a@x>", Thread("<a@x>")),
    "it answers one": ("Message-ID: <b@x>\nIn-Reply-To: <a@x>", Thread("<b@x>", ("<a@x>",))),
    "it stands in a thread": (
        "References: <a@x> <b@x>\n <c@x>\nMessage-ID: <d@x>\nIn-Reply-To: <c@x>",
        Thread("<d@x>", ("<c@x>", "<b@x>", "<a@x>")),
    ),
    "words stand beside the id": ("In-Reply-To: your message <a@x> of Monday", Thread("", ("<a@x>",))),
    "the ids are no ids": ("In-Reply-To: a@x\nReferences: <>\nMessage-ID: <a b@x>", Thread()),
}


@pytest.mark.parametrize(("fields", "found"), THREADS.values(), ids=THREADS)
def test_what_a_message_answers(fields, found):
    """In-Reply-To first, then References from the last one back."""
    assert thread(raw(f"From: r@example.org\n{fields}\n\nx\n")) == found


def test_so_many_references_are_read():
    """The newest ones are read, however many there are."""
    references = "".join(f"\n <{number}@x>" for number in range(500))
    answers = thread(raw(f"From: r@example.org\nReferences:{references}\n\nx\n")).answers
    assert answers == tuple(f"<{number}@x>" for number in range(499, 499 - MOST_ANSWERED, -1))
