"""What happens to a message that is sent again after it went back with passages marked (PHSO-M3).

Belongs here: the step of deciding that looks at it. Without the passages it goes where the measures say; with them it
goes back again, or before a person where the sender may not be answered. What always reaches a person still does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from rules.contact import Assurance, Channel, Contact, Resent
from rules.decision import Decision, Outcome, Reason
from rules.policies import Policy
from rules.standing import Standing

HIGHLIGHT = "highlight"
"""The measure that the reason names: an act on file, and no restriction."""


def as_resent(
    decision: Decision, contact: Contact, standing: Standing, policy: Policy, now: datetime, *, answerable: bool
) -> Decision:
    """Send a message back again that still has the passages; say of any other what it is.

    `answerable` tells whether the sender may be answered (THREATS I5). Forged mail is nobody's second version (I4).
    """
    seen = contact.resent
    if seen is None or standing.party is None or contact.assurance is Assurance.FAILED:
        return decision
    decision = _with(decision, policy, _words(seen))
    if not (seen.near and seen.still) or decision.outcome.strictness >= Outcome.RETURN.strictness:
        return decision
    why = _spared(contact, standing, policy, now)
    if why:
        return _with(decision, policy, why)
    if answerable:
        return _instead(decision, Outcome.RETURN, policy, "It goes back again")
    return _instead(decision, Outcome.HOLD, policy, "The sender may not be answered, so a person looks at it")


def is_resent(reasons: tuple[Reason, ...]) -> bool:
    """Tell from a contact's reasons whether it is a second version, or an answer to what went back."""
    return any(reason.measure == HIGHLIGHT for reason in reasons)


def _words(seen: Resent) -> str:
    if not seen.near:
        return f"It answers message {seen.first}, which went back with passages marked"
    if not seen.still:
        return f"It is message {seen.first} sent again without the passages that were marked"
    many = "a passage" if seen.still == 1 else f"{seen.still} passages"
    return f"It is message {seen.first} sent again, and still has {many} that we marked"


def _spared(contact: Contact, standing: Standing, policy: Policy, now: datetime) -> str:
    """Say what lets it through with its passages all the same; empty where nothing does."""
    if contact.safeguards:
        return "It must reach a person, so it does not go back"
    if any(one.in_force(now) and Channel.EMAIL in one.open for one in standing.adjustments):
        return "An adjustment keeps this channel open to a person, so it does not go back"
    if any(one.lower() in policy.always_open for one in contact.recipients):
        return "It came to an inbox that is always open, so it does not go back"
    if standing.facts.asked_since(contact) is not None:
        return "It may answer a request of ours, so it does not go back"
    return ""


def _with(decision: Decision, policy: Policy, text: str) -> Decision:
    reason = Reason("", HIGHLIGHT, policy.clause(HIGHLIGHT) or policy.clause("return_mail"), text)
    # On record before anything else: both versions are kept, so that a person can see what changed.
    return replace(decision, reasons=(*decision.reasons, reason), limited=True)


def _instead(decision: Decision, outcome: Outcome, policy: Policy, text: str) -> Decision:
    return replace(
        _with(decision, policy, text),
        outcome=outcome,
        carried=outcome,
        targets=tuple(replace(target, outcome=outcome) for target in decision.targets),
        release_at=None,
        respond_by=None,
        note=None,
        sender_text=policy.texts.still_there if outcome is Outcome.RETURN else "",
        counts=False,
    )
