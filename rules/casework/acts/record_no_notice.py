"""Say why a party is not told: a restriction may stand without a notice only with the reason on record (PHSO-20)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text, Words
from rules.casework.acts.send_notice import PAGE_WAY, owing, paged, told
from rules.casework.file import CaseFile, Paper
from rules.casework.notices import ARRANGEMENTS
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf, shelf_of
from rules.policies import Policy


class RecordNoNotice(Act):
    """Name what no notice is sent of, and say why."""

    name: ClassVar[str] = "record_no_notice"
    staff_words: ClassVar[str] = "Only where telling the person is not possible or not safe. The reason is kept."

    about: Annotated[Id, Field(description="The restriction, or the paper of a change, review, lifting or appeal.")]
    reason: Annotated[Text, Field(description="Why the person is not told.")]
    page: Annotated[Words, Field(description="The digest of the page of arrangements that is not sent.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused for what is not approved, is over, or was told of before."""
        owing(self.about, shelf_of(file, policy), now)
        if self.about == ARRANGEMENTS and not self.page:
            raise Refused("Which page it is about is not said.", way=PAGE_WAY)
        return self

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """It may bite."""
        told(self.about, shelf, paper.at, self.reason)
        paged(self.page, self.about, shelf, paper.at)
