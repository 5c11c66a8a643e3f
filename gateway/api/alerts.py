"""Alerts to staff over the API: what is open, how it was told, and that somebody takes it on. Belongs here: routes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from gateway.alerts.desk import ALERTS, AlertDesk, NoSuchAlert, as_data
from gateway.api.rights import only
from gateway.api.room import Caller, Room
from gateway.casework.outline import READ_FILE
from rules.alerts import AlertKind, Severity

Number = Annotated[str, Path(max_length=64, description="The alert's id.")]
Open = Annotated[bool, Query(alias="open", description="Only those that nobody has answered.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="So many at most.")]


class ATelling(BaseModel):
    """Hold how an alert was told once."""

    channel: Annotated[str, Field(description="mail, text or webhook.")]
    at: datetime
    state: Annotated[str, Field(description="unclear: it may not have arrived, or may have arrived twice.")]


class AnAlert(BaseModel):
    """Hold one alert."""

    id: str
    kind: AlertKind
    severity: Severity
    about: Annotated[str, Field(description="contact:ID, flag:ID, party:ID, mailbox:NAME, role:NAME, or empty.")]
    title: str
    words: str
    command: Annotated[str, Field(description="The command that shows what it is about; empty where none does.")]
    raised_at: datetime
    open: bool
    told: Annotated[int, Field(description="How often.")]
    next_at: Annotated[datetime | None, Field(description="When it is told next.")]
    escalated_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: Annotated[str, Field(description="Empty where the thing itself was done.")]
    tellings: list[ATelling]


class Acknowledgement(BaseModel):
    """Say who takes it on."""

    model_config = ConfigDict(extra="forbid")

    who: Annotated[str, Field(max_length=120, description="Whoever asks, unless said.")] = ""


def alert_routes(room: Room) -> APIRouter:
    """Give the routes of alerts."""
    router = APIRouter(tags=["alerts"], dependencies=[only(ALERTS, room), only(READ_FILE, room)])

    def desk() -> AlertDesk:
        return AlertDesk(room.record, room.policy, room.clock)

    @router.get("/alerts", response_model=list[AnAlert])
    async def list_alerts(by: Caller, only_open: Open = False, limit: Limit = 200) -> list[dict[str, Any]]:
        """List alerts, those open first, the newest of each first, with how each was told."""
        found = await room.aside(lambda: desk().read(by, only_open=only_open, limit=limit))
        return [as_data(one, room.policy.zone) for one in found]

    @router.post("/alerts/{alert}/acknowledge", response_model=AnAlert)
    async def acknowledge_alert(alert: Number, body: Acknowledgement, by: Caller) -> dict[str, Any]:
        """Take an alert on: it is not repeated or escalated any more. Refused where somebody was faster."""
        try:
            return as_data(await room.aside(lambda: desk().acknowledge(alert, by, body.who)), room.policy.zone)
        except NoSuchAlert:
            raise HTTPException(404) from None

    @router.post("/alerts/{alert}/settle", response_model=AnAlert)
    async def settle_alert(alert: Number, by: Caller) -> dict[str, Any]:
        """Say that you have seen to what is unclear of how an alert was told. Refused where nothing is."""
        try:
            return as_data(await room.aside(lambda: desk().settle(alert, by)), room.policy.zone)
        except NoSuchAlert:
            raise HTTPException(404) from None

    return router
