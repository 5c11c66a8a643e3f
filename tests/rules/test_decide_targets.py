"""Limits, holds and targets of a decision, advocates, and observing."""

from __future__ import annotations

import pytest

from rules import identity
from rules.contact import Channel
from rules.decide import SUSPENDED, decide
from rules.decision import Outcome
from rules.standing import Party, Standing, UsageKind, Used, needs
from tests.rules.deciding import (
    TO_MAIL,
    decision,
)
from tests.rules.office import (
    NOW,
    PARTY,
    POLICY,
    START,
    at,
    contact,
    restriction,
)


def test_a_limit_counts_from_the_start_of_its_restriction():
    """What came before a restriction uses up nothing of it, and each restriction asks for its own."""
    limit = {"kind": "volume_limit", "channels": ["email"], "count": 2, "per": "month"}
    early, late = restriction(limit, id="1"), restriction(limit, id="2", starts=at("2026-03-10T12:00Z"))
    asked = needs((early, late), POLICY, now=NOW)
    assert [(need.since, need.usage.count) for need in asked] == [(START, 2), (at("2026-03-10T12:00Z"), 2)]
    used = {asked[0]: Used(reached_at=at("2026-03-09T09:00Z")), asked[1]: Used()}
    found = decide(contact(), Standing(PARTY, (early, late), used=used), POLICY, now=NOW)
    assert [reason.text[:14] for reason in found.reasons] == ["The limit of 2", "Within the lim"]


def test_the_record_is_asked_once_for_what_several_measures_need():
    """Two measures with the same question share its answer."""
    talk = {"kind": "talk_time_limit", "minutes": 30, "per": "week"}
    asked = needs((restriction(talk, {**talk, "minutes": 20}),), POLICY, now=NOW)
    assert [(need.usage.kind, need.since) for need in asked] == [(UsageKind.TALK_SECONDS, at("2026-03-09T00:00Z"))]


def test_the_latest_contact_is_the_newest_by_any_channel():
    """An answer counted from the latest contact asks for the newest of all channels; from receipt, for nothing."""
    slow = {"kind": "slow_response", "working_days": 10}
    (asked,) = needs((restriction({**slow, "counted_from": "latest_contact"}),), POLICY, now=NOW)
    assert (asked.usage.kind, asked.usage.channels, asked.usage.count) == (UsageKind.LET_THROUGH, set(Channel), 1)
    assert needs((restriction(slow),), POLICY, now=NOW) == ()


def test_calls_below_the_least_are_not_connected():
    """A call's limit is the least of the cap, the minutes left and the end of the hours; below the least call, none."""
    cap = {"kind": "call_length_limit", "minutes": 10}
    talk = {"kind": "talk_time_limit", "minutes": 30, "per": "week"}
    hours = {"kind": "time_window", "channels": ["call"], "from": "09:00", "to": "10:05"}
    call = contact("call")
    assert decision(call, cap, talk, hours, used=Used(seconds=1600)).time_limit_s == 200
    assert decision(call, cap, talk, hours, used=Used(seconds=0)).time_limit_s == 300
    assert decision(call, cap, talk, used=Used(seconds=0)).time_limit_s == 600
    assert decision(call, cap, talk, hours, used=Used(seconds=1741)).outcome is Outcome.AUTOMATED_LINE
    late = contact("call", at=at("2026-03-11T10:04:01Z"))
    assert decision(late, cap, hours, now=late.at).outcome is Outcome.AUTOMATED_LINE


@pytest.mark.parametrize(
    ("changes", "measure", "expected"),
    [
        pytest.param({}, TO_MAIL[Outcome.ROUTE], True, id="what is routed counts"),
        pytest.param({}, TO_MAIL[Outcome.HOLD], False, id="what is held counts when it is released"),
        pytest.param({}, TO_MAIL[Outcome.FILE], False, id="what is filed does not count"),
        pytest.param({"automatic": True}, TO_MAIL[Outcome.ROUTE], False, id="automatic replies do not count"),
    ],
)
def test_limits_count_what_was_let_through(changes, measure, expected):
    """Someone who keeps trying is not locked out for ever."""
    assert decision(contact(**changes), measure).counts is expected


def test_two_named_contacts_have_one_answer_in_any_order():
    """The newest restriction names the colleague, and mail to the other one is passed on, whatever their order."""
    old = restriction({"kind": "named_contact", "inbox": "old@example.org"}, id="2")
    new = restriction({"kind": "named_contact", "inbox": "new@example.org"}, id="1", starts=at("2026-03-09T00:00Z"))
    for to, on in (
        ("old@example.org", (old, new)),
        ("enquiries@example.org", (new, old)),
        ("old@example.org", (new, old)),
    ):
        found = decision(contact(recipients=(to,)), *on)
        assert [(one.outcome, one.to) for one in found.targets] == [(Outcome.ROUTE, "new@example.org")]


def test_inboxes_that_stay_open_stay_open():
    """A named contact leaves the inboxes alone that its restriction keeps open."""
    measure = {"kind": "named_contact", "inbox": "casework@example.org", "open": ["FOI@example.org"]}
    found = decision(contact(recipients=("foi@Example.org", "enquiries@example.org")), measure)
    assert [(one.outcome, one.to) for one in found.targets] == [
        (Outcome.DELIVER, "foi@Example.org"),
        (Outcome.ROUTE, "casework@example.org"),
    ]


@pytest.mark.parametrize("conceal_first", [True, False], ids=["concealed first", "named first"])
def test_targets_have_their_precedence(conceal_first):
    """The duty manager comes before the named contact, that one before the shared inbox, in any order."""
    shared = {"kind": "conceal_staff", "inbox": "casework@example.org", "phone": "+441632960100"}
    named = {"kind": "named_contact", "inbox": "named@example.org", "phone": "+441632960200"}
    duty = restriction(
        {"kind": "interim_protection", "inbox": "duty@example.org", "phone": "+441632960300"}, starts=NOW
    )
    on = [restriction(*((shared, named) if conceal_first else (named, shared)), id="2")]
    for restrictions, inbox, number in (
        (on, "named@example.org", "+441632960200"),
        ([*on, duty], "duty@example.org", "+441632960300"),
    ):
        assert [target.to for target in decision(contact(), *restrictions).targets] == [inbox]
        assert [target.to for target in decision(contact("call"), *restrictions).targets] == [number]


def test_an_inbox_that_the_named_contact_leaves_open_is_no_colleagues_own():
    """Beside concealed staff it stays where it is; one that only an older restriction leaves open does not."""
    shared = {"kind": "conceal_staff", "inbox": "casework@example.org"}
    named = {"kind": "named_contact", "inbox": "named@example.org", "open": ["foi@example.org"]}
    one = contact(recipients=("FOI@example.org",))
    assert [target.to for target in decision(one, named, shared).targets] == ["FOI@example.org"]
    newer = restriction({"kind": "named_contact", "inbox": "new@example.org"}, id="2", starts=at("2026-03-09T00:00Z"))
    assert [target.to for target in decision(one, restriction(named), newer).targets] == ["new@example.org"]


LAPSED = {"kind": "third_party", "advocates": [{"name": "A. Advocate", "until": "2026-03-10"}]}


@pytest.mark.parametrize("channel", list(Channel))
def test_a_suspended_measure_lets_through_and_is_marked_for_its_owner(channel):
    """Where nobody speaks for the party any more, their own contact passes and counts, and the owner can be told."""
    found = decision(contact(channel), LAPSED)
    assert (found.outcome.strictness, found.counts, found.marks) == (0, True, (SUSPENDED,))
    assert "the owner is told" in found.reasons[0].text


def test_nothing_an_advocate_sends_is_counted_against_the_party():
    """An advocate is somebody else: nothing is on them, whoever is copied in or written about."""
    advocate = contact(sender=identity.email("a.advocate@example.org"), cc=("r.example@example.org",))
    for known in (Standing(), Standing(party=Party(8, "A. Advocate")), Standing(perhaps=("R. Example",))):
        found = decide(advocate, known, POLICY, now=NOW)
        assert (found.outcome, found.party == PARTY.id, found.limited) == (Outcome.DELIVER, False, False)


def test_observing_cuts_no_call_short():
    """In observe mode a call that would be connected for some minutes is connected without a limit."""
    found = decision(contact("call"), {"kind": "call_length_limit", "minutes": 5}, observe=True)
    assert (found.outcome, found.carried, found.time_limit_s) == (Outcome.CONNECT, Outcome.CONNECT, None)


def test_a_decision_under_restriction_is_recorded_before_the_act():
    """Where any restriction is in force the intent is on record first; a plain delivery costs one commit."""
    assert decision(contact(), {"kind": "automated_line"}).limited is True
    assert decision(contact(), restriction({"kind": "block"}, ends=NOW)).limited is False
