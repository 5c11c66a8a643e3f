"""Runs contacts of the past through the rules in the order of their time, on a record of its own that is thrown away.

Belongs here: the live path without its doors: standing, decision, record, levels. Promises that nothing is delivered or
sent, and that the office's own record is only read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adapters.mail.message import read
from gateway.contact_files import Past
from gateway.fingerprints import counted_words, keep_fingerprint, said, wanted
from gateway.letters import Letters, Sender
from gateway.levels import Levels
from gateway.mail_contact import entry_of
from gateway.matters import remember, with_matters
from gateway.particulars import keep_particulars
from gateway.safeguards import Safeguards, examined, text_of, text_said
from gateway.serials import serial
from gateway.standing import sole_holder, standing_of
from rules.contact import Channel, Contact, Identifier
from rules.decide import decide
from rules.decision import Decision, Outcome
from rules.levels.particulars import particulars_of
from rules.levels.thresholds import Crossing
from rules.policies import Policy
from rules.repeats import Repeat
from rules.standing import Standing
from storage.entries import Entry, PartyFile, State
from storage.record import Record
from storage.transaction import Reader, Transaction

_AT_ONCE = 500
_KEYS_KEPT = timedelta(days=7)  # DESIGN: never losing, never doubling
_NOBODY = Sender("Replay", "replay@replay.invalid", "replay@replay.invalid")
_STATES = {
    Outcome.DELIVER: State.DELIVERED,
    Outcome.HOLD: State.HELD,
    Outcome.FILE: State.FILED,
    Outcome.RETURN: State.RETURNED,
    Outcome.REFUSE: State.REFUSED,
    Outcome.CONNECT: State.ANSWERED,
    Outcome.VOICEMAIL: State.VOICEMAIL,
    Outcome.AUTOMATED_LINE: State.AUTOMATED_LINE,
}


@dataclass(frozen=True, slots=True)
class Replayed:
    """Hold what would have become of one contact; `double` tells a further copy of a message, which is no contact."""

    contact: Contact
    standing: Standing
    decision: Decision
    crossed: tuple[Crossing, ...] = ()
    repeat: Repeat | None = None
    double: bool = False


@contextmanager
def scratch_record(now: datetime) -> Iterator[Record]:
    """Open a record that is thrown away at the end."""
    with (
        TemporaryDirectory(prefix="parley-replay-") as folder,
        Record.open(f"sqlite:///{Path(folder) / 'replay.db'}", now=lambda: now) as record,
    ):
        yield record


class Replay:
    """Run contacts through the rules; `record` holds the parties and restrictions, and takes the contacts."""

    def __init__(self, record: Record, policy: Policy) -> None:
        self._record = record
        self._policy = policy
        letters = Letters(_NOBODY, policy, lambda number, message: b"")
        self._levels = Levels(policy, letters, serial)
        self._safeguards = Safeguards(policy, letters)
        self._seen: dict[str, datetime] = {}

    def run(self, pasts: Iterable[Past]) -> Iterator[Replayed]:
        """Decide on contacts, which come in the order of their time."""
        rest = iter(pasts)
        while batch := tuple(islice(rest, _AT_ONCE)):
            fresh = [self._is_new(past) for past in batch]
            yield from self._record.write_now(partial(self._all, batch, fresh))

    def _is_new(self, past: Past) -> bool:
        """Tell whether a message is no copy of one in the week before it."""
        if past.key is None:
            return True
        before = self._seen.get(past.key)
        if before is not None and past.contact.at - before < _KEYS_KEPT:
            return False
        self._seen[past.key] = past.contact.at
        return True

    def _all(self, batch: Sequence[Past], fresh: Sequence[bool], tx: Transaction) -> list[Replayed]:
        return [self._one(past, new, tx) for past, new in zip(batch, fresh, strict=True)]

    def _one(self, past: Past, new: bool, tx: Transaction) -> Replayed:
        now = past.contact.at
        standing = standing_of(tx, past.contact, self._policy, now=now)
        known = said(past.contents.octets()) if wanted(past.contact, standing) and past.key is not None else None
        contact = counted_words(past.contact, known)
        if examined(contact, standing):
            text = text_said(known) if known is not None else text_of(past.contents.octets())
            contact = self._safeguards.at_once(contact, standing, text, now)
        contact = with_matters(tx, contact, past.contents, standing, now)
        remember(tx, contact, past.contents, standing, now)
        decision = decide(contact, standing, self._policy, now=now)
        if not new:
            return Replayed(contact, standing, decision, double=True)
        entry = _entry(contact, standing, decision, self._policy)
        tx.add_contact(entry)
        repeat = keep_fingerprint(tx, entry, known)
        if past.known is not None:  # all but the hours, which another policy may have changed
            hours = particulars_of(contact, self._policy).out_of_hours
            tx.keep_particulars(entry.id, replace(past.known, out_of_hours=hours))
        else:
            keep_particulars(tx, contact, entry.id, self._policy, thread=_began(past, standing), repeat=repeat)
        crossed = self._levels.after_contact(tx, contact, entry, now)
        if contact.sender is not None and contact.channel in self._policy.summed_channels:
            crossed += self._levels.looked_at(tx, entry.whose, now, now)
        return Replayed(contact, standing, decision, crossed, repeat)


def _began(past: Past, standing: Standing) -> str:
    """Give the message with which the thread of a party's message began; nobody else's file is read again for it."""
    if past.key is None or standing.party is None:
        return ""
    return read(past.contents.octets()).root


def _entry(contact: Contact, standing: Standing, decision: Decision, policy: Policy) -> Entry:
    """Write a contact as it would be on record once all is over; a short call uses up no limit."""
    entry = entry_of(contact, standing, decision, _state(contact, decision))
    short = contact.duration_s is not None and contact.duration_s < policy.counted_call_s
    return replace(entry, counted_at=None if short else entry.counted_at, talk_s=_talked(contact, decision))


def _state(contact: Contact, decision: Decision) -> State:
    if decision.carried is Outcome.ROUTE:
        return State.ANSWERED if contact.channel is Channel.CALL else State.DELIVERED
    return _STATES[decision.carried]


def _talked(contact: Contact, decision: Decision) -> int | None:
    """Give the seconds of talk that there would have been: none where it was not put through, cut at its limit."""
    if contact.channel is not Channel.CALL or not decision.carried.lets_through or contact.duration_s is None:
        return None
    return min(contact.duration_s, decision.time_limit_s or contact.duration_s)


def copy_standings(source: Record, target: Record, senders: Iterable[Identifier]) -> None:
    """Copy the parties behind these identifiers with all that stands on them; the source is only read.

    In the copy each stands on the sender's own address, whether it was found by that or by its domain.
    """
    behind = source.read_now(partial(_behind, tuple(senders)))
    target.write_now(partial(_put, behind))


_Behind = list[tuple[Identifier, tuple[PartyFile, ...]]]


def _behind(senders: Sequence[Identifier], reader: Reader) -> _Behind:
    found: _Behind = []
    for sender in senders:
        holders = reader.holders((sender,))
        own = sole_holder(holders)
        files = (reader.party_file(each.party_id) for each in ((own,) if own else holders))
        found.append((sender, tuple(file for file in files if file is not None)))
    return found


def _put(behind: _Behind, tx: Transaction) -> None:
    copies: dict[int, int] = {}
    for sender, files in behind:
        for file in files:
            number = file.party.id
            if number not in copies:
                copies[number] = _copy(file, tx)
            # Found by nobody's address alone: it suggests several, and restricts none.
            tx.add_identifier(sender, copies[number], shared=len(files) > 1)


def _copy(file: PartyFile, tx: Transaction) -> int:
    party_id = tx.add_party(file.party.name, file.party.kind)
    for restriction in file.restrictions:
        tx.add_restriction(party_id, restriction)
    for adjustment in file.adjustments:
        tx.add_adjustment(party_id, adjustment)
    tx.keep_facts(party_id, file.facts)
    return party_id


def as_object(
    contact: Contact,
    decision: Decision,
    policy: Policy,
    crossed: Iterable[Crossing] = (),
    repeat: Repeat | None = None,
) -> dict[str, Any]:
    """Write what happens to a contact, and why, for a program (DESIGN.md: `parley replay`)."""
    known = {} if repeat is None else {"repeats": {"contact": repeat.of, "how": repeat.how.value}}
    heard = {"safeguards": list(decision.safeguards)} if decision.safeguards else {}
    return (
        known
        | heard
        | {
            "id": contact.id,
            "at": contact.at.astimezone(policy.zone).isoformat(),
            "channel": contact.channel.value,
            "party": decision.party_name,
            "from": contact.sender.value if contact.sender else None,
            "assurance": contact.assurance.value,
            "outcome": decision.outcome.value,
            "target": _target(decision),
            "time_limit_s": decision.time_limit_s,
            "respond_by": decision.respond_by.isoformat() if decision.respond_by else None,
            "reasons": [
                {"restriction": one.restriction, "measure": one.measure, "clause": one.clause, "text": one.text}
                for one in decision.reasons
            ],
            "flags": [{"threshold": one.threshold, "level": one.level, "text": one.text} for one in crossed],
        }
    )


def _target(decision: Decision) -> str | list[str] | None:
    """Name where it goes: one inbox or number, a list of several, None where the contact names none."""
    places = list(dict.fromkeys(target.to for target in decision.targets if target.to))
    return places[0] if len(places) == 1 else places or None
