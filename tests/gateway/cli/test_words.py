"""A contact on record in words: what a table says of it, and what it leaves out."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.cli import words
from rules.contact import Channel
from rules.decision import Outcome, Reason
from storage.entries import Entry, State

NOW, LONDON = datetime(2026, 3, 9, 10, tzinfo=UTC), ZoneInfo("Europe/London")


def entry(*texts, channel=Channel.EMAIL, **fields):
    """Give a contact that was let through for these reasons of a measure."""
    reasons = tuple(Reason("r1", "volume_limit", "PHSO-M10", text) for text in texts)
    known = {"sender": "email:r@example.org", "reasons": reasons} | fields
    return Entry("c1", channel, NOW, "party:1", State.DELIVERED, Outcome.DELIVER, Outcome.DELIVER, **known)


@pytest.mark.parametrize(
    ("channel", "told"),
    [
        pytest.param(channel, "logged by hand", id=f"a contact by {channel.value} is before staff already")
        for channel in (Channel.LETTER, Channel.VISIT, Channel.WEB, Channel.ONLINE)
    ]
    + [
        pytest.param(Channel.EMAIL, "delivered", id="a mail is delivered"),
        pytest.param(Channel.SMS, "delivered", id="a text is delivered"),
    ],
)
def test_what_became_of_it(channel, told):
    """Nobody delivers a visit: what staff wrote down was logged, and the reasons say what they do with it."""
    assert words.what(entry(channel=channel), LONDON, NOW) == told


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("The limit of 2 is used up; it opens again on Monday", "The limit of 2 is used up"),
        ("Outside the hours 09:00 to 12:00; it opens on Monday", "Outside the hours 09:00 to 12:00"),
        (
            "Its subject names SO/1; work on it resumes on Monday",
            "Its subject names SO/1; work on it resumes on Monday",
        ),
        ("Its conditions: Be civil; One matter", "Its conditions: Be civil; One matter"),
    ],
    ids=[
        "when a limit opens again is left out",
        "when hours begin is left out",
        "when work resumes is said",
        "no condition of a contract is left out",
    ],
)
def test_a_short_reason_leaves_out_only_when_it_opens_again(text, short):
    """A table has little room; what it shows must still be the whole reason."""
    assert words.why(entry(text), short=True) == short
    assert words.why(entry(text)) == text


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ("The call is long", "First; the call is long"),
        ("A meeting is arranged", "First; a meeting is arranged"),
        ("A. Advocate speaks for the party", "First; A. Advocate speaks for the party"),
        ("BBC written to", "First; BBC written to"),
    ],
    ids=["a sentence goes on", "so does one that begins with an article", "a name stays one", "so do capitals"],
)
def test_reasons_are_one_sentence(second, told):
    """The second reason goes on in the first one's sentence."""
    assert words.why(entry("First", second)) == told
