"""What waits for a person, and the sheet that is read before a restriction is proposed, over the API.

Belongs here: their routes; the command line stands over the same use cases.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from gateway.api.answers import AMeasure, TheFigure, Waits
from gateway.api.parties import PartyNumber
from gateway.api.rights import only
from gateway.api.room import Caller, Room
from gateway.casework.outline import READ_FILE, said
from gateway.casework.register import BadParty
from gateway.casework.sheet import as_data, sheet
from gateway.human_clock import Thing, all_that_waits, figure, figure_object
from rules import measures
from rules.measures import Measure

_MOST = 20
_EXAMPLE = '[{"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}]'
Meant = Annotated[str, Query(max_length=8000, description=f"The measures in mind, as JSON: {_EXAMPLE}")]


class WaitsForSomebody(Waits):
    """Hold what somebody has still to do, and about whom; `about` is a paper, notice, letter, contact or flag."""

    party: Annotated[int | None, Field(description="Null where it is about nobody on record.")]
    name: str
    since: datetime


class WouldHave(BaseModel):
    """Hold what measures would have done to the contacts: how many had which outcome."""

    measures: list[AMeasure]
    outcomes: Annotated[
        dict[str, int] | None, Field(description="Null where it hangs on what messages are about: that is not kept.")
    ]


class TheSheet(BaseModel):
    """Hold what to know before measures are proposed; contacts are those of the last 30 days."""

    party: str
    contacts: Annotated[dict[str, int], Field(description="By channel.")]
    overdue_looks: int
    missed_calls: int
    adjustments_broken: int
    letters_owed: int
    letters_late: int
    asked_about_adjustments: Annotated[str, Field(description="What was last asked; empty where nobody has.")]
    would_have: Annotated[list[WouldHave], Field(description="The measures in mind first, then milder ones.")]
    total_block: Annotated[bool, Field(description="With all that is on the party, no channel would be left.")]
    others_met: Annotated[int, Field(description="Other people whom the party's identifiers recognised.")]


def waiting_routes(room: Room) -> APIRouter:
    """Give the routes of what waits, and of the sheet."""
    router = APIRouter(tags=["waiting"])

    @router.get("/waiting", response_model=list[WaitsForSomebody], dependencies=[only(READ_FILE, room)])
    async def list_waiting() -> list[dict[str, Any]]:
        """List all that waits for a person, the first due first: contacts, files, letters, flags, legal clocks."""
        now = room.clock()

        def job() -> list[dict[str, Any]]:
            return [_plain(one, room, now) for one in _all(room, now)]

        return await room.aside(job)

    @router.get("/waiting/figure", response_model=TheFigure, dependencies=[only(READ_FILE, room)])
    async def count_waiting() -> dict[str, Any]:
        """Say how much waits for a person and is overdue, by queue, kind and owner, the most first."""
        now = room.clock()
        return await room.aside(lambda: figure_object(figure(_all(room, now), now), room.policy.zone))

    @router.get("/parties/{party}/sheet", response_model=TheSheet, dependencies=[only(READ_FILE, room)])
    async def read_sheet(party: PartyNumber, measures: Meant, by: Caller) -> dict[str, Any]:
        """Say what to know before measures are proposed: our own part, what they would have done, milder ways."""
        meant = _measures(measures)
        now = room.clock()
        return await room.aside(lambda: as_data(sheet(room.record, party, meant, room.policy, by, now=now)))

    return router


def _all(room: Room, now: datetime) -> tuple[Thing, ...]:
    return room.record.read_now(lambda reader: all_that_waits(reader, room.policy, now, room.files))


def _plain(one: Thing, room: Room, now: datetime) -> dict[str, Any]:
    waits = one.waiting
    return {
        "party": one.party,
        "name": one.name,
        "what": waits.what.value,
        "about": waits.about,
        "since": said(waits.since, room.policy.zone),
        "due": said(waits.due, room.policy.zone),
        "owner": one.owner,
        "overdue": waits.overdue(now),
    }


def _measures(text: str) -> tuple[Measure, ...]:
    """Read measures from JSON; raises BadParty with a sentence for each fault."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, list) or not 1 <= len(data) <= _MOST or not all(isinstance(one, dict) for one in data):
        raise BadParty([f"measures is a list of 1 to {_MOST} measures, as JSON: {_EXAMPLE}."])
    try:
        return tuple(measures.parse(one) for one in data)
    except ValueError as refused:
        raise BadParty([f"measures: {refused}."]) from None
