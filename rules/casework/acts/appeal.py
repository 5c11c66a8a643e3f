"""Put an appeal on the file, where the policy has one (SPSO-22, HO-6; PHSO-21 has none)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text, Words
from rules.casework.acts.send_notice import LIVE
from rules.casework.file import CaseFile, Paper
from rules.casework.lookup import on_file
from rules.casework.refused import Refused
from rules.casework.shelf import AppealOnFile, Shelf, shelf_of
from rules.policies import Policy
from rules.windows import end_of


class Appeal(Act):
    """Name the restriction and what the person says against it."""

    name: ClassVar[str] = "appeal"
    staff_words: ClassVar[str] = "The person challenges a restriction. Somebody who did not decide it looks at it."

    restriction: Annotated[Id, Field(description="The restriction.")]
    grounds: Annotated[Text, Field(description="What the person says against it.")]
    received: Annotated[date | None, Field(description="The day it came; today unless given.")] = None
    late: Annotated[Words, Field(description="Why it is taken though it came late.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with its day; refused where the policy has no appeal, one is open, or it is late without a reason."""
        if policy.appeal is None:
            raise Refused(
                "Decisions under this policy are final.",
                clause=policy.clause("appeal"),
                way="A concern about how we behaved is taken as feedback or a service complaint.",
            )
        shelf = shelf_of(file, policy)
        found = on_file(self.restriction, shelf, now, *LIVE)
        if any(one.restriction == self.restriction for one in shelf.open_appeals()):
            raise Refused("An appeal against this restriction is open.")
        today = now.astimezone(policy.zone).date()
        received = self.received or today
        if received > today:
            raise Refused(f"{received} is still to come.")
        days = policy.appeal.within_days
        if found.told_at is not None and end_of(received, policy.zone) <= found.told_at:
            raise Refused(f"{received} is before the person was told.")
        told = found.told_at.astimezone(policy.zone).date() if found.told_at else None
        if days is not None and told is not None and (received - told).days > days and not self.late:
            raise Refused(
                f"It came more than {days} days after the notice.",
                clause=policy.appeal.clause,
                way="Say in late why it is taken all the same, or tell the person that it came too late.",
            )
        return self.model_copy(update={"received": received})

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The appeal is open."""
        assert self.received is not None  # judge fills it
        shelf.appeals[paper.id] = AppealOnFile(paper.id, self.restriction, self.grounds, self.received)
