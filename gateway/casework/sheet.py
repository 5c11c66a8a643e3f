"""One sheet before a restriction is proposed: our own part, what the measures would have done, and what is milder.

Belongs here: bringing the record's facts together for a person (SPSO-14, SPSO-15, PHSO-18). It decides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.casework.arrangements import waiting_on
from gateway.casework.desk import file_of
from gateway.casework.outline import READ_FILE
from gateway.casework.reach import LOOKED_BACK, met, recent
from gateway.contact_files import Past
from gateway.replay import Replay, scratch_record
from rules import measures
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.acts.ask import Ask
from rules.casework.combined import blocks
from rules.casework.file import CaseFile
from rules.casework.milder import milder
from rules.casework.shelf import Shelf, shelf_of
from rules.casework.waiting import OWED
from rules.contact import Assurance, Caller, Channel, Contact, Identifier, IdentifierKind
from rules.measures import Measure
from rules.policies import Policy
from rules.standing import Adjustment, Restriction
from storage.entries import Entry, State
from storage.record import Record
from storage.transaction import Reader, Transaction


@dataclass(frozen=True, slots=True)
class OurPart:
    """Hold what we owe the party: looks that are overdue, calls that nobody answered, adjustments not kept, letters.

    `letters_late` of the `letters_owed` should have left by now.
    """

    overdue_looks: int = 0
    missed_calls: int = 0
    adjustments_broken: int = 0
    letters_owed: int = 0
    letters_late: int = 0


@dataclass(frozen=True, slots=True)
class WouldHave:
    """Hold what measures would have done to the party's contacts: how many had which outcome.

    None where that hangs on what messages are about: no subject of them is kept.
    """

    measures: tuple[Measure, ...]
    outcomes: Counter[str] | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Hold the sheet; the contacts are those of the 30 days before, by channel.

    `asked` is what was last asked about adjustments, empty where nobody has. `met` counts the other people whom the
    party's identifiers recognised in that time.
    """

    party: str
    contacts: Counter[str]
    ours: OurPart
    asked: str
    would_have: tuple[WouldHave, ...]
    total_block: bool
    met: int


def sheet(record: Record, party: int, meant: Sequence[Measure], policy: Policy, by: Actor, *, now: datetime) -> Sheet:
    """Draw up the sheet for measures that somebody has in mind; raises NoSuchParty.

    It reads from a party's file, so that they looked is put on record (THREATS W4); Refused to those who may not see
    what led to a restriction (SPSO-68).
    """
    allowed(READ_FILE, policy, by)
    facts = record.read_now(lambda reader: _facts(reader, party, now))
    record.write_now(lambda tx: tx.act(by.name, READ_FILE, f"party:{party}", {"of": "sheet"}))
    shelf = shelf_of(facts.file, policy)
    sets = [tuple(meant), *milder(meant)]
    return Sheet(
        party=facts.file.party.name,
        contacts=Counter(entry.channel.value for entry in facts.entries),
        ours=_our_part(facts, shelf, policy, now),
        asked=next((act.adjustments for _, act in reversed(tuple(facts.file.of(Ask)))), ""),
        would_have=tuple(WouldHave(each, _tried(each, facts, policy, now)) for each in sets),
        total_block=_blocks(meant, shelf, policy, now),
        met=len(met(facts.file, facts.entries)),
    )


def as_data(found: Sheet) -> dict[str, Any]:
    """Give a sheet in plain data."""
    return {
        "party": found.party,
        "contacts": dict(sorted(found.contacts.items())),
        "overdue_looks": found.ours.overdue_looks,
        "missed_calls": found.ours.missed_calls,
        "adjustments_broken": found.ours.adjustments_broken,
        "letters_owed": found.ours.letters_owed,
        "letters_late": found.ours.letters_late,
        "asked_about_adjustments": found.asked,
        "would_have": [
            {
                "measures": [measures.dump(each) for each in one.measures],
                "outcomes": dict(sorted(one.outcomes.items())) if one.outcomes is not None else None,
            }
            for one in found.would_have
        ],
        "total_block": found.total_block,
        "others_met": found.met,
    }


@dataclass(frozen=True, slots=True)
class _Facts:
    file: CaseFile
    entries: tuple[Entry, ...]


def _facts(reader: Reader, party: int, now: datetime) -> _Facts:
    file = file_of(party, reader)
    return _Facts(file, recent(reader, party, now))


def our_part(reader: Reader, party: int, policy: Policy, now: datetime) -> OurPart:
    """Give what we owe a party, of the 30 days before `now`: it stands beside its levels (SPSO-14)."""
    facts = _facts(reader, party, now)
    return _our_part(facts, shelf_of(facts.file, policy), policy, now)


def _our_part(facts: _Facts, shelf: Shelf, policy: Policy, now: datetime) -> OurPart:
    entries = facts.entries
    letters = [one for one in waiting_on(facts.file, shelf, policy, now) if one.what in OWED]
    opened = frozenset[Channel]().union(*(one.open for one in shelf.adjustments.values() if one.value().in_force(now)))
    return OurPart(
        overdue_looks=sum(
            1 for one in entries if one.look_by is not None and one.looked_at is None and one.look_by < now
        ),
        missed_calls=sum(1 for one in entries if one.state is State.MISSED),
        adjustments_broken=sum(1 for one in entries if one.channel in opened and not one.carried.lets_through),
        letters_owed=len(letters),
        letters_late=sum(one.overdue(now) for one in letters),
    )


def _tried(meant: Sequence[Measure], facts: _Facts, policy: Policy, now: datetime) -> Counter[str] | None:
    """Run the party's contacts through the measures on a record that is thrown away; None where nobody can say."""
    written = any(entry.channel is not Channel.CALL for entry in facts.entries)
    if written and any(measure.reads_opening for measure in meant):
        return None
    trial = Restriction("trial", tuple(meant), now - LOOKED_BACK, now + timedelta(days=1), approved_by="trial")
    adjustments = [one.value() for one in shelf_of(facts.file, policy).adjustments.values()]
    with scratch_record(now) as scratch:
        scratch.write_now(lambda tx: _put(tx, facts, trial, adjustments))
        pasts = [Past(_contact(entry), None) for entry in reversed(facts.entries)]
        return Counter(one.decision.outcome.value for one in Replay(scratch, policy).run(pasts))


def _put(tx: Transaction, facts: _Facts, trial: Restriction, adjustments: Sequence[Adjustment]) -> None:
    party = tx.add_party(facts.file.party.name, facts.file.party.kind)
    for sender in {entry.sender for entry in facts.entries if entry.sender}:
        tx.add_identifier(_identifier(sender), party)
    tx.add_restriction(party, trial)
    for adjustment in adjustments:
        tx.add_adjustment(party, adjustment)


def _identifier(sender: str) -> Identifier:
    kind, _, value = sender.partition(":")
    return Identifier(IdentifierKind(kind), value)


def _contact(entry: Entry) -> Contact:
    sender = _identifier(entry.sender) if entry.sender else None
    return Contact(
        id=entry.id,
        channel=entry.channel,
        at=entry.at,
        sender=sender,
        candidates=(sender,) if sender else (),
        assurance=Assurance.VERIFIED if entry.assurance is Assurance.VERIFIED else Assurance.CLAIMED,
        caller=Caller.NUMBER if sender else Caller.WITHHELD,
        recipients=tuple(goal.recipient for goal in entry.targets if goal.recipient),
        size=entry.size,
        words=entry.words,
        duration_s=entry.talk_s if entry.channel is Channel.CALL else None,
    )


def _blocks(meant: Sequence[Measure], shelf: Shelf, policy: Policy, now: datetime) -> bool:
    trial = Restriction("trial", tuple(meant), now, now + timedelta(days=366), approved_by="trial")
    return blocks([trial], shelf.live(now), [one.value() for one in shelf.adjustments.values()], now, shelf.ways_in)
