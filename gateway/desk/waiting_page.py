"""The page of what waits for a look: contacts that were held or filed, and what is to do on files.

Belongs here: that page, and that of one contact, with its words behind a fold and the mark that somebody looked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.api.room import Room
from gateway.cli import words
from gateway.desk.door import ROOT, caller
from gateway.desk.pages import Pages
from gateway.human_clock import OF_CONTACTS, Thing, all_that_waits, figure
from rules.casework.refused import Refused
from rules.contact import Channel
from storage.entries import Entry, State
from storage.transaction import Reader

_MOST = 200


@dataclass(frozen=True, slots=True)
class _Contact:
    id: str
    who: str
    what: str
    channel: str
    at: datetime
    due: datetime | None
    overdue: bool


class WaitingPage:
    """Show what waits for a person, one contact of it, and note that somebody looked."""

    def __init__(self, room: Room, pages: Pages) -> None:
        self._room = room
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """Show it, what is overdue first and said in words."""
        now = self._room.clock()
        things, contacts = await self._room.aside(
            lambda: self._room.record.read_now(lambda reader: self._found(reader, now))
        )
        files = [one for one in things if one.waiting.what not in OF_CONTACTS]
        return self._pages.page(
            "waiting.html",
            "What waits",
            by=caller(request),
            secret=request.state.secret,
            contacts=contacts,
            counted=figure(things, now),
            age=lambda one: _age(one, now),
            files=[(one, one.waiting.overdue(now)) for one in files[:_MOST]],
            more=max(len(files) - _MOST, 0),
            full=len(contacts) == _MOST,
        )

    async def one(self, request: Request) -> Response:
        """Show one contact with its words; that somebody read it is put on record."""
        return await self._one(request)

    async def look(self, request: Request) -> Response:
        """Note that somebody looked at it; sent twice it is noted once."""
        by, number = caller(request), str(request.path_params["contact"])
        try:
            await self._room.aside(lambda: self._room.looks.look(number, by))
        except Refused as refused:
            return await self._one(request, str(refused))
        return RedirectResponse(f"{ROOT}/waiting/{number}", 303)

    async def _one(self, request: Request, fault: str = "") -> Response:
        by, number, now = caller(request), str(request.path_params["contact"]), self._room.clock()
        try:
            seen = await self._room.aside(lambda: self._room.looks.show(number, by))
        except Refused as refused:
            return self._pages.sorry(404, why=str(refused), by=by)
        shown = await self._room.aside(
            lambda: self._room.record.read_now(lambda reader: self._contact(reader, seen.entry, now))
        )
        return self._pages.page(
            "contact.html",
            f"{'Error: ' if fault else ''}Contact to look at",
            by=by,
            secret=request.state.secret,
            status=409 if fault else 200,
            one=shown,
            seen=seen,
            entry=seen.entry,
            voicemail=seen.entry.channel is Channel.CALL and seen.entry.state is State.VOICEMAIL,
            fault=fault,
        )

    def _found(self, reader: Reader, now: datetime) -> tuple[Sequence[Thing], list[_Contact]]:
        """Give all that waits, and the contacts to look at, the first due first: none is hidden behind what is old."""
        things = all_that_waits(reader, self._room.policy, now, self._room.files)
        first = [one.waiting.about for one in things if one.waiting.what in OF_CONTACTS][:_MOST]
        found = (reader.contact(number) for number in first)
        return things, [self._contact(reader, one, now) for one in found if one is not None]

    def _contact(self, reader: Reader, one: Entry, now: datetime) -> _Contact:
        # The command line's words for what is filed say the day too, which the page says by itself.
        what = "filed" if one.state is State.FILED else words.what(one, self._room.policy.zone, now)
        overdue = one.look_by is not None and one.look_by <= now
        return _Contact(one.id, words.who(reader, one), what, words.CHANNELS[one.channel], one.at, one.look_by, overdue)


def _age(one: Thing, now: datetime) -> str:
    """Say in whole days how long something has waited."""
    days = one.age(now).days
    return "less than a day" if not days else "1 day" if days == 1 else f"{days} days"
