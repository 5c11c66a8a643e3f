"""Undo a merge: the other party gets back what came from it (THREATS W10)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text, filled
from rules.casework.acts.merge import Merge
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.policies import Policy


class Split(Act):
    """Name the merge by its paper; contacts that came since go by their identifier."""

    name: ClassVar[str] = "split"
    staff_words: ClassVar[str] = (
        "Undo a merge. What came from the other party goes back; what was done since stays here, unless it is about "
        "something that came; adjustments agreed since stand on both."
    )

    merge: Annotated[Id, Field(description="The paper of the merge.")]
    reason: Annotated[Text, Field(description="How you know that they are two.")]
    other: Annotated[int, filled()] = 0

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with the other party's number; refused for no merge, and one that was undone."""
        merge = next((act for paper, act in file.of(Merge) if paper.id == self.merge), None)
        if merge is None:
            raise Refused(f"There is no merge {self.merge} on this file.")
        last = [paper.id for paper, act in file.of(Merge) if act.other == merge.other][-1]
        if any(act.merge == self.merge for _, act in file.of(Split)) or last != self.merge:
            raise Refused("This merge was undone already.")
        return self.model_copy(update={"other": merge.other})
