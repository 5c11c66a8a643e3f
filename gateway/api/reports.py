"""Reports over the API, in the numbers and forms of `parley report`. Belongs here: their routes.

What is no JSON is a download: no browser shows it as a page of ours (THREATS W1).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from adapters.pdf.letter import Unprintable
from gateway.api.parties import PartyNumber
from gateway.api.rights import only
from gateway.api.room import Caller, Room
from gateway.casework.outline import READ_FILE
from gateway.casework.register import BadParty
from gateway.party_levels import READ_LEVELS
from gateway.reports import disclosure_forms, party_forms
from gateway.reports.disclosing import Disclosure, disclosure
from gateway.reports.forms import as_csv, as_data
from gateway.reports.office_reports import thresholds_published, thresholds_report, week_of, week_report
from gateway.reports.page import restrictions_page
from gateway.reports.party_report import PartyReport, TooLong, party_report
from gateway.reports.restrictions import restrictions_report
from gateway.reports.small_numbers import published
from gateway.reports.table import Period, Report, period_of
from rules.casework.refused import Refused

First = Annotated[date | None, Query(description="The first day; a year before the last unless said.")]
Last = Annotated[date | None, Query(description="The last day; today unless said.")]
Of = Annotated[date | None, Query(description="A day of the week; today unless said.")]
Publish = Annotated[bool, Query(description="Leave small numbers out, and what would give them away.")]
OfficeForm = Annotated[Literal["json", "csv", "html"], Query(alias="format", description="The form.")]
PartyForm = Annotated[Literal["json", "csv", "html", "pdf"], Query(alias="format", description="The form.")]
DisclosureForm = Annotated[Literal["json", "html", "pdf"], Query(alias="format", description="The form.")]
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


class OneTold(BaseModel):
    """Hold one thing that is told, and the words beneath it."""

    at: str
    what: str
    words: list[str]


class OneLeftOut(BaseModel):
    """Say how often something is not told on a ground."""

    ground: str
    words: str
    count: int


class TheDisclosure(BaseModel):
    """Hold what is given to a party, the oldest first."""

    party: int
    name: str
    at: str
    told: list[OneTold]
    left_out: list[OneLeftOut]
    file_opened: Annotated[int, Field(description="How often colleagues have opened the file.")]
    more: Annotated[bool, Field(description="There were more contacts than are told.")]


_MEDIA = {"csv": "text/csv", "html": "text/html", "pdf": "application/pdf"}


def _also(*forms: str) -> dict[int | str, dict[str, Any]]:
    """Say for the schema in which forms beside JSON a route answers."""
    schemas = {form: {"type": "string"} | ({"format": "binary"} if form == "pdf" else {}) for form in forms}
    return {200: {"content": {_MEDIA[form]: {"schema": schema} for form, schema in schemas.items()}}}


def report_routes(room: Room) -> APIRouter:
    """Give the routes of reports."""
    router = APIRouter(tags=["reports"], dependencies=[only(READ_FILE, room)])
    _of_the_office(router, room)
    _of_a_party(router, room)
    return router


def _of_the_office(router: APIRouter, room: Room) -> None:
    also = _also("csv", "html")

    @router.get("/reports/restrictions", response_model=TheReport, responses=also)
    async def report_restrictions(
        first: First = None, last: Last = None, publish: Publish = False, form: OfficeForm = "json"
    ) -> dict[str, Any] | Response:
        """Count restrictions in force and ended over a period, and what became of contacts under them."""
        now = room.clock()
        period = _period(first, last, _today(room, now))

        def job() -> dict[str, Any] | Response:
            report = restrictions_report(room.record, room.policy, period, now=now)
            return _written(published(report) if publish else report, "restrictions", form, room)

        return await room.aside(job)

    @router.get("/reports/thresholds", response_model=TheReport, responses=also)
    async def report_thresholds(
        by: Caller, first: First = None, last: Last = None, publish: Publish = False, form: OfficeForm = "json"
    ) -> dict[str, Any] | Response:
        """Count the flags of a period by threshold, and what people made of them."""
        now = room.clock()
        period = _period(first, last, _today(room, now))

        def job() -> dict[str, Any] | Response:
            report = thresholds_report(room.record, room.policy, period, by, now=now)
            return _written(thresholds_published(report) if publish else report, "thresholds", form, room)

        return await room.aside(job)

    @router.get("/reports/week", response_model=TheReport, responses=also, dependencies=[only(READ_LEVELS, room)])
    async def report_week(by: Caller, of: Of = None, form: OfficeForm = "json") -> dict[str, Any] | Response:
        """Show an office's week, with who took most of its time; that you looked is put on record."""
        now = room.clock()
        today = _today(room, now)
        try:
            period = week_of(of or today, today)
        except ValueError as refused:
            raise BadParty([str(refused)]) from None
        return await room.aside(
            lambda: _written(week_report(room.record, room.policy, period, by, now=now), "week", form, room)
        )


def _of_a_party(router: APIRouter, room: Room) -> None:
    @router.get("/parties/{party}/report", response_model=ThePartyReport, responses=_also("csv", "html", "pdf"))
    async def report_party(
        party: PartyNumber, by: Caller, first: First = None, last: Last = None, form: PartyForm = "json"
    ) -> dict[str, Any] | Response:
        """Show a party's contact week by week, with thresholds, restrictions and flags; that you looked is recorded."""
        now = room.clock()
        period = _period(first, last, _today(room, now))

        def job() -> dict[str, Any] | Response:
            return _written_on(party_report(room.record, room.policy, party, period, by, now=now), form, room)

        try:
            return await room.aside(job)
        except TooLong as refused:
            raise BadParty([str(refused)]) from None

    @router.get("/parties/{party}/disclosure", response_model=TheDisclosure, responses=_also("html", "pdf"))
    async def disclose_party(
        party: PartyNumber, by: Caller, form: DisclosureForm = "json"
    ) -> dict[str, Any] | Response:
        """Give all that was decided on a party as they would be told it; that you drew it up is recorded.

        Read it before you give it to anybody: a name of others that is nowhere on record may still be in it.
        """
        now = room.clock()
        return await room.aside(lambda: _given(disclosure(room.record, room.settings, party, by, now=now), form, room))


def _written(report: Report, name: str, form: str, room: Room) -> dict[str, Any] | Response:
    """Give a report on the office in a form; the file's name is made of ours and its days."""
    office, zone, days = room.settings.config.office.name, room.policy.zone, report.period
    name = f"{name}-{days.first}-{days.last}"
    if form == "csv":
        return _file(as_csv(report), name, form)
    if form == "html":
        return _file(restrictions_page(report, office, zone), name, form)
    return as_data(report, zone)


def _written_on(found: PartyReport, form: str, room: Room) -> dict[str, Any] | Response:
    office, zone, name = room.settings.config.office.name, room.policy.zone, f"party-{found.number}-report"
    if form == "csv":
        return _file(party_forms.as_csv(found, zone), name, form)
    if form == "html":
        return _file(party_forms.as_page(found, office, zone), name, form)
    if form == "pdf":
        return _file(_printed(lambda: party_forms.as_pdf(found, office, zone)), name, form)
    return party_forms.as_data(found, zone)


def _given(found: Disclosure, form: str, room: Room) -> dict[str, Any] | Response:
    office, zone, name = room.settings.config.office.name, room.policy.zone, f"party-{found.number}-disclosure"
    if form == "html":
        return _file(disclosure_forms.as_page(found, office, zone), name, form)
    if form == "pdf":
        return _file(_printed(lambda: disclosure_forms.as_pdf(found, office, zone)), name, form)
    return disclosure_forms.as_data(found, zone)


def _printed(job: Callable[[], bytes]) -> bytes:
    """Print; raises Refused where no font of ours has its signs."""
    try:
        return job()
    except Unprintable as fault:
        raise Refused(str(fault), way="Or ask for html, which a browser shows in the machine's own fonts.") from None


def _file(content: str | bytes, name: str, form: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, headers=headers, media_type=_MEDIA[form])


def _today(room: Room, now: datetime) -> date:
    return now.astimezone(room.policy.zone).date()


def _period(first: date | None, last: date | None, today: date) -> Period:
    try:
        return period_of(first, last, today)
    except ValueError as refused:
        raise BadParty([str(refused)]) from None
