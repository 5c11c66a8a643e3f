"""A closed case that was explained: logged and filed where the policy says so, never anything else (PHSO-22)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rules.closed_case import closings
from rules.contact import Channel
from rules.decide import SAFEGUARD, UNREAD, decide
from rules.decision import Outcome
from rules.facts import Closed, Span
from rules.measures import KINDS
from rules.standing import Adjustment
from tests.rules.office import NOW, POLICY, contact, standing

SINCE = Span(NOW - timedelta(days=1))
CASE = Closed("HO/2024-123", SINCE)
UNREAD_THERE = replace(POLICY, closed_unread=True, clauses={**POLICY.clauses, "closed_case": "PHSO-22"})
LOGGED = replace(UNREAD_THERE, closed_unread=False)


def decided(of, policy=UNREAD_THERE, closed=(CASE,), **known):
    """Decide on a contact of a party with closed cases and no restriction."""
    return decide(of, standing(*closings(closed, policy), policy=policy, **known), policy, now=NOW)


MAIL = {
    "its subject names it": ({"subject": "Re: HO/2024-123"}, Outcome.FILE, True),
    "it answers a message on it": ({"subject": "Again", "cases": ("ho 2024 123",)}, Outcome.FILE, False),
    "its first lines name it": ({"subject": "Again", "opening": "On HO/2024-123: no."}, Outcome.FILE, False),
    "its subject names another case": (
        {"subject": "HO/2024-124", "opening": "not HO/2024-123"},
        Outcome.DELIVER,
        False,
    ),
    "another case stands beside it": ({"subject": "HO/2024-123 and HO/2024-124"}, Outcome.DELIVER, False),
    "any other reference stands beside it": (
        {"subject": "HO/2024-123", "opening": "See also my letter PX/99817."},
        Outcome.DELIVER,
        False,
    ),
    "nothing names it": ({"subject": "A new matter"}, Outcome.DELIVER, False),
    "it is a longer reference": ({"subject": "HO/2024-1234"}, Outcome.DELIVER, False),
}


@pytest.mark.parametrize(("written", "outcome", "unread"), MAIL.values(), ids=MAIL)
def test_phso_22_mail_on_a_closed_case_is_filed(written, outcome, unread):
    """Unread only where the subject names that case alone; whatever may be about more reaches its inbox."""
    made = decided(contact(**written))
    assert (made.outcome, UNREAD in made.marks) == (outcome, unread)
    if outcome is Outcome.FILE:
        assert [(one.restriction, one.measure, one.clause) for one in made.reasons] == [("", "closed_case", "PHSO-22")]
        assert not made.counts
    logged = decided(contact(**written), policy=LOGGED)
    assert (logged.outcome, UNREAD in logged.marks) == (outcome, False)


ON_IT = contact(subject="HO/2024-123")


def test_phso_22_only_where_the_policy_says_so():
    """An office whose policy names no clause for it gets all mail as before."""
    assert closings((CASE,), POLICY) == closings((), UNREAD_THERE) == ()
    assert decided(ON_IT, policy=POLICY).outcome is Outcome.DELIVER


def test_phso_22_a_case_opened_again_is_open():
    """From the moment on, and closed from the moment of its closing."""
    for span, outcome in (
        (Span(NOW), Outcome.FILE),
        (Span(NOW + timedelta(microseconds=1)), Outcome.DELIVER),
        (Span(NOW - timedelta(days=1), NOW), Outcome.DELIVER),
    ):
        assert decided(ON_IT, closed=(Closed("HO/2024-123", span),)).outcome is outcome


def test_phso_22_safeguards_and_open_ways_come_first():
    """A risk is looked at by a person, an adjustment and an inbox that is always open let it through."""
    risk = decided(replace(ON_IT, safeguards=("risk to life",)))
    assert (risk.outcome, SAFEGUARD in risk.marks, UNREAD in risk.marks) == (Outcome.FILE, True, False)
    always = replace(UNREAD_THERE, always_open=frozenset(ON_IT.recipients))
    assert decided(ON_IT, policy=always).outcome is Outcome.DELIVER
    needs = Adjustment("writes only", frozenset({Channel.EMAIL}))
    assert decided(ON_IT, adjustments=(needs,)).outcome is Outcome.DELIVER


def test_calls_and_letters_are_not_filed():
    """A call is put through; a letter is before a person, who is told to put it on file."""
    assert decided(contact("call", cases=("HO/2024-123",))).outcome is Outcome.CONNECT
    letter = decided(contact("letter", cases=("HO/2024-123",)))
    assert letter.outcome is Outcome.DELIVER
    assert "put on file" in letter.reasons[0].text


def test_no_office_chooses_it():
    """It is not in the catalogue of measures."""
    assert "closed_case" not in KINDS
