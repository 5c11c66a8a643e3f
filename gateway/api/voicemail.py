"""Messages that callers left, over the API: what waits, hearing one, noting that somebody did.

Belongs here: their routes. What is given is a download; that it was given is on record before it is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.rights import only
from gateway.api.room import Caller, Room
from gateway.casework.outline import said
from gateway.voicemail import HEAR, SOUNDS, Left, Message
from storage.entries import State
from storage.recordings import RecordingState

Call = Annotated[str, Path(pattern=r"^[0-9a-z]{22}$", description="The call, as the list names it.")]
Sid = Annotated[str, Path(pattern=r"^[A-Za-z0-9]{1,64}$", description="The recording, as the list names it.")]
_OTHER = "application/octet-stream"
_SOUND: dict[str, Any] = {one: {"schema": {"type": "string", "format": "binary"}} for one in (*SOUNDS, _OTHER)}


class ARecording(BaseModel):
    """Hold one recording of a call without a byte of it; read `warning`, where there is one, before you open it."""

    recording: str
    at: datetime
    seconds: int | None
    state: RecordingState
    here: Annotated[bool, Field(description="It can be heard.")]
    evidence: Annotated[str, Field(description="The sealed evidence that it is; empty where it is none.")]
    warning: Annotated[str, Field(description="Empty where nothing is sealed, or you may not open it.")]
    detail: str


class AMessage(BaseModel):
    """Hold what was left in one call."""

    call: str
    at: datetime
    who: Annotated[str, Field(description="The party or the number; of a party only to those who may know.")]
    party: int | None
    state: State
    look_by: datetime | None
    looked_by: str
    recordings: list[ARecording]


class HearBody(BaseModel):
    """Say why you must hear what is sealed on a party's file, and that you read its warning; else nothing."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(max_length=8000)] = ""
    warned: bool = False


def voicemail_routes(room: Room) -> APIRouter:
    """Give the routes of messages that callers left."""
    router = APIRouter(tags=["voicemail"], dependencies=[only(HEAR, room)])

    @router.get("/voicemail", response_model=list[AMessage])
    async def list_voicemail(by: Caller) -> list[dict[str, Any]]:
        """List the messages that wait for somebody to hear them, the oldest first."""
        return [_plain(one, room) for one in await room.aside(lambda: room.voicemail.waiting(by))]

    @router.get("/voicemail/{call}", response_model=AMessage)
    async def read_voicemail(call: Call, by: Caller) -> dict[str, Any]:
        """Say what was left in one call, and whether somebody has looked at it."""
        return _plain(await room.aside(lambda: room.voicemail.message(call, by)), room)

    @router.post(
        "/voicemail/{call}/{recording}/hear",
        response_class=Response,
        responses={200: {"description": "The sound, as a download.", "content": _SOUND}},
    )
    async def hear_voicemail(call: Call, recording: Sid, body: HearBody, by: Caller) -> Response:
        """Take one recording out; that you did is put on record, and a party's is opened as the evidence that it is."""
        (heard,) = await room.aside(
            lambda: room.voicemail.hear(call, by, recording=recording, reason=body.reason, warned=body.warned)
        )
        kind = heard.recording.media_type
        headers = {"Content-Disposition": f'attachment; filename="{heard.file_name}"'}
        return Response(heard.content, 200, headers, kind if kind in SOUNDS else _OTHER)

    @router.post("/voicemail/{call}/looked", response_model=AMessage)
    async def look_at_voicemail(call: Call, by: Caller) -> dict[str, Any]:
        """Note that you heard, or looked at, what was left; sent twice it is noted once."""

        def job() -> Message:
            room.voicemail.look(call, by)
            return room.voicemail.message(call, by)

        return _plain(await room.aside(job), room)

    return router


def _plain(one: Message, room: Room) -> dict[str, Any]:
    call, zone = one.call, room.policy.zone
    return {
        "call": call.id,
        "at": said(call.at, zone),
        "who": one.who,
        "party": one.party,
        "state": call.state.value,
        "look_by": said(call.look_by, zone),
        "looked_by": call.looked_by,
        "recordings": [_recording(left, room) for left in one.left],
    }


def _recording(left: Left, room: Room) -> dict[str, Any]:
    one = left.recording
    return {
        "recording": one.sid,
        "at": said(one.at, room.policy.zone),
        "seconds": one.duration_s,
        "state": one.state.value,
        "here": left.here,
        "evidence": one.paper,
        "warning": left.sealed.warning() if left.sealed is not None else "",
        "detail": one.detail,
    }
