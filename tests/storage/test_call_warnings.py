"""Tests of calls that are told before they end, and of a call that is decided anew on a keyed number."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rules.contact import Channel
from storage.call_warnings import CallWarning
from storage.entries import Call, State
from tests.storage.office import AT, add

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ringing(record):
    """A call that rings."""
    made = add(record, channel=Channel.CALL, state=State.RINGING, reserved_s=600)
    record.write_now(lambda tx: tx.add_call(Call("CA1", made.id, "<Response/>")))
    return made


def test_a_warning_is_claimed_once_when_it_is_due(record, ringing):
    """Planned once, claimed once, neither early nor long after; then the call counts as told."""

    def job(tx):
        assert tx.plan_warning(CallWarning("CA1", "LEG1"), AT + MINUTE)
        assert not tx.plan_warning(CallWarning("CA1", "LEG2"), AT)
        assert tx.claim_warnings(AT - MINUTE, AT) == ()
        assert tx.claim_warnings(AT + MINUTE, AT + 2 * MINUTE) == ()
        assert not tx.warned("CA1")
        assert tx.claim_warnings(AT, AT + MINUTE) == (CallWarning("CA1", "LEG1"),)
        assert tx.claim_warnings(AT, AT + MINUTE) == ()
        assert tx.warned("CA1")
        tx.drop_warning("CA1")
        assert not tx.warned("CA1")

    record.write_now(job)


def test_a_call_that_is_settled_is_told_nothing(record, ringing):
    """Whoever hung up is not called together again."""

    def job(tx):
        tx.plan_warning(CallWarning("CA1", "LEG1"), AT)
        tx.settle_call("CA1", talk_s=5, state=State.ANSWERED, counted=False)
        assert tx.claim_warnings(AT - MINUTE, AT) == ()

    record.write_now(job)


def test_a_contact_is_put_on_record_anew(record, ringing):
    """What was decided again stands instead, unless the call is over; time and channel stay, the new answer too."""

    def job(tx):
        sender = "phone:+441632960001"
        anew = replace(ringing, state=State.AUTOMATED_LINE, sender=sender, whose=sender, at=AT + MINUTE)
        assert tx.restate(anew, among=State.RINGING)
        assert not tx.restate(ringing, among=State.RINGING)
        tx.answer_anew("CA1", "<Response><Hangup/></Response>")
        found = tx.contact(ringing.id)
        assert (found.state, found.sender, found.at) == (State.AUTOMATED_LINE, sender, ringing.at)
        assert tx.call("CA1").document == "<Response><Hangup/></Response>"

    record.write_now(job)
