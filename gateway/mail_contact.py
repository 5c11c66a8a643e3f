"""Turns a message that a door took into a contact, and the mail path's own words into entries on record.

Belongs here: who is taken for the sender of a message, and what of it goes on record (no subject, no contents).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.mail.automatic import nature_of
from adapters.mail.message import Heading, Incoming, answerable
from adapters.mail.own_mail import writable
from gateway.delivery import HANDED_ON
from rules import identity
from rules.answers import Answer, Delivered, Permanent, Temporary
from rules.contact import Channel, Contact, Identifier
from rules.decision import Decision, Outcome, Reason, Target
from rules.levels import thresholds as levels
from rules.on_file import UNREAD, counts_to_levels
from rules.policies import Policy
from rules.resent import is_resent
from rules.standing import Standing
from rules.workdays import look_by
from storage.entries import Entry, Goal, State

DUTY = "duty"
"""Who owns what waits for a person, until an office gives it to somebody."""
NOBODY = "nobody"
LATER = "We cannot take your message now. Please try again later."
NOT_DELIVERED = "Your message could not be delivered."
_NOT_REFUSED = Reason(
    "", "", "", "It lay in a watched mailbox already, so it was filed: there, nothing can be refused."
)
OBSERVE = "observe"
"""The setting that says whether everything is let through: on, or off."""
NOT_THROUGH = frozenset({State.DEFERRED, State.PASSED_BACK})
# What is decided anew when it comes again: nobody was told that it was taken. What is intended here and not under way
# was left by a fault after its intent; what was refused may be welcome by now, for a restriction has its end.
OPEN = NOT_THROUGH | {State.INTENDED, State.REFUSED}
COPIED = frozenset({Outcome.HOLD, Outcome.FILE, Outcome.RETURN})


def contact_of(incoming: Incoming, heading: Heading, number: str, now: datetime) -> Contact:
    """Read a message as a contact received at `now`; identity uncertain means no sender (THREATS I1)."""
    sender = identity.email(heading.sender) if heading.sender else None
    candidates = _candidates(incoming, heading) if sender is None else (sender,)
    return Contact(
        id=number,
        channel=Channel.EMAIL,
        at=now,
        sender=sender,
        candidates=candidates,
        recipients=incoming.recipients,
        cc=heading.cc,
        subject=heading.subject,
        size=len(incoming.raw),
        nature=nature_of(heading, incoming.mail_from),
        answerable=sender is not None
        and answerable(heading, incoming.mail_from)
        and identity.email(incoming.mail_from) == sender
        and writable(incoming.mail_from),
        in_reply_to=heading.in_reply_to,
        doubt=heading.doubt or ("" if sender else "the address cannot be read"),
        more_candidates=heading.incomplete,
        linked=_linked(incoming, heading, sender) if sender else (),
    )


def _linked(incoming: Incoming, heading: Heading, sender: Identifier) -> tuple[Identifier, ...]:
    """Name who stands beside a certain sender: in most mail nobody."""
    if not heading.also and incoming.mail_from == heading.sender:
        return ()
    return tuple(one for one in _identifiers((*heading.also, incoming.mail_from)) if one != sender)


def _candidates(incoming: Incoming, heading: Heading) -> tuple[Identifier, ...]:
    return _identifiers((*heading.candidates, incoming.mail_from))


def _identifiers(addresses: Iterable[str]) -> tuple[Identifier, ...]:
    found = (identity.email(address) for address in addresses)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def whose(contact: Contact, standing: Standing) -> str:
    """Name who the levels fall to: the party, or the identifier while nobody has said whose it is; else nobody."""
    if standing.party is not None:
        return f"party:{standing.party.id}"
    if contact.sender is not None:
        return str(contact.sender)
    return NOBODY


def entry_of(
    contact: Contact,
    standing: Standing,
    decision: Decision,
    state: State,
    *,
    key: str | None = None,
    node: str = "",
    targets: tuple[Goal, ...] | None = None,
    reserved_s: int | None = None,
    look_by: datetime | None = None,
    detail: str = "",
) -> Entry:
    """Write what goes on record of a contact; `counted_at` is set where it counts towards limits.

    `targets` are the decision's unless some were reached already. Built in one piece: changing a copy costs as much.
    """
    return Entry(
        id=contact.id,
        channel=contact.channel,
        at=contact.at,
        whose=whose(contact, standing),
        state=state,
        decided=decision.outcome,
        carried=decision.carried,
        key=key,
        party_id=decision.party,
        sender=str(contact.sender) if contact.sender else "",
        assurance=contact.assurance,
        nature=contact.nature,
        counts=levels.counted(contact) and counts_to_levels(decision),
        counted_at=contact.at if decision.counts else None,
        size=contact.size,
        words=contact.words,
        reasons=decision.reasons,
        targets=goals(decision.targets) if targets is None else targets,
        reserved_s=reserved_s,
        release_at=decision.release_at,
        look_by=look_by,
        owner=DUTY if state is State.HELD or look_by else "",
        detail=detail,
        node=node,
    )


def first_state(decision: Decision) -> State:
    """Say what a decision is before any door has acted; intended where one still has to."""
    if decision.carried is Outcome.REFUSE:
        return State.REFUSED
    if decision.carried is Outcome.RETURN:
        return State.RETURNED
    if all(target.outcome is Outcome.HOLD for target in decision.targets):
        return State.HELD
    return State.INTENDED


def settled_state(decision: Decision, before: Sequence[Goal] = ()) -> State:
    """Say what a decision is once the doors have acted: held or filed where any part of it is, or was `before`."""
    earlier = {goal.outcome for goal in before}
    outcomes = {target.outcome for target in decision.targets} | earlier
    if Outcome.HOLD in outcomes:
        return State.HELD
    if Outcome.FILE in outcomes:
        unread = UNREAD in decision.marks and Outcome.FILE not in earlier
        return State.FILED_UNREAD if unread else State.FILED
    return State.DELIVERED


def needs_copy(entry: Entry) -> bool:
    """Tell whether the record keeps the message itself: held, filed and returned mail, and what was sent again."""
    kept = entry.carried in COPIED or any(goal.outcome in COPIED for goal in entry.targets)
    return kept or is_resent(entry.reasons)


def still_done(entry: Entry) -> tuple[Goal, ...]:
    """Give the goals that an earlier try reached."""
    return tuple(goal for goal in entry.targets if goal.done)


def marked(targets: Sequence[Target], answers: Sequence[Answer]) -> tuple[Goal, ...]:
    """Write targets with whether each was reached."""
    return tuple(
        Goal(target.recipient, target.outcome, target.to, isinstance(answer, Delivered))
        for target, answer in zip(targets, answers, strict=True)
    )


def replies(answers: Sequence[Answer]) -> str:
    """Give what the doors said where they did not deliver: our own words, never the peer's, which may name people."""
    return "; ".join(answer.detail for answer in answers if not isinstance(answer, Delivered))


def goals(targets: tuple[Target, ...], *, done: bool = False) -> tuple[Goal, ...]:
    """Write targets as they go on record."""
    return tuple(Goal(target.recipient, target.outcome, target.to, done) for target in targets)


def sum_up(
    number: str, targets: Sequence[Target], doors: Sequence[Answer], settled: State, *, kept: bool = False
) -> tuple[State, Answer]:
    """Say what several doors' answers mean together: any 'later' is a 'later', refused by all is passed on.

    `kept` tells that the record holds the message for further recipients, so that it is never refused as a whole.
    Nor is it where we sent it elsewhere and that refused: nobody decided to refuse it, so it waits for a person.
    """
    answers = [_unnamed(target, answer) for target, answer in zip(targets, doors, strict=True)]
    later = next((one for one in answers if isinstance(one, Temporary)), None)
    if later is not None:
        return State.DEFERRED, later
    refused = [one for one in answers if isinstance(one, Permanent)]
    elsewhere = any(isinstance(one, Permanent) and not _own(to) for to, one in zip(targets, answers, strict=True))
    if refused and len(refused) == len(answers) and not kept and not elsewhere:
        return State.PASSED_BACK, refused[0]
    return (State.UNCLEAR if refused else settled), Delivered(number)


def acted(
    entry: Entry, decision: Decision, targets: Sequence[Target], doors: Sequence[Answer], *, refuses: bool
) -> tuple[Entry, Answer]:
    """Say what has become of an intent, and what its sender hears, by the doors' answers to those of its targets."""
    before = still_done(entry)
    kept = not refuses or any(goal.outcome is Outcome.HOLD for goal in entry.targets)
    state, answer = sum_up(entry.id, targets, doors, settled_state(decision, before), kept=kept)
    waiting = tuple(goal for goal in entry.targets if goal.outcome not in HANDED_ON)
    return replace(entry, state=state, targets=before + marked(targets, doors) + waiting, detail=replies(doors)), answer


def _own(target: Target) -> bool:
    """Tell whether a message goes plainly to whom its sender wrote."""
    return target.outcome is Outcome.DELIVER and target.to == target.recipient


def _unnamed(target: Target, answer: Answer) -> Answer:
    """Keep the next hop's words from a sender whose mail went elsewhere: they may name whom it went to (PHSO-M6)."""
    if _own(target):
        return answer
    if isinstance(answer, Temporary):
        return Temporary(LATER, unclear=answer.unclear)
    return Permanent(NOT_DELIVERED) if isinstance(answer, Permanent) else answer


def filed_instead(decision: Decision) -> Decision:
    """File what would be refused, and say so: it lies in its mailbox already, where nobody can refuse it any more."""
    if decision.carried is not Outcome.REFUSE:
        return decision
    targets = tuple(replace(target, outcome=Outcome.FILE) for target in decision.targets)
    return replace(decision, carried=Outcome.FILE, targets=targets, reasons=(*decision.reasons, _NOT_REFUSED))


def filed_look_by(decision: Decision, policy: Policy, now: datetime) -> datetime | None:
    """Say by when a person looks at what is filed, or held until a person releases it (DESIGN: the human clock).

    None for a matter closed for good whose policy says unread (PHSO-22).
    """
    outcomes = {target.outcome for target in decision.targets}
    if UNREAD in decision.marks and Outcome.HOLD not in outcomes:
        return None
    if Outcome.FILE not in outcomes and (Outcome.HOLD not in outcomes or decision.release_at is not None):
        return None
    days = policy.safeguards.look_by_days(decision.safeguards)
    if days == 0:
        return now
    return look_by(now, days or policy.look_by_working_days, policy.zone, policy.region)
