"""An office's record with its log by hand and its brief, without any door: for the tests of both."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from gateway.brief import Asked, Brief, Person
from gateway.build_desk import briefing_of, hand_log_of
from gateway.config import Settings
from gateway.hand_log import HandLog, Logged, Slip
from rules import identity, measures
from rules.casework.actor import Actor
from rules.contact import Channel
from rules.standing import Adjustment, Restriction, Told
from storage.entries import Entry, Flag
from storage.record import Record
from tests.gateway.office import Clock, flag_round, settings

ADA, BEA = Actor("Ada", frozenset({"caseworker"})), Actor("Bea", frozenset({"manager"}))
PHONE, MAIL = "+441632960001", "r.example@example.org"


@dataclass
class Desk:
    """Hold the office."""

    settings: Settings
    record: Record
    clock: Clock
    log: HandLog = field(init=False)

    def __post_init__(self) -> None:
        self.log = hand_log_of(self.settings, self.record, clock=self.clock)

    def party(
        self, *restricted: dict[str, Any], name: str = "R. Example", known: tuple[str, ...] = (PHONE, MAIL), **more
    ):
        """Put a party on record, under one restriction of these measures."""

        def job(tx) -> int:
            number = tx.add_party(name)
            for text in known:
                tx.add_identifier(identity.anything(text), number, shared=more.get("shared", False), how="x", by="x")
            if restricted:
                one = Restriction(
                    f"R{number}",
                    tuple(map(measures.parse, restricted)),
                    self.clock() + more.get("starts", -timedelta(days=60)),
                    self.clock() + more.get("ends", timedelta(days=60)),
                    reason="a reason that nobody at the phones needs",
                    ground="abusive_language",
                    approved_by=more.get("approved_by", "Head of Casework"),
                    told=more.get("told", Told.YES),
                )
                tx.add_restriction(number, one)
            return number

        return self.record.write_now(job)

    def adjust(self, party: int, *channels: Channel, **more: Any) -> None:
        """Agree an adjustment with a party."""
        one = Adjustment("a need that is their own affair", frozenset(channels), **more)
        self.record.write_now(lambda tx: tx.add_adjustment(party, one))

    def add(self, channel: Channel | str = Channel.CALL, by: Actor = ADA, **fields: Any) -> Logged:
        """Log a contact; a moment passes."""
        self.clock.advance(milliseconds=1)
        return self.log.log(Slip(Channel(channel), **fields), by)

    def entry(self, logged: Logged) -> Entry:
        """Give it as it is on record now."""
        found = self.record.read_now(lambda reader: reader.contact(logged.entry.id))
        assert found is not None
        return found

    def flags(self) -> list[Flag]:
        """List all flags, once the clock has looked at the levels that are due."""
        asyncio.run(flag_round(self.settings, self.record, self.clock).run())
        return list(self.record.read_now(lambda reader: reader.flags(limit=100)))

    def brief(self, by: Actor = ADA, **asked: Any) -> Brief:
        """Read the brief."""
        return briefing_of(self.settings, self.record).read(by, Asked(**asked), self.clock())

    def person(self, **asked: Any) -> Person:
        """Give the one person of the brief."""
        (one,) = self.brief(**asked).people
        return one


@pytest.fixture
def at_desk(folder):
    """Open an office whose policy may differ from the default."""
    opened = []

    def open_one(phone: bool = False, **policy: Any) -> Desk:
        chosen = settings(folder / "state", phone=phone, policy=policy)
        clock = Clock()
        record = Record.open(chosen.config.record_url, now=clock)
        opened.append(record)
        return Desk(chosen, record, clock)

    yield open_one
    for record in opened:
        record.close()
