"""The brief over the API: who may contact us now, when, with whom, what to say (SPSO-70). Belongs here: its route."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from gateway.api.answers import TheFigure
from gateway.api.rights import only
from gateway.api.room import Caller, Room
from gateway.brief import BRIEF, Asked, as_data
from rules.contact import Channel

Only = Annotated[Channel | None, Query(description="Only this channel: visit for reception.")]
Line = Annotated[str, Query(max_length=40, description="Only calls to this number of ours.")]
Inbox = Annotated[str, Query(max_length=320, description="Only mail to this inbox of ours.")]
Named = Annotated[str, Query(max_length=320, description="Only whose named contact, or deputy, this reaches.")]
Name = Annotated[str, Query(max_length=200, description="Only those in whose name this stands.")]


class BriefRow(BaseModel):
    """Say of some channels what to do now."""

    channels: list[Channel]
    does: Annotated[str, Field(description="What to do with contact now.")]
    open: Annotated[bool, Field(description="It reaches a person now.")]
    when: list[str]
    to: Annotated[str, Field(description="Whom it goes to; empty where it goes where it was sent.")]
    why: list[str]


class Instead(BaseModel):
    """Hold a line or inbox that a party must not reach, with that of who takes over."""

    own: str
    to: str


class BriefPerson(BaseModel):
    """Hold what those at the phones need of one party; a channel that is not in it is open as to everybody."""

    party: int
    name: str
    known_by: list[str]
    rows: list[BriefRow]
    say: Annotated[list[str], Field(description="What may be said to them, once they have said who they are.")]
    agreed: Annotated[list[str], Field(description="What staff must honour.")]
    speakers: Annotated[list[str], Field(description="Who may speak for them.")]
    instead: list[Instead]
    until: date | None


class MayBe(BaseModel):
    """Hold an address or number that several people use: it restricts nobody."""

    identifier: str
    names: list[str]


class TheBrief(BaseModel):
    """Hold the brief of a moment."""

    at: datetime
    how_to: list[str]
    people: list[BriefPerson]
    may_be: list[MayBe]
    unreadable: Annotated[list[int], Field(description="Parties whose file cannot be read: ask before you act.")]
    alerts: Annotated[list[str], Field(description="Alerts that wait for somebody, for whoever may read them.")]
    overdue: Annotated[
        TheFigure | None,
        Field(description="With the whole brief, how much is overdue, for whoever may read files; else null."),
    ]


def brief_routes(room: Room) -> APIRouter:
    """Give the route of the brief."""
    router = APIRouter(tags=["brief"])

    @router.get("/brief", response_model=TheBrief, dependencies=[only(BRIEF, room)])
    async def read_brief(
        by: Caller, channel: Only = None, line: Line = "", inbox: Inbox = "", named: Named = "", name: Name = ""
    ) -> dict[str, Any]:
        """Say who may contact us now, when, with whom, what to say; that you read it is on record, once a day."""
        asked = Asked(channel, line.strip(), inbox.strip(), named.strip(), name.strip())
        now = room.clock()
        return as_data(await room.aside(lambda: room.briefing.read(by, asked, now)), room.policy.zone)

    return router
