"""Our own Received field: what it says, and that no client writes into it."""

from datetime import datetime
from email.parser import BytesParser
from email.policy import default
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.message import Incoming
from adapters.mail.received import received_field

AT = datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/London"))


def field(peer="192.0.2.7", helo="mail.example.net", protocol="ESMTPS"):
    """Render the field for a client."""
    return received_field(
        Incoming(peer, helo, "<>", ("a@example.org",), b"", protocol=protocol), "gate.example.org", "01m7", AT
    )


def test_what_it_says():
    """Who, by whom, how, under which id, when (RFC 5321 4.4)."""
    assert field() == (
        b"Received: from mail.example.net ([192.0.2.7])\r\n\tby gate.example.org with ESMTPS id 01m7;\r\n"
        b"\tSun, 25 Oct 2026 01:30:00 +0100\r\n"
    )


@pytest.mark.parametrize(
    ("peer", "helo", "first"),
    [
        ("2001:db8::7", "[192.0.2.7]", b"from [192.0.2.7] ([IPv6:2001:db8::7])"),
        ("", "a(b);by", b"from unknown"),
        ("not an address", "x", b"from x"),
    ],
    ids=["address literals", "a name that would end a comment", "an address that is none"],
)
def test_what_a_client_calls_itself(peer, helo, first):
    """Only a host name or an address literal is written."""
    assert field(peer, helo).partition(b"\r\n")[0] == b"Received: " + first


@given(st.text(max_size=80), st.text(max_size=40))
def test_no_client_writes_a_field_of_its_own(helo, peer):
    """However it calls itself, there is one field, of ASCII."""
    octets = field(peer, helo)
    assert octets.isascii()
    assert BytesParser(policy=default).parsebytes(octets + b"\r\n").keys() == ["Received"]


def test_an_id_of_ours_that_would_break_it():
    """Our own fault is found before a byte leaves."""
    with pytest.raises(ValueError, match="contact id"):
        received_field(Incoming("", "", "<>", (), b""), "gate.example.org", "a\r\nb", AT)
