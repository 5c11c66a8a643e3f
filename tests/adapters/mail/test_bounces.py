"""Reports on mail of ours: what is read by the standards, what is guessed, and what is not even asked about.

The reports are files in tests/bounces, written for this.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail import bounce_guess
from adapters.mail.bounce_guess import guess
from adapters.mail.bounces import MOST_ABOUT, MOST_RECIPIENTS, Report, Tells, may_report, report
from adapters.mail.line_ends import to_crlf
from adapters.mail.message import read

FOLDER = Path(__file__).resolve().parents[2] / "bounces"
R = "r.example@example.org"


def sample(name: str) -> bytes:
    """Give a sample as a door takes it."""
    return to_crlf((FOLDER / f"{name}.eml").read_bytes())


def about(number: int) -> tuple[str, ...]:
    """Give the Message-ID of the letter that a sample is about."""
    return (f"<letter.{number}@office.example.org>",)


REPORTS = {
    "failed": Report(Tells.FAILED, (R,), "5.1.1", about(1)),
    "failed-utf8": Report(Tells.FAILED, ("d\u00e9a@example.org",), "5.6.7", about(2)),
    "delayed": Report(Tells.DELAYED, (R,), "4.4.1", about(3)),
    "failed-after-days": Report(Tells.FAILED, (R,), "4.4.7", about(4)),
    "one-of-two-failed": Report(Tells.FAILED, ("b.example@example.org",), "5.2.2", about(5)),
    "delivered": Report(Tells.DELIVERED, (R,), "2.0.0", about(6)),
    "read": Report(Tells.READ, about=about(7)),
    "complaint": Report(Tells.COMPLAINT, about=about(8)),
    "no-action-but-status": Report(Tells.FAILED, (R,), "5.7.1", about(9)),
    "status-in-base64": Report(Tells.FAILED, (R,), "5.1.1", about(10)),
    "headers-alone-came-back": Report(Tells.FAILED, (R,), "5.1.1", about(11)),
    "boundary-missing": Report(Tells.FAILED, (R,), "", about(12), guessed=True),
    "qmail-like": Report(Tells.FAILED, (R,), "", about(13), guessed=True),
    "exim-like": Report(Tells.FAILED, (R,), "", about(14), guessed=True),
    "words-of-its-own": Report(Tells.FAILED, ("r.example@small.example.org",), "", about(15), guessed=True),
    "warning-of-its-own": Report(Tells.DELAYED, ("r.example@small.example.org",), "", about(16), guessed=True),
}


@pytest.mark.parametrize(("name", "told"), REPORTS.items(), ids=REPORTS)
def test_what_a_report_tells(name, told):
    """What became of the letter, for whom, with which status, and which letter it was; each is asked about."""
    raw = sample(name)
    assert may_report(read(raw), "<>")
    assert report(raw) == told


def test_every_sample_is_used():
    """A sample that no test names shows nothing."""
    named = {*REPORTS, "not-an-absence-note", "not-a-letter-about-bounces", "not-by-a-list"}
    assert {path.stem for path in FOLDER.glob("*.eml")} == named


NOT_ASKED = {
    "a person's letter that quotes a bounce": ("not-a-letter-about-bounces", R),
    "a bounce that a list sent on": ("not-by-a-list", "talk-bounces@lists.example.org"),
    "a bounce that a list sent on, without a sender": ("not-by-a-list", "<>"),
}


@pytest.mark.parametrize(("name", "mail_from"), NOT_ASKED.values(), ids=NOT_ASKED)
def test_people_and_lists_are_not_asked_about(name, mail_from):
    """Only the null path, a report's own type and the daemons' addresses make a message worth the question (C5)."""
    assert not may_report(read(sample(name)), mail_from)


ASKED = {
    "the null path": (b"From: r@example.org", "<>", True),
    "a daemon": (b"From: MAILER-DAEMON@mx.example.org", "x@example.org", True),
    "a daemon in small letters": (b"From: Mailer-Daemon <mailer-daemon@mx.example.org>", "x@example.org", True),
    "a report by its type": (
        b"From: r@example.org\r\nContent-Type: multipart/report; boundary=a",
        "r@example.org",
        True,
    ),
    "failed recipients": (b"From: r@example.org\r\nX-Failed-Recipients: a@example.org", "r@example.org", True),
    "a person": (b"From: r@example.org", "r@example.org", False),
    "a person with a daemon for a name": (b"From: MAILER-DAEMON <r@example.org>", "r@example.org", False),
    "two authors": (b"From: MAILER-DAEMON@a.example, r@example.org", "r@example.org", False),
}


@pytest.mark.parametrize(("lines", "mail_from", "asked"), ASKED.values(), ids=ASKED)
def test_who_is_asked_about(lines, mail_from, asked):
    """The header and the envelope alone say so."""
    assert may_report(read(lines + b"\r\n\r\nHello\r\n"), mail_from) is asked


NO_REPORT = {
    "an ordinary letter": "Good morning,\nplease call me.",
    "a word about delivery without an address": "It could not be delivered.",
    "an address without a word about delivery": "Write to r.example@example.org.",
    "nothing": "",
}


@pytest.mark.parametrize("body", NO_REPORT.values(), ids=NO_REPORT)
def test_what_is_no_report(body):
    """Even where it is asked about."""
    assert report(to_crlf(f"From: MAILER-DAEMON@mx.example.org\n\n{body}\n".encode())) is None


def test_the_library_is_silent_and_its_exceptions_mean_no_bounce(monkeypatch, caplog):
    """What it raises is not ours to fail by, and what it logs holds addresses (C5)."""
    caplog.set_level(logging.DEBUG)
    assert guess(sample("qmail-like")) == ((R,), ())
    assert caplog.records == []

    def broken(message):
        raise LookupError("unknown encoding")

    monkeypatch.setattr(bounce_guess, "all_failures", broken)
    assert guess(sample("qmail-like")) == ((), ())


def status(group: bytes, times: int = 1) -> bytes:
    """Give a report with this recipient's group so many times."""
    head = b"From: MAILER-DAEMON@x.example\r\nContent-Type: multipart/report; boundary=a\r\n\r\n--a\r\n"
    return head + b"Content-Type: message/delivery-status\r\n\r\n" + group * times + b"\r\n--a--\r\n"


GROUPS = {
    "a status of no class": (b"Final-Recipient: rfc822; a@x.example\r\nStatus: 7.1.1\r\n\r\n", None),
    "an action of nobody's": (b"Final-Recipient: rfc822; a@x.example\r\nAction: lost\r\n\r\n", None),
    "an action with a comment": (b"Action: failed (at last)\r\n\r\n", Report(Tells.FAILED)),
    "no address": (b"Final-Recipient: rfc822; nobody\r\nAction: failed\r\n\r\n", Report(Tells.FAILED)),
    "an address without its type": (
        b"Final-Recipient: a@x.example\r\nAction: failed\r\n\r\n",
        Report(Tells.FAILED, ("a@x.example",)),
    ),
    "half a surrogate pair": (
        b"Final-Recipient: utf-8; a\\x{D800}@x.example\r\nAction: failed\r\n\r\n",
        Report(Tells.FAILED, ("a\ufffd@x.example",)),
    ),
}


@pytest.mark.parametrize(("group", "told"), GROUPS.values(), ids=GROUPS)
def test_odd_groups(group, told):
    """What is not written as the standard has it tells what it can, or nothing."""
    assert report(status(group)) == told


def test_a_report_tells_of_some_only():
    """However many recipients and messages it names."""
    group = b"".join(b"Final-Recipient: rfc822; r%d@x.example\r\nAction: failed\r\n\r\n" % each for each in range(90))
    told = report(status(group) + b"Message-ID: <a@x.example>\r\n" * 50)
    assert len(told.recipients) == MOST_RECIPIENTS
    assert len(told.about) <= MOST_ABOUT


HEADS = (
    b"\r\n",
    b"Content-Type: text/html\r\n\r\n",
    b"Content-Type: multipart/report; boundary=a\r\n\r\n--a\r\nContent-Type: message/delivery-status\r\n\r\n",
    b"\r\nThis is the Postfix program at host x\r\n",
    b"\r\nHi. This is the qmail-send program\r\n",
    b"\r\nThis message was created automatically by mail delivery software.\r\n",
)
FILLS = {
    "addresses": b"a@b.example ",
    "brackets": b"<",
    "addresses in brackets": b"<a@b.example>: \r\n",
    "empty lines": b"\r\n",
    "blanks": b" ",
    "replies": b"550 5.1.1 ",
    "message ids that never end": b"Message-ID: <" + b"a" * 240 + b"\r\n",
    "empty message ids": b"Message-ID: \r\n",
    "groups": b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n\r\n",
    "folded lines": b" a\r\n",
    "quotes": b'"',
    "local parts": b"a.",
}


@pytest.mark.parametrize("fill", FILLS.values(), ids=FILLS)
def test_hostile_reports_cost_little(fill):
    """A megabyte of whatever a reader stumbles over is read in a moment (C1)."""
    for head in HEADS:
        raw = b"From: MAILER-DAEMON@x.example\r\nSubject: failure" + b"\r\n" + head + fill * (1_000_000 // len(fill))
        began = time.perf_counter()
        report(raw)
        assert time.perf_counter() - began < 1.0


PIECES = [path.read_bytes().replace(b"\n", b"\r\n") for path in sorted(FOLDER.glob("*.eml"))]


@given(st.data())
def test_no_octets_raise(data):
    """Reports cut, glued and with octets of chance in them are read without an exception."""
    raw = data.draw(st.sampled_from(PIECES))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        raw = raw[:at] + data.draw(st.binary(max_size=6)) + raw[data.draw(st.integers(at, len(raw))) :]
    told = report(raw)
    assert told is None or len(told.about) <= MOST_ABOUT
