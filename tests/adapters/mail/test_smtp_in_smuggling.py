"""Fake ends of data, inbound: each published sequence gives exactly one message (THREATS S3)."""

import re
from itertools import product

import pytest

from adapters.mail.line_ends import only_crlf
from adapters.mail.smtp_commands import on_the_wire
from tests.adapters.mail.door import Client, open_door

ENDS = {"LF": b"\n", "CR": b"\r", "CRLF": b"\r\n"}
PAIRS = {
    f"{before}.{behind}": ENDS[before] + b"." + ENDS[behind]
    for before, behind in product(ENDS, ENDS)
    if (before, behind) != ("CRLF", "CRLF")
}
WITH_NUL = {
    "CRLF NUL . CRLF": b"\r\n\0.\r\n",
    "CRLF . NUL CRLF": b"\r\n.\0\r\n",
    "CRLF NUL . NUL CRLF": b"\r\n\0.\0\r\n",
    "CR NUL LF . CRLF": b"\r\0\n.\r\n",
    "CRLF . CR NUL LF": b"\r\n.\r\0\n",
    "LF NUL . LF": b"\n\0.\n",
    "NUL CRLF . LF NUL": b"\0\r\n.\n\0",
}
OTHERS = {
    "CRLF . CR CRLF": b"\r\n.\r\r\n",
    "LF CR . LF CR": b"\n\r.\n\r",
    "CRLF . blank CRLF": b"\r\n. \r\n",
    "CRLF .. CRLF": b"\r\n..\r\n",
    "LF . LF . CRLF": b"\n.\n.\r\n",
    "VT . VT": b"\x0b.\x0b",
    "FF . FF": b"\x0c.\x0c",
    "NEL . NEL": b"\x85.\x85",
}
SMUGGLED = (
    b"MAIL FROM:<director@example.org>\r\nRCPT TO:<office@example.org>\r\nDATA\r\n"
    b"From: director@example.org\r\n\r\nPay at once"
)


@pytest.mark.parametrize("end", [PAIRS, WITH_NUL, OTHERS], ids=["pairs", "with NUL", "others"])
async def test_fake_ends_give_one_message(end):
    """Whatever looks like an end of data to somebody else is text to us, and the session stays in step."""
    async with open_door() as (door, reception), Client.of(door) as client:
        for name, octets in end.items():
            reception.messages.clear()
            answer = await client.post(b"From: r.example@example.org\r\n\r\nHello" + octets + SMUGGLED)
            assert answer.startswith("250 2.0.0"), name
            assert await client.say("NOOP") == "250 2.0.0 Ok\r\n", name
            (message,) = reception.messages
            assert message.mail_from == "r.example@example.org", name
            assert b"Pay at once" in message.raw, name
            assert only_crlf(message.raw), name
            assert ends_seen_by_anybody(b"".join(on_the_wire([message.raw]))) == 1, name


def ends_seen_by_anybody(wire: bytes) -> int:
    """Count the ends of data for a reader that drops NUL and takes any line end."""
    return re.split(rb"\r\n|\r|\n", wire.replace(b"\0", b"")).count(b".")


def test_all_nine_pairs_but_the_real_one_are_tried():
    """Three line ends before the dot, three behind it, less CRLF.CRLF."""
    assert len(PAIRS) == 8


async def test_fake_ends_in_pieces_give_one_message():
    """It makes no difference where the network cuts the octets."""
    data = b"Hello\r\n.\r" + b"\nMAIL FROM:<x@example.net>\n.\n" + b"\r\n.\r\n"
    async with open_door() as (door, reception), Client.of(door) as client:
        await client.begin()
        for octet in data[:6]:
            await client.send(bytes([octet]))
        await client.send(data[6:])
        assert (await client.reply()).startswith("250 2.0.0 Ok contact-1")
        assert (await client.reply()).startswith("500 5.5.2")
        assert len(reception.messages) == 1


async def test_a_bare_line_feed_makes_a_header_field_that_we_see():
    """A bare LF in a header becomes a line end at entry, so that whoever reads the message later reads what we read."""
    async with open_door() as (door, reception), Client.of(door) as client:
        await client.post(b"Subject: hi\nFrom: x@example.net\r\nFrom: r.example@example.org\r\n\r\nHello")
        assert reception.messages[0].raw.startswith(b"Subject: hi\r\nFrom: x@example.net\r\nFrom: r.example@")
