"""Delivery reports: whether one is wished for, and what of the envelope stands in it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.bounces import Tells, report
from adapters.mail.delivery_report import DeliveryReport, Undelivered, header_of, reportable, wished
from adapters.mail.own_mail import OwnMail, render_own
from adapters.mail.smtp_commands import RecipientWish, Wishes

AT = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
A, B = "a@office.example.org", "b@office.example.org"


def rendered(**changes):
    """Render a report."""
    plain = {"host": "office.example.org", "recipients": (Undelivered(A),), "arrived": AT}
    own = OwnMail("office@example.org", "r@example.org", "x", "Sorry.", "<1@example.org>", AT)
    return render_own(
        OwnMail(
            **{name: getattr(own, name) for name in own.__slots__} | {"report": DeliveryReport(**(plain | changes))}
        )
    )


WISHES = {
    "nothing said": ({}, [A, B], []),
    "failure for one": ({A: "FAILURE"}, [A, B], [A, B]),
    "failure in small letters": ({A: "failure,delay"}, [A, B], [A, B]),
    "never for one": ({A: "NEVER"}, [B], []),
    "never for one, failure for the other": ({A: "NEVER", B: "FAILURE"}, [B], [B]),
    "success for both": ({A: "SUCCESS", B: "SUCCESS,DELAY"}, [], []),
}


@pytest.mark.parametrize(("notify", "may", "reported"), WISHES.values(), ids=WISHES)
def test_rfc3461_4_1_who_may_hear_of_whom(notify, may, reported):
    """Whoever leaves FAILURE out hears of none; a report is right only where somebody asked for it."""
    wishes = Wishes(recipients={one: RecipientWish(words) for one, words in notify.items()})
    assert list(reportable((A, B), wishes)) == may
    assert [one.recipient for one in wished((A, B), wishes)] == reported


HOSTILE = {
    "a line end in ENVID": {"envelope_id": "a+0D+0ABcc: x@example.net"},
    "a line end in ORCPT": {"recipients": (Undelivered(A, "rfc822;a+0D+0A+0D+0Ax"),)},
    "another type in ORCPT": {"recipients": (Undelivered(A, "x400;/C=gb/"),)},
}


@pytest.mark.parametrize("changes", HOSTILE.values(), ids=HOSTILE)
def test_C2_what_could_break_a_line_is_left_out(changes):
    """The report stands, without what was chosen to break it."""
    octets = rendered(**changes)
    assert report(octets).tells is Tells.FAILED
    assert not any(word in octets for word in (b"Bcc", b"Original", b"x400"))


def test_rfc6533_an_address_beyond_ascii_is_written_with_escapes():
    """Programs read it back as it was."""
    octets = rendered(recipients=(Undelivered("cáit@office.example.org"),))
    assert b"utf-8; c\\x{E1}it@office.example.org" in octets
    assert report(octets).recipients == ("cáit@office.example.org",)


@given(st.binary(max_size=300), st.text(max_size=60), st.text(max_size=60))
def test_whatever_came_the_octets_are_plain_lines(header, envelope_id, original):
    """Seven bits, CRLF only, no line too long, one status part."""
    octets = rendered(header=header, envelope_id=envelope_id, recipients=(Undelivered(A, f"rfc822;{original}"),))
    assert octets.isascii()
    assert b"\n" not in octets.replace(b"\r\n", b"")
    assert max(map(len, octets.split(b"\r\n"))) < 998
    assert report(octets).tells is Tells.FAILED


def test_the_header_of_a_message_is_cut_at_a_line():
    """However long it is; nothing of the body is in it."""
    assert header_of(b"A: b\r\nC: d\r\n\r\nbody\r\n") == b"A: b\r\nC: d\r\n"
    long = header_of(b"A: b\r\n" * 10_000)
    assert (long.endswith(b"A: b\r\n"), len(long) <= 32 * 1024 + 2) == (True, True)
