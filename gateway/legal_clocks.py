"""Legal clocks as people and the doors use them: started by what a message asks for or by hand, made longer, stopped.

Belongs here: those acts, each in one transaction with its link in the chain. A clock hangs on a contact on record, so
that a letter or a stranger's request is logged first; it restricts and releases nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from gateway.clock import Clock
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.refused import Refused
from rules.decision import Decision
from rules.legal_clocks import ClockKind, LegalClock, Stopped, started_by_words
from rules.policies import Policy
from storage.entries import Entry
from storage.legal_clocks import ClockOnRecord
from storage.record import Record
from storage.transaction import Reader, Transaction

RIGHT = "legal_clock"
"""What [may] of the policy calls it."""
MOST_BY_WORDS = 20
"""So many clocks of a kind that run for one sender by words alone are listed, the oldest; more flood no list (C4).

All are on record: where one of these is stopped, the next is listed.
"""
MOST_WORDS = 2000
"""Characters of what staff say about a clock."""
_BY_WORDS = "recogniser"


class NoSuchClock(LookupError):
    """Say that there is no such contact, or that none of its clocks is of this kind."""


def start_by_words(tx: Transaction, entry: Entry, decision: Decision, policy: Policy, now: datetime) -> None:
    """Start what the law gives a time for, in the commit that records the contact; a contact twice is one clock."""
    for kind in started_by_words(decision.safeguards, policy):
        if tx.start_clock(LegalClock(entry.id, kind, entry.at, now)):
            tx.act(_BY_WORDS, "legal_clock_started", entry.id, {"kind": kind.value})


class LegalClocks:
    """Keep the legal clocks of one record under one policy; whoever may not, or cannot, gets Refused."""

    def __init__(self, record: Record, policy: Policy, clock: Clock) -> None:
        self._record = record
        self._policy = policy
        self._clock = clock

    def start(
        self, contact: str, kind: ClockKind, by: Actor, *, why: str = "", received: datetime | None = None
    ) -> LegalClock:
        """Start a clock by hand; `received` is when it came to us, where that was not when the contact was (aware UTC).

        Raises NoSuchClock for no such contact.
        """
        allowed(RIGHT, self._policy, by)
        return self._record.write_now(lambda tx: self._start(tx, contact, kind, by, _said(why), received))

    def extend(self, contact: str, kind: ClockKind, why: str, by: Actor) -> LegalClock:
        """Give a running clock the longer time of its law, with the reasons that the person is told."""
        allowed(RIGHT, self._policy, by)
        return self._record.write_now(lambda tx: self._extend(tx, contact, kind, _said(why, must=True), by))

    def stop(self, contact: str, kind: ClockKind, as_: Stopped, how: str, by: Actor) -> LegalClock:
        """Stop a running clock, with how it was answered."""
        allowed(RIGHT, self._policy, by)
        return self._record.write_now(lambda tx: self._stop(tx, contact, kind, as_, _said(how, must=True), by))

    def listed(self, *, stopped: bool = False) -> tuple[ClockOnRecord, ...]:
        """List the clocks that run, or all, the first due first."""
        found = self._record.read_now(lambda reader: reader.legal_clocks(stopped=stopped))
        found = found if stopped else in_a_list(found)
        return tuple(sorted(found, key=lambda one: (one.clock.due(self._policy), one.clock.contact)))

    def _start(
        self, tx: Transaction, contact: str, kind: ClockKind, by: Actor, why: str, received: datetime | None
    ) -> LegalClock:
        now, entry = self._clock(), tx.contact(contact)
        if entry is None:
            raise NoSuchClock("There is no such contact on record. Log a letter first: parley log add letter")
        if kind is ClockKind.APPEAL and self._policy.appeal is None:
            raise Refused(
                "Decisions are final under this policy, so that no appeal has a time.",
                clause=self._policy.clause("appeal"),
                way="What is said about how we behave stays open: parley act report_concern",
            )
        since = received or entry.at
        if since > now:
            raise Refused("It came in the future.", way="Write the day on which it reached us.")
        started = LegalClock(contact, kind, since, now, by.name, why)
        if not tx.start_clock(started):
            raise Refused("This contact has, or had, such a clock.", way="A new request is a contact of its own.")
        day = since.astimezone(self._policy.zone).date().isoformat()
        tx.act(by.name, "legal_clock_started", contact, {"kind": kind.value, "received": day})
        return started

    def _extend(self, tx: Transaction, contact: str, kind: ClockKind, why: str, by: Actor) -> LegalClock:
        was = _of(tx, contact, kind)
        longer = was.extend(by.name, why, self._policy, self._clock())
        return self._changed(tx, was, longer, by, "legal_clock_extended", {"kind": kind.value})

    def _stop(self, tx: Transaction, contact: str, kind: ClockKind, as_: Stopped, how: str, by: Actor) -> LegalClock:
        was = _of(tx, contact, kind)
        stopped = was.stop(as_, by.name, how, self._clock())
        return self._changed(tx, was, stopped, by, "legal_clock_stopped", {"kind": kind.value, "as": as_.value})

    def _changed(
        self, tx: Transaction, was: LegalClock, now: LegalClock, by: Actor, act: str, detail: dict[str, object]
    ) -> LegalClock:
        if not tx.change_clock(was, now):
            raise Refused("Somebody else was faster.", way="Look at it again: parley clocks list")
        tx.act(by.name, act, was.contact, detail)
        return now


def in_a_list(running: Iterable[ClockOnRecord]) -> tuple[ClockOnRecord, ...]:
    """Leave out of clocks that run, the oldest first, those that would flood a list; what staff started never."""
    counts: Counter[tuple[str, ClockKind]] = Counter()
    found = []
    for one in running:
        if not one.clock.started_by:
            counts[one.whose, one.clock.kind] += 1
            if counts[one.whose, one.clock.kind] > MOST_BY_WORDS:
                continue
        found.append(one)
    return tuple(found)


def _of(reader: Reader, contact: str, kind: ClockKind) -> LegalClock:
    found = next((one for one in reader.clocks_of(contact) if one.kind is kind), None)
    if found is None:
        raise NoSuchClock("No clock of this kind is on record for this contact. parley clocks list")
    return found


def _said(words: str, *, must: bool = False) -> str:
    said = words.strip()
    if must and not said:
        raise Refused("Nothing is said.", way="Say in a sentence why, or how it was answered.")
    if len(said) > MOST_WORDS:
        raise Refused(f"That is longer than {MOST_WORDS} characters.", way="Say it shorter.")
    return said


def clock_object(clock: LegalClock, policy: Policy) -> dict[str, Any]:
    """Write a clock for a program; days are the office's."""
    zone = policy.zone
    return {
        "contact": clock.contact,
        "kind": clock.kind.value,
        "received": clock.received.astimezone(zone).date().isoformat(),
        "last_day": clock.last_day(policy).isoformat(),
        "started_by": clock.started_by or None,
        "why": clock.why,
        "extended": clock.extended_at.astimezone(zone).isoformat() if clock.extended_at else None,
        "extended_by": clock.extended_by,
        "extended_why": clock.extended_why,
        "stopped": clock.stopped.value if clock.stopped else None,
        "stopped_at": clock.stopped_at.astimezone(zone).isoformat() if clock.stopped_at else None,
        "stopped_by": clock.stopped_by,
        "how": clock.how,
    }
