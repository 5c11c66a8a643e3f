"""Parties over the API: listing, finding, putting on record, reading a file. Belongs here: their routes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from gateway.api.answers import Brief, File, Page
from gateway.api.bodies import PartyBody
from gateway.api.rights import only
from gateway.api.room import Caller, Room
from gateway.casework.outline import brief
from gateway.casework.reading import Shelved, Unreadable
from gateway.casework.register import MOST_NUMBER, WAYS, NewParty
from rules.casework.actor import Actor
from rules.casework.file import CaseFile
from rules.casework.shelf import shelf_of

PartyNumber = Annotated[int, Path(ge=1, le=MOST_NUMBER, description="The party's number.")]
Name = Annotated[str, Query(max_length=200, description="Only those in whose name this stands.")]
Words = Annotated[str, Query(max_length=320, description="Only who is recognised by this address, number or handle.")]
After = Annotated[int, Query(ge=0, le=MOST_NUMBER, description="Only those behind this number.")]
Limit = Annotated[int, Query(ge=1, le=200, description="So many at most.")]


def party_routes(room: Room) -> APIRouter:
    """Give the routes of parties."""
    router = APIRouter(tags=["parties"])

    @router.get("/parties", response_model=Page)
    async def list_parties(
        by: Caller, name: Name = "", identifier: Words = "", after: After = 0, limit: Limit = 50
    ) -> dict[str, Any]:
        """List parties by number, each with what to do now; that you looked is put on record (THREATS W4)."""

        def job() -> dict[str, Any]:
            found = room.register.listed(by, name=name, identifier=identifier, after=after, limit=limit)
            now = room.clock()
            return {
                "parties": [
                    brief(one.file, one.shelf, room.policy, now, by) for one in found if isinstance(one, Shelved)
                ],
                "unreadable": [_not_shown(one) for one in found if isinstance(one, Unreadable)],
                "more_after": found[-1].party.id if len(found) == limit else None,
            }

        return await room.aside(job)

    @router.post("/parties", status_code=201, response_model=Brief, dependencies=[only("add_party", room)])
    async def add_party(body: PartyBody, by: Caller, response: Response) -> dict[str, Any]:
        """Put a party on record, with how it is recognised."""
        given = {way: getattr(body, way) for way in WAYS}

        def job() -> dict[str, Any]:
            number = room.register.add(NewParty(body.name, body.kind, given, body.how), by)
            return _brief(room, room.register.file(number), by)

        answer = await room.aside(job)
        response.headers["Location"] = f"/api/parties/{answer['id']}"
        response.headers["ETag"] = f'"{answer["version"]}"'
        return answer

    @router.get("/parties/{party}", response_model=File)
    async def read_party(party: PartyNumber, by: Caller, response: Response) -> dict[str, Any]:
        """Read a party's file; that you read it is put on record (THREATS W4)."""
        answer = await room.aside(lambda: room.outline(room.register.read(party, by), by))
        response.headers["ETag"] = f'"{answer["version"]}"'
        return answer

    return router


def _brief(room: Room, file: CaseFile, by: Actor) -> dict[str, Any]:
    return brief(file, shelf_of(file, room.policy), room.policy, room.clock(), by)


def _not_shown(one: Unreadable) -> dict[str, Any]:
    return {"id": one.party.id, "name": one.party.name, "why": one.words, "paper": one.paper}
