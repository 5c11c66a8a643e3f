"""What still works: judged by the decision itself, for whatever an office could write down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.notices.hours import Span, open_spans
from gateway.notices.ways import State, Way, ways
from rules.contact import WAYS_IN, Assurance, Channel, Contact
from rules.decide import decide
from rules.decision import Outcome
from rules.measures import parse
from rules.standing import NOTHING_USED, Adjustment, Standing, Told, needs
from tests.gateway.notices.office import OFFICE, PARTY, POLICY, SAMPLES, position, restriction
from tests.rules.office import NOW, SENDER
from tests.rules.strategies import ADJUSTMENTS, RESTRICTIONS

OPEN = {Outcome.DELIVER, Outcome.CONNECT, Outcome.ROUTE}
MATTERS = st.sampled_from(
    [
        {"kind": "time_out", "until": "2026-03-20"},
        {"kind": "time_out", "until": "2026-03-10"},
        {"kind": "time_out", "case": ["HO/2024-123"], "until": "2026-03-20"},
        {"kind": "stop_case", "case": ["HO/2024-123"]},
        {"kind": "refuse_new"},
        {"kind": "refuse_new", "case": ["HO/2024-123"]},
        {"kind": "issue_limit", "subjects": ["parking"]},
    ]
).map(parse)
STAND = st.lists(
    st.tuples(RESTRICTIONS, st.lists(MATTERS, max_size=1)).map(
        lambda drawn: replace(drawn[0], measures=(*drawn[0].measures, *drawn[1]))
    ),
    max_size=3,
).map(lambda found: tuple(replace(one, id=str(number)) for number, one in enumerate(found)))


def met(channel: Channel, standing: tuple, adjustments: tuple, at) -> Outcome:
    """Decide a contact of the party, known for certain, with nothing used of any limit."""
    to = {Channel.CALL: (OFFICE.phone,), Channel.EMAIL: (OFFICE.address,)}.get(channel, ())
    contact = Contact("c", channel, at, SENDER, (SENDER,), Assurance.VERIFIED, recipients=to)
    used = dict.fromkeys(needs(standing, POLICY, now=at), NOTHING_USED)
    return decide(contact, Standing(PARTY, standing, adjustments, used), POLICY, now=at).outcome


def inside(way: Way, at) -> bool:
    """Tell whether the notice says that the channel is open at a moment, with a call's least time left."""
    if way.hours is None:
        return True
    local = at.astimezone(POLICY.zone)
    minute = local.hour * 60 + local.minute
    late = -(-POLICY.least_call_s // 60) if way.channel is Channel.CALL else 0
    following = {(one.day, one.opens) for one in way.hours}
    for one in way.hours:
        on = one.day == local.weekday() and one.opens <= minute
        goes_on = one.closes == 1440 and ((one.day + 1) % 7, 0) in following
        if on and (minute < one.closes - (0 if goes_on else late)):
            return True
    return False


@settings(max_examples=300, deadline=None)
@given(standing=STAND, adjustments=st.lists(ADJUSTMENTS, max_size=2).map(tuple), quarters=st.integers(0, 90))
def test_what_a_notice_calls_open_is_open(standing, adjustments, quarters):
    """Within the hours that a notice names, a contact by a channel that it calls open is never kept back."""
    at = NOW + timedelta(minutes=15 * quarters)  # nothing ends within the day
    for way in ways(position(*standing, adjustments=adjustments)):
        if way.works and inside(way, at):
            assert met(way.channel, standing, adjustments, at) in OPEN


@settings(max_examples=200, deadline=None)
@given(standing=STAND, adjustments=st.lists(ADJUSTMENTS, max_size=2).map(tuple))
def test_what_a_notice_calls_closed_is_closed(standing, adjustments):
    """Nobody is sent away by a notice from what the rules leave open; hours shorter than a call are the exception."""
    for way in ways(position(*standing, adjustments=adjustments)):
        if not way.works and way.hours is None and way.channel in (Channel.EMAIL, Channel.SMS, Channel.CALL):
            assert met(way.channel, standing, adjustments, NOW) not in OPEN


@settings(max_examples=200, deadline=None)
@given(standing=STAND, adjustments=st.lists(ADJUSTMENTS, max_size=2).map(tuple))
def test_what_staff_log_is_open_where_no_measure_shuts_it(standing, adjustments):
    """Letters, visits and the like are called open only where nothing shuts them, or an adjustment opens them."""
    found = position(*standing, adjustments=adjustments)
    for way in ways(found):
        if way.channel in (Channel.LETTER, Channel.VISIT, Channel.WEB, Channel.ONLINE) and way.works:
            opened = any(way.channel in one.open for one in adjustments)
            assert opened or not any(measure.shuts(way.channel) for measure in found.measures)


def states(*found, **changes) -> dict[Channel, State]:
    """Give the state of each channel under a restriction of these measures."""
    return {one.channel: one.state for one in ways(position(restriction(*found), **changes))}


@pytest.mark.parametrize(
    ("measure", "channel", "state"),
    [
        pytest.param({"kind": "block"}, Channel.EMAIL, State.CLOSED, id="blocked mail is closed"),
        pytest.param({"kind": "block"}, Channel.CALL, State.RECORDED, id="blocked calls hear the recorded message"),
        pytest.param({"kind": "block"}, Channel.LETTER, State.CLOSED, id="blocked letters are closed"),
        pytest.param({"kind": "block", "email": "file"}, Channel.EMAIL, State.FILED, id="blocked mail may be filed"),
        pytest.param({"kind": "return_mail"}, Channel.SMS, State.SENT_BACK, id="texts go back as mail does"),
        pytest.param({"kind": "return_letters"}, Channel.LETTER, State.SENT_BACK, id="letters go back"),
        pytest.param({"kind": "return_letters"}, Channel.EMAIL, State.OPEN, id="letters alone go back"),
        pytest.param({"kind": "file_unanswered"}, Channel.LETTER, State.FILED, id="letters go on file"),
        pytest.param({"kind": "file_unanswered"}, Channel.CALL, State.OPEN, id="calls never go on file"),
        pytest.param({"kind": "refuse_new"}, Channel.WEB, State.FILED, id="a new enquiry by form goes on file"),
        pytest.param({"kind": "interim_protection"}, Channel.EMAIL, State.WAITS, id="mail waits for a manager"),
        pytest.param({"kind": "interim_protection"}, Channel.CALL, State.MESSAGE, id="a message for a manager"),
        pytest.param({"kind": "visit_terms", "barred": True}, Channel.VISIT, State.CLOSED, id="no visit when barred"),
        pytest.param({"kind": "time_out", "until": "2026-04-01"}, Channel.EMAIL, State.FILED, id="all cases rest"),
        pytest.param({"kind": "time_out", "until": "2026-03-05"}, Channel.EMAIL, State.OPEN, id="a rest that is over"),
    ],
)
def test_a_channel_is_in_the_state_that_the_measure_leaves(measure, channel, state):
    """Each measure leaves each channel as the catalogue says."""
    at = restriction().starts if measure["kind"] == "interim_protection" else NOW
    assert states(parse(measure), at=at)[channel] is state


def test_an_adjustment_comes_first():
    """A channel that an adjustment keeps open is open under a block of everything (PHSO-23)."""
    found = states(SAMPLES["block"], adjustments=(Adjustment("phone only", frozenset({Channel.CALL})),))
    assert found[Channel.CALL] is State.OPEN


def test_a_restriction_that_was_not_told_yet_is_told_as_it_will_be():
    """The notice that tells of a restriction shows what it leaves, though it does not bite before it is told."""
    untold = restriction(SAMPLES["block"], told=Told.NO)
    assert not any(way.works for way in ways(position(untold)))


def window(days: list[str], opens: str, closes: str):
    """Give a time window on calls."""
    return parse({"kind": "time_window", "channels": ["call"], "days": days, "from": opens, "to": closes})


def test_two_windows_leave_what_both_leave():
    """Hours of two restrictions are taken together, and a channel without any left is closed."""
    one, other = window(["mon", "tue"], "09:00", "12:00"), window(["tue", "wed"], "11:00", "14:00")
    assert open_spans([one, other]) == (Span(1, 660, 720),)
    assert open_spans([one, window(["wed"], "09:00", "12:00")]) == ()
    assert states(one, window(["wed"], "09:00", "12:00"))[Channel.CALL] is State.RECORDED


def test_hours_overnight_belong_to_the_day_on_which_they_begin():
    """From Friday 22:00 to 02:00 is two hours of Friday and two of Saturday."""
    assert open_spans([window(["fri"], "22:00", "02:00")]) == (Span(4, 1320, 1440), Span(5, 0, 120))


def test_hours_shorter_than_a_call_are_none():
    """Where no call fits, no hours are promised."""
    both = [window(["mon"], "09:00", "10:00"), window(["mon"], "09:59", "11:00")]
    assert open_spans(both, least_s=120) == ()
    assert open_spans(both, least_s=60) == (Span(0, 599, 600),)


HAD = replace(OFFICE, channels=WAYS_IN)
NO_CALLS = {"kind": "block", "channels": ["call"]}


@pytest.mark.parametrize(
    ("measures", "opened", "found"),
    [
        pytest.param([NO_CALLS], [], {}, id="a text number that there is not is not called open"),
        pytest.param(
            [NO_CALLS, {"kind": "file_unanswered", "channels": ["sms"]}], [], {}, id="nor is anything filed there"
        ),
        pytest.param(
            [{"kind": "block", "channels": ["call", "web"]}],
            [],
            {Channel.WEB: State.CLOSED},
            id="what is shut is said all the same",
        ),
        pytest.param([NO_CALLS], [Channel.SMS], {Channel.SMS: State.OPEN}, id="and what was agreed with the person"),
    ],
)
def test_a_channel_that_the_office_does_not_have(measures, opened, found):
    """Whoever is told that texts work, and finds no number to text to, has been told what is not so."""
    standing = [restriction(*map(parse, measures))]
    adjustments = tuple(Adjustment("cannot write", frozenset({one})) for one in opened)
    said = {one.channel: one.state for one in ways(position(*standing, adjustments=adjustments, office=HAD))}
    usual = {one: State.OPEN for one in WAYS_IN} | {Channel.CALL: State.RECORDED}
    assert said == usual | found
