"""What a policy says of things that wait for a person past their time: whose they are, and who hears of it next.

Belongs here: the part of the file and its fixed values. Nothing that is overdue restricts anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from rules.policies.parts import Part
from rules.waiting_for import WaitingFor
from rules.windows import local_midnight
from rules.workdays import look_by, working_day_before

_MOMENT = timedelta(microseconds=1)


class Step(Part):
    """Name the role that hears of what has been overdue for so many working days; of all kinds unless some are named.

    0 is as soon as it is overdue, less than that so many working days ahead.
    """

    working_days: Annotated[int, Field(ge=-20, le=60)]
    role: str
    kinds: frozenset[WaitingFor] = frozenset()

    @property
    def name(self) -> str:
        """Name the step for the record: the same as long as it tells the same role after the same time."""
        return f"{self.working_days}:{self.role}"

    def meets(self, what: WaitingFor) -> bool:
        """Tell whether it is about things of a kind."""
        return not self.kinds or what in self.kinds

    @property
    def ahead(self) -> bool:
        """Tell whether the role hears of things before they are overdue."""
        return self.working_days < 0

    def told_from(self, due: datetime, zone: ZoneInfo, region: str) -> datetime:
        """Give the moment, aware UTC, from which what is due at `due` is told to the role."""
        if self.working_days == 0:
            return due
        # What ends with a day ends at the first moment of the next one.
        if self.ahead:
            last = (due - _MOMENT).astimezone(zone).date()
            return local_midnight(working_day_before(last, -self.working_days, region), zone)
        return look_by(due - _MOMENT, self.working_days, zone, region)


class Overdue(Part):
    """Say whose something is where nobody is named, by kind or else `owner`, and the steps by which roles are told."""

    owner: str = ""
    owners: Mapping[WaitingFor, str] = Field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    def role(self, what: WaitingFor) -> str:
        """Give the role whose it is; empty where the policy names none."""
        return self.owners.get(what, self.owner)

    @property
    def roles(self) -> frozenset[str]:
        """Give every role that it names."""
        return frozenset({self.owner, *self.owners.values(), *(step.role for step in self.steps)} - {""})
