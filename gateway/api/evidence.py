"""Evidence over the API: bringing a file in, listing what is sealed, opening one piece. Belongs here: their routes.

Promises that a half upload leaves nothing, that no more is read than the policy takes, and that what is given can be
shown by no browser: it is a download of bytes that nobody here looked at (THREATS C7, SPSO-66, SPSO-67).
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from gateway.api.acts import IfMatch, Version, decided_on
from gateway.api.answers import Did
from gateway.api.parties import PartyNumber
from gateway.api.rights import only
from gateway.api.room import Caller, Room
from gateway.casework.evidence import Opened
from gateway.casework.outline import READ_FILE, paper, said
from rules.casework.acts.open_evidence import OpenEvidence
from rules.casework.acts.seal_evidence import SealEvidence
from rules.casework.evidence import SealedEvidence

MOST_UPLOADS = 4
UPLOAD_S = 600.0
_IN_MEMORY = 1024 * 1024
_BUSY = "Others are bringing evidence in just now. Nothing was kept; try again in a minute."
_SLOW = f"A file that takes more than {UPLOAD_S / 60:.0f} minutes to arrive is not taken. Nothing was kept."
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*")

Piece = Annotated[str, Path(max_length=64, description="The sealed piece's id.")]
Mark = Annotated[str, Query(min_length=1, max_length=80, description="A marked name: DISTRESSING - voicemail 1.")]
About = Annotated[str, Query(min_length=1, max_length=400, description="What it is, in neutral words.")]
Incident = Annotated[str, Query(max_length=64, description="The incident that it is evidence of.")]


class Opening(BaseModel):
    """Hold when a piece was opened, and by whom."""

    at: datetime
    by: str


class Sealed(BaseModel):
    """Hold one sealed piece without a byte of it; read `warning` before you open it."""

    id: str
    mark: str
    description: str
    incident: str
    size: int
    digest: Annotated[str, Field(description="SHA-256 of its bytes.")]
    media_type: Annotated[str, Field(description="What whoever brought it said it is; nobody looked.")]
    sealed_at: datetime
    sealed_by: str
    opened: list[Opening]
    warning: str


class OpenBody(BaseModel):
    """Say why you must see it; `warned` says that you have read its warning."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=8000, description="Why you must see it.")]
    warned: Annotated[bool, Field(description="Say true once you have read the warning.")] = False


class _Download(Response):
    media_type = "application/octet-stream"


def evidence_routes(room: Room) -> APIRouter:
    """Give the routes of evidence."""
    router = APIRouter(tags=["evidence"])
    intake = _Intake(room)

    @router.get("/parties/{party}/evidence", response_model=list[Sealed], dependencies=[only(READ_FILE, room)])
    async def list_evidence(party: PartyNumber, by: Caller) -> list[dict[str, Any]]:
        """List what is sealed on a file, with the warning of each; that you looked is put on record."""
        found = await room.aside(lambda: room.evidence.list(party, by))
        return [_plain(one, room) for one in found]

    @router.post(
        "/parties/{party}/evidence",
        status_code=201,
        response_model=Did,
        dependencies=[only(SealEvidence.name, room)],
        openapi_extra={"requestBody": {"required": True, "content": _BYTES}},
    )
    async def add_evidence(
        request: Request,
        party: PartyNumber,
        by: Caller,
        response: Response,
        mark: Mark,
        description: About,
        incident: Incident = "",
        if_match: IfMatch = None,
        version: Version = None,
    ) -> dict[str, Any]:
        """Seal the file that is the body of the request, as it is; nobody here looks inside."""
        await room.aside(lambda: room.evidence.admit(party, by))
        kind = _media_type(request.headers.get("content-type", ""))
        async with intake.file(request) as file:

            def job() -> dict[str, Any]:
                done = room.evidence.seal(
                    party,
                    file.read(),
                    by,
                    mark=mark,
                    description=description,
                    incident=incident,
                    media_type=kind,
                    version=decided_on(if_match, version),
                )
                return {"paper": paper(done.paper, room.policy.zone), "party": room.outline(done.file, by)}

            answer = await room.aside(job)
        response.headers["ETag"] = f'"{answer["party"]["version"]}"'
        return answer

    @router.post(
        "/parties/{party}/evidence/{piece}/open",
        response_class=_Download,
        dependencies=[only(OpenEvidence.name, room)],
        responses={200: {"description": "Its bytes, as a download.", "content": _BYTES}},
    )
    async def take_evidence(party: PartyNumber, piece: Piece, body: OpenBody, by: Caller) -> Response:
        """Open one piece: after its warning, with a reason, and on record. What you get is a download."""
        opened = await room.aside(lambda: room.evidence.open(party, piece, by, reason=body.reason, warned=body.warned))
        return _download(opened)

    return router


def _media_type(header: str) -> str:
    """Give the type that a request names, without its parameters; empty where it names none that could be one."""
    plain = header.partition(";")[0].strip().lower()
    return plain if len(plain) <= 100 and _MEDIA_TYPE.fullmatch(plain) else ""


def _plain(one: SealedEvidence, room: Room) -> dict[str, Any]:
    zone = room.policy.zone
    names = ("id", "mark", "description", "incident", "size", "digest", "media_type", "sealed_by")
    return {
        **{name: getattr(one, name) for name in names},
        "sealed_at": said(one.sealed_at, zone),
        "opened": [{"at": said(at, zone), "by": who} for at, who in one.opened],
        "warning": one.warning(),
    }


def _download(opened: Opened) -> Response:
    sealed = opened.sealed
    return _Download(
        opened.content,
        headers={
            "Content-Disposition": f'attachment; filename="{sealed.file_name()}"',
            "Repr-Digest": f"sha-256=:{b64encode(bytes.fromhex(sealed.digest)).decode()}:",  # RFC 9530
            "ETag": f'"{opened.done.file.version}"',
        },
    )


class _Intake:
    """Take what is brought into a file that has no name: whatever ends the upload, nothing of it is left."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._going = 0

    @asynccontextmanager
    async def file(self, request: Request) -> AsyncIterator[IO[bytes]]:
        """Give the whole body of a request, to be read from its beginning; the door has its size measured."""
        if self._going >= MOST_UPLOADS:
            raise HTTPException(503, _BUSY, {"Retry-After": "60", "Connection": "close"})
        self._going += 1
        try:
            with SpooledTemporaryFile(_IN_MEMORY, dir=str(self._room.folder)) as file:
                try:
                    async with asyncio.timeout(UPLOAD_S):
                        await self._fill(request, file)
                except TimeoutError:
                    raise HTTPException(408, _SLOW, {"Connection": "close"}) from None
                file.seek(0)
                yield file
        finally:
            self._going -= 1

    async def _fill(self, request: Request, file: IO[bytes]) -> None:
        waiting = bytearray()
        async for chunk in request.stream():
            waiting += chunk
            if len(waiting) >= _IN_MEMORY:
                lot, waiting = bytes(waiting), bytearray()
                await self._room.aside(lambda lot=lot: file.write(lot))  # type: ignore[misc]  # a lambda's default has no type
        file.write(bytes(waiting))
