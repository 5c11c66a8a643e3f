"""What a message says, for a person at a screen: the chief fields, the text, the names of what is attached."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.text import show


def raw(text: str) -> bytes:
    """Write a message as the record keeps it."""
    return text.replace("\n", "\r\n").encode()


def test_fields_and_text():
    """The chief fields are decoded, in their order; two authors are two lines."""
    shown = show(
        raw(
            "Received: from a\nFrom: =?utf-8?q?D=C5=B5r?= <d@example.org>\nFrom: other@example.org\n"
            "Subject: one\n two\nX-Other: no\n\nHello,\n\nyou.\n"
        )
    )
    assert shown.fields == (("From", "Dŵr <d@example.org>"), ("From", "other@example.org"), ("Subject", "one two"))
    assert shown.text == "Hello,\n\nyou."
    assert shown.attachments == ()
    assert shown.remarks == ()


def test_attachments_are_named_and_never_opened():
    """An attachment is its name, its kind and its size; a path in a name is only a name."""
    message = EmailMessage()
    message["From"] = "r@example.org"
    message.set_content("See the attachment.")
    message.add_attachment(b"x" * 3000, maintype="application", subtype="pdf", filename="../../etc/letter.pdf")
    shown = show(message.as_bytes().replace(b"\n", b"\r\n"))
    assert shown.text == "See the attachment."
    assert shown.attachments == ("../../etc/letter.pdf (application/pdf, about 5 kB as sent)",)


def test_plain_text_is_preferred():
    """Where there are both, the plain text is shown."""
    message = EmailMessage()
    message.set_content("plain")
    message.add_alternative("<p>rich</p>", subtype="html")
    assert show(message.as_bytes().replace(b"\n", b"\r\n")).text == "plain"


def test_words_of_html():
    """Where there is only HTML, its words are shown, without scripts, and it is said."""
    html = "<head><style>p{}</style></head><body><p>One &amp; two</p><script>evil()</script><div>three</div></body>"
    shown = show(raw(f"From: a@example.org\nContent-Type: text/html; charset=utf-8\n\n{html}\n"))
    assert shown.text == "One & two\nthree"
    assert any("HTML" in remark for remark in shown.remarks)


@pytest.mark.parametrize(
    ("header", "body", "text"),
    [
        pytest.param("text/plain; charset=iso-8859-1", b"D\xe9j\xe0", "Déjà", id="a known charset"),
        pytest.param("text/plain; charset=x-made-up", "Dŵr".encode(), "Dŵr", id="an unknown charset is read as UTF-8"),
        pytest.param("text/plain; charset=utf-8", b"a\xffb", "a\ufffdb", id="what cannot be decoded is replaced"),
        pytest.param("text/plain; charset=unicode-1-1-utf-7", b"plain", "plain", id="a charset that plays tricks"),
        pytest.param("text/plain; charset=\xff", b"plain", "plain", id="a charset that is none"),
        pytest.param("nonsense", b"plain", "plain", id="a kind that is none"),
    ],
)
def test_charsets(header, body, text):
    """No charset is a fault."""
    message = b"From: a@example.org\r\nContent-Type: " + header.encode("latin-1") + b"\r\n\r\n" + body
    assert show(message).text == text


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\r\n\r\n", id="no header"),
        pytest.param(b"no header at all", id="no field"),
        pytest.param(b"Content-Type: multipart/mixed\r\n\r\nno boundary", id="no boundary"),
        pytest.param(b"From: " + b"(" * 1000 + b"\r\n\r\nx", id="a thousand parentheses"),
        pytest.param(b"Content-Transfer-Encoding: base64\r\n\r\n!!!", id="base64 that is none"),
    ],
)
def test_nothing_raises(message):
    """Broken messages are shown as far as they can be."""
    show(message)


def _nested(depth: int) -> bytes:
    head, body = b"From: a@example.org\r\n", b"Content-Type: text/plain\r\n\r\ndeep\r\n"
    for number in range(depth):
        mark = b"b%d" % number
        kind = b'Content-Type:\tmultipart/mixed; boundary="%s"' % mark
        body = b"%s\r\n\r\n--%s\r\n%s\r\n--%s--\r\n" % (kind, mark, body, mark)
    return head + body


def test_nesting_and_many_parts_cost_little():
    """What crashes or stalls the parser is shown as it came, at once (THREATS C1)."""
    begun = time.monotonic()
    deep = show(_nested(2000))
    assert any("as it came" in remark for remark in deep.remarks)
    parts = b"\r\n--x\r\n\r\n".join(b"p" for _ in range(100_000))
    many = show(b"From: a@example.org\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n" + parts)
    assert many.remarks
    assert time.monotonic() - begun < 15


def test_long_texts_are_cut_and_it_is_said():
    """A text longer than a person reads is cut, and the cut is named."""
    shown = show(b"From: a@example.org\r\n\r\n" + b"word " * 100_000)
    assert len(shown.text) == 20_000
    assert len(shown.remarks) == 2


@given(st.binary(max_size=400))
def test_no_bytes_raise(octets):
    """Whatever the bytes, something is shown."""
    assert isinstance(show(octets).text, str)
    assert isinstance(show(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" + octets).text, str)
