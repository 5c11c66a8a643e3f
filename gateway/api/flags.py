"""Flags over the API: listing them, and what a person makes of one. Belongs here: their routes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.rights import only
from gateway.api.room import Caller, Room
from gateway.casework.outline import READ_FILE
from gateway.flags import DISMISS, MOST_WHY, FlagDesk, as_data, draft
from rules.casework.acts.note_incident import NoteIncident
from rules.contact import Channel
from storage.entries import FlagState

FlagId = Annotated[str, Path(pattern=r"^[0-9a-z]{22}$", description="As the list of flags names it.")]
Which = Annotated[FlagState | None, Query(description="Those in this state alone.")]
Most = Annotated[int, Query(ge=1, le=1000, description="The newest so many of each state.")]
Words = Annotated[str, Field(min_length=1, max_length=8000)]


class TheFlag(BaseModel):
    """Hold that a level reached a threshold, with the contacts that made it; a flag restricts nobody."""

    id: str
    whose: Annotated[str, Field(description="`party:12`, or the identifier while nobody has said whose it is.")]
    who: str
    threshold: str
    title: str
    clause: str
    level: int
    text: str
    at: datetime
    state: FlagState
    settled_at: datetime | None
    settled_by: str
    why: Annotated[str, Field(description="Why it was dismissed.")]
    paper: Annotated[str, Field(description="The incident that was noted of it.")]
    sleeps_until: datetime | None
    contacts: Annotated[list[str], Field(description="The newest first.")]


class TheDraft(BaseModel):
    """Hold an incident as it can be drafted from a flag; a person finishes it."""

    category: Annotated[str, Field(description="Empty where the policy names none for this threshold.")]
    what: str
    day: date
    channel: Channel | None
    evidence: list[str]


class FlagWithDraft(TheFlag):
    """Hold a flag with the draft of its incident."""

    incident: TheDraft


class ActBody(BaseModel):
    """Hold the incident in a person's words; without a category it has that of the threshold."""

    model_config = ConfigDict(extra="forbid")

    what: Words
    category: Annotated[str, Field(max_length=60)] = ""


class DismissBody(BaseModel):
    """Hold why the level is not unacceptable."""

    model_config = ConfigDict(extra="forbid")

    why: Annotated[str, Field(min_length=1, max_length=MOST_WHY)]


class ActedOn(BaseModel):
    """Hold where the incident stands that was noted."""

    party: int
    paper: str


def flag_routes(room: Room) -> APIRouter:
    """Give the routes of flags."""
    router = APIRouter(tags=["flags"], prefix="/flags")

    def desk() -> FlagDesk:
        return FlagDesk(room.record, room.policy, room.casework, room.clock)

    @router.get("", response_model=list[TheFlag], dependencies=[only(READ_FILE, room)])
    async def list_flags(by: Caller, state: Which = None, limit: Most = 100) -> list[dict[str, Any]]:
        """List flags, those that are open first, each with the contacts that made it."""
        found = await room.aside(lambda: desk().all(limit, by, state))
        return [dict(as_data(one, room.policy)) for one in found]

    @router.get("/{flag}", response_model=FlagWithDraft, dependencies=[only(READ_FILE, room)])
    async def read_flag(flag: FlagId, by: Caller) -> dict[str, Any]:
        """Read one flag with the incident that can be drafted from it; nothing is put on file."""
        one = await room.aside(lambda: desk().one(flag, by))
        return {**as_data(one, room.policy), "incident": draft(one, room.policy)}

    @router.post("/{flag}/act", status_code=201, response_model=ActedOn, dependencies=[only(NoteIncident.name, room)])
    async def act_on_flag(flag: FlagId, body: ActBody, by: Caller) -> dict[str, Any]:
        """Note the incident of a flag, in your words, on the party's file; it restricts nobody."""
        done = await room.aside(lambda: desk().act(flag, by, what=body.what, category=body.category))
        return {"party": done.file.party.id, "paper": done.paper.id}

    @router.post("/{flag}/dismiss", response_model=TheFlag, dependencies=[only(DISMISS, room)])
    async def dismiss_flag(flag: FlagId, body: DismissBody, by: Caller) -> dict[str, Any]:
        """Dismiss a flag with a reason; it sleeps for as long as the policy says."""
        return dict(as_data(await room.aside(lambda: desk().dismiss(flag, body.why, by)), room.policy))

    return router
