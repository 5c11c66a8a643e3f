"""Who may ask for a route: what [may] of the policy says, before anything of the request is read (THREATS W2).

Belongs here: the one question that routes have in common; what may be done on which file is the use cases' to judge.
"""

from __future__ import annotations

from typing import Any

from fastapi import Depends

from gateway.api.room import Caller, Room
from rules.casework.acts.act import allowed
from rules.casework.refused import Refused


class NotYours(Refused):
    """Say that the policy leaves an act to other roles."""


def only(name: str, room: Room) -> Any:  # noqa: ANN401  # what FastAPI's Depends gives
    """Give what lets a route be asked by those alone whom [may] names for `name`; NotYours to all others."""

    async def check(by: Caller) -> None:
        try:
            allowed(name, room.policy, by)
        except Refused as refused:
            raise NotYours(refused.why, clause=refused.clause, way=refused.way) from None

    return Depends(check)
