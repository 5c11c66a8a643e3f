"""Logging by hand on a page: the form, the entry with what is in force, taking a mistake back.

Belongs here: those pages. A form that is sent twice is one contact; what was typed is kept where something is wrong.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.api.room import Room
from gateway.brief_words import CHANNELS
from gateway.casework.register import NotOne
from gateway.desk.door import ROOT, caller
from gateway.desk.pages import Pages
from gateway.hand_log import MOST_LINE, MOST_MINUTES, MOST_NOTE, Logged, Slip, return_slip, said
from gateway.local_times import BadTime, moment_of
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from rules.contact import Channel

_TEXTS = ("channel", "who", "identifier", "day", "time", "minutes", "staff", "to", "case", "note", "direction", "key")


class Wrong(Exception):
    """Say what is wrong with one field."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class LogPage:
    """Show the form, take it, show an entry, take it back."""

    def __init__(self, room: Room, pages: Pages) -> None:
        self._room = room
        self._pages = pages

    async def ask(self, request: Request) -> Response:
        """Show an empty form for now; `who` may be given in the address, by a link of the brief."""
        now = self._room.clock().astimezone(self._room.policy.zone)
        given = dict.fromkeys(_TEXTS, "") | {
            "day": now.date().isoformat(),
            "time": f"{now:%H:%M}",
            "key": secrets.token_urlsafe(16),
            "who": request.query_params.get("who", "")[:MOST_LINE],
        }
        return self._form(request, given)

    async def take(self, request: Request) -> Response:
        """Log it, or show the form again with what is wrong."""
        by, form = caller(request), request.state.form
        given = {name: form.get(name, "") for name in _TEXTS}
        try:
            done = await self._room.aside(lambda: self._log(given, by))
        except Wrong as wrong:
            return self._form(request, given, wrong.field, str(wrong))
        return RedirectResponse(f"{ROOT}/log/{done.entry.id}", 303)

    async def show(self, request: Request) -> Response:
        """Show an entry with its note; that somebody read it is put on record."""
        return await self._entry(request)

    async def take_back(self, request: Request) -> Response:
        """Take an entry back, with the reason."""
        by, number = caller(request), str(request.path_params["entry"])
        why = request.state.form.get("why", "")
        try:
            await self._room.aside(lambda: self._room.hand_log.take_back(number, why, by))
        except Refused as refused:
            return await self._entry(request, str(refused))
        return RedirectResponse(f"{ROOT}/log/{number}", 303)

    async def _entry(self, request: Request, fault: str = "") -> Response:
        by, number = caller(request), str(request.path_params["entry"])
        try:
            found = await self._room.aside(lambda: self._room.hand_log.show(number, by))
        except Refused as refused:
            return self._pages.page(
                "sorry.html",
                "This was not done",
                by=by,
                secret=request.state.secret,
                status=404,
                words=str(refused),
                incident="",
            )
        return self._pages.page(
            "entry.html",
            f"{'Error: ' if fault else ''}Logged contact",
            by=by,
            secret=request.state.secret,
            status=409 if fault else 200,
            found=found,
            channel=CHANNELS[found.entry.channel],
            says=said(found, self._room.policy),
            slip=return_slip(found, self._room.policy),
            fault=fault,
        )

    def _log(self, given: Mapping[str, str], by: Actor) -> Logged:
        zone, now = self._room.policy.zone, self._room.clock()
        if given["channel"] not in list(Channel):
            raise Wrong("channel", "Choose how the contact was made.")
        try:
            at = moment_of(f"{given['day'].strip()}T{given['time'].strip()}", zone, now)
        except BadTime as bad:
            raise Wrong("day", str(bad)) from None
        cases = tuple(one for piece in given["case"].split(",") if (one := piece.strip()))
        slip = Slip(
            Channel(given["channel"]),
            at,
            None,
            given["identifier"],
            given["to"],
            given["staff"],
            _minutes(given["minutes"]),
            given["note"],
            cases,
            given["direction"] == "ours",
            given["key"],
            who=given["who"],
        )
        try:
            return self._room.hand_log.log(slip, by)
        except NotOne as refused:
            raise Wrong("who", str(refused)) from None
        except Refused as refused:
            field = "day" if at > now else "identifier" if given["identifier"] else "channel"
            raise Wrong(field, str(refused)) from None

    def _form(self, request: Request, given: Mapping[str, str], field: str = "", fault: str = "") -> Response:
        return self._pages.page(
            "log.html",
            f"{'Error: ' if fault else ''}Log a contact",
            by=caller(request),
            secret=request.state.secret,
            status=422 if fault else 200,
            given=given,
            field=field,
            fault=fault,
            all_channels=CHANNELS,
            longest=MOST_NOTE,
            most_minutes=MOST_MINUTES,
        )


def _minutes(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise Wrong("minutes", "Write minutes as a number, or leave it empty.")
    return int(text)
