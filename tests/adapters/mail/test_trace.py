"""The digest and key of a message, and the trace put in front of it (THREATS C3, S13)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.message import read
from adapters.mail.trace import content_digest, content_key, is_unnumbered, trace_field, valid_trace

SECRET = b"a secret of at least thirty-two octets"
MESSAGE = b"Date: today\r\nFrom: r@example.org\r\nSubject: Visit\r\n on Monday\r\n\r\nReceived: is a word here too\r\n"
KEY = content_key("r@example.org", MESSAGE)


@pytest.mark.parametrize(
    "added",
    [
        pytest.param(b"Received: from a by b; today\r\n", id="Received"),
        pytest.param(b"RECEIVED: from a\r\n\tby b\r\n ; today\r\n", id="Received, folded, in capitals"),
        pytest.param(b"Received : from a\r\n", id="Received with a blank before the colon"),
        pytest.param(b"Return-Path: <r@example.org>\r\n", id="Return-Path"),
        pytest.param(b"Delivered-To: office@example.org\r\n", id="Delivered-To"),
        pytest.param(b"Authentication-Results: b; spf=pass\r\n", id="Authentication-Results"),
        pytest.param(b"ARC-Seal: i=1\r\nARC-Message-Signature: i=1\r\n a=b\r\n", id="ARC"),
    ],
)
def test_what_servers_add_changes_no_key(added):
    """A message that came another way is still the same contact, wherever the field stands."""
    assert content_key("r@example.org", added + MESSAGE) == KEY
    assert content_key("r@example.org", MESSAGE.replace(b"Subject", added + b"Subject")) == KEY


@pytest.mark.parametrize(
    ("sender", "raw"),
    [
        pytest.param("x@example.net", MESSAGE, id="another sender"),
        pytest.param("r@example.org", MESSAGE.replace(b"Monday", b"Friday"), id="another subject, in the folded line"),
        pytest.param("r@example.org", MESSAGE + b".", id="one more octet"),
        pytest.param("r@example.org", MESSAGE.replace(b"Received: is", b""), id="a body that says Received"),
        pytest.param("r@example.org", b"X-Received: a\r\n" + MESSAGE, id="another field with a like name"),
        pytest.param("r@example.org", b"Parley-Trace: v1; a\r\n" + MESSAGE, id="a trace that it came with"),
        pytest.param("r@example.orgD", MESSAGE[1:], id="an octet moved from the message to the sender"),
    ],
)
def test_everything_else_changes_the_key(sender, raw):
    """Messages that differ in what the sender wrote are different contacts."""
    assert content_key(sender, raw) != KEY


@pytest.mark.parametrize("field", [b"", b"Date:\r\n", b"X-Date: today\r\n"], ids=["none", "an empty one", "another"])
def test_without_id_and_date_the_first_received_is_part_of_the_key(field):
    """What stood first stays, whatever is added above; another first one is another message."""
    plain = field + MESSAGE.partition(b"\r\n")[2]
    first, later = b"Received: from a;\r\n 10:00\r\n", b"Received: by b; 10:01\r\n"
    key = content_key("r@example.org", first + plain)
    assert content_key("r@example.org", later + first + plain) == key
    assert content_key("r@example.org", first.replace(b"10", b"11") + plain) != key
    assert (is_unnumbered(plain), is_unnumbered(first + plain), is_unnumbered(MESSAGE)) == (True, False, False)


def test_known_digest_gives_the_same_key():
    """The digest need not be computed twice."""
    assert content_key("r@example.org", MESSAGE, content_digest(MESSAGE)) == KEY
    assert (len(KEY), len(content_digest(MESSAGE))) == (40, 40)


@given(st.binary(max_size=200), st.text(max_size=20))
def test_any_octets_have_a_key(raw, sender):
    """Whatever the octets, there is a key, and it is the same each time."""
    assert content_key(sender, raw) == content_key(sender, raw)


def traced(contact_id: str = "c-1", outcome: str = "deliver", secret: bytes = SECRET) -> bytes:
    """Put a trace in front of the message."""
    return trace_field(contact_id, outcome, secret, content_digest(MESSAGE)) + MESSAGE


def test_own_trace_is_valid_when_the_message_comes_back():
    """A message that comes back is known by its trace, though servers added fields on the way."""
    raw = b"Received: from a by b\r\n" + traced()
    (value,) = read(raw).traces
    assert value.startswith("v1; id=c-1; outcome=deliver; mac=")
    assert valid_trace(value, SECRET, content_digest(raw))


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        pytest.param(read(traced()).traces[0], MESSAGE + b"x", id="pasted onto other mail"),
        pytest.param(read(traced()).traces[0].replace("deliver", "file"), MESSAGE, id="another outcome"),
        pytest.param(read(traced()).traces[0].replace("c-1", "c-2"), MESSAGE, id="another id"),
        pytest.param(read(traced(secret=b"guessed")).traces[0], MESSAGE, id="another secret"),
        pytest.param(read(traced()).traces[0][:-1], MESSAGE, id="cut off"),
        pytest.param(read(traced()).traces[0].replace("v1", "v2"), MESSAGE, id="another version"),
        pytest.param("", MESSAGE, id="empty"),
        pytest.param("v1; id=\u00e9; outcome=deliver; mac=" + "0" * 32, MESSAGE, id="beyond ASCII"),
    ],
)
def test_other_traces_are_not_valid(value, raw):
    """A trace that we did not write for this very message counts for nothing."""
    assert not valid_trace(value, SECRET, content_digest(raw))


@pytest.mark.parametrize(
    ("contact_id", "outcome"), [("a\r\nBcc: x", "deliver"), ("a; b", "deliver"), ("a", "de liver"), ("", "file")]
)
def test_nothing_can_break_out_of_a_trace(contact_id, outcome):
    """An id or outcome with other signs is refused before it is written."""
    with pytest.raises(ValueError, match="does not fit"):
        trace_field(contact_id, outcome, SECRET, content_digest(MESSAGE))


def test_a_secret_that_is_too_long_is_an_error():
    """More than 64 octets of secret cannot be used, and are not silently cut."""
    with pytest.raises(ValueError, match="key"):
        trace_field("c-1", "deliver", b"s" * 65, content_digest(MESSAGE))
