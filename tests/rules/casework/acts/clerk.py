"""A clerk who does acts on a file in memory, as the desk does them on the record, with a clock that a test sets."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from rules import policies
from rules.casework import catalogue
from rules.casework.actor import Actor
from rules.casework.acts.act import permitted
from rules.casework.file import CaseFile, Mark, Paper
from rules.casework.shelf import Shelf, shelf_of
from rules.contact import Identifier, IdentifierKind
from rules.policies import Policy
from rules.standing import Party

NOW = datetime(2026, 3, 11, 10, 0, tzinfo=UTC)  # a Wednesday morning
OWN = Identifier(IdentifierKind.EMAIL, "r.example@example.org")
CLERK = Actor("A. Clerk", frozenset({"caseworker"}))
MANAGER = Actor("M. Manager", frozenset({"manager"}))
LEADER = Actor("L. Leader", frozenset({"leadership_team", "executive_team", "mp", "director"}))
NAMES = ("phso", "spso", "mp-office", "housing-ombudsman", "default")


@cache
def policy(name: str = "phso") -> Policy:
    """Give one of the policies that ship."""
    place = Path(policies.__file__).with_name(f"{name}.toml")
    return policies.parse(tomllib.loads(place.read_text(encoding="utf-8")))


class Clerk:
    """Hold a party's file, and do acts on it."""

    def __init__(self, under: str = "phso", *marks: Mark) -> None:
        self.policy = policy(under)
        self.now = NOW
        self.file = CaseFile(Party(7, "Rosa Example"), marks=marks or (Mark(OWN),))

    def do(self, name: str, by: Actor = CLERK, **fields: object) -> Paper:
        """Do one act, and give its paper; raises ValueError or Refused, and then nothing was done."""
        act = catalogue.parse(name, fields)
        role = permitted(act, self.policy, by)
        judged = act.judge(self.file, self.policy, by, now=self.now)
        number = f"{name}-{len(self.file.papers) + 1}"
        paper = Paper(number, self.now, by.name, role, judged)
        self.file = self.file.with_paper(paper)
        return paper

    @property
    def shelf(self) -> Shelf:
        """Give what the file says."""
        return shelf_of(self.file, self.policy)

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def incident(self, **fields: object) -> str:
        """Note an incident, and give its id."""
        ground = "abusive_behaviour" if "abusive_behaviour" in self.policy.grounds else next(iter(self.policy.grounds))
        plain = {"category": ground, "what": "Shouted at a colleague for ten minutes."}
        return self.do("note_incident", **plain | fields).id

    def restriction(self, *measures: dict[str, object]) -> str:
        """Make a restriction under PHSO's policy, after a warning that did not help, and tell the party; its id."""
        self.do("warn", incidents=[self.incident()], text="Please stop.", spoken=True)
        incident = self.incident()
        draft = self.do(
            "draft_restriction",
            measures=list(measures),
            ground="abusive_behaviour",
            reason="It keeps us from other work.",
            incidents=[incident],
            adjustments_considered="Asked; none needed.",
        )
        self.do("propose_restriction", restriction=draft.id)
        self.do("send_notice", about=draft.id)
        return draft.id
