"""Contacts logged by hand, over the API: adding one, reading one, taking a mistake back. Belongs here: their routes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gateway.api.rights import only
from gateway.api.room import Caller, Room
from gateway.casework.register import MOST_NUMBER
from gateway.hand_log import LOG, MOST_LINE, MOST_MINUTES, MOST_NOTE, MOST_PAGES, Logged, Slip, as_data
from rules.contact import Channel
from rules.decision import Outcome

Line = Annotated[str, Field(max_length=MOST_LINE)]
Entry = Annotated[str, Path(pattern=r"^[0-9a-z]{22}$", description="As it was given when it was logged.")]


class SlipBody(BaseModel):
    """Hold a contact as somebody writes it down; neither `party` nor `from` means that nobody knows who it was."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    channel: Channel
    at: Annotated[AwareDatetime | None, Field(description="When it was, never in the future; now unless given.")] = None
    party: Annotated[int | None, Field(ge=1, le=MOST_NUMBER, description="The party's number.")] = None
    sender: Annotated[Line, Field(alias="from", description="Their address or number, known or not.")] = ""
    to: Annotated[Line, Field(description="The inbox or line of ours that it came to.")] = ""
    staff: Annotated[Line, Field(description="Who dealt with it, if not you.")] = ""
    minutes: Annotated[int | None, Field(ge=0, le=MOST_MINUTES, description="How long it took.")] = None
    pages: Annotated[int, Field(ge=0, le=MOST_PAGES, description="How many pages a letter had.")] = 0
    note: Annotated[str, Field(max_length=MOST_NOTE, description="What it was about. Goes when the contact goes.")] = ""
    cases: Annotated[list[Line], Field(max_length=20, description="Cases that it is on.")] = []
    ours: Annotated[bool, Field(description="We contacted them: it counts towards nothing.")] = False
    key: Annotated[Line, Field(description="A word of your own for it: sent again, it is one contact.")] = ""


class TakeBackBody(BaseModel):
    """Hold why an entry was a mistake."""

    model_config = ConfigDict(extra="forbid")

    why: Annotated[str, Field(min_length=1, max_length=MOST_NOTE)]


class TheEntry(BaseModel):
    """Hold a contact that was logged by hand; `says` is what is in force, and what it would have met at a door."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    channel: Channel
    at: datetime
    party: int | None
    name: str
    sender: Annotated[str, Field(alias="from")]
    may_be: list[str]
    ours: bool
    minutes: int | None
    staff: str
    logged_by: str
    counts: bool
    decided: Outcome
    says: list[str]
    taken_back: datetime | None
    logged_before: bool
    slip: Annotated[list[str], Field(description="What goes back with a letter that is returned; else empty.")]
    note: Annotated[str | None, Field(description="Null where it is not shown.")]


def log_routes(room: Room) -> APIRouter:
    """Give the routes of what is logged by hand."""
    router = APIRouter(tags=["log"], dependencies=[only(LOG, room)])

    def plain(done: Logged, *, note: bool = False) -> dict[str, Any]:
        return as_data(done, room.policy, note=note)

    @router.post("/log", status_code=201, response_model=TheEntry)
    async def log_contact(body: SlipBody, by: Caller, response: Response) -> dict[str, Any]:
        """Log a contact that no door saw; what is in force is told and never in the way."""
        slip = Slip(
            body.channel,
            body.at,
            body.party,
            body.sender,
            body.to,
            body.staff,
            body.minutes,
            body.note,
            tuple(body.cases),
            body.ours,
            body.key,
            body.pages,
        )
        done = await room.aside(lambda: room.hand_log.log(slip, by))
        response.headers["Location"] = f"/api/log/{done.entry.id}"
        return plain(done)

    @router.get("/log/{entry}", response_model=TheEntry)
    async def read_entry(entry: Entry, by: Caller) -> dict[str, Any]:
        """Read an entry with its note: who logged it may, and who may read files; that you did is put on record."""
        return plain(await room.aside(lambda: room.hand_log.show(entry, by)), note=True)

    @router.post("/log/{entry}/take-back", response_model=TheEntry)
    async def take_back(entry: Entry, body: TakeBackBody, by: Caller) -> dict[str, Any]:
        """Have a mistaken entry count for nothing; it stays on record with who took it back and why."""
        return plain(await room.aside(lambda: room.hand_log.take_back(entry, body.why, by)))

    return router
