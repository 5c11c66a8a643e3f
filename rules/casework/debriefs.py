"""Looking after colleagues: debriefs offered and taken, and incidents after which nobody offered one (SPSO-60-63).

Belongs here: the view by which a manager sees whom nobody has asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rules.casework.file import CaseFile
    from rules.casework.shelf import Shelf


@dataclass(frozen=True, slots=True)
class DebriefOnFile:
    """Hold the last word on one colleague after one incident; `outcome` is offered, taken or declined."""

    incident: str
    colleague: str
    offered: date
    outcome: str
    time_away: str = ""
    off_case: str = ""
    taken_over_by: str = ""


def open_debriefs(shelf: Shelf) -> tuple[DebriefOnFile, ...]:
    """Give the debriefs that were offered and neither taken nor declined."""
    return tuple(one for one in shelf.debriefs.values() if one.outcome == "offered")


def not_offered(file: CaseFile, shelf: Shelf) -> tuple[str, ...]:
    """Give the incidents after which nobody was offered a debrief, the oldest first."""
    cared_for = {one.incident for one in shelf.debriefs.values()}
    # By name, for acts stand upon views; one whose contents retention deleted has another.
    incidents = (paper.id for paper in file.papers if paper.act.name == "note_incident")
    return tuple(number for number in incidents if number not in cared_for)
