"""Put on file that a party agreed to a behaviour contract: from then on it alone stands (PHSO-M4)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text
from rules.casework.file import CaseFile, Paper
from rules.casework.lookup import on_file
from rules.casework.refused import Refused
from rules.casework.shelf import RestrictionState, Shelf, shelf_of
from rules.policies import Policy
from rules.windows import local_midnight


class AgreeContract(Act):
    """Name the restriction, the day on which the person agreed, and how."""

    name: ClassVar[str] = "agree_contract"
    staff_words: ClassVar[str] = "The person agreed to the conditions. The restriction's other measures rest."

    restriction: Annotated[Id, Field(description="The restriction with the contract.")]
    day: Annotated[date | None, Field(description="The day the person agreed; today unless given.")] = None
    how: Annotated[Text, Field(description="How they agreed, and where that is kept.")]

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with its day; refused without a contract, twice, and for a day before the person was told."""
        shelf = shelf_of(file, policy)
        found = on_file(self.restriction, shelf, now, RestrictionState.AHEAD, RestrictionState.IN_FORCE)
        if not any(each.is_contract for each in found.measures):
            raise Refused(
                "This restriction has no behaviour contract.",
                clause=policy.clause("behaviour_contract"),
                way="Amend it at a review so that it has one.",
            )
        if found.contract_agreed is not None:
            raise Refused("The person agreed to it before.")
        today = now.astimezone(policy.zone).date()
        day = self.day or today
        told = found.told_at.astimezone(policy.zone).date() if found.told_at else today
        if not told <= day <= today:
            raise Refused(f"{day} is not between {told}, when the person was told, and today.")
        return self.model_copy(update={"day": day})

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The contract is agreed: since now where that was today, else from the first moment of the day."""
        assert self.day is not None  # judge fills it
        today = paper.at.astimezone(shelf.zone).date()
        agreed = paper.at if self.day == today else local_midnight(self.day, shelf.zone)
        shelf.change(self.restriction, contract_agreed=agreed)
        shelf.owe(paper, self.restriction)
