"""The decision: safeguards and adjustments first, every measure asked, the strictest outcome wins, all reasons kept.

Belongs here: the one pure function that says what happens to a contact. It never raises on a contact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from operator import attrgetter
from typing import NamedTuple

from rules.contact import Assurance, Caller, Channel, Contact
from rules.decision import Decision, Finding, Note, Outcome, Reason, Target
from rules.measures import Measure
from rules.on_file import UNREAD, as_advocate, as_answer, shielded
from rules.policies import Policy
from rules.resent import as_resent
from rules.safeguards.bearing import SAFEGUARD, heard, signpost
from rules.safeguards.bearing import reasons as safeguard_reasons
from rules.standing import Adjustment, Restriction, Standing

UNCERTAIN = "identity uncertain"
MEASURE_FAILED = "measure failed"
SUSPENDED = "measure suspended"
"""A measure lets through for want of what it rests on: the restriction's owner must be told."""
ASK = "ask for a number"
"""The caller has none, and the policy says to ask for one (THREATS T5)."""
_strictness = attrgetter("strictness")


class _Found(NamedTuple):
    """Hold a finding with whose it is, and what it marks the decision with."""

    restriction: Restriction
    measure: Measure
    finding: Finding
    mark: str = ""


def decide(contact: Contact, standing: Standing, policy: Policy, *, now: datetime, observe: bool = False) -> Decision:
    """Decide what happens to a contact at `now` (aware UTC).

    In observe mode the decision is made and its reasons kept, and the contact is let through all the same: to nobody
    who is shielded from the party (PHSO-24).
    """
    decision = as_answer(_decide(contact, standing, policy, now), contact, standing, policy)
    decision = heard(as_advocate(decision, contact, standing, policy), contact, policy)
    if contact.resent is not None:
        answerable = may_answer(contact, policy)
        decision = as_resent(decision, contact, standing, policy, now, answerable=answerable)
    if observe:
        decision = _let_through(decision, _open(contact))
    return shielded(decision, contact, standing, policy, now)


def _let_through(decision: Decision, opened: Outcome) -> Decision:
    """Carry out nothing of a decision, and keep what was decided and why."""
    targets = tuple(Target(target.recipient, opened, target.recipient) for target in decision.targets)
    return replace(decision, carried=opened, targets=targets, note=None, time_limit_s=None, release_at=None)


def _decide(contact: Contact, standing: Standing, policy: Policy, now: datetime) -> Decision:
    if contact.caller is not Caller.NUMBER:
        return _without_number(contact, policy)
    if contact.uncertain:
        return _uncertain(contact, standing, policy)
    restrictions = standing.in_force(now)
    if standing.party is None or not restrictions:
        return _unrestricted(contact, standing)
    found = _findings(contact, standing, restrictions, policy, now)
    return _combine(contact, standing, policy, found, now)


def _without_number(contact: Contact, policy: Policy) -> Decision:
    what = "There is no number" if contact.caller is Caller.ODD else f"The number is {contact.caller.value}"
    if contact.channel is not Channel.CALL:
        return _plain(contact, _open(contact), Reason("", "", "", what))
    row = policy.callers.row(contact.caller)
    reason = Reason("", "", "", f"{what}; the policy says {row}")
    if row != "ask":
        return _plain(contact, Outcome(row), reason)
    return replace(_plain(contact, Outcome.CONNECT, reason), marks=(ASK,))


def _uncertain(contact: Contact, standing: Standing, policy: Policy) -> Decision:
    why = f"Nobody can say who sent it ({contact.doubt or 'no sender'})"
    if not standing.restricted_candidates:
        reason = Reason("", "", "", f"{why}; nobody it might be from is restricted")
        return replace(_plain(contact, _open(contact), reason), marks=(UNCERTAIN,))
    reasons = [Reason("", "", "", f"{why}; it might be from a party under a restriction, so a person looks at it")]
    kept = _capped(_before_person(contact), _ceiling(contact, policy, reasons))
    targets = tuple(
        Target(recipient, _open(contact) if recipient.lower() in policy.always_open else kept, recipient)
        for recipient in _goals(contact)
    )
    outcome = max((target.outcome for target in targets), key=_strictness, default=kept)
    marks = (UNCERTAIN, SAFEGUARD) if contact.safeguards else (UNCERTAIN,)
    return Decision(outcome, outcome, tuple(reasons), targets, limited=True, counts=False, marks=marks)


def _unrestricted(contact: Contact, standing: Standing) -> Decision:
    decision = _plain(contact, _open(contact), Reason("", "", "", "No restriction is in force on this sender"))
    if standing.party is not None:
        return replace(
            decision, party=standing.party.id, party_name=standing.party.name, counts=_counts(contact, decision.outcome)
        )
    if standing.perhaps:
        return replace(
            decision,
            reasons=(_SUGGESTED if not contact.linked else _BESIDE,),
            marks=tuple(f"may be {name}" for name in standing.perhaps),
        )
    return decision


_SUGGESTED = Reason("", "", "", "A shared address or number: it suggests who it may be, and restricts nobody")
_BESIDE = Reason(
    *("", "", ""),
    "An address that is shared, or stands beside the sender's: it suggests who it may be, and restricts nobody",
)


def _findings(
    contact: Contact, standing: Standing, restrictions: Sequence[Restriction], policy: Policy, now: datetime
) -> list[_Found]:
    found = []
    for restriction in restrictions:
        asked = standing.under(restriction)
        for measure in restriction.bearing(now):
            try:
                finding = measure.check(contact, asked, policy, now=now)
                mark = SUSPENDED if measure.suspended(asked, policy, now=now) else ""
            except Exception:  # a measure that breaks puts the contact before a person, whatever broke
                found.append(_Found(restriction, measure, _broken(contact, measure), MEASURE_FAILED))
                continue
            if finding is not None:
                found.append(_Found(restriction, measure, finding, mark))
    return found


def _broken(contact: Contact, measure: Measure) -> Finding:
    return Finding(_before_person(contact), f"The measure {measure.kind} failed, so a person looks at this")


def _before_person(contact: Contact) -> Outcome:
    """Name the outcome that puts a contact before a person; what staff log by hand is before one already."""
    return Outcome.HOLD if contact.channel in (Channel.EMAIL, Channel.SMS) else _open(contact)


def _combine(contact: Contact, standing: Standing, policy: Policy, found: list[_Found], now: datetime) -> Decision:
    assert standing.party is not None  # _decide saw to it
    reasons = [_reason(one, policy) for one in found]
    marks = [one.mark for one in found if one.mark] + [SAFEGUARD] * bool(contact.safeguards)
    found, ceiling = _outranked(contact, standing, policy, found, reasons, now)
    targets = [_target(one, contact, policy, found, ceiling) for one in _goals(contact) or ("",)]
    targets = _settled(contact, policy, targets, reasons)
    outcome = max([target.outcome for target in targets], key=_strictness)
    binding = [one for one in found if one.finding.outcome is outcome]
    marks += [UNREAD] * (not marks and _unread(outcome, binding, found, contact, policy))
    untouched = _always_open(contact, policy, reasons)
    return Decision(
        outcome=outcome,
        carried=outcome,
        reasons=tuple(reasons) or (Reason("", "", "", "No measure in force bears on this contact"),),
        targets=tuple(targets) if _goals(contact) else (),
        party=standing.party.id,
        party_name=standing.party.name,
        time_limit_s=_time_limit(found) if outcome in _CONNECTED and not untouched else None,
        release_at=_release(binding) if outcome is Outcome.HOLD else None,
        respond_by=_respond_by(found) if outcome not in _SENT_AWAY else None,
        note=_note(contact, policy, outcome, binding),
        sender_text=_words(contact, policy, outcome, binding),
        limited=True,
        counts=_counts(contact, outcome) and not untouched,
        marks=tuple(marks),
    )


_CONNECTED = (Outcome.CONNECT, Outcome.ROUTE)


def _reason(one: _Found, policy: Policy) -> Reason:
    return Reason(one.restriction.id, one.measure.kind, policy.clause(one.measure.kind), one.finding.text)


def _outranked(
    contact: Contact, standing: Standing, policy: Policy, found: list[_Found], reasons: list[Reason], now: datetime
) -> tuple[list[_Found], Outcome]:
    """Give the findings that stand beside adjustments, and the strictest outcome that safeguards leave."""
    opened = _adjustment(contact, standing.adjustments, now)
    if opened is not None:
        text = f"An adjustment keeps this channel open to a person: {opened.need}"
        reasons.append(Reason("", "adjustment", policy.clause("adjustment"), text))
        found = [
            _Found(one.restriction, one.measure, replace(one.finding, time_limit_s=None))
            for one in found
            if one.finding.outcome is Outcome.ROUTE
        ]
    return found, _ceiling(contact, policy, reasons)


def _ceiling(contact: Contact, policy: Policy, reasons: list[Reason]) -> Outcome:
    """Give the strictest outcome that safeguards leave, and say why; a call is decided before a word is said."""
    if not contact.safeguards or contact.channel is Channel.CALL:
        return Outcome.REFUSE
    reasons.extend(safeguard_reasons(contact, policy))
    return Outcome.FILE


def _capped(outcome: Outcome, ceiling: Outcome) -> Outcome:
    return Outcome.FILE if ceiling is Outcome.FILE and outcome in _KEPT_BACK else outcome


_KEPT_BACK = (Outcome.HOLD, Outcome.RETURN, Outcome.REFUSE)


def _adjustment(contact: Contact, adjustments: Sequence[Adjustment], now: datetime) -> Adjustment | None:
    return next((one for one in adjustments if one.in_force(now) and contact.channel in one.open), None)


def _target(recipient: str, contact: Contact, policy: Policy, found: Sequence[_Found], ceiling: Outcome) -> Target:
    """Say what happens for one recipient: the strictest finding that applies to it, never past the ceiling."""
    if recipient.lower() in policy.always_open:
        return Target(recipient, _open(contact), recipient)
    address = recipient.lower()
    applying = [one for one in found if address not in one.finding.open_recipients]
    outcome = _capped(max([one.finding.outcome for one in applying], key=_strictness, default=_open(contact)), ceiling)
    routes = [one for one in applying if one.finding.outcome is Outcome.ROUTE and one.finding.to]
    if not routes:
        return Target(recipient, outcome, recipient)
    if outcome is Outcome.ROUTE and all([one.finding.to == address for one in routes]):
        return Target(recipient, _open(contact), recipient)
    return Target(recipient, outcome, _goal(recipient, found, routes))


def _goal(recipient: str, found: Sequence[_Found], routes: Sequence[_Found]) -> str:
    """Say where routed contact goes: where the first in precedence sends it, or where it was sent if that leaves it."""
    sparing = [one for one in found if recipient.lower() in one.finding.open_recipients]
    first = routes[0] if len(routes) == 1 and not sparing else min((*routes, *sparing), key=_precedence)
    return recipient if first in sparing else first.finding.to or recipient


def _precedence(one: _Found) -> tuple[int, float, str, str]:
    """Order routes: by the measure's rank, then the newest restriction; the rest only makes it the same every time."""
    return one.measure.target_rank, -one.restriction.starts.timestamp(), one.restriction.id, one.finding.to or ""


_SENT_AWAY = (Outcome.RETURN, Outcome.REFUSE)


def _settled(contact: Contact, policy: Policy, targets: list[Target], reasons: list[Reason]) -> list[Target]:
    """File instead of sending away where recipients differ or the sender is forged; refuse who may not be answered."""
    if contact.channel is Channel.CALL:
        return targets
    away = [target for target in targets if target.outcome in _SENT_AWAY]
    if not away:
        return targets
    if len(away) < len(targets):
        text = "Other recipients of the same message are open, so it is filed here and not sent away"
        return _instead(targets, Outcome.FILE, text, reasons)
    if contact.assurance is Assurance.FAILED:
        return _instead(
            targets, Outcome.FILE, "The sender's address is forged, so it is filed and nobody is told", reasons
        )
    if not may_answer(contact, policy) and any(target.outcome is Outcome.RETURN for target in away):
        if contact.channel is Channel.SMS:  # a text cannot be refused in words: its sender would never hear of it (I5)
            text = "No text may go to this number, so it is filed for a person and not returned"
            return _instead(targets, Outcome.FILE, text, reasons)
        text = "The sender may not be answered, so it is refused in the session and not returned"
        return _instead(targets, Outcome.REFUSE, text, reasons)
    return targets


def _instead(targets: list[Target], outcome: Outcome, text: str, reasons: list[Reason]) -> list[Target]:
    reasons.append(Reason("", "", "", text))
    return [replace(target, outcome=outcome) if target.outcome in _SENT_AWAY else target for target in targets]


def may_answer(contact: Contact, policy: Policy) -> bool:
    """Tell whether a return or a note may be sent to who says they sent it (THREATS C4, I4, I5, T6)."""
    if not contact.answerable or contact.automatic or contact.sender is None:
        return False
    if contact.channel is Channel.SMS:
        return policy.texting.reaches(contact.sender.value)
    return contact.assurance is Assurance.VERIFIED or (contact.assurance is Assurance.CLAIMED and policy.answer_claimed)


def _words(contact: Contact, policy: Policy, outcome: Outcome, binding: Sequence[_Found]) -> str:
    """Give what the sender is told; to a caller, only a message that the office wrote for the automated line.

    A number is a claim: whoever holds the phone learns nothing about a person from it (THREATS T5).
    """
    if contact.channel is Channel.SMS:
        return policy.texts.text_returned if outcome is Outcome.RETURN else ""
    told = (one for one in binding if contact.channel is not Channel.CALL or one.measure.kind == "automated_line")
    return next((one.finding.sender_text for one in told if one.finding.sender_text), "")


def _note(contact: Contact, policy: Policy, outcome: Outcome, binding: Sequence[_Found]) -> Note | None:
    """Give the note that goes with what is filed or held; what is returned carries its own words."""
    if contact.channel is Channel.CALL or not may_answer(contact, policy):
        return None
    if contact.safeguards:
        return signpost(contact, policy) if outcome is Outcome.FILE else None
    kept = [one.finding for one in binding if one.finding.outcome in (Outcome.FILE, Outcome.HOLD)]
    note = next((finding.note for finding in kept if finding.note), None)
    if note is not None and contact.channel is Channel.SMS:
        return replace(note, text=policy.texts.text_filed)  # neutral words alone, as in _words
    return note


def _counts(contact: Contact, outcome: Outcome) -> bool:
    return outcome.lets_through and not contact.automatic and contact.assurance is not Assurance.FAILED


def _always_open(contact: Contact, policy: Policy, reasons: list[Reason]) -> bool:
    """Tell whether it came to nothing but inboxes and numbers that no measure closes; say so where any is one."""
    spared = [one for one in contact.recipients if policy.always_open and one.lower() in policy.always_open]
    if spared:
        text = "An inbox or number that was written to or called is always open; no measure closes it"
        reasons.append(Reason("", "always_open", policy.clause("always_open"), text))
    return bool(spared) and len(spared) == len(contact.recipients)


def _time_limit(found: Sequence[_Found]) -> int | None:
    return min([one.finding.time_limit_s for one in found if one.finding.time_limit_s is not None], default=None)


def _unread(
    outcome: Outcome, binding: Sequence[_Found], found: Sequence[_Found], contact: Contact, policy: Policy
) -> bool:
    """Tell whether all that files it leaves it unread, and nothing stricter was found that a person should see."""
    if outcome is not Outcome.FILE or not binding or max(map(_strictness_found, found)) > outcome.strictness:
        return False
    return all([one.measure.files_unread(contact, policy) for one in binding])


def _strictness_found(one: _Found) -> int:
    return one.finding.outcome.strictness


def _respond_by(found: Sequence[_Found]) -> date | None:
    return max([one.finding.respond_by for one in found if one.finding.respond_by], default=None)


def _release(binding: Sequence[_Found]) -> datetime | None:
    """Give the latest release, none later than its restriction's end; None (a person releases it) where one is open."""
    times = [min(one.finding.until, one.restriction.ends) for one in binding if one.finding.until]
    return max(times) if times and len(times) == len(binding) else None


def _open(contact: Contact) -> Outcome:
    return Outcome.CONNECT if contact.channel is Channel.CALL else Outcome.DELIVER


def _goals(contact: Contact) -> tuple[str, ...]:
    """Name whom it was sent to; a call was to a line even where nobody noted which."""
    return contact.recipients or (("",) if contact.channel is Channel.CALL else ())


def _plain(contact: Contact, outcome: Outcome, reason: Reason) -> Decision:
    targets = tuple(Target(recipient, outcome, recipient) for recipient in _goals(contact))
    return Decision(outcome, outcome, (reason,), targets, counts=False)
