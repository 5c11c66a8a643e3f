"""What reaches a person whatever is restricted: adjustments, safeguards, what is always open."""

from __future__ import annotations

import pytest

from rules.contact import Channel
from rules.decide import SAFEGUARD
from rules.decision import Outcome
from rules.standing import Adjustment
from tests.rules.deciding import (
    ALWAYS_OPEN,
    FULL,
    MICROSECOND,
    TO_CALL,
    TO_MAIL,
    decision,
)
from tests.rules.office import (
    NOW,
    contact,
)


@pytest.mark.parametrize("measure", TO_CALL.values(), ids=TO_CALL)
def test_an_adjustment_outranks_measures(measure):
    """A channel that an adjustment keeps open reaches a person, without a time limit; only a route stays (PHSO-23)."""
    kept = (Adjustment("cannot write", frozenset({Channel.CALL})),)
    limit = {"kind": "call_length_limit", "minutes": 5}
    found = decision(contact("call"), measure, limit, used=FULL, adjustments=kept)
    assert found.outcome is (Outcome.ROUTE if measure is TO_CALL[Outcome.ROUTE] else Outcome.CONNECT)
    assert found.time_limit_s is None
    assert [reason.measure for reason in found.reasons] == [measure["kind"], "call_length_limit", "adjustment"]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        pytest.param({"agreed": NOW}, Outcome.DELIVER, id="from the moment it is agreed"),
        pytest.param({"agreed": NOW + MICROSECOND}, Outcome.REFUSE, id="not before"),
        pytest.param({"ends": NOW + MICROSECOND}, Outcome.DELIVER, id="up to its end"),
        pytest.param({"ends": NOW}, Outcome.REFUSE, id="not at its end"),
    ],
)
def test_an_adjustment_holds_by_the_clock(dates, expected):
    """An adjustment is in force from when it was agreed up to its end."""
    kept = (Adjustment("needs time", frozenset({Channel.EMAIL}), **dates),)
    assert decision(contact(), {"kind": "block"}, adjustments=kept).outcome is expected


@pytest.mark.parametrize(("outcome", "measure"), TO_MAIL.items())
def test_a_safeguard_reaches_a_person_at_once(outcome, measure):
    """What would be held, returned or refused is filed for a person instead; what reaches one already is left alone."""
    found = decision(contact(safeguards=("risk to life",)), measure)
    assert found.outcome is (Outcome.ROUTE if outcome is Outcome.ROUTE else Outcome.FILE)
    assert found.marks == (SAFEGUARD,)
    assert found.note is None
    assert (found.reasons[-1].measure, found.reasons[-1].clause) == ("safeguard", "SPSO-32")


@pytest.mark.parametrize("measure", TO_MAIL.values(), ids=TO_MAIL)
def test_no_measure_closes_an_inbox_that_is_always_open(measure):
    """Mail to an inbox that the policy keeps open is delivered there, whatever is on the party, and not counted."""
    found = decision(contact(recipients=("Appeals@Example.org",)), measure, policy=ALWAYS_OPEN)
    assert [(one.outcome, one.to) for one in found.targets] == [(Outcome.DELIVER, "Appeals@Example.org")]
    assert (found.outcome, found.counts, found.reasons[-1].measure) == (Outcome.DELIVER, False, "always_open")


def test_no_measure_closes_or_ends_a_call_to_a_number_that_is_always_open():
    """A call to the duty officer is connected, and no limit of time cuts it off."""
    measures = ({"kind": "block", "call": "refuse"}, {"kind": "call_length_limit", "minutes": 5})
    found = decision(contact("call", recipients=("+441632960000",)), *measures, policy=ALWAYS_OPEN)
    assert (found.outcome, found.time_limit_s, found.counts) == (Outcome.CONNECT, None, False)
