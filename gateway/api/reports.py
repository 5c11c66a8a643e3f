"""Reports over the API, the same numbers as `parley report`. Belongs here: their routes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from gateway.api.parties import PartyNumber
from gateway.api.rights import only
from gateway.api.room import Caller, Room
from gateway.casework.outline import READ_FILE
from gateway.casework.register import BadParty
from gateway.party_levels import READ_LEVELS
from gateway.reports import party_forms
from gateway.reports.forms import as_data
from gateway.reports.office_reports import thresholds_report, week_of, week_report
from gateway.reports.party_report import TooLong, party_report
from gateway.reports.restrictions import restrictions_report
from gateway.reports.small_numbers import published
from gateway.reports.table import Period, period_of

First = Annotated[date | None, Query(description="The first day; a year before the last unless said.")]
Last = Annotated[date | None, Query(description="The last day; today unless said.")]
Of = Annotated[date | None, Query(description="A day of the week; today unless said.")]
Publish = Annotated[bool, Query(description="Leave small numbers out, and what would give them away.")]
Number = Annotated[int | float | str, Field(description="A number, or the words that stand in its place.")]


class ReportRow(BaseModel):
    """Hold one row of a table, its numbers by column."""

    name: str
    label: str
    values: dict[str, Number]


class ReportTable(BaseModel):
    """Hold one table; `all` is what its rows make up, null where they do not."""

    name: str
    title: str
    columns: dict[str, str]
    rows: list[ReportRow]
    all: dict[str, Number] | None
    adds_up: bool
    note: str


class TheReport(BaseModel):
    """Hold a report on a period."""

    title: str
    first: date
    last: date
    counted_until: Annotated[str | None, Field(description="Up to when it counts, in the office's zone.")]
    published: bool
    notes: list[str]
    tables: list[ReportTable]


class SeriesOfWeeks(BaseModel):
    """Hold one level, a value for each week, with the weekly thresholds on it."""

    title: str
    values: list[float]
    thresholds: list[dict[str, int | str]]


class UnderRestriction(BaseModel):
    """Hold when a restriction was in force within the period."""

    number: int
    from_: Annotated[str, Field(alias="from")]
    to: str
    words: str


class Happened(BaseModel):
    """Hold one thing that happened on a file."""

    at: str
    words: str


class ThePartyReport(BaseModel):
    """Hold a party's contact week by week; staff time is an estimate, and a level by itself restricts nobody."""

    party: int
    name: str
    first: date
    last: date
    at: str
    stage: str
    weeks: Annotated[list[date], Field(description="Their Mondays.")]
    series: list[SeriesOfWeeks]
    restrictions: list[UnderRestriction]
    happened: list[Happened]
    ours: Annotated[dict[str, int], Field(description="Our own part, in the last 30 days.")]


def report_routes(room: Room) -> APIRouter:
    """Give the routes of reports."""
    router = APIRouter(tags=["reports"], dependencies=[only(READ_FILE, room)])

    @router.get("/reports/restrictions", response_model=TheReport)
    async def report_restrictions(first: First = None, last: Last = None, publish: Publish = False) -> dict[str, Any]:
        """Count restrictions in force and ended over a period, and what became of contacts under them."""
        now = room.clock()
        period = _period(first, last, _today(room, now))
        report = await room.aside(lambda: restrictions_report(room.record, room.policy, period, now=now))
        return as_data(published(report) if publish else report, room.policy.zone)

    @router.get("/reports/thresholds", response_model=TheReport)
    async def report_thresholds(by: Caller, first: First = None, last: Last = None) -> dict[str, Any]:
        """Count the flags of a period by threshold, and what people made of them."""
        now = room.clock()
        period = _period(first, last, _today(room, now))
        return as_data(
            await room.aside(lambda: thresholds_report(room.record, room.policy, period, by, now=now)), room.policy.zone
        )

    @router.get("/reports/week", response_model=TheReport, dependencies=[only(READ_LEVELS, room)])
    async def report_week(by: Caller, of: Of = None) -> dict[str, Any]:
        """Show an office's week, with who took most of its time; that you looked is put on record."""
        now = room.clock()
        today = _today(room, now)
        try:
            period = week_of(of or today, today)
        except ValueError as refused:
            raise BadParty([str(refused)]) from None
        return as_data(
            await room.aside(lambda: week_report(room.record, room.policy, period, by, now=now)), room.policy.zone
        )

    @router.get("/parties/{party}/report", response_model=ThePartyReport)
    async def report_party(party: PartyNumber, by: Caller, first: First = None, last: Last = None) -> dict[str, Any]:
        """Show a party's contact week by week, with thresholds, restrictions and flags; that you looked is recorded."""
        now = room.clock()
        period = _period(first, last, _today(room, now))
        try:
            found = await room.aside(lambda: party_report(room.record, room.policy, party, period, by, now=now))
        except TooLong as refused:
            raise BadParty([str(refused)]) from None
        return party_forms.as_data(found, room.policy.zone)

    return router


def _today(room: Room, now: datetime) -> date:
    return now.astimezone(room.policy.zone).date()


def _period(first: date | None, last: date | None, today: date) -> Period:
    try:
        return period_of(first, last, today)
    except ValueError as refused:
        raise BadParty([str(refused)]) from None
