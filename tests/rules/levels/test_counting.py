"""Sums become levels, staff time is estimated by the policy's figures, and what is usual is told by rank."""

import pytest

from rules.contact import Channel
from rules.levels.counting import NOTHING, Sums, Tally, by_channel, levels
from rules.levels.kinds import WORDS, Level
from rules.levels.share import usual
from rules.policies.contact_time import StaffTime
from rules.policies.thresholds import Threshold

TIME = StaffTime()
MAIL = Sums(attempts=5, contacts=4, words=400, handled=3, handled_words=400, unread=1, corrected=20)
CALLS = Sums(attempts=2, contacts=1, talk_s=90, handled=1, handled_talk_s=90, unanswered=1)
TALLY = Tally(
    {Channel.EMAIL: MAIL, Channel.CALL: CALLS},
    {(Channel.EMAIL, 1), (Channel.EMAIL, 2), (Channel.CALL, 2)},
    {(Channel.EMAIL, 7)},
)


def test_staff_time():
    """Handling and reading of what is estimated, talk, and minutes of staff as they stand."""
    mail = 3 * 6 + (400 + 150) / 200 + 20
    calls = 1 * 4 + 1.5
    assert levels(TALLY, TIME)[Level.STAFF_MINUTES] == pytest.approx(mail + calls)
    assert by_channel(TALLY, TIME)[Channel.CALL][Level.STAFF_MINUTES] == pytest.approx(calls)


def test_what_is_told_apart_is_one_over_all_channels():
    """A place that was written to and called is one; each channel has its own."""
    together = levels(TALLY, TIME)
    each = by_channel(TALLY, TIME)
    assert (together[Level.STAFF_ADDRESSED], together[Level.MATTERS]) == (2, 1)
    assert [each[channel][Level.STAFF_ADDRESSED] for channel in (Channel.EMAIL, Channel.CALL)] == [2, 1]
    assert together[Level.TALK_MINUTES] == 1.5


def test_every_level_is_counted_and_has_words():
    """A level that is added to the list without a sum, or words, fails here; so does a threshold on a share."""
    assert set(levels(Tally({}), TIME)) == set(Level) == set(WORDS)
    assert all(value == 0 for value in levels(Tally({}), TIME).values())
    assert "share" not in {level.value for level in Level}
    with pytest.raises(ValueError, match="share"):
        Threshold.model_validate({"level": "share", "above": 50, "per": "week"})


def test_sums_add_up():
    """Field by field."""
    assert MAIL + NOTHING == MAIL
    assert (MAIL + CALLS).attempts == 7


@pytest.mark.parametrize(
    ("minutes", "median", "p99"),
    [
        pytest.param([], 0, 0, id="nobody"),
        pytest.param([5], 5, 5, id="one party"),
        pytest.param([1, 2, 3, 4], 2, 4, id="four"),
        pytest.param(list(range(1, 101)), 50, 99, id="a hundred"),
        pytest.param(list(range(1, 202)), 101, 199, id="two hundred and one"),
    ],
)
def test_what_is_usual(minutes, median, p99):
    """By nearest rank: each is the time of one of them."""
    known = usual(minutes, 10.0)
    assert (known.median, known.p99, known.office) == (median, p99, sum(minutes) + 10)
    assert known.share(known.office) == 1


def test_no_share_of_nothing():
    """An office without contact has no share to give."""
    assert usual([]).share(0) == 0
