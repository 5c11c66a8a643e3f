"""Confidential records on colleagues who were named in public: told privately, kept apart (SPSO-71-75).

Promises that only the roles that the policy names see or make one, and that each look is an act in the chain, with who
looked and why. Neither the chain nor a message of a fault holds the colleague's name or a word of a record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from gateway.clock import Clock
from gateway.serials import serial
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from rules.policies import Policy
from storage.confidential import Confidential
from storage.record import Record
from storage.transaction import Transaction

RIGHT = "confidential_record"
READ, LISTED, TOLD = "confidential read", "confidential listed", "confidential told"
_MOST = 8000


@dataclass(frozen=True, slots=True)
class Outline:
    """Hold what a list shows of a record: its number and when it was made; `at` is aware UTC."""

    id: str
    at: datetime


class ConfidentialRecords:
    """Make and read confidential records under one policy; each method raises Refused for whoever may not."""

    def __init__(self, record: Record, policy: Policy, clock: Clock) -> None:
        self._record = record
        self._policy = policy
        self._clock = clock

    async def make(self, by: Actor, *, colleague: str, place: str, words: str) -> str:
        """Put down that a colleague was named, where, and what was written; gives the record's id."""
        self._admit(by)
        texts = [_said(colleague, 200), _said(place, 2000), _said(words, _MOST)]
        now = self._clock()
        made = Confidential(serial(now), now, by.name, *texts)
        await self._record.write(lambda tx: tx.add_confidential(made))
        return made.id

    async def list(self, by: Actor) -> tuple[Outline, ...]:
        """List the records, the oldest first, without anything of what they say."""
        self._admit(by)

        def job(tx: Transaction) -> tuple[Outline, ...]:
            tx.act(by.name, LISTED)
            return tuple(Outline(each.id, each.at) for each in tx.all_confidential())

        return await self._record.write(job)

    async def read(self, number: str, by: Actor, *, reason: str) -> Confidential:
        """Read one record; that you did, and why, is on record before you are given it."""
        self._admit(by)
        why = _said(reason, 400)

        def job(tx: Transaction) -> Confidential:
            found = _on_record(tx, number)
            tx.act(by.name, READ, f"confidential:{number}", {"why": why})
            return found

        return await self._record.write(job)

    async def tell(self, number: str, by: Actor, *, day: date | None = None) -> None:
        """Put down that the colleague was told privately, today unless a day is given."""
        self._admit(by)
        today = self._clock().astimezone(self._policy.zone).date()
        if day is not None and day > today:
            raise Refused(f"{day} is still to come.")

        def job(tx: Transaction) -> None:
            _on_record(tx, number)
            tx.act(by.name, TOLD, f"confidential:{number}", {"day": (day or today).isoformat()})

        await self._record.write(job)

    def _admit(self, by: Actor) -> None:
        """Raise Refused unless the policy names one of this person's roles; where it names none, nobody sees any."""
        roles = self._policy.may(RIGHT)
        if by.any_of(roles):
            return
        if not roles:
            way = f"Name in [may] of the policy who may: {RIGHT}."
        else:
            titles = " or ".join(sorted(self._policy.roles.get(role, role) for role in roles))
            way = f"It is for the {titles}."
        raise Refused("This record is confidential.", clause=self._policy.clause(RIGHT), way=way)


def _on_record(tx: Transaction, number: str) -> Confidential:
    found = tx.confidential(number)
    if found is None:
        raise Refused("There is no such confidential record.")
    return found


def _said(text: str, most: int) -> str:
    plain = text.strip()
    if not plain or len(plain) > most:
        raise Refused(f"Write something, in {most} characters at most.")
    return plain
