"""Replies on the wire, out of staff's text and out of a peer's reply (THREATS S12)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.smtp_in_replies import answer_reply, reply
from rules.answers import Delivered, Permanent, Temporary

DONE = b"250 2.0.0 Ok\r\n"
LINE = re.compile(rb"([245])[0-5][0-9]([- ])([245]\.[0-9]{1,3}\.[0-9]{1,3})( [ -~]*)?")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(Delivered("c-1"), DONE, id="delivered"),
        pytest.param(Temporary("Try later"), b"451 4.3.0 Try later\r\n", id="temporary in our words"),
        pytest.param(Permanent("No"), b"550 5.7.1 No\r\n", id="permanent in our words"),
        pytest.param(Permanent(""), b"550 5.7.1\r\n", id="no words at all"),
        pytest.param(Permanent("No\r\nThank you\n"), b"550-5.7.1 No\r\n550 5.7.1 Thank you\r\n", id="two lines"),
        pytest.param(Permanent("No\x00\x1b[2J\x7f"), b"550 5.7.1 No  [2J\r\n", id="control characters"),
        pytest.param(Permanent("Caf\u00e9 \u2013 \u00a35 \u4e2d"), b"550 5.7.1 Cafe - GBP 5 ?\r\n", id="beyond ASCII"),
        pytest.param(Temporary("x", "450 4.2.1 Busy"), b"450 4.2.1 Busy\r\n", id="the peer's own reply"),
        pytest.param(
            Permanent("x", "550-5.1.1 No\r\n550 5.1.1 such"),
            b"550-5.1.1 No\r\n550 5.1.1 such\r\n",
            id="two of its lines",
        ),
        pytest.param(
            Permanent("x", "550 no such person"), b"550 5.0.0 no such person\r\n", id="a peer without enhanced codes"
        ),
        pytest.param(Permanent("x", "550"), b"550 5.0.0\r\n", id="a peer of few words"),
        pytest.param(Permanent("No", "250 2.0.0 Ok"), b"550 5.7.1 No\r\n", id="a refusal cannot become an acceptance"),
        pytest.param(Temporary("Later", "550 5.1.1 No"), b"451 4.3.0 Later\r\n", id="a delay cannot become a refusal"),
        pytest.param(Permanent("x", "550 4.1.1 No"), b"550 5.0.0 No\r\n", id="an enhanced code of another class"),
        pytest.param(Permanent("No", "rubbish"), b"550 5.7.1 No\r\n", id="what is no reply"),
        pytest.param(
            Permanent("No", "550 5.1.1 a\r\nQUIT"), b"550 5.1.1 a\r\n", id="lines that are no reply are dropped"
        ),
        pytest.param(Permanent("No", ""), b"550 5.7.1 No\r\n", id="an empty reply"),
    ],
)
def test_answer_in_words(answer, said):
    """Each answer of reception has its reply."""
    assert answer_reply(answer, done=DONE) == said


def test_low_disk_has_its_own_code():
    """At MAIL a temporary answer is 452 (THREATS S17)."""
    assert answer_reply(Temporary("No room"), done=DONE, put_off=(452, "4.3.1")) == b"452 4.3.1 No room\r\n"


def test_long_text_is_cut_between_words():
    """1,200 octets become lines of at most 512, nothing lost."""
    text = "word " * 240
    lines = reply(550, "5.7.1", text).split(b"\r\n")[:-1]
    assert len(lines) == 3
    assert b" ".join(line[10:] for line in lines).decode() == text.strip()


@given(st.text(max_size=1_500), st.text(max_size=300), st.sampled_from([Temporary, Permanent]))
def test_any_text_is_a_correct_reply(detail, theirs, kind):
    """Whatever was typed or said, the reply is ASCII, in short lines, each with a code of the right class."""
    for answer in (kind(detail), kind(detail, theirs), kind(detail, f"550 {theirs}"), kind(detail, f"450-{theirs}")):
        said = answer_reply(answer, done=DONE)
        assert said.endswith(b"\r\n")
        lines = said.split(b"\r\n")[:-1]
        assert 1 <= len(lines) <= 20
        found = [LINE.fullmatch(line) for line in lines]
        assert all(found), said
        assert (
            {match[1] for match in found} == {match[3][:1] for match in found} == {b"4" if kind is Temporary else b"5"}
        )
        assert [match[2] for match in found] == [b"-"] * (len(lines) - 1) + [b" "]
        assert all(len(line) <= 510 for line in lines)
