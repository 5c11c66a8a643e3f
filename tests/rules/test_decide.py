"""DESIGN.md's section on deciding, sentence by sentence: strictness, obligations, recipients, what breaks."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from rules.contact import Assurance
from rules.decide import MEASURE_FAILED, decide, may_answer
from rules.decision import Outcome
from rules.standing import Standing, Told, needs
from tests.rules.deciding import (
    ALWAYS_OPEN,
    BROKEN,
    CALLS,
    CHECKED,
    FULL,
    MAIL,
    MICROSECOND,
    TO_CALL,
    TO_MAIL,
    Probe,
    decision,
    pairs,
)
from tests.rules.office import (
    END,
    NOW,
    PARTY,
    POLICY,
    START,
    contact,
    restriction,
)


@pytest.mark.parametrize("order", [MAIL, CALLS], ids=["mail", "calls"])
def test_outcomes_have_an_order(order):
    """Mail: deliver, route, hold, file, return, refuse. Calls: connect, route, voicemail, automated_line, refuse."""
    assert all(milder.strictness < stricter.strictness for milder, stricter in pairwise(order))
    assert {one for one in order if one.lets_through} == set(order[:2])


@pytest.mark.parametrize(("one", "other", "expected"), pairs(TO_MAIL))
def test_the_strictest_outcome_wins_for_mail(one, other, expected):
    """Of two measures the stricter one wins, in whatever order they stand, and both say why."""
    found = decision(contact(), one, other, used=FULL)
    assert found.outcome is found.carried is expected
    assert [reason.measure for reason in found.reasons] == [one["kind"], other["kind"]]


@pytest.mark.parametrize(("one", "other", "expected"), pairs(TO_CALL))
def test_the_strictest_outcome_wins_for_calls(one, other, expected):
    """Of two restrictions on a call the stricter one wins, and both say why."""
    found = decision(contact("call"), restriction(one, id="1"), restriction(other, id="2"), used=FULL)
    assert found.outcome is expected
    assert [(reason.restriction, reason.measure) for reason in found.reasons] == [
        ("1", one["kind"]),
        ("2", other["kind"]),
    ]


def test_obligations_add_up_to_the_shortest_time_and_the_latest_date():
    """The shortest time limit counts, and the latest respond-by date."""
    short, long = ({"kind": "call_length_limit", "minutes": minutes} for minutes in (5, 20))
    assert decision(contact("call"), long, short).time_limit_s == 300
    assert decision(contact(), Probe(days=9), Probe(days=20), Probe(days=1)).respond_by == date(2026, 3, 31)


@pytest.mark.parametrize("outcome", [Outcome.VOICEMAIL, Outcome.AUTOMATED_LINE, Outcome.REFUSE])
def test_a_call_that_is_not_connected_has_no_time_limit(outcome):
    """A time limit goes with connect and route only."""
    found = decision(contact("call"), TO_CALL[outcome], {"kind": "call_length_limit", "minutes": 5}, used=FULL)
    assert (found.outcome, found.time_limit_s) == (outcome, None)


def test_a_measure_that_does_not_bear_gives_no_reason_but_there_always_is_one():
    """Where nothing in force bears on a contact, that is the reason."""
    found = decision(contact(), {"kind": "automated_line"})
    assert found.outcome is Outcome.DELIVER
    assert [reason.text for reason in found.reasons] == ["No measure in force bears on this contact"]


@pytest.mark.parametrize("outcome", [Outcome.RETURN, Outcome.REFUSE])
def test_where_recipients_differ_nothing_is_sent_away(outcome):
    """Beside a recipient that is open, a message is filed for the others and not refused or returned (THREATS S10)."""
    one = contact(recipients=("enquiries@example.org", "appeals@example.org"))
    found = decision(one, TO_MAIL[outcome], policy=ALWAYS_OPEN)
    assert [target.outcome for target in found.targets] == [Outcome.FILE, Outcome.DELIVER]
    assert (found.outcome, found.sender_text) == (Outcome.FILE, "")


def test_where_all_recipients_are_shut_the_whole_message_is_refused():
    """One reply after the message refuses it for everybody only where everybody is shut."""
    found = decision(contact(recipients=("enquiries@example.org", "casework@example.org")), {"kind": "block"})
    assert {target.outcome for target in found.targets} == {Outcome.REFUSE}


@pytest.mark.parametrize("outcome", [Outcome.RETURN, Outcome.REFUSE])
def test_what_is_forged_is_filed_and_its_forger_learns_nothing(outcome):
    """Where authentication says forged: filed instead of sent away, never answered, never counted (THREATS I4)."""
    found = decision(contact(assurance=Assurance.FAILED), TO_MAIL[outcome])
    assert (found.outcome, found.note, found.counts) == (Outcome.FILE, None, False)


def test_what_is_forged_never_counts_even_where_it_is_delivered():
    """Nobody can use up another's limit by forging."""
    limit = {"kind": "volume_limit", "channels": ["email"], "count": 3, "per": "week"}
    assert decision(contact(), limit).counts is True
    assert decision(contact(assurance=Assurance.FAILED), limit).counts is False
    assert decision(contact(assurance=Assurance.FAILED)).counts is False


@pytest.mark.parametrize(
    ("changes", "policy", "expected"),
    [
        pytest.param({}, POLICY, True, id="a claimed sender, while trying it out"),
        pytest.param({}, CHECKED, False, id="a claimed sender, behind a border that checks"),
        pytest.param({"assurance": Assurance.VERIFIED}, CHECKED, True, id="a verified sender"),
        pytest.param({"assurance": Assurance.FAILED}, POLICY, False, id="a forged sender"),
        pytest.param({"answerable": False}, POLICY, False, id="a list, or a message without a return path"),
        pytest.param({"automatic": True}, POLICY, False, id="an automatic reply"),
        pytest.param({"sender": None}, POLICY, False, id="nobody"),
    ],
)
def test_who_may_be_answered(changes, policy, expected):
    """Returns and notes go to whom they may; otherwise a return becomes a refusal in session (THREATS C4, I5)."""
    one = contact(**changes)
    assert may_answer(one, policy) is expected
    if one.sender is not None and one.assurance is not Assurance.FAILED:
        returned = decision(one, {"kind": "return_mail"}, policy=policy)
        assert returned.outcome is (Outcome.RETURN if expected else Outcome.REFUSE)
        assert bool(returned.sender_text) is expected  # otherwise the policy's neutral words
        noted = decision(one, {"kind": "channel_only", "allowed": ["letter"], "email": "file"}, policy=policy)
        assert (noted.outcome, noted.note is not None) == (Outcome.FILE, expected)


@pytest.mark.parametrize(
    ("channel", "expected"),
    [("email", Outcome.HOLD), ("sms", Outcome.HOLD), ("call", Outcome.CONNECT), ("letter", Outcome.DELIVER)],
)
def test_a_measure_that_breaks_puts_the_contact_before_a_person(channel, expected):
    """A broken measure loses nothing and lets nothing through silently: held for a person, or put through, marked."""
    found = decision(contact(channel), BROKEN)
    assert (found.outcome, found.marks, found.release_at) == (expected, (MEASURE_FAILED,), None)
    assert found.reasons[0].text == "The measure probe failed, so a person looks at this"
    assert found.limited is True


def test_a_broken_measure_leaves_the_others():
    """The rest of a restriction still applies, and a hold with a release waits for the person all the same."""
    assert decision(contact(), BROKEN, {"kind": "block"}).outcome is Outcome.REFUSE
    assert decision(contact(), TO_MAIL[Outcome.HOLD], BROKEN).release_at is None
    assert decision(contact("call"), BROKEN, {"kind": "call_length_limit", "minutes": 5}).time_limit_s == 300


def test_usage_that_nobody_looked_up_is_a_broken_measure():
    """A need without an answer is never taken for nothing used."""
    on = restriction({"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week"})
    found = decide(contact(), Standing(PARTY, (on,)), POLICY, now=NOW)
    assert (found.outcome, found.marks) == (Outcome.HOLD, (MEASURE_FAILED,))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(START - MICROSECOND, Outcome.DELIVER, id="not a microsecond before its start"),
        pytest.param(START, Outcome.REFUSE, id="from its start"),
        pytest.param(END - MICROSECOND, Outcome.REFUSE, id="to the last microsecond"),
        pytest.param(END, Outcome.DELIVER, id="not at its end"),
    ],
)
def test_a_restriction_bites_from_start_to_end_by_the_clock(now, expected):
    """No job has to have run for a restriction to start or to end (THREATS W8)."""
    assert decision(contact(at=now), {"kind": "block"}, now=now).outcome is expected


@pytest.mark.parametrize(
    ("changes", "in_force"),
    [
        pytest.param({"approved_by": ""}, False, id="not approved"),
        pytest.param({"told": Told.NO}, False, id="not told"),
        pytest.param({"told": Told.UNKNOWN}, True, id="perhaps told"),
        pytest.param({"told": Told.YES}, True, id="told"),
    ],
)
def test_a_restriction_bites_only_if_approved_and_told(changes, in_force):
    """What nobody approved, or the party was never told of, is not enforced, and asks nothing of the record."""
    on = restriction({"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week"}, **changes)
    assert bool(needs((on,), POLICY, now=NOW)) is in_force
    assert decision(contact(), on, used=FULL).outcome is (Outcome.FILE if in_force else Outcome.DELIVER)


def test_one_that_ended_leaves_the_others():
    """Of several restrictions those in force apply, and only those give reasons."""
    over = restriction({"kind": "block"}, id="1", ends=NOW)
    found = decision(contact(), over, restriction({"kind": "file_unanswered"}, id="2"))
    assert (found.outcome, [reason.restriction for reason in found.reasons]) == (Outcome.FILE, ["2"])
