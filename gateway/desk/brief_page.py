"""The page `Today`: the brief, to be read or printed. Belongs here: that page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from gateway.api.room import Room
from gateway.brief import Asked
from gateway.brief_words import CHANNELS, HOW_TO
from gateway.desk.door import caller
from gateway.desk.pages import Pages
from rules.contact import Channel

_LONGEST = 320


class BriefPage:
    """Show the brief, or the part of it that was asked for."""

    def __init__(self, room: Room, pages: Pages) -> None:
        self._room = room
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """Show it; what a filter cannot mean is left out."""
        by, asked, now = caller(request), _asked(request), self._room.clock()
        found = await self._room.aside(lambda: self._room.briefing.read(by, asked, now))
        return self._pages.page(
            "today.html",
            "Today",
            by=by,
            secret=request.state.secret,
            found=found,
            asked=asked,
            nothing_asked=Asked(),
            how_to=HOW_TO,
            all_channels=CHANNELS,
        )


def _asked(request: Request) -> Asked:
    given = {name: value.strip()[:_LONGEST] for name, value in request.query_params.items()}
    known = given.get("channel", "")
    channel = Channel(known) if known in list(Channel) else None
    return Asked(channel, given.get("line", ""), given.get("inbox", ""), given.get("named", ""), given.get("name", ""))
