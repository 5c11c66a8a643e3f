"""Levels against a plain recount: a flag goes up exactly when a contact brings the level up to the threshold."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.contact import Assurance, Channel, Contact
from rules.levels.thresholds import counted, crossings, talk_crossings
from rules.policies import Threshold
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
    count=st.integers(2, 4),
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
            if was < threshold.count <= become
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
    threshold = Threshold(count=3, per=Per.HOUR)
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


TALK = office(Threshold(talk_minutes=120, per=Per.WEEK))


@pytest.mark.parametrize(
    ("before_s", "talk_s", "raised"),
    [
        pytest.param(0, 7199, False, id="a second below is below"),
        pytest.param(0, 7200, True, id="the two hours exactly reach it"),
        pytest.param(7199, 1, True, id="the last second reaches it"),
        pytest.param(7200, 600, False, id="who was there before does not reach it again"),
        pytest.param(7199, 0, False, id="a call without talk reaches nothing"),
    ],
)
def test_talk_reaches_its_threshold_from_below(before_s, talk_s, raised):
    """Talk time flags iff it was below the threshold without this call and is not below it with the call."""
    found = talk_crossings(TALK, now=NOW, before=lambda since: before_s, talk_s=talk_s)
    assert bool(found) is raised
    assert all(one.text.endswith("minutes of talk in any 7 days") for one in found)


@given(st.lists(st.tuples(st.timedeltas(timedelta(0), timedelta(days=4)), st.integers(0, 7200)), max_size=8))
def test_talk_flags_are_those_of_a_recount(calls):
    """Talk time flags iff a plain sum over the last seven days says that this call brought it up to the threshold."""
    ended: list[tuple[datetime, int]] = []
    now = NOW
    for gap, talk_s in calls:
        now += gap
        found = talk_crossings(
            TALK, now=now, before=lambda since: sum(s for at, s in ended if at >= since), talk_s=talk_s
        )
        earlier = sum(seconds for at, seconds in ended if now - at < timedelta(days=7))
        assert bool(found) is (earlier < 7200 <= earlier + talk_s)
        ended.append((now, talk_s))


def test_count_thresholds_ask_nothing_of_talk():
    """Each kind of threshold is looked at by its own question."""
    assert talk_crossings(office(Threshold(count=2, per=Per.DAY)), now=NOW, before=lambda since: 0, talk_s=99_999) == ()
    assert crossings(contact("call"), TALK, now=NOW, newest=lambda channels, most: [NOW]) == ()
