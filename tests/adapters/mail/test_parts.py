"""A message cut into its parts: what people send, what breaks, and what is meant to break a reader."""

from __future__ import annotations

import base64
import time
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.line_ends import to_crlf
from adapters.mail.parts import MOST_DEPTH, MOST_PARTS, TOO_DEEP, TOO_MANY, cut


def raw(text: str) -> bytes:
    """Write a message with the line ends that a door gives it."""
    return to_crlf(text.encode())


def contents(message: bytes) -> list[tuple[str, str]]:
    """Give each part's kind and text."""
    return [(part.kind, part.text(message, 10_000)) for part in cut(message).parts]


MULTIPART = 'From: r@example.org\nContent-Type: multipart/mixed; boundary="b b"\n\npreamble\n'
CASES = {
    "no multipart": ("From: r@example.org\n\nHello\n", [("text/plain", "Hello\n")]),
    "no body": ("From: r@example.org\n", [("text/plain", "")]),
    "nothing": ("", [("text/plain", "")]),
    "no header": ("\nHello\n", [("text/plain", "Hello\n")]),
    "two parts": (
        MULTIPART + "--b b\n\none\n--b b\nContent-Type: TEXT/HTML\n\n<p>\n--b b--\nepilogue\n",
        [("text/plain", "one"), ("text/html", "<p>")],
    ),
    "never closed": (MULTIPART + "--b b\n\none\n", [("text/plain", "one\n")]),
    "blanks behind the boundary": (MULTIPART + "--b b \t\n\none\n--b b--\n", [("text/plain", "one")]),
    "a longer boundary in between": (
        MULTIPART + "--b b\n\none\n--b bc\ntwo\n--b b--\n",
        [("text/plain", "one\n--b bc\ntwo")],
    ),
    "the boundary in the first line": (
        "Content-Type: multipart/mixed; boundary=a\n\n--a\n\none\n--a--\n",
        [("text/plain", "one")],
    ),
    "a boundary that never comes": (MULTIPART + "Hello\n", [("text/plain", "preamble\nHello\n")]),
    "no boundary": ("Content-Type: multipart/mixed\n\nHello\n", [("multipart/mixed", "Hello\n")]),
    "a folded field": (
        "Content-Type: multipart/mixed;\n\tboundary=a\n\n--a\nContent-Type: text/html;\n charset=utf-8\n\nx\n--a--\n",
        [("text/html", "x")],
    ),
    "two types": ("Content-Type: text/html\nContent-Type: text/plain\n\nx\n", [("text/html", "x\n")]),
    "a type that is none": ("Content-Type: ///\n\nx\n", [("text/plain", "x\n")]),
    "a message within stays closed": (
        MULTIPART + "--b b\nContent-Type: message/rfc822\n\nSubject: x\n\nhello\n--b b--\n",
        [("message/rfc822", "Subject: x\n\nhello")],
    ),
    "an inner multipart": (
        MULTIPART
        + "--b b\nContent-Type: multipart/alternative; boundary=c\n\n"
        + "--c\n\none\n--c\nContent-Type: text/html\n\ntwo\n--c--\n"
        + "--b b\n\nthree\n--b b--\n",
        [("text/plain", "one"), ("text/html", "two"), ("text/plain", "three")],
    ),
}


@pytest.mark.parametrize(("text", "parts"), CASES.values(), ids=CASES)
def test_where_parts_begin_and_end(text, parts):
    """As RFC 2046 has it, and where it is broken as far as it can be told."""
    assert contents(raw(text)) == parts


ENCODED = {
    "base64": ("base64", "SGVsbG8gdGhlcmU=", "Hello there"),
    "base64 in lines, with rubbish": ("BASE64", "SGVs\nbG8g*dGhl\ncmU=\n", "Hello there"),
    "base64 without its padding": ("base64", "SGVsbG8gdGhlcmU", "Hello there"),
    "base64 with one letter too many": ("base64", "SGVsbG8gdGhlcmUhA", "Hello there!"),
    "padding in the middle": ("base64", "SGVsbG8=IHRoZXJl", None),
    "quoted-printable": ("quoted-printable", "Hel=6Co=\n there", "Hello there"),
    "broken quoted-printable": ("quoted-printable", "a=zz=", None),
    "an unknown one": ("x-rot13", "Uryyb", "Uryyb"),
}


@pytest.mark.parametrize(("encoding", "body", "text"), ENCODED.values(), ids=ENCODED)
def test_encodings_are_undone(encoding, body, text):
    """As far as they are whole; whatever else is given as something, and nothing is raised."""
    message = raw(f"Content-Transfer-Encoding: {encoding}\n\n{body}")
    (part,) = cut(message).parts
    found = part.text(message, 1_000)
    assert found == text if text is not None else isinstance(found, str)


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "x-unknown", "utf-16", "rot13", "zip", "\u0661", ""])
def test_charsets(charset):
    """Those of the list are used, any other is read as UTF-8: Python knows charsets that are bombs."""
    message = raw(f'Content-Type: text/plain; charset="{charset}"\n\n') + b"caf\xc3\xa9"
    (part,) = cut(message).parts
    assert part.text(message, 100) == ("caf\u00c3\u00a9" if charset == "windows-1252" else "caf\u00e9")


ATTACHED = {
    "text as such": ("Content-Type: text/plain", False),
    "a disposition": ("Content-Disposition: attachment", True),
    "a disposition in capitals": ("Content-Disposition: ATTACHMENT; filename=x", True),
    "shown in its place": ("Content-Disposition: inline", False),
    "a file name": ('Content-Disposition: inline; filename="a.txt"', True),
    "a name of its type": ("Content-Type: text/plain; name=a.txt", True),
    "a name in pieces": ("Content-Type: text/plain; name*0*=utf-8''a", True),
    "a boundary is no name": ("Content-Type: text/plain; boundary=name", False),
}


@pytest.mark.parametrize(("field", "attached"), ATTACHED.values(), ids=ATTACHED)
def test_what_is_attached(field, attached):
    """What has a name, or says that it is attached."""
    (part,) = cut(raw(f"{field}\n\nx\n")).parts
    assert part.attached is attached


def test_as_much_of_a_part_as_is_asked_for():
    """A large part is not undone as a whole where only its beginning is wanted."""
    message = raw("Content-Transfer-Encoding: base64\n\n") + base64.encodebytes(b"x" * 100_000).replace(b"\n", b"\r\n")
    (part,) = cut(message).parts
    assert part.octets(message, 10) == b"x" * 10
    assert len(part.octets(message, 1_000_000)) == 100_000


def test_what_is_left_out_is_said():
    """Too many parts, too deep."""
    many = "Content-Type: multipart/mixed; boundary=a\n\n" + "--a\n\nx\n" * (2 * MOST_PARTS)
    assert (cut(raw(many)).over, len(cut(raw(many)).parts) <= MOST_PARTS) == (TOO_MANY, True)
    deep = "".join(
        f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n" for level in range(MOST_DEPTH + 2)
    )
    assert cut(raw(deep)).over == TOO_DEEP
    assert cut(raw("From: x\n\nx\n")).over == ""


HOSTILE = {
    "a hundred thousand parts": b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\nx\r\n" * 100_000,
    "boundaries that are none": b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"\r\n--ab" * 4_000_000,
    "nesting": b"".join(b"Content-Type: multipart/x; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(20_000)),
    "one boundary nested in itself": b"Content-Type: multipart/x; boundary=a\r\n\r\n"
    + b"--a\r\nContent-Type: multipart/x; boundary=a\r\n\r\n" * 20_000,
    "blanks in a field": b"Content-Type: text/plain; " + b" " * 5_000_000 + b"\r\n\r\nx",
    "folded lines": b"Content-Type: text/plain;\r\n" + b" a=b;\r\n" * 500_000 + b"\r\nx",
    "parameters": b"Content-Type: multipart/x; " + b"boundary=" * 200_000 + b"\r\n\r\nx",
    "quotes": b"Content-Type: multipart/x; boundary=" + b'"' * 2_000_000 + b"\r\n\r\nx",
    "an empty boundary": b'Content-Type: multipart/x; boundary=""\r\n\r\n' + b"\r\n--" * 500_000,
    "a header without end": b"From: x\r\n" * 500_000,
    "soft line ends": b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=\r\n" * 1_000_000,
    "base64 of nothing": b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=" * 5_000_000,
}


@pytest.mark.parametrize("message", HOSTILE.values(), ids=HOSTILE)
def test_hostile_messages_cost_little(message):
    """Megabytes of whatever a reader stumbles over are cut and undone in a moment (THREATS C1)."""
    began = time.perf_counter()
    pieces = cut(message)
    for part in pieces.parts:
        part.text(message, 128 * 1024)
    assert len(pieces.parts) <= MOST_PARTS
    assert time.perf_counter() - began < 1.0


BOUNDARIES = [
    b"--a",
    b"--a--",
    b"--b",
    b"Content-Type: multipart/mixed; boundary=a",
    b"Content-Type: multipart/x; boundary=b",
]
OCTETS = [b"\r\n", b"\r\n\r\n", b"x", b" ", b"\r", b"=", b"\0", b"\xff", b":", b"Content-Transfer-Encoding: base64"]
PIECE = st.one_of(st.sampled_from(BOUNDARIES), st.sampled_from(OCTETS))


@given(st.lists(PIECE, max_size=40).map(b"".join))
def test_no_octets_raise(message):
    """Whatever the octets: parts in their order, within the message, none twice."""
    pieces = cut(message)
    assert len(pieces.parts) <= MOST_PARTS
    for part in pieces.parts:
        assert 0 <= part.start <= part.end <= len(message)
        part.text(message, 1_000)


def test_agrees_with_pythons_own_reader():
    """Of a message as programs write them, both find the same parts with the same octets."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "r@example.org"
    message.set_content("plain \u00e9\n")
    message.add_alternative("<p>rich</p>\n", subtype="html")
    message.add_attachment(b"\x00\x01" * 500, maintype="application", subtype="pdf", filename="a.pdf")
    octets = message.as_bytes()
    theirs = [part for part in message.walk() if not part.is_multipart()]
    ours = cut(octets).parts
    assert [part.kind for part in ours] == [part.get_content_type() for part in theirs]
    mine = [part.octets(octets, 10_000).rstrip(b"\r\n") for part in ours]
    assert mine == [part.get_payload(decode=True).rstrip(b"\r\n") for part in theirs]
