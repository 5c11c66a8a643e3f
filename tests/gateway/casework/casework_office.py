"""A record with one party, and desks of casework over it, with a clock that a test sets."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from gateway.casework.desk import Casework
from gateway.config import read_policy
from rules import identity
from rules.casework import catalogue
from rules.casework.actor import Actor
from storage.record import Record
from tests.gateway.office import NOW, Clock

CLERK = Actor("A. Clerk", frozenset({"caseworker"}))
MANAGER = Actor("M. Manager", frozenset({"manager"}))


class Office:
    """Hold a record, its clock and a party on it."""

    def __init__(self, folder: Path, under: str, **desk: object) -> None:
        self.clock = Clock(NOW)
        self.record = Record.open(f"sqlite:///{folder / 'state' / 'parley.db'}", now=self.clock)
        self.policy = read_policy(under, folder)
        self.casework = Casework(self.record, self.policy, self.clock, **desk)
        self.party = self.record.write_now(self._add)
        self.address = identity.email("r.example@example.org")

    def _add(self, tx) -> int:
        party = tx.add_party("R. Example")
        tx.add_identifier(identity.email("r.example@example.org"), party, how="told", by="intake")
        return party

    def do(self, name: str, by: Actor = CLERK, **fields: object):
        """Do one act, and give what was done."""
        self.clock.at += timedelta(minutes=1)
        return self.casework.do_now(self.party, catalogue.parse(name, fields), by)

    def file(self):
        """Read the party's file."""
        return self.record.read_now(lambda reader: reader.case_file(self.party))

    def acts(self, name: str):
        """Give the acts of one name in the chain, the oldest first."""
        found = self.record.read_now(lambda reader: reader.acts(limit=1000))
        return [each for each in reversed(found) if each.act == name]
