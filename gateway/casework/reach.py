"""Whom a party's identifiers reach beside the party: the office itself, half the town (THREATS I7).

Belongs here: who else they recognised of late, and refusing what would restrict those people: a restriction, or an
identifier that is put on a party under one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from gateway.casework.desk import Done, Effect, Guard, file_of
from rules.casework.acts.act import Act
from rules.casework.acts.add_identifier import AddIdentifier
from rules.casework.acts.approve_restriction import ApproveRestriction
from rules.casework.acts.draft_restriction import DraftRestriction
from rules.casework.acts.merge import Merge
from rules.casework.acts.propose_restriction import ProposeRestriction
from rules.casework.acts.share_identifier import ShareIdentifier
from rules.casework.file import CaseFile
from rules.casework.identifiers import identifier_of
from rules.casework.refused import Refused
from rules.contact import IdentifierKind
from rules.everybodys import everybodys
from rules.policies import Policy
from storage.entries import Entry, State
from storage.transaction import Reader, Transaction

LOOKED_BACK = timedelta(days=30)
LEAST_CONTACTS = 100
"""Of fewer contacts with the office in that time a share says nothing: one letter would be a tenth."""
_MOST_CONTACTS = 5000
_MAIL = f"{IdentifierKind.EMAIL.value}:"
_RESTRICTS = (DraftRestriction, ProposeRestriction, ApproveRestriction)
_WAY = "Name the person's own addresses, and take the domain off the party."


def recent(reader: Reader, party: int, now: datetime) -> tuple[Entry, ...]:
    """Give a party's contacts of the 30 days before `now` (aware UTC), the newest first."""
    found = reader.contacts(whose=f"party:{party}", since=now - LOOKED_BACK, until=now, limit=_MOST_CONTACTS)
    return tuple(one for one in found if one.state not in (State.OURS, State.TAKEN_BACK))


def met(file: CaseFile, entries: Sequence[Entry]) -> Counter[str]:
    """Name the senders that a party's domains recognised and nobody put on its file, with how often each came."""
    named = {str(mark.identifier) for mark in file.marks}
    domains = {mark.identifier.value for mark in file.marks if mark.identifier.kind is IdentifierKind.DOMAIN}
    senders = (one.sender for one in entries if one.sender not in named)
    return Counter(one for one in senders if one.startswith(_MAIL) and one.rpartition("@")[2] in domains)


def not_everybodys(policy: Policy, own_domains: Collection[str]) -> Guard:
    """Give a guard that lets nobody put on a party what can be no one party's, as an import does not."""

    def guard(tx: Transaction, file: CaseFile, act: Act, now: datetime) -> None:
        if isinstance(act, AddIdentifier) and not act.exception:
            why = everybodys(identifier_of(act.identifier), policy, own_domains)
            if why:
                raise Refused(why, way="Name the person's own addresses and numbers.")

    return guard


def not_too_many(policy: Policy) -> Guard:
    """Give a guard that refuses a restriction where the party's domains recognised too many other people."""

    def guard(tx: Transaction, file: CaseFile, act: Act, now: datetime) -> None:
        if isinstance(act, _RESTRICTS):
            _refuse_too_many(tx, file, policy, now)

    return guard


def reaching_no_more(policy: Policy) -> Effect:
    """Give what refuses an identifier, or a merge, by which what stands on a party would reach too many others."""

    def effect(tx: Transaction, done: Done) -> None:
        if _widens(done.paper.act) and done.shelf.live(done.paper.at):
            _refuse_too_many(tx, file_of(done.file.party.id, tx), policy, done.paper.at)

    return effect


def _widens(act: Act) -> bool:
    match act:
        case Merge():
            return True
        case AddIdentifier(identifier=named, shared=shared, exception=exception):
            return identifier_of(named).kind is IdentifierKind.DOMAIN and not (shared or exception)
        case ShareIdentifier(identifier=named, shared=shared):
            return identifier_of(named).kind is IdentifierKind.DOMAIN and not shared
        case _:
            return False


def _refuse_too_many(reader: Reader, file: CaseFile, policy: Policy, now: datetime) -> None:
    others = met(file, recent(reader, file.party.id, now))
    if len(others) > policy.guard.most_others:
        raise Refused(
            f"In the last 30 days this party's domain recognised {len(others)} other people; they would be restricted.",
            way=_WAY,
        )
    if others and _share(reader, sum(others.values()), policy, now) > policy.guard.most_share_percent:
        raise Refused(
            f"In the last 30 days more than {policy.guard.most_share_percent}% of the office's contacts came from "
            "other people whom this party's domain recognised; they would be restricted.",
            way=_WAY,
        )


def _share(reader: Reader, contacts: int, policy: Policy, now: datetime) -> float:
    """Give what percentage of the office's contacts so many are; none where there were too few to say."""
    office = reader.tally_office(now - LOOKED_BACK, now, cut_s=policy.counted_call_s)
    everything = sum(one.attempts for one in office)
    return 100 * contacts / everything if everything >= LEAST_CONTACTS else 0.0
