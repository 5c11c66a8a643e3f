"""What a message says, whole: own words and attachments by digest; the opening's tests show what words are own."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from adapters.mail import attachments as files
from adapters.mail import body as reading
from adapters.mail.body import TOO_LONG, Body, body
from adapters.mail.parts import TOO_MANY

PDF = b"%PDF-1.7 " + b"letter " * 100


def letter(text: str = "Hello", *, pdf: bytes = PDF, name: str = "a.pdf", kind: str = "application/pdf") -> bytes:
    """Give a message with one file."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "r@example.org"
    message.set_content(text)
    maintype, subtype = kind.split("/")
    message.add_attachment(pdf, maintype=maintype, subtype=subtype, filename=name)
    return message.as_bytes()


def test_words_and_files():
    """The own words, and SHA-256 of the file as it was before it was encoded."""
    said = body(letter("Hello\n> quoted\n"))
    assert said.text == "Hello"
    assert [(one.digest, one.size) for one in said.attached] == [(sha256(PDF).hexdigest(), len(PDF))]
    assert said.over == ""


def test_a_file_is_the_same_however_it_is_sent():
    """Another name, type and encoding: the digest is of the octets (C7)."""
    by_lines = base64.encodebytes(PDF).replace(b"\n", b"\r\n")
    plain = b"Content-Type: x/y; name=z\r\nContent-Transfer-Encoding: BASE64\r\n\r\n" + by_lines
    assert body(plain).attached == body(letter()).attached == body(letter(name="../../etc/passwd")).attached


def test_what_says_nothing_is_no_attachment():
    """Pictures that stand in the text, as a logo does, and files of next to no octets."""
    logo = (
        b"Content-Type: image/png; name=logo.png\r\nContent-Disposition: inline; filename=logo.png\r\n\r\n" + b"x" * 999
    )
    assert body(logo).attached == ()
    assert body(letter(pdf=b"x" * (files.LEAST - 1))).attached == ()
    assert len(body(letter(pdf=b"x" * 999, kind="image/png")).attached) == 1


def test_only_so_many_files(monkeypatch):
    """What is left out is said, and each is there once."""
    message = EmailMessage(policy=SMTP)
    message.set_content("Hello")
    for number in range(5):
        message.add_attachment(PDF + bytes([number // 2]), maintype="application", subtype="pdf", filename="a")
    assert (len(body(message.as_bytes()).attached), body(message.as_bytes()).over) == (3, "")
    monkeypatch.setattr(files, "MOST", 2)
    assert (len(body(message.as_bytes()).attached), body(message.as_bytes()).over) == (2, files.TOO_MANY)


def test_text_in_several_pieces():
    """Some programs cut the text around a picture: all of it is the sender's."""
    message = EmailMessage(policy=SMTP)
    message.set_content("one")
    message.make_mixed()
    second = EmailMessage(policy=SMTP)
    second.set_content("two")
    message.attach(second)
    assert body(message.as_bytes()).text == "one\n\ntwo"


def test_what_is_too_long_is_said(monkeypatch):
    """Text beyond what is read, lines beyond what is read, parts beyond what is read."""
    head = b"From: r@example.org\r\n\r\n"
    assert body(head + b"x " * reading.LONGEST_TEXT).over == TOO_LONG
    assert body(head + b"x\r\n" * 5_000).over == TOO_LONG
    many = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\nhello\r\n" * 500
    assert (body(many).over, body(many).text[:5]) == (TOO_MANY, "hello")


def test_an_attached_text_is_no_part_of_the_text():
    """It is hashed, and its words are given apart, without what is quoted in it; other files are not opened (C7)."""
    said = body(letter("Hello", pdf=b"HO/2024-123\r\n> quoted\r\n" + b"x " * 200, kind="text/plain", name="a.txt"))
    assert (said.text, said.beside.split()[:2], len(said.attached)) == ("Hello", ["HO/2024-123", "x"], 1)
    html = body(letter("Hello", pdf=b"<p>I <b>am</b> here</p>", kind="text/html", name="a.html"))
    assert (html.text, html.beside) == ("Hello", "I am here")
    assert body(letter("Hello", pdf=b"I am here", kind="text/csv", name="a.txt")).beside == ""


def alternative(plain, html):
    """Give a message that says the same twice, or does not."""
    message = EmailMessage(policy=SMTP)
    message.set_content(plain)
    message.add_alternative(html, subtype="html")
    return message.as_bytes()


def test_html_that_says_more_than_the_plain_text_is_given_apart():
    """The same words twice are read once; a style is no words; whoever hides words in the HTML has said them."""
    style = "<style>" + "p { color: red } " * 50 + "</style>"
    words = "I write to you about my case and I would be glad of an answer soon. " * 3
    assert body(alternative(words, f"{style}<p>{words}</p>")).beside == ""
    assert body(alternative("See below.", f"<p>{words}</p>")).beside.startswith("I write to you about my case")
    assert body(alternative("See below.", "<" * 90_000)).beside == ""


@given(st.binary(max_size=300), st.integers(0, 900))
def test_no_octets_raise(octets, at):
    """A message with octets of chance in it is read without an exception."""
    message = letter()
    assert isinstance(body(message[:at] + octets + message[at:]), Body)
    assert isinstance(body(octets), Body)
