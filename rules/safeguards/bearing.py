"""What follows for a decision where a contact asks for what must reach a person: reasons, the note, what counts.

Belongs here: steps that `rules.decide` takes. Promises that none of them makes an outcome stricter.
"""

from __future__ import annotations

from dataclasses import replace

from rules.contact import Channel, Contact
from rules.decision import Decision, Note, Outcome, Reason
from rules.policies import Policy
from rules.safeguards.kinds import SELF_HARM, Kind, kind_of, kinds_of

SAFEGUARD = "safeguard"
_AT_ONCE = "It must reach a person at once"


def reasons(contact: Contact, policy: Policy) -> tuple[Reason, ...]:
    """Say what was recognised, a reason for each clause of the policy that it rests on."""
    by_clause: dict[str, list[str]] = {}
    for one in contact.safeguards:
        by_clause.setdefault(_clause(kind_of(one), policy), []).append(one)
    return tuple(
        Reason("", SAFEGUARD, clause, f"{_AT_ONCE}: {', '.join(words)}") for clause, words in by_clause.items()
    )


def _clause(kind: Kind | None, policy: Policy) -> str:
    """Name the clause of a kind; where decisions are final, an appeal is a complaint about the service (PHSO-28)."""
    if kind is Kind.APPEAL and policy.appeal is None:
        kind = Kind.SERVICE_COMPLAINT
    return (policy.clause(kind.value) if kind else "") or policy.clause(SAFEGUARD)


def risks_life(safeguards: tuple[str, ...]) -> bool:
    """Tell whether somebody may harm themselves or others."""
    return Kind.RISK_TO_LIFE in kinds_of(safeguards)


def signpost(contact: Contact, policy: Policy) -> Note | None:
    """Give the note that tells whom to turn to, once a day; the caller sees to it that they may be answered (PHSO-27).

    A threat to others is answered by nobody but a person.
    """
    if SELF_HARM not in contact.safeguards or not policy.safeguards.signpost:
        return None
    day = contact.at.astimezone(policy.zone).date()
    return Note(f"signpost:{day}", policy.texts.self_harm)


def heard(decision: Decision, contact: Contact, policy: Policy) -> Decision:
    """Give a decision with what was recognised: marked and explained whatever the outcome, a risk to life uncounted.

    A call is decided before a word is said.
    """
    if not contact.safeguards or contact.channel is Channel.CALL:
        return decision
    marks, why = decision.marks, decision.reasons
    if SAFEGUARD not in marks:
        marks = (*marks, SAFEGUARD)
    if not any(one.measure == SAFEGUARD for one in why):
        why = (*why, *reasons(contact, policy))
    counts = decision.counts and not risks_life(contact.safeguards)
    return replace(decision, marks=marks, reasons=why, counts=counts, safeguards=contact.safeguards)


def kept_back(decision: Decision) -> bool:
    """Tell whether what was recognised did not reach the inbox it was written to, as carried out."""
    return any(not target.outcome.lets_through for target in decision.targets) or decision.carried in (
        Outcome.FILE,
        Outcome.HOLD,
    )
