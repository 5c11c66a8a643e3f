"""Acts over the API: the catalogue, and one route for each act in it.

Belongs here: making routes from the catalogue, and which version of a file somebody decided on.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel

from gateway.api.answers import Did, OneAct
from gateway.api.parties import PartyNumber
from gateway.api.rights import only
from gateway.api.room import Caller, Room
from gateway.casework.corrections import as_object, corrected
from gateway.casework.forms import act_of, form_of, schema_of
from gateway.casework.outline import paper
from gateway.casework.register import MOST_NUMBER
from rules.casework.actor import Actor
from rules.casework.acts.act import Act
from rules.casework.acts.correct import Correct
from rules.casework.catalogue import ACTS

IfMatch = Annotated[str | None, Header(max_length=40, description="The ETag of the file that you decided on.")]
Version = Annotated[int | None, Query(ge=1, le=MOST_NUMBER, description="The same, as the file's version.")]
_NEVER = -1
_TAG = re.compile(r'"?(\d{1,18})"?')


def act_routes(room: Room) -> APIRouter:
    """Give the routes of acts."""
    router = APIRouter(tags=["acts"])

    @router.get("/acts", response_model=list[OneAct])
    async def list_acts() -> list[dict[str, Any]]:
        """List the acts: when to use each, who may, and what it takes."""
        return [_described(act, room) for act in ACTS.values()]

    for act in ACTS.values():
        router.add_api_route(
            f"/parties/{{party}}/acts/{act.name}",
            _endpoint(act, room),
            methods=["POST"],
            status_code=201,
            response_model=Did,
            operation_id=act.name,
            summary=act.name.replace("_", " ").capitalize(),
            description=act.staff_words,
            dependencies=[only(act.name, room)],
        )
    return router


def _endpoint(act: type[Act], room: Room) -> Callable[..., Awaitable[dict[str, Any]]]:
    async def do(
        party: PartyNumber,
        body: BaseModel,
        by: Caller,
        response: Response,
        if_match: IfMatch = None,
        version: Version = None,
    ) -> dict[str, Any]:
        meant = act_of(act, body)
        answer = await room.aside(lambda: _do(room, party, meant, by, decided_on(if_match, version)))
        response.headers["ETag"] = f'"{answer["party"]["version"]}"'
        return answer

    # Which act it is decides what the body holds; FastAPI reads it here.
    do.__annotations__["body"] = form_of(act)
    return do


def _do(room: Room, party: int, act: Act, by: Actor, version: int | None) -> dict[str, Any]:
    done = room.casework.do_now(party, act, by, version=version)
    # Read anew: what is enforced changed the file's version once more.
    file = room.register.file(done.file.party.id)
    answer = {"paper": paper(done.paper, room.policy.zone), "party": room.outline(file, by)}
    if isinstance(done.paper.act, Correct):
        came = room.record.read_now(lambda reader: corrected(reader, done.paper))
        answer["corrected"] = as_object(came, room.policy.zone)
    return answer


def decided_on(if_match: str | None, version: int | None) -> int | None:
    """Say on which version of a file somebody decided; one that no file has where what they sent is none (RFC 9110)."""
    if if_match is None or if_match.strip() == "*":
        return version
    tag = _TAG.fullmatch(if_match.strip())
    known = int(tag[1]) if tag else _NEVER
    return known if version in (None, known) else _NEVER


def _described(act: type[Act], room: Room) -> dict[str, Any]:
    return {
        "name": act.name,
        "words": act.staff_words,
        "roles": sorted(room.policy.may(act.name)),
        "clause": room.policy.clause(act.name),
        "fields": schema_of(act),
    }
