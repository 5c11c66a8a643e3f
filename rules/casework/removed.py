"""What is left of an act whose contents were deleted under retention: its name, beside the paper's id, time and hand.

Belongs here: the one stand-in for all of them. Promises that a file with such papers reads as before: they change no
view but the stage that an ask once began (PHSO-3).
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from rules.casework.actor import Actor
from rules.casework.acts.act import Act
from rules.casework.acts.ask import Ask
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf
from rules.policies import Policy


class Removed(Act):
    """Stand for an act whose contents are kept no longer; in no catalogue, for nobody does it by hand."""

    name: ClassVar[str] = "removed"
    staff_words: ClassVar[str] = "The contents were deleted under retention."

    was: str

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Raise Refused: contents are deleted by a run of retention, and by nothing else."""
        raise Refused("Contents are deleted by retention only.", way="Look at parley retention.")

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The stage that an ask began stays begun."""
        if self.was == Ask.name:
            shelf.asked = True
