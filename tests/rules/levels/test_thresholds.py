"""Levels against a plain recount: a flag goes up exactly when a contact brings the level up to the threshold."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.contact import Assurance, Channel, Contact
from rules.levels.kinds import Level
from rules.levels.thresholds import counted, crossings, same_hill, summed_crossings, within_reach
from rules.policies import Threshold
from rules.policies.thresholds import LEAST, NOT_THEIRS
from rules.windows import Mode, Per
from tests.rules.office import NOW, POLICY, contact

SPANS = {
    Per.HOUR: timedelta(hours=1),
    Per.DAY: timedelta(days=1),
    Per.WEEK: timedelta(days=7),
    Per.MONTH: timedelta(days=30),
}
CALLS = frozenset({Channel.CALL})


class Ledger:
    """Keep contacts in a list, and answer as the record does."""

    def __init__(self) -> None:
        self.contacts: list[Contact] = []

    def newest(self, channels: frozenset[Channel], most: int) -> list[datetime]:
        times = sorted((one.at for one in self.contacts if one.channel in channels and counted(one)), reverse=True)
        return times[:most]


def office(*thresholds: Threshold):
    """Give the default policy with these thresholds alone."""
    return replace(POLICY, thresholds=thresholds)


def level(ledger: Ledger, threshold: Threshold, now: datetime) -> int:
    """Count what is in the window by looking at every contact: elapsed time by subtraction, calendar by the wall."""

    def inside(at: datetime) -> bool:
        if threshold.window is Mode.ROLLING:
            return timedelta(0) <= now - at < SPANS[threshold.per]
        here, there = now.astimezone(POLICY.zone), at.astimezone(POLICY.zone)
        if threshold.per is Per.WEEK:
            return here.isocalendar()[:2] == there.isocalendar()[:2]
        if threshold.per is Per.MONTH:
            return (here.year, here.month) == (there.year, there.month)
        return (here.date(), threshold.per is Per.DAY or here.hour) == (
            there.date(),
            threshold.per is Per.DAY or there.hour,
        )

    return sum(
        one.channel in threshold.channels
        and not one.automatic
        and one.assurance is not Assurance.FAILED
        and inside(one.at)
        for one in ledger.contacts
    )


THRESHOLDS = st.builds(
    Threshold,
    channels=st.frozensets(st.sampled_from([Channel.CALL, Channel.EMAIL]), min_size=1),
    at_least=st.integers(2, 4),
    per=st.sampled_from(list(Per)),
    window=st.sampled_from(list(Mode)),
)
ARRIVALS = st.lists(
    st.tuples(
        # Gaps that often are exactly a span, or a microsecond off: the edges are where counting goes wrong.
        st.one_of(
            st.timedeltas(timedelta(0), timedelta(minutes=50)),
            st.sampled_from([*SPANS.values(), SPANS[Per.HOUR] / 2, SPANS[Per.DAY] / 2, SPANS[Per.WEEK] / 3]),
            st.sampled_from([timedelta(0), SPANS[Per.HOUR] - timedelta(microseconds=1)]),
        ),
        st.sampled_from([Channel.CALL, Channel.EMAIL, Channel.LETTER]),
        st.sampled_from([Assurance.CLAIMED, Assurance.VERIFIED, Assurance.FAILED]),
        st.booleans(),
    ),
    max_size=14,
)


@given(st.lists(THRESHOLDS, min_size=1, max_size=3, unique_by=lambda one: one.name), ARRIVALS)
def test_flags_are_those_of_a_recount(thresholds, arrivals):
    """A threshold is crossed iff the level was below it before this contact and is not below it after."""
    ledger, now, policy = Ledger(), NOW, office(*thresholds)
    for gap, channel, assurance, automatic in arrivals:
        now += gap
        before = [level(ledger, one, now) for one in thresholds]
        one = contact(channel, at=now, assurance=assurance, automatic=automatic)
        ledger.contacts.append(one)
        found = {crossing.threshold for crossing in crossings(one, policy, now=now, newest=ledger.newest)}
        after = [level(ledger, one, now) for one in thresholds]
        assert found == {
            threshold.name
            for threshold, was, become in zip(thresholds, before, after, strict=True)
            if was < threshold.at_least <= become
        }


def flags_of(threshold: Threshold, *gaps: timedelta) -> list[bool]:
    """Say for calls that come after these gaps whether each raises a flag."""
    ledger, now, raised = Ledger(), NOW, []
    for gap in gaps:
        now += gap
        call = contact("call", at=now)
        ledger.contacts.append(call)
        raised.append(bool(crossings(call, office(threshold), now=now, newest=ledger.newest)))
    return raised


MINUTES = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("gaps", "raised"),
    [
        pytest.param([0, 1, 1], "--x", id="the third of three raises it"),
        pytest.param([0, 1, 1, 1, 1], "--x--", id="and the fourth and fifth do not"),
        pytest.param([0, 1, 1, 60, 1, 1], "--x--x", id="once it fell below, it is raised again"),
        pytest.param([0, 30, 30], "---", id="what is a span old is outside"),
        pytest.param([0, 20, 20, 20, 20], "--xxx", id="at a steady pace it falls below and is reached each time"),
        pytest.param([0, 0, 0], "--x", id="three in one moment are three"),
    ],
)
def test_a_flag_goes_up_once_until_the_level_fell(gaps, raised):
    """A threshold of 3 in an hour is reached by the third call, and again only after the level fell below it."""
    threshold = Threshold(at_least=3, per=Per.HOUR, channels={Channel.CALL})
    assert flags_of(threshold, *(gap * MINUTES for gap in gaps)) == [mark == "x" for mark in raised]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, True, id="an attempt counts, whatever happened to it"),
        pytest.param({"assurance": Assurance.VERIFIED}, True, id="a verified one counts"),
        pytest.param({"assurance": Assurance.FAILED}, False, id="a forged one never counts"),
        pytest.param({"automatic": True}, False, id="an automatic reply to us never counts"),
        pytest.param({"answerable": False}, True, id="one that may not be answered counts"),
    ],
)
def test_what_levels_see(change, expected):
    """Levels see every attempt, save what was forged and what answers us by itself (THREATS I4)."""
    assert counted(contact("call", **change)) is expected


def test_a_crossing_says_what_was_reached():
    """A crossing names its threshold and says the level to staff."""
    ledger = Ledger()
    ledger.contacts = [contact("call", at=NOW)] * 3
    found = crossings(ledger.contacts[0], POLICY, now=NOW, newest=ledger.newest)
    assert [(one.threshold, one.level, one.text) for one in found] == [
        ("call:3/hour/rolling", 3, "3 contacts by phone in any 60 minutes")
    ]


WORDS = Threshold(level=Level.WORDS, at_least=20_000, per=Per.WEEK)
LETTERS = st.lists(
    st.tuples(
        st.one_of(
            st.timedeltas(timedelta(0), timedelta(days=4)),
            st.sampled_from([SPANS[Per.WEEK], SPANS[Per.WEEK] - timedelta(microseconds=1), timedelta(0)]),
        ),
        st.integers(0, 20_000),
    ),
    max_size=8,
)


@given(LETTERS)
def test_sums_are_flagged_as_by_a_recount(letters):
    """A sum is crossed iff it was below the threshold without what came at that moment, and is not below it with it."""
    came: list[tuple[datetime, int]] = []

    def measured(level, channels, since, until):
        assert (level, channels) == (Level.WORDS, frozenset(Channel))
        return sum(words for at, words in came if since <= at <= until)

    now = NOW
    for gap, words in letters:
        now += gap
        earlier = sum(each for at, each in came if now - at < SPANS[Per.WEEK] and at < now)
        together = sum(each for at, each in came if at == now) + words
        came.append((now, words))
        found = list(summed_crossings(office(WORDS), at=now, measured=measured))
        assert bool(found) is (earlier < 20_000 <= earlier + together)
        assert [one.level for one in found] == [earlier + together] * len(found)


@given(LETTERS, st.sampled_from(Mode), st.sampled_from(Per))
def test_what_is_not_within_reach_is_never_crossed(letters, mode, per):
    """Whatever came when: a threshold that all windows together do not reach is crossed by none of what came."""
    policy = office(much := Threshold(level=Level.WORDS, at_least=20_000, per=per, window=mode))
    moments = [NOW + sum((gap for gap, _ in letters[: number + 1]), timedelta()) for number in range(len(letters))]
    came = list(zip(moments, (words for _, words in letters), strict=True))

    def measured(level, channels, since, until):
        return sum(words for at, words in came if since <= at <= until)

    if came and not within_reach(policy, since=moments[0], until=moments[-1], measured=measured):
        assert not [one for at in moments for one in summed_crossings(policy, at=at, measured=measured)]
    everything = office(much.model_copy(update={"at_least": 0}))
    assert within_reach(everything, since=NOW, until=NOW, measured=measured) == everything.summed


def test_each_kind_of_threshold_is_looked_at_by_its_own_question():
    """Counts ask nothing of sums, and sums nothing of counts."""

    def never(*_):
        raise AssertionError

    assert list(summed_crossings(office(Threshold(at_least=2, per=Per.DAY)), at=NOW, measured=never)) == []
    assert crossings(contact("call"), office(WORDS), now=NOW, newest=never) == ()


@pytest.mark.parametrize(
    ("level", "said"),
    [
        pytest.param({"at_least": 3}, "3 contacts in any 7 days", id="over all channels"),
        pytest.param({"at_least": 3, "channels": ["email"]}, "3 contacts by email in any 7 days", id="by one"),
        pytest.param({"level": "talk_minutes", "at_least": 90}, "90 minutes of talk in any 7 days", id="talk"),
        pytest.param({"level": "words", "at_least": 20_000}, "20,000 words in any 7 days", id="words"),
    ],
)
def test_a_level_is_said_to_staff(level, said):
    """What was reached, in the units of the level."""
    one = Threshold(**level, per=Per.WEEK)
    assert one.said(one.at_least) == said


def test_every_level_but_three_can_have_a_threshold():
    """Each has a unit and a least number, and below that the file is refused."""
    for level in set(Level) - NOT_THEIRS.keys():
        assert Threshold(level=level, at_least=LEAST[level], per=Per.WEEK).unit
        with pytest.raises(ValueError, match="the least that makes a level"):
            Threshold(level=level, at_least=LEAST[level] - 1, per=Per.WEEK)
    assert {Level.FAILED, Level.UNANSWERED, Level.FILES_NOT_COUNTED} == NOT_THEIRS.keys()


def test_names_for_the_record_tell_thresholds_apart():
    """No two thresholds that differ in what they count have one name."""
    every = [
        Threshold(level=level, at_least=1000, per=per, window=window, channels=channels)
        for level in set(Level) - NOT_THEIRS.keys() - {Level.TALK_MINUTES}
        for per in Per
        for window in Mode
        for channels in (frozenset(Channel), {Channel.EMAIL}, {Channel.EMAIL, Channel.LETTER})
    ]
    assert len({one.name for one in every}) == len(every)


@pytest.mark.parametrize(
    ("hours", "same"),
    [
        pytest.param(0, True, id="the same moment"),
        pytest.param(23, True, id="within the window"),
        pytest.param(24, False, id="a window later"),
    ],
)
def test_what_is_one_hill(hours, same):
    """Two moments are one hill iff each lies in the other's window, or before it."""
    day, later = Threshold(at_least=5, per=Per.DAY), NOW + timedelta(hours=hours)
    assert same_hill(day, POLICY, NOW, later) is same
    assert same_hill(day, POLICY, later, NOW) is same
