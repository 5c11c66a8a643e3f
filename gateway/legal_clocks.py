"""Legal clocks as people and the doors use them: started by words or by hand, at rest, made longer, stopped.

Belongs here: those acts, each in one transaction with its link in the chain. A clock hangs on a contact on record, so
that a letter or a stranger's request is logged first; it restricts and releases nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.clock import Clock
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.refused import Refused
from rules.clarification import Asked, Clarification
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

    def pause(
        self, contact: str, kind: ClockKind, asked_for: Asked, words: str, by: Actor, *, at: datetime | None = None
    ) -> LegalClock:
        """Let a clock rest while somebody answers what we asked; `at` is when we asked, else now (aware UTC)."""
        allowed(RIGHT, self._policy, by)
        return self._record.write_now(
            lambda tx: self._pause(tx, contact, kind, asked_for, _said(words, must=True), by, at)
        )

    def resume(
        self, contact: str, kind: ClockKind, answer: str, by: Actor, *, at: datetime | None = None
    ) -> LegalClock:
        """Let a clock at rest go on; `at` is when their answer reached us, else now (aware UTC)."""
        allowed(RIGHT, self._policy, by)
        return self._record.write_now(lambda tx: self._resume(tx, contact, kind, _said(answer, must=True), by, at))

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
        tx.act(by.name, "legal_clock_started", contact, {"kind": kind.value, "received": self._day(since)})
        return started

    def _extend(self, tx: Transaction, contact: str, kind: ClockKind, why: str, by: Actor) -> LegalClock:
        was = _of(tx, contact, kind)
        longer = was.extend(by.name, why, self._policy, self._clock())
        return self._changed(tx, was, longer, by, "legal_clock_extended", {"kind": kind.value})

    def _pause(
        self,
        tx: Transaction,
        contact: str,
        kind: ClockKind,
        asked_for: Asked,
        words: str,
        by: Actor,
        at: datetime | None,
    ) -> LegalClock:
        now, was = self._clock(), _of(tx, contact, kind)
        question = Clarification(asked_for, at or now, by.name, words)
        detail: dict[str, object] = {"kind": kind.value, "for": asked_for.value, "on": self._day(at or now)}
        return self._changed(tx, was, was.ask(question, self._policy, now), by, "legal_clock_paused", detail)

    def _resume(
        self, tx: Transaction, contact: str, kind: ClockKind, answer: str, by: Actor, at: datetime | None
    ) -> LegalClock:
        now, was = self._clock(), _of(tx, contact, kind)
        goes_on = was.answered(at or now, by.name, answer, self._policy, now)
        last = goes_on.last_day(self._policy)
        detail: dict[str, object] = {"kind": kind.value, "on": self._day(at or now)}
        detail["last_day"] = last.isoformat() if last else None
        return self._changed(tx, was, goes_on, by, "legal_clock_resumed", detail)

    def _day(self, moment: datetime) -> str:
        return moment.astimezone(self._policy.zone).date().isoformat()

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


def clocks_of(record: Record, party: int) -> tuple[LegalClock, ...]:
    """Give the clocks of a party's contacts, those that run first, the oldest received before the others."""
    found = [one.clock for one in record.read_now(lambda reader: reader.clocks_of_party(party))]
    return tuple(sorted(found, key=lambda one: one.stopped_at is not None))


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
    """Write a clock for a program; days are the office's, the last one null while nobody can tell."""
    zone, last = policy.zone, clock.last_day(policy)
    return {
        "contact": clock.contact,
        "kind": clock.kind.value,
        "received": clock.received.astimezone(zone).date().isoformat(),
        "last_day": last.isoformat() if last else None,
        "counted_from": clock.begins(zone).isoformat(),
        "days_waited": clock.days_waited(zone),
        "rests": clock.rests,
        "started_by": clock.started_by or None,
        "why": clock.why,
        "extended": clock.extended_at.astimezone(zone).isoformat() if clock.extended_at else None,
        "extended_by": clock.extended_by,
        "extended_why": clock.extended_why,
        "stopped": clock.stopped.value if clock.stopped else None,
        "stopped_at": clock.stopped_at.astimezone(zone).isoformat() if clock.stopped_at else None,
        "stopped_by": clock.stopped_by,
        "how": clock.how,
        "questions": [_question_object(one, zone) for one in clock.questions],
    }


def _question_object(one: Clarification, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "asked_for": one.asked_for.value,
        "asked": one.asked_day(zone).isoformat(),
        "asked_by": one.asked_by,
        "words": one.words,
        "answered": one.answered_at.astimezone(zone).date().isoformat() if one.answered_at else None,
        "answered_by": one.answered_by,
        "answer": one.answer,
    }
