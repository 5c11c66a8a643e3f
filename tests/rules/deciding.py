"""What tests of decisions share: one way to each outcome, a measure that breaks, and a decision in one line."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar

import pytest

from rules import policies
from rules.contact import Contact
from rules.decide import decide
from rules.decision import Decision, Finding, Outcome
from rules.measures.measure import Measure, handled
from rules.standing import Standing, Used
from tests.rules.office import (
    NOW,
    POLICY,
    at,
    policy_data,
    restriction,
    standing,
)

MICROSECOND = timedelta(microseconds=1)
MAIL = (Outcome.DELIVER, Outcome.ROUTE, Outcome.HOLD, Outcome.FILE, Outcome.RETURN, Outcome.REFUSE)
CALLS = (Outcome.CONNECT, Outcome.ROUTE, Outcome.VOICEMAIL, Outcome.AUTOMATED_LINE, Outcome.REFUSE)
OTHERS = ["letter", "visit", "web", "online"]
FOR_THE_APPEAL = {"name": "A. Advocate", "scope": "the appeal"}
FULL = Used(reached_at=at("2026-03-10T09:00Z"), seconds=99_999)
# One way to each outcome; with usage FULL the limit is used up.
TO_MAIL = {
    Outcome.ROUTE: {"kind": "named_contact", "inbox": "casework@example.org"},
    Outcome.HOLD: {"kind": "time_window", "channels": ["email"], "days": ["mon"], "from": "10:00", "to": "12:00"},
    Outcome.FILE: {"kind": "file_unanswered"},
    Outcome.RETURN: {"kind": "return_mail"},
    Outcome.REFUSE: {"kind": "block"},
}
TO_CALL = {
    Outcome.ROUTE: {"kind": "named_contact", "phone": "+441632960100"},
    Outcome.VOICEMAIL: {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week", "call": "voicemail"},
    Outcome.AUTOMATED_LINE: {"kind": "automated_line"},
    Outcome.REFUSE: {"kind": "block", "call": "refuse"},
}
ALWAYS_OPEN = policies.parse(policy_data() | {"always_open": ["appeals@example.org", "+441632960000"]})
CHECKED = POLICY.with_changes(answer_claimed=False)


class Probe(Measure):
    """Find what a test tells it to, or break."""

    kind: ClassVar[str] = "probe"
    sender_words: ClassVar[str] = "A probe."
    staff_words: ClassVar[str] = "A probe."

    days: int | None = None

    def check(self, contact: Contact, standing: Standing, policy, *, now: datetime) -> Finding | None:
        """Find a respond-by date so many days ahead; break where there is none."""
        if self.days is None:
            raise RuntimeError("out of order")
        return Finding(
            handled(contact, "file", "voicemail"), "probed", respond_by=date(2026, 3, 11) + timedelta(self.days)
        )


BROKEN = Probe()


def decision(one: Contact, *on, policy=POLICY, now: datetime = NOW, observe: bool = False, **known) -> Decision:
    """Decide on a contact of the party under these restrictions, or under one of these measures."""
    restrictions = tuple(on) if all(hasattr(each, "starts") for each in on) else (restriction(*on),)
    return decide(one, standing(*restrictions, now=now, policy=policy, **known), policy, now=now, observe=observe)


def pairs(ways: dict) -> list:
    """Give every pair of measures with the stricter outcome of the two."""
    return [
        pytest.param(one, other, max(first, second, key=lambda each: each.strictness), id=f"{first} and {second}")
        for first, one in ways.items()
        for second, other in ways.items()
    ]
