"""Our own mail as octets."""

import email
import email.policy
import re
from datetime import UTC, datetime
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.own_mail import OwnMail, clean_line, render_own

AT = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
TRACE = b"Parley-Trace: v1; id=1;\r\n outcome=own; mac=00\r\n"


def own(**changes):
    """Give a message of ours with some things changed."""
    plain = {
        "sender": "office@example.org",
        "to": "person@example.org",
        "subject": "Your message",
        "text": "Thank you.\n",
        "message_id": "<n1@example.org>",
        "at": AT,
    }
    return OwnMail(**(plain | changes))


def read(octets):
    """Read as the standard library's newer parser does."""
    return email.message_from_bytes(octets, policy=email.policy.default)


def test_the_whole_of_a_note():
    """Every field and the body are as they should be, line for line."""
    octets = render_own(own(in_reply_to="<a@example.org>", references="<z@example.org>"), trace=TRACE)
    assert octets.decode("ascii").split("\r\n") == [
        "Parley-Trace: v1; id=1;",
        " outcome=own; mac=00",
        "From: office@example.org",
        "To: person@example.org",
        "Subject: Your message",
        "Date: Mon, 09 Mar 2026 10:00:00 +0000",
        "Message-ID: <n1@example.org>",
        "In-Reply-To: <a@example.org>",
        "References: <z@example.org> <a@example.org>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "Thank you.",
        "",
    ]


def test_an_alert_says_what_it_is():
    """What answers nobody is auto-generated, and ties to nothing."""
    octets = render_own(own(automatic="auto-generated"))
    assert b"Auto-Submitted: auto-generated\r\n" in octets
    assert b"References" not in octets


def test_text_of_any_script_comes_back():
    """Names, subjects and texts are read as they were written, whatever their length."""
    subject = "Ynglŷn â'ch neges: diolch " * 6
    text = "Llanfairpwllgwyngyll “ŵ” =20 台北\n" * 40 + "x" * 2000 + "\n.\n"
    message = read(render_own(own(name='Swyddfa "y" Gŵyn', subject=subject, text=text)))
    assert message["Subject"] == subject.strip()[:200]
    assert message["From"].addresses[0].display_name == 'Swyddfa "y" Gŵyn'
    assert message["From"].addresses[0].addr_spec == "office@example.org"
    assert message.get_content().replace("\r\n", "\n") == text
    plain = read(render_own(own(name='The "Office", by itself')))
    assert plain["From"].addresses[0].display_name == 'The "Office", by itself'


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("<a@example.org>\r\nBcc: x@example.org", "<a@example.org>"),
        ("a@example.org", None),
        ("<a b@example.org>", None),
        ("<" + "x" * 240 + "@example.org>", None),
        ("<" + "x" * 200 + "@example.org>", "<" + "x" * 200 + "@example.org>"),
        ("<é@example.org>", None),
        ("(c) <a@example.org> <b@example.org>", "<a@example.org>"),
    ],
    ids=["more than one line", "no brackets", "a space", "too long", "long", "not ASCII", "with a comment"],
)
def test_what_is_answered(said, kept):
    """Only what is a Message-ID is repeated, and a long one stays as it is."""
    octets = render_own(own(in_reply_to=said))
    assert b"Bcc" not in octets
    assert re.findall(rb"In-Reply-To:\s+(\S+)\r\n", octets) == ([kept.encode()] if kept else [])


def test_the_end_of_a_long_thread_is_kept():
    """Of a hundred references the last twenty remain, and the one answered is the last."""
    references = " ".join(f"<{n}@example.org>" for n in range(100))
    octets = render_own(own(in_reply_to="<99@example.org>", references=references))
    line = re.search(rb"References:((?:.|\r\n )*)\r\n", octets)[1].split()
    assert len(line) == 21
    assert line[-2:] == [b"<98@example.org>", b"<99@example.org>"]


HOSTILE = st.text(
    st.sampled_from(list('a=?B_ \r\n\t\x00\x0b\x85\u2028\u2029\u202e<>@:;,"\\é\ud800')), max_size=80
) | st.text(max_size=300)


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_nothing_that_a_sender_wrote_makes_a_field(subject, text, name, in_reply_to, references):
    """Whatever is put in, the fields are ours, lines are CRLF and short, octets 7-bit, and it never raises (C2)."""
    octets = render_own(
        own(subject=subject, text=text, name=name, in_reply_to=in_reply_to, references=references), trace=TRACE
    )
    assert octets.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\x00", octets)
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    header = octets.partition(b"\r\n\r\n")[0]
    fields = [line.partition(b":")[0] for line in header.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    known = [b"Parley-Trace", b"From", b"To", b"Subject", b"Date", b"Message-ID", b"In-Reply-To", b"References"]
    known += [b"Auto-Submitted", b"MIME-Version", b"Content-Type", b"Content-Transfer-Encoding"]
    assert [field for field in known if field in fields] == fields
    assert read(octets)["From"].addresses[-1].addr_spec == "office@example.org"
    written = email.message_from_bytes(octets)["Subject"]
    assert str(make_header(decode_header(written))).split() == clean_line(subject)[:200].split()


@pytest.mark.parametrize("to", ['"a, b"@example.org', "o'hara+x@[192.0.2.1]", "=x?@example.org"])
def test_unusual_addresses_are_written_to(to):
    """What the standard allows in an address stays one address."""
    (address,) = read(render_own(own(to=to)))["To"].addresses
    assert address.addr_spec == to


@given(st.text())
def test_one_line(text):
    """A cleaned line has no character that any reader takes for a line end or a change of direction."""
    line = clean_line(text)
    assert len(line.splitlines()) <= 1
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", line)


@pytest.mark.parametrize(
    ("changes", "trace"),
    [
        ({"to": "a@example.org, b@example.org"}, b""),
        ({"to": "a@example.org,b@example.org"}, b""),
        ({"to": "=?utf-8?q?a?=@example.org"}, b""),
        ({"to": "a@example.org\r\nBcc: b@example.org"}, b""),
        ({"sender": "office of@example.org"}, b""),
        ({"message_id": "n1"}, b""),
        ({"at": AT.replace(tzinfo=None)}, b""),
        ({}, b"Parley-Trace: v1"),
        ({}, b"Parley-Trace: v1\r\n\r\n"),
        ({}, b"Parley-Trace: v1\nBcc: x\r\n"),
    ],
    ids=[
        "two people",
        "two people in one word",
        "a coded word",
        "a second line",
        "a space",
        "no brackets",
        "no zone",
        "no line end",
        "an empty line",
        "a bare LF",
    ],
)
def test_our_own_mistakes_are_told(changes, trace):
    """What we give ourselves must be right: a ValueError, before anything leaves."""
    with pytest.raises(ValueError, match=r"address|Message-ID|zone|trace"):
        render_own(own(**changes), trace=trace)
