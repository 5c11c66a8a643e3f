"""Levels of contact over the API: of one party, and of the office. Belongs here: their routes and what they answer.

Staff time, shares and what is usual are estimates, and the answer says so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from gateway.api.hand_log import Entry
from gateway.api.parties import PartyNumber
from gateway.api.rights import only
from gateway.api.room import Caller, Room
from gateway.casework.desk import NoSuchParty
from gateway.casework.outline import READ_FILE
from gateway.party_levels import (
    CORRECT_MINUTES,
    MOST_MINUTES,
    READ_LEVELS,
    as_data,
    correct_minutes,
    life_of,
    office_data,
    office_levels,
    party_levels,
    windows,
)
from rules.contact import Channel
from rules.levels.kinds import Level
from rules.windows import Mode, Per

Pers = Annotated[list[Per] | None, Query(alias="per", description="Only these windows; may be given again.")]
OnePer = Annotated[Per, Query(description="The window.")]
AMode = Annotated[Mode, Query(alias="window", description="The time before now, or the calendar's hour, day, ...")]
Channels = Annotated[list[Channel] | None, Query(alias="channel", description="Only these; may be given again.")]
Case = Annotated[str, Query(max_length=60, description="Instead of windows: the whole life of a case.")]
Limit = Annotated[int, Query(ge=0, le=1000, description="So many who take most of the office's time.")]
Numbers = Annotated[dict[Level, float], Field(description="Every level; minutes with one decimal.")]


class UsualTime(BaseModel):
    """Hold what contact takes the office in the same span, in minutes; all of it is an estimate."""

    office_minutes: float
    parties: int
    median_minutes: float
    p99_minutes: float


class ASpan(BaseModel):
    """Say which contacts are counted: those of a window, or of the life of a case, whose `since` is null."""

    per: Per | None
    window: Mode | None
    case: str | None
    since: datetime | None
    until: datetime


class MeasuredSpan(ASpan):
    """Hold the levels of one span, over the channels asked for together and each."""

    levels: Numbers
    channels: dict[Channel, Numbers]
    uncounted: Annotated[int, Field(description="Came and counts for nothing: automatic, or an answer to a request.")]
    advocates: Annotated[int, Field(description="Came of those who speak for the party; counts for nothing.")]
    share_percent: Annotated[float | None, Field(description="Of the office's contact time, an estimate.")]
    usual: UsualTime | None


class OurSide(BaseModel):
    """Hold our own part in it, of the 30 days before (SPSO-14)."""

    overdue_looks: int
    missed_calls: int
    adjustments_broken: int
    letters_owed: int
    letters_late: int


class TheLevels(BaseModel):
    """Hold the levels of a party with our own part beside them; `estimates` names what is one."""

    whose: str
    name: str
    estimates: list[str]
    spans: list[MeasuredSpan]
    ours: OurSide | None


class OfChannel(BaseModel):
    """Hold what came by one channel; `staff_minutes` is an estimate."""

    contacts: int
    attempts: int
    talk_minutes: float
    staff_minutes: float


class OfOne(OfChannel):
    """Hold one known sender's part; minutes and share are estimates, and no ground for anything by themselves."""

    whose: str
    name: str
    share_percent: float


class TheOfficeLevels(ASpan):
    """Hold the levels of the whole office, and who takes most of its time first."""

    estimates: list[str]
    usual: UsualTime
    channels: dict[Channel, OfChannel]
    most: list[OfOne]


class MinutesBody(BaseModel):
    """Say how long a contact took; null goes back to the estimate."""

    minutes: Annotated[int | None, Field(ge=0, le=MOST_MINUTES)]


class TheMinutes(BaseModel):
    """Say what stands for a contact now; null: the estimate."""

    contact: str
    minutes: int | None


def level_routes(room: Room) -> APIRouter:
    """Give the routes of levels."""
    router = APIRouter(tags=["levels"])

    @router.get("/parties/{party}/levels", response_model=TheLevels, dependencies=[only(READ_FILE, room)])
    async def read_party_levels(
        party: PartyNumber,
        by: Caller,
        pers: Pers = None,
        mode: AMode = Mode.ROLLING,
        channels: Channels = None,
        case: Case = "",
    ) -> dict[str, Any]:
        """Read how much contact there was from a party; that you looked is put on record (THREATS W4)."""
        now, policy = room.clock(), room.policy
        spans = (life_of(case, now),) if case else windows(mode, now, policy, pers or tuple(Per))

        def job() -> dict[str, Any]:
            whose = f"party:{_known(room, party)}"
            chosen = frozenset(channels or Channel)
            return as_data(party_levels(room.record, whose, spans, policy, by, now=now, channels=chosen), policy)

        return await room.aside(job)

    @router.get("/levels", response_model=TheOfficeLevels, dependencies=[only(READ_LEVELS, room)])
    async def read_office_levels(
        by: Caller, per: OnePer = Per.WEEK, mode: AMode = Mode.ROLLING, channels: Channels = None, limit: Limit = 20
    ) -> dict[str, Any]:
        """Read how much contact the office had, and of whom most; that you looked is put on record."""
        (span,) = windows(mode, room.clock(), room.policy, (per,))
        chosen = frozenset(channels or Channel)

        def job() -> dict[str, Any]:
            return office_data(
                office_levels(room.record, span, room.policy, by, channels=chosen, limit=limit), room.policy
            )

        return await room.aside(job)

    @router.post("/contacts/{entry}/minutes", response_model=TheMinutes, dependencies=[only(CORRECT_MINUTES, room)])
    async def put_minutes(entry: Entry, body: MinutesBody, by: Caller) -> dict[str, Any]:
        """Put right how long a contact took the office; who said so is put on record."""
        await room.aside(lambda: correct_minutes(room.record, entry, body.minutes, room.policy, by))
        return {"contact": entry, "minutes": body.minutes}

    return router


def _known(room: Room, party: int) -> int:
    """Give the party, or what it became; raises NoSuchParty."""

    found = room.record.read_now(lambda reader: reader.merged_into(party) or (reader.party(party) and party))
    if not found:
        raise NoSuchParty(f"There is no party {party}.")
    return found
