"""What a folder says of a message: the plain form read here, every other form left to IMAPClient, with one meaning."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from imapclient.response_parser import parse_fetch_response

from adapters.mail.imap_arrival import Arrival, arrival_of, arrivals_of

CAME = b'INTERNALDATE "09-Mar-2026 11:30:00 +0100"'
AT = datetime(2026, 3, 9, 10, 30, tzinfo=UTC)
PLAIN = {
    "as Dovecot writes it": (b"1 (UID 7 FLAGS (\\Seen) " + CAME + b" RFC822.SIZE 99)", False),
    "in another order, with our mark in capitals": (
        b"1 (RFC822.SIZE 99 " + CAME + b" FLAGS ($Forwarded $PARLEYDONE \\Recent) UID 7)",
        True,
    ),
    "with no marks": (b"12 (UID 7 FLAGS () " + CAME + b" RFC822.SIZE 99)", False),
    "with a day of one digit": (
        b'3 (UID 7 FLAGS ($ParleyDone) INTERNALDATE " 9-Mar-2026 10:30:00 +0000" RFC822.SIZE 99)',
        True,
    ),
}


@pytest.mark.parametrize(("line", "done"), PLAIN.values(), ids=PLAIN)
def test_the_plain_form(line, done):
    """It means what IMAPClient takes it to mean."""
    assert arrivals_of([line]) == {7: Arrival(7, AT, 99, done)}
    (told,) = parse_fetch_response([line], normalise_times=False).items()
    assert arrival_of(*told) == Arrival(7, AT, 99, done)


OTHER = {
    "of somebody else's change of marks": b"1 (UID 7 FLAGS (\\Seen))",
    "with something more": b"1 (UID 7 FLAGS () MODSEQ (12) " + CAME + b" RFC822.SIZE 99)",
    "with one thing twice": b"1 (UID 7 UID 8 FLAGS () RFC822.SIZE 99)",
    "with a literal": (b"1 (UID 7 FLAGS () INTERNALDATE {26}", b"09-Mar-2026 11:30:00 +0100"),
    "with nothing": None,
    "with a bracket too many": b"1 (UID 7 FLAGS (()) " + CAME + b" RFC822.SIZE 99)",
}


@pytest.mark.parametrize("line", OTHER.values(), ids=OTHER)
def test_any_other_form_is_left_to_imapclient(line):
    """Also where but one of the lines has it."""
    good = PLAIN["with no marks"][0]
    assert arrivals_of([good, line]) is None


def test_a_date_that_is_none():
    """It is a fault of the server, which is one in `adapters.mail.imap`."""
    with pytest.raises(ValueError, match="datetime"):
        arrivals_of([b'1 (UID 7 FLAGS () INTERNALDATE "what is the time please" RFC822.SIZE 99)'])


def test_a_hostile_line_takes_no_time():
    """A hundred thousand marks are read once (THREATS C1)."""
    line = b"1 (UID 7 FLAGS (" + b"\\a " * 100_000 + b") " + CAME + b" RFC822.SIZE 99)"
    assert arrivals_of([line]) == {7: Arrival(7, AT, 99, False)}
    assert arrivals_of([line[:-1]]) is None
