"""A desk of casework in a small office: acts by name on parties that a test made."""

from __future__ import annotations

from functools import partial

from gateway.build_desk import casework_of
from gateway.casework.corrections import Corrections
from gateway.casework.desk import file_of
from rules.casework import catalogue
from rules.casework.actor import Actor

CLERK = Actor("k.jones", frozenset({"caseworker"}))
MANAGER = Actor("m.smith", frozenset({"manager"}))


class Desk:
    """Do casework in an office."""

    def __init__(self, here) -> None:
        self.here = here
        self.casework = casework_of(here.settings, here.record, clock=here.clock)
        self.corrections = Corrections(here.record, self.casework, here.gateway.holds, here.clock)

    def do(self, party, name, by=CLERK, **fields):
        """Do one act; gives its paper."""
        return self.casework.do_now(party, catalogue.parse(name, fields), by).paper

    async def correct(self, party, identifier, reason="she rang and said so", by=CLERK):
        """Say that the wrong person was met."""
        act = catalogue.parse("correct", {"identifier": identifier, "reason": reason})
        return await self.corrections.correct(party, act, by)

    def file(self, party):
        """Read a party's file."""
        return self.here.record.read_now(partial(file_of, party))

    def read(self, job):
        """Ask the record."""
        return self.here.record.read_now(job)

    def restriction(self, party, *measures, by=CLERK, manager=MANAGER):
        """Make a restriction that is in force; gives its id."""
        what = {"category": "persistent_contact", "what": "Eleven calls"}
        warned = self.do(party, "note_incident", by, **what).id
        self.do(party, "warn", by, incidents=[warned], text="Please stop.", spoken=True)
        incident = self.do(party, "note_incident", by, **what).id
        draft = self.do(
            party,
            "draft_restriction",
            by,
            measures=list(measures),
            ground="persistent_contact",
            reason="It keeps us from other work.",
            incidents=[incident],
            adjustments_considered="Asked; none needed.",
        ).id
        paper = self.do(party, "propose_restriction", by, restriction=draft)
        if paper.act.needs:
            self.do(party, "approve_restriction", manager, restriction=draft, reason="It is proportionate.")
        self.do(party, "record_no_notice", manager, about=draft, reason="The notice left by post.")
        return draft
