"""Looks at the levels after each contact, within the transaction that records it: flags, and an alert for each.

Belongs here: bringing the record's counts to `rules.levels`. A flag restricts nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial

from gateway.letters import Letters
from rules.contact import Contact
from rules.levels import thresholds as levels
from rules.levels.thresholds import Crossing
from rules.policies import Policy
from storage.entries import Entry, Flag
from storage.transaction import Transaction

_MOST_LATER = 1000
"""Contacts, and flags, of one party that are looked at again for one that was written down late."""


class Levels:
    """Flag what the policy calls unacceptable and alert the office's staff address, once per crossing."""

    def __init__(self, policy: Policy, letters: Letters, serial: Callable[[datetime], str]) -> None:
        self._policy = policy
        self._letters = letters
        self._serial = serial

    def after_contact(self, tx: Transaction, contact: Contact, entry: Entry, now: datetime) -> tuple[Crossing, ...]:
        """Flag the thresholds that a contact, just recorded, crosses; give them back.

        Who gives no number or no certain address is not one party: together they have no level. What counts for no
        level crosses none.
        """
        if contact.sender is None or not entry.counts:
            return ()
        crossed = levels.crossings(contact, self._policy, now=now, newest=partial(tx.newest, entry.whose))
        self._flag(tx, crossed, entry, now)
        return crossed

    def after_talk(self, tx: Transaction, entry: Entry, talk_s: int, now: datetime) -> tuple[Crossing, ...]:
        """Flag the talk-time thresholds that a call crosses, whose `talk_s` seconds are on record already."""
        if not entry.sender:
            return ()

        def before(since: datetime) -> int:
            own = talk_s if entry.at >= since else 0
            return tx.talk_seconds(entry.whose, since, now) - own

        crossed = levels.talk_crossings(self._policy, now=now, before=before, talk_s=talk_s)
        self._flag(tx, crossed, entry, now)
        return crossed

    def after_late_contact(self, tx: Transaction, contact: Contact, entry: Entry, now: datetime) -> None:
        """Flag what a contact that was written down afterwards crosses: when it came, or with a later one.

        A level that was flagged in that window already is not flagged again.
        """
        if contact.sender is None or not entry.counts:
            return
        later = (each for each in tx.newest(entry.whose, None, _MOST_LATER) if each > entry.at)
        flagged: set[str] = set()
        for at in sorted({entry.at, *later}):
            for crossing in self._late(tx, contact, entry, at):
                if crossing.threshold not in flagged and not self._known(tx, crossing, entry, at):
                    flagged.add(crossing.threshold)
                    self._flag(tx, (crossing,), entry, now, at)

    def _late(self, tx: Transaction, contact: Contact, entry: Entry, at: datetime) -> Iterator[Crossing]:
        newest = partial(tx.newest, entry.whose, until=at)
        yield from levels.crossings(contact, self._policy, now=at, newest=newest)
        talk_s = entry.talk_s or 0
        if talk_s:

            def before(since: datetime) -> int:
                # What it adds to a window that began after it came is nothing, so that none is crossed there.
                return tx.talk_seconds(entry.whose, since, at) - (talk_s if entry.at >= since else 0)

            windows = {one.name: one.span for one in self._policy.thresholds}
            for one in levels.talk_crossings(self._policy, now=at, before=before, talk_s=talk_s):
                if windows[one.threshold].since(at, self._policy.zone) <= entry.at:
                    yield one

    def _known(self, tx: Transaction, crossing: Crossing, entry: Entry, at: datetime) -> bool:
        """Tell whether the same hill was flagged: each of the two moments lies in the other's window, or before it."""
        span = next(one.span for one in self._policy.thresholds if one.name == crossing.threshold)
        zone = self._policy.zone
        return any(
            one.threshold == crossing.threshold and span.since(at, zone) <= one.at and span.since(one.at, zone) <= at
            for one in tx.flags(whose=entry.whose, limit=_MOST_LATER)
        )

    def _flag(
        self, tx: Transaction, crossed: Iterable[Crossing], entry: Entry, now: datetime, at: datetime | None = None
    ) -> None:
        for crossing in crossed:
            flag = Flag(self._serial(now), entry.whose, crossing.threshold, at or now, entry.id, crossing.level)
            if tx.add_flag(flag):
                tx.enqueue(self._letters.alert_flag(flag, crossing.text, _name(tx, entry.whose), now))


def _name(tx: Transaction, whose: str) -> str:
    """Say to staff who it is: the party's name, or the identifier while nobody has said whose it is."""
    kind, _, number = whose.partition(":")
    party = tx.party(int(number)) if kind == "party" else None
    return party.name if party else number
