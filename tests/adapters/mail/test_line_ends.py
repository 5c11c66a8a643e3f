"""Line ends and dots, from the wire to the message."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.line_ends import Crlf, from_wire, only_crlf, to_crlf
from adapters.mail.smtp_commands import on_the_wire
from adapters.mail.smtp_in_room import Room, SmtpDoorSettings
from adapters.mail.smtp_in_wire import Body

NASTY = st.lists(st.sampled_from([b"\r", b"\n", b".", b"\0", b"a", b"\r\n", b"\r\n.", b"\r\n.\r\n"]), max_size=40).map(
    b"".join
)


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        pytest.param(b"a\r\nb\r\n", b"a\r\nb\r\n", id="what is right stays"),
        pytest.param(b"a\nb\rc\r\n", b"a\r\nb\r\nc\r\n", id="bare CR and LF become CRLF"),
        pytest.param(b"..\r\n..a\r\n", b".\r\n.a\r\n", id="a doubled dot is undone at the start and after CRLF"),
        pytest.param(b"a\n.\r\nb\r\n", b"a\r\n.\r\nb\r\n", id="a dot after a bare LF is text"),
        pytest.param(b"a\n..\r\n", b"a\r\n..\r\n", id="two dots after a bare LF stay two"),
        pytest.param(b"a\r\n\0.\r\nb\r\n", b"a\r\n.\r\nb\r\n", id="a lone dot hidden by NUL becomes a lone dot"),
        pytest.param(b"a\r\n\0.\0b\r\n", b"a\r\n\0.\0b\r\n", id="other NULs stay"),
        pytest.param(b"", b"", id="an empty message is empty"),
    ],
)
def test_message_from_wire(wire, message):
    """What came between 354 and the lone dot becomes the message."""
    assert from_wire(wire) == message


@given(NASTY)
def test_only_whole_line_ends_remain(octets):
    """Whatever came, CR and LF stand only in pairs, and doing it again changes nothing."""
    message = to_crlf(octets)
    assert only_crlf(message)
    assert to_crlf(message) == message
    assert only_crlf(message) == (re.search(rb"\r(?!\n)|(?<!\r)\n", message) is None)


@given(NASTY)
def test_what_is_said_to_be_clean_is_clean(octets):
    """A message from the wire says that its line ends are whole, and they are; nothing cut from it says so."""
    message = from_wire(octets)
    assert type(message) is Crlf
    assert only_crlf(message)
    assert only_crlf(bytes(message))
    assert type(message[:1]) is type(message + b"\n") is type(message.replace(b"\r", b"")) is bytes


@given(NASTY)
def test_no_reader_of_what_leaves_sees_an_end_too_early(octets):
    """However line ends are read and NULs dropped further on, the message ends where we end it."""
    end = (b"\r\n" + octets).find(b"\r\n.\r\n")
    message = from_wire(octets[: max(0, end)] if end >= 0 else octets + b"\r\n")
    leaving = b"".join(on_the_wire([message]))
    lines = re.split(rb"\r\n|\r|\n", leaving.replace(b"\0", b""))
    assert lines.index(b".") == len(lines) - 2


@given(NASTY, st.lists(st.integers(1, 7), max_size=30))
def test_end_of_data_is_found_however_the_octets_arrive(octets, cuts):
    """CRLF.CRLF and nothing else ends a message, wherever the network cuts it."""
    body = Body(Room(SmtpDoorSettings()))
    stream, whole = octets + b"\r\n.\r\nRSET\r\n", (b"\r\n" + octets + b"\r\n.\r\nRSET\r\n")
    end = whole.find(b"\r\n.\r\n")
    position = 0
    for cut in [*cuts, len(stream)]:
        done = body.feed(stream[position : position + cut])
        position += cut
        if done:
            break
    assert done
    assert body.message() == from_wire(whole[2 : end + 2])
    assert whole.endswith(body.rest + stream[position:])
    assert len(whole) == end + 5 + len(body.rest) + len(stream[position:])
