"""What is on a party's file beside restrictions, as it bears on a decision: shields, requests of ours, advocates.

Belongs here: the last steps of deciding, which stand in every mode. Promises that nobody who is shielded from a party
is in a target of any decision on its contact (PHSO-24).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from rules.contact import Assurance, Contact
from rules.decision import Decision, Outcome, Reason, Target
from rules.facts import NOTHING, place
from rules.policies import Policy
from rules.safeguards.bearing import risks_life
from rules.standing import PartyKind, Standing

SPEAKS_FOR = "speaks for"
"""An advocate's contact: it counts towards no limit and no level of the party for whom they speak (PHSO-M13)."""
ANSWERS = "may answer a request of ours"
"""It counts towards no limit and no level (PHSO-26)."""
MOST_ANSWERS = 3
"""Contacts since a request that are taken for its answer; what comes after them counts again."""
UNREAD = "filed unread"
"""On a matter closed for good, which the policy has nobody look at (PHSO-22)."""
_OPEN = (Outcome.DELIVER, Outcome.CONNECT)
_PROFESSIONAL = (PartyKind.PROFESSIONAL, PartyKind.ORGANISATION)


def as_answer(decision: Decision, contact: Contact, standing: Standing, policy: Policy) -> Decision:
    """Leave uncounted what may answer a request of ours; it is let through, or not, as decided (PHSO-26, SPSO-53).

    From an organisation, or somebody in a professional capacity, it always passes (PHSO-19).
    """
    if standing.facts is NOTHING or standing.facts.asked_since(contact) is None:
        return decision
    if standing.party is not None and standing.party.kind in _PROFESSIONAL:
        decision = _passing(decision, policy)
    clause = policy.clause("request")
    if standing.answers >= MOST_ANSWERS:
        text = f"A request of ours is open; {MOST_ANSWERS} contacts since were not counted, so this one counts"
        return replace(decision, reasons=(*decision.reasons, Reason("", "", clause, text)))
    reason = Reason("", "request", clause, "It may answer a request of ours, so it is not counted")
    return replace(decision, counts=False, reasons=(*decision.reasons, reason), marks=(*decision.marks, ANSWERS))


def _passing(decision: Decision, policy: Policy) -> Decision:
    """Let through what was filed, sent away, or held up to a time; what waits for the duty manager waits (PHSO-2)."""
    if decision.outcome.lets_through or (decision.outcome is Outcome.HOLD and decision.release_at is None):
        return decision
    targets = tuple([_passed(target) for target in decision.targets])
    outcome = max([target.outcome for target in targets], key=lambda one: one.strictness, default=Outcome.DELIVER)
    text = "An organisation or a professional may answer a request of ours: that always passes"
    return replace(
        decision,
        outcome=outcome,
        carried=outcome,
        targets=targets,
        release_at=None,
        note=None,
        sender_text="",
        counts=True,
        reasons=(*decision.reasons, Reason("", "request", policy.clause("request"), text)),
        marks=tuple(mark for mark in decision.marks if mark != UNREAD),
    )


def _passed(target: Target) -> Target:
    if target.outcome.lets_through:
        return target
    routed = place(target.to) != place(target.recipient)
    return Target(target.recipient, Outcome.ROUTE if routed else Outcome.DELIVER, target.to)


def as_advocate(decision: Decision, contact: Contact, standing: Standing, policy: Policy) -> Decision:
    """Mark what comes from somebody who speaks for a party; forged mail speaks for nobody (PHSO-M13)."""
    if not standing.speaks_for or contact.assurance is Assurance.FAILED:
        return decision
    clause = policy.clause("authorise_advocate") or policy.clause("third_party")
    marks = tuple(f"{SPEAKS_FOR} {name}" for name in standing.speaks_for)
    reasons = tuple(Reason("", "advocate", clause, f"The sender speaks for {name}") for name in standing.speaks_for)
    return replace(decision, marks=(*decision.marks, *marks), reasons=(*decision.reasons, *reasons))


def counts_to_levels(decision: Decision) -> bool:
    """Tell whether a contact counts towards levels: no answer to us, no advocate's, none where life is at risk."""
    if risks_life(decision.safeguards):
        return False
    return not any(mark == ANSWERS or mark.startswith(SPEAKS_FOR) for mark in decision.marks)


def shielded(decision: Decision, contact: Contact, standing: Standing, policy: Policy, now: datetime) -> Decision:
    """Send to who takes over what would reach a shielded colleague; the same decision where nothing would."""
    taken_over = standing.facts.taken_over(now) if standing.facts.shields else {}
    if not taken_over:
        return decision
    targets = tuple([past_shields(target, taken_over, policy) for target in decision.targets])
    if targets == decision.targets:
        return decision
    strictest = max([target.outcome for target in targets], key=lambda outcome: outcome.strictness)
    outcome = strictest if decision.outcome in _OPEN else decision.outcome
    text = "A colleague is shielded from this person, so it goes to who takes over"
    return replace(
        decision,
        outcome=outcome,
        carried=strictest if decision.carried in _OPEN else decision.carried,
        targets=targets,
        reasons=(*decision.reasons, Reason("", "shield", policy.clause("shield"), text)),
        # Where nobody is left who could take over, it is kept: on record before anything else.
        limited=decision.limited or not strictest.lets_through,
        counts=decision.counts and outcome.lets_through,
    )


def past_shields(target: Target, taken_over: Mapping[str, str], policy: Policy) -> Target:
    """Give a target past every shielded inbox and number; `taken_over` is that of `Facts`."""
    if place(target.to) not in taken_over:
        return target
    to = _who_takes_over(target.to, taken_over, policy)
    if not to:
        kept = Outcome.HOLD if "@" in target.to else Outcome.VOICEMAIL
        return Target(target.recipient, kept if target.outcome.lets_through else target.outcome, "")
    return Target(target.recipient, Outcome.ROUTE if target.outcome in _OPEN else target.outcome, to)


def _who_takes_over(address: str, taken_over: Mapping[str, str], policy: Policy) -> str:
    """Follow who takes over for whom; where two files that became one shield each from the other, somebody on duty."""
    seen: set[str] = set()
    to = address
    while (at := place(to)) in taken_over:
        if at in seen:
            return _on_duty("@" in address, taken_over, policy)
        seen.add(at)
        to = taken_over[at]
    return to


def _on_duty(mail: bool, taken_over: Mapping[str, str], policy: Policy) -> str:
    ways = (policy.duty_manager.inbox, policy.duty_manager.phone, *sorted(policy.always_open))
    free = (way for way in ways if way and ("@" in way) is mail and place(way) not in taken_over)
    return next(free, "")
