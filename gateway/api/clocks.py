"""Legal clocks over the API: listed, started, at rest, made longer, stopped. Belongs here: their routes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.answers import AClock
from gateway.api.rights import only
from gateway.api.room import Caller, Room
from gateway.casework.outline import READ_FILE
from gateway.human_clock import name_of
from gateway.legal_clocks import MOST_WORDS, RIGHT, LegalClocks, clock_object
from rules.clarification import Asked
from rules.legal_clocks import ClockKind, Stopped
from rules.windows import local_midnight

Entry = Annotated[str, Path(pattern=r"^[0-9a-z]{22}$", description="The contact that asked.")]
Words = Annotated[str, Field(min_length=1, max_length=MOST_WORDS)]


class StartBody(BaseModel):
    """Hold what a clock is started for; `received` is a day of the office, where it is not the contact's."""

    model_config = ConfigDict(extra="forbid")

    kind: ClockKind
    received: Annotated[date | None, Field(description="When it reached us, never in the future.")] = None
    why: Annotated[str, Field(max_length=MOST_WORDS, description="How it was asked for.")] = ""


class ExtendBody(BaseModel):
    """Hold the reasons for a longer time, which the person is told."""

    model_config = ConfigDict(extra="forbid")

    why: Words


class PauseBody(BaseModel):
    """Hold what we asked back; `on` is the day of the office on which we asked, where that was not today."""

    model_config = ConfigDict(extra="forbid")

    asked_for: Asked
    words: Words
    on: Annotated[date | None, Field(description="When we asked, never in the future.")] = None


class ResumeBody(BaseModel):
    """Hold their answer; `on` is the day of the office on which it reached us, where that was not today."""

    model_config = ConfigDict(extra="forbid")

    answer: Words
    on: Annotated[date | None, Field(description="When it reached us, never in the future.")] = None


class StopBody(BaseModel):
    """Hold how a clock was stopped."""

    model_config = ConfigDict(extra="forbid")

    stopped: Stopped
    how: Words


class ListedClock(AClock):
    """Hold one clock with who asked."""

    party: int | None
    name: str


def clock_routes(room: Room) -> APIRouter:
    """Give the routes of legal clocks."""
    router = APIRouter(tags=["clocks"])

    def desk() -> LegalClocks:
        return LegalClocks(room.record, room.policy, room.clock)

    def moment(day: date | None) -> datetime | None:
        return local_midnight(day, room.policy.zone) if day else None

    @router.get("/clocks", response_model=list[ListedClock], dependencies=[only(READ_FILE, room)])
    async def list_clocks(stopped: bool = False) -> list[dict[str, Any]]:  # a question's field
        """List the clocks that run, the first due first; with `stopped` all of them."""
        found = await room.aside(lambda: desk().listed(stopped=stopped))
        return [clock_object(one.clock, room.policy) | {"party": one.party, "name": name_of(one)} for one in found]

    @router.post("/contacts/{entry}/clocks", status_code=201, response_model=AClock, dependencies=[only(RIGHT, room)])
    async def start_clock(entry: Entry, body: StartBody, by: Caller) -> dict[str, Any]:
        """Start a clock by hand; log a letter first."""

        def job() -> dict[str, Any]:
            started = desk().start(entry, body.kind, by, why=body.why, received=moment(body.received))
            return clock_object(started, room.policy)

        return await room.aside(job)

    @router.post("/contacts/{entry}/clocks/{kind}/pause", response_model=AClock, dependencies=[only(RIGHT, room)])
    async def pause_clock(entry: Entry, kind: ClockKind, body: PauseBody, by: Caller) -> dict[str, Any]:
        """Let a clock rest while somebody answers what we asked."""

        def job() -> dict[str, Any]:
            rests = desk().pause(entry, kind, body.asked_for, body.words, by, at=moment(body.on))
            return clock_object(rests, room.policy)

        return await room.aside(job)

    @router.post("/contacts/{entry}/clocks/{kind}/resume", response_model=AClock, dependencies=[only(RIGHT, room)])
    async def resume_clock(entry: Entry, kind: ClockKind, body: ResumeBody, by: Caller) -> dict[str, Any]:
        """Let a clock at rest go on, or begin anew, from the day of their answer."""

        def job() -> dict[str, Any]:
            return clock_object(desk().resume(entry, kind, body.answer, by, at=moment(body.on)), room.policy)

        return await room.aside(job)

    @router.post("/contacts/{entry}/clocks/{kind}/extend", response_model=AClock, dependencies=[only(RIGHT, room)])
    async def extend_clock(entry: Entry, kind: ClockKind, body: ExtendBody, by: Caller) -> dict[str, Any]:
        """Take the longer time of its law, within the first one."""
        return await room.aside(lambda: clock_object(desk().extend(entry, kind, body.why, by), room.policy))

    @router.post("/contacts/{entry}/clocks/{kind}/stop", response_model=AClock, dependencies=[only(RIGHT, room)])
    async def stop_clock(entry: Entry, kind: ClockKind, body: StopBody, by: Caller) -> dict[str, Any]:
        """Stop a clock with how it was answered."""
        return await room.aside(lambda: clock_object(desk().stop(entry, kind, body.stopped, body.how, by), room.policy))

    return router
