"""Messages over the API: reading one, sending it back with passages marked, and what changed when it came again.

Belongs here: their routes (PHSO-M3). Whoever reads a message is on record before they are given it (THREATS W4).
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.acts import IfMatch, Version, decided_on
from gateway.api.answers import Did
from gateway.api.parties import PartyNumber
from gateway.api.rights import only
from gateway.api.room import Caller, Room
from gateway.casework.highlighting import Text
from gateway.casework.outline import READ_FILE, paper
from gateway.resent import Beside
from rules.casework.acts.highlight import Highlight
from rules.casework.passages import Passage
from rules.changes import Kind

ContactNumber = Annotated[str, Path(max_length=64, description="The contact's id.")]
Words = Annotated[str, Field(min_length=1, max_length=2000)]
_ONE = "/parties/{party}/contacts/{contact}"


class MessageField(BaseModel):
    """Hold one field of a message's header, as its sender wrote it."""

    name: str
    value: str


class OneMessage(BaseModel):
    """Hold a message as text; every word of it is the sender's: escape it for where you show it."""

    contact: str
    state: str
    fields: list[MessageField]
    text: Annotated[str, Field(description="Passages are counted in this text, in characters from 0.")]
    attachments: list[str]
    remarks: list[str]
    highlighted: Annotated[list[Passage], Field(description="What was marked, where it went back.")]


class HighlightBody(BaseModel):
    """Hold what to mark, by its words, and why."""

    model_config = ConfigDict(extra="forbid")

    words: Annotated[list[Words], Field(min_length=1, max_length=100, description="Each is marked wherever it stands.")]
    note: Annotated[str, Field(min_length=1, max_length=8000, description="Why, as the person will read it.")]


class Changed(BaseModel):
    """Hold words in a row, and whether both versions have them, or which."""

    kind: Kind
    text: str


class Versions(BaseModel):
    """Hold two versions of a message and what changed; `still_there` counts the passages that are still in it."""

    first: str
    second: str
    still_there: int
    near: Annotated[bool, Field(description="Nearly the same words; else it only answers what went back.")]
    cut: Annotated[bool, Field(description="They are longer than what was compared.")]
    changes: list[Changed]


def highlight_routes(room: Room) -> APIRouter:
    """Give the routes of messages and their passages."""
    router = APIRouter(tags=["messages"])

    @router.get(f"{_ONE}/message", response_model=OneMessage, dependencies=[only(READ_FILE, room)])
    async def read_message(party: PartyNumber, contact: ContactNumber, by: Caller) -> dict[str, Any]:
        """Read a message that the record keeps; that you read it is put on record."""
        return _message(await room.aside(lambda: room.highlights.text(party, contact, by)))

    @router.get(f"{_ONE}/changes", response_model=Versions, dependencies=[only(READ_FILE, room)])
    async def compare_versions(party: PartyNumber, contact: ContactNumber, by: Caller) -> dict[str, Any]:
        """Show what changed in a message since it went back with passages marked; on record as reading."""
        return _versions(await room.aside(lambda: room.highlights.beside(party, contact, by)))

    @router.post(f"{_ONE}/highlight", status_code=201, response_model=Did, dependencies=[only(Highlight.name, room)])
    async def highlight_words(
        party: PartyNumber,
        contact: ContactNumber,
        body: HighlightBody,
        by: Caller,
        response: Response,
        if_match: IfMatch = None,
        version: Version = None,
    ) -> dict[str, Any]:
        """Mark words in a message and send it back with them marked, in one step; it goes back once."""

        def job() -> dict[str, Any]:
            act = room.highlights.meant(party, contact, body.words, body.note)
            done = room.highlights.do(party, act, by, version=decided_on(if_match, version))
            file = room.register.file(done.file.party.id)
            return {"paper": paper(done.paper, room.policy.zone), "party": room.outline(file, by)}

        answer = await room.aside(job)
        response.headers["ETag"] = f'"{answer["party"]["version"]}"'
        return answer

    return router


def _message(found: Text) -> dict[str, Any]:
    shown = found.shown
    return {
        "contact": found.entry.id,
        "state": found.entry.state.value,
        "fields": [{"name": name, "value": value} for name, value in shown.fields],
        "text": shown.text,
        "attachments": list(shown.attachments),
        "remarks": list(shown.remarks),
        "highlighted": list(found.passages),
    }


def _versions(found: Beside) -> dict[str, Any]:
    return {
        "first": found.first.id,
        "second": found.second.id,
        "still_there": found.still,
        "near": found.near,
        "cut": found.cut,
        "changes": [{"kind": one.kind, "text": one.text} for one in found.pieces],
    }
