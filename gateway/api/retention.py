"""Retention over the API: what would go, and the run that deletes it. Belongs here: routes of one use case."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from gateway.api.rights import only
from gateway.api.room import Caller, Room
from gateway.casework.outline import said
from gateway.retention import RIGHT, Retention
from rules.retention import RecordClass

Unreadable = Annotated[list[int], Field(description="Parties whose file cannot be read; of them nothing is deleted.")]


class ClassKept(BaseModel):
    """Hold what is kept of one class."""

    record_class: RecordClass
    months: Annotated[int, Field(description="For how many months after it is over.")]
    due: Annotated[int, Field(description="How many would be deleted now.")]
    next: Annotated[datetime | None, Field(description="When the next is due; null where nobody can say yet.")]


class Prospects(BaseModel):
    """Hold what a run would delete now."""

    classes: list[ClassKept]
    unreadable: Unreadable


class Done(BaseModel):
    """Hold what was deleted since the run before, by class."""

    deleted: dict[str, int]
    unreadable: Unreadable


def retention_routes(room: Room) -> APIRouter:
    """Give the routes of retention."""
    router = APIRouter(tags=["office"], dependencies=[only(RIGHT, room)])

    def retention() -> Retention:
        return Retention(room.record, room.policy, room.clock)

    @router.get("/retention", response_model=Prospects)
    async def show_retention() -> dict[str, Any]:
        """Say what a run would delete now, class by class, and when the next is due; nothing is changed."""
        found = await retention().outlook()
        classes = [
            {
                "record_class": one.kind,
                "months": one.months,
                "due": one.due,
                "next": said(one.next, room.policy.zone),
            }
            for one in found.prospects
        ]
        return {"classes": classes, "unreadable": found.unreadable}

    @router.post("/retention", response_model=Done)
    async def apply_retention(by: Caller) -> dict[str, Any]:
        """Delete what is due; it cannot be brought back. A request that is cut off is gone on with by the next."""
        deleted = await retention().apply(by)
        counts = {kind.value: count for kind, count in deleted.counts.items() if count}
        return {"deleted": counts, "unreadable": deleted.unreadable}

    return router
