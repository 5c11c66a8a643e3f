"""Looks at the levels after each contact, within the transaction that records it: flags, and an alert for each.

Belongs here: bringing the record's counts to `rules.levels`. A flag restricts nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from gateway.letters import Letters
from rules import levels
from rules.contact import Contact
from rules.levels import Crossing
from rules.policies import Policy
from storage.entries import Entry, Flag
from storage.transaction import Transaction


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

    def _flag(self, tx: Transaction, crossed: Iterable[Crossing], entry: Entry, now: datetime) -> None:
        for crossing in crossed:
            flag = Flag(self._serial(now), entry.whose, crossing.threshold, now, entry.id, crossing.level)
            if tx.add_flag(flag):
                tx.enqueue(self._letters.alert_flag(flag, crossing.text, _name(tx, entry.whose), now))


def _name(tx: Transaction, whose: str) -> str:
    """Say to staff who it is: the party's name, or the identifier while nobody has said whose it is."""
    kind, _, number = whose.partition(":")
    party = tx.party(int(number)) if kind == "party" else None
    return party.name if party else number
