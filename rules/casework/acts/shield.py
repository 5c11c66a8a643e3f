"""Shield a colleague: this party's mail and calls never reach them again, a manager takes over (PHSO-24)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text
from rules.casework.acts.note_incident import known_incidents
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf, shelf_of
from rules.casework.shields import ShieldOnFile, taken_over
from rules.measures.measure import Inbox, Phone
from rules.policies import Policy

AnInbox = Annotated[Inbox | None, AfterValidator(lambda inbox: inbox and inbox.lower())]


class Shield(Act):
    """Name the colleague's inbox, number or both, and beside each that of the manager who takes over."""

    name: ClassVar[str] = "shield"
    staff_words: ClassVar[str] = (
        "This person's mail and calls never reach the colleague, whatever else is decided; a manager gets them."
    )

    colleague: Annotated[Text, Field(description="The colleague.")]
    inbox: Annotated[AnInbox, Field(description="The colleague's inbox.")] = None
    phone: Annotated[Phone | None, Field(description="The colleague's number.")] = None
    manager_inbox: Annotated[AnInbox, Field(description="The inbox that takes over.")] = None
    manager_phone: Annotated[Phone | None, Field(description="The number that takes over.")] = None
    incident: Annotated[Id, Field(description="What happened, where it is on file.")] = ""
    reason: Annotated[Text, Field(description="Why.")]

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused where nothing is shielded, nobody takes over, or one who is shielded would."""
        known_incidents(file, (self.incident,) if self.incident else ())
        pairs = ((self.inbox, self.manager_inbox), (self.phone, self.manager_phone))
        ways = {own: instead or "" for own, instead in pairs if own}
        if not ways:
            raise Refused("Say what is shielded: an inbox, a number, or both.")
        standing = taken_over(shelf_of(file, policy), now)
        for own, instead in ways.items():
            _taken_over(own, instead, policy)
            _apart(own, instead, dict(standing))
        if any(instead and not own for own, instead in pairs):
            raise Refused("The manager's way takes over from the colleague's; name both.")
        return self

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The colleague is shielded from now on."""
        own = (self.inbox or "", self.phone or "", self.manager_inbox or "", self.manager_phone or "")
        shelf.shields[paper.id] = ShieldOnFile(paper.id, self.colleague, *own, since=paper.at)


def _taken_over(own: str, instead: str, policy: Policy) -> None:
    """Raise Refused where nobody would take over, and for what no measure may close."""
    clause = policy.clause("shield")
    if not instead or instead == own:
        raise Refused(f"Nobody takes over from {own}.", clause=clause, way="Name the manager who does.")
    if own in policy.always_open:
        raise Refused(
            f"{own} is always open, so nobody can be shielded there.",
            clause=policy.clause("always_open"),
            way="Have another colleague look after it.",
        )


def _apart(own: str, instead: str, standing: dict[str, str]) -> None:
    """Raise Refused where it would be shielded twice, or hand on to a colleague who is shielded."""
    if own in standing:
        raise Refused(f"{own} is shielded already.", way="End that shield first.")
    if instead in standing:
        raise Refused(f"{instead} is shielded from this person too.", way="Name somebody else to take over.")
    if own in standing.values():
        raise Refused(
            f"{own} takes over for a colleague who is shielded.", way="End that shield and name somebody else there."
        )
