"""Deciding where the sender is uncertain, shared, unknown or withheld."""

from __future__ import annotations

import pytest

from rules import policies
from rules.contact import Caller
from rules.decide import SAFEGUARD, UNCERTAIN, decide
from rules.decision import Outcome
from rules.standing import Standing
from tests.rules.deciding import (
    decision,
)
from tests.rules.office import (
    NOW,
    POLICY,
    contact,
    policy_data,
)


@pytest.mark.parametrize(
    ("channel", "restricted", "changes", "expected"),
    [
        pytest.param("email", False, {}, Outcome.DELIVER, id="mail is delivered where no candidate is restricted"),
        pytest.param("email", True, {}, Outcome.HOLD, id="and held where one is"),
        pytest.param("sms", True, {}, Outcome.HOLD, id="so are texts"),
        pytest.param("call", True, {}, Outcome.CONNECT, id="a call is put through to a person"),
        pytest.param("letter", True, {}, Outcome.DELIVER, id="a letter in somebody's hand is before a person"),
        pytest.param("email", True, {"safeguards": ("risk to life",)}, Outcome.FILE, id="a risk to life does not wait"),
    ],
)
def test_an_uncertain_sender_is_for_a_person(channel, restricted, changes, expected):
    """Where nobody can say who sent it: marked, and before a person where any candidate is restricted (THREATS I1)."""
    known = Standing(restricted_candidates=restricted)
    found = decide(contact(channel, sender=None, doubt="two From fields", **changes), known, POLICY, now=NOW)
    assert (found.outcome, found.release_at, found.counts, found.party) == (expected, None, False, None)
    assert found.marks == ((UNCERTAIN, SAFEGUARD) if changes else (UNCERTAIN,))
    assert "two From fields" in found.reasons[0].text


def test_uncertain_mail_to_an_inbox_that_is_always_open_gets_there():
    """What is always open is open to a sender whom nobody can name, and the other recipients wait."""
    policy = policies.parse(policy_data() | {"always_open": ["appeals@example.org"]})
    one = contact(sender=None, recipients=("appeals@example.org", "enquiries@example.org"))
    found = decide(one, Standing(restricted_candidates=True), policy, now=NOW)
    assert [target.outcome for target in found.targets] == [Outcome.DELIVER, Outcome.HOLD]


def test_a_shared_identifier_suggests_and_never_restricts():
    """Mail from a shared address passes, marked with who it may be (THREATS I6)."""
    found = decide(contact(), Standing(perhaps=("R. Example",)), POLICY, now=NOW)
    assert (found.outcome, found.party, found.counts, found.limited) == (Outcome.DELIVER, None, False, False)
    assert found.marks == ("may be R. Example",)


def test_an_unknown_sender_passes():
    """Nobody is on record: delivered, with that as the reason."""
    found = decide(contact(), Standing(), POLICY, now=NOW)
    assert (found.outcome, found.party, found.reasons[0].text) == (
        Outcome.DELIVER,
        None,
        "No restriction is in force on this sender",
    )


@pytest.mark.parametrize("caller", [Caller.WITHHELD, Caller.UNAVAILABLE, Caller.ODD])
@pytest.mark.parametrize("row", [Outcome.CONNECT, Outcome.VOICEMAIL])
def test_callers_without_a_number_go_by_their_own_row(caller, row):
    """A withheld, unavailable or odd caller follows its row of the policy, and is never matched to a party (T5)."""
    other = {"withheld": "connect", "unavailable": "connect", "odd": "connect"} | {caller.value: row.value}
    policy = policies.parse(policy_data() | {"callers": other})
    found = decision(contact("call", sender=None, caller=caller), {"kind": "block", "call": "refuse"}, policy=policy)
    assert (found.outcome, found.party, found.counts) == (row, None, False)
    assert found.targets[0].outcome is row
