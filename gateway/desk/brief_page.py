"""The page `Today`: the brief, to be read, or taken as a PDF to be printed. Belongs here: that page, and that file."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from adapters.pdf.letter import Unprintable
from gateway.api.room import Room
from gateway.brief import Asked
from gateway.brief_print import printed_brief
from gateway.brief_words import CHANNELS, HOW_TO
from gateway.casework.outline import sees_history
from gateway.desk.door import caller
from gateway.desk.pages import Pages
from rules.casework.actor import Actor
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
            question=f"?{question}" if (question := urlencode(_given(asked))) else "",
            nothing_asked=Asked(),
            how_to=HOW_TO,
            all_channels=CHANNELS,
            reads_files=sees_history(self._room.policy, by),
        )

    async def print(self, request: Request) -> Response:
        """Give what the page shows as one PDF, as a download; what our fonts cannot show is said in a sentence."""
        by, asked, now = caller(request), _asked(request), self._room.clock()
        try:
            pdf = await self._room.aside(lambda: self._printed(by, asked, now))
        except Unprintable as refused:
            why = f"{refused} Print the page `Today` from your browser."
            return self._pages.sorry(409, why=why, by=by)
        name = f"today-{now.astimezone(self._room.policy.zone):%Y-%m-%d}.pdf"
        return Response(pdf, 200, {"Content-Disposition": f'attachment; filename="{name}"'}, "application/pdf")

    def _printed(self, by: Actor, asked: Asked, now: datetime) -> bytes:
        found = self._room.briefing.read(by, asked, now)
        return printed_brief(found, self._pages.office, self._room.policy)


def _asked(request: Request) -> Asked:
    given = {name: value.strip()[:_LONGEST] for name, value in request.query_params.items()}
    known = given.get("channel", "")
    channel = Channel(known) if known in list(Channel) else None
    return Asked(channel, given.get("line", ""), given.get("inbox", ""), given.get("named", ""), given.get("name", ""))


def _given(asked: Asked) -> dict[str, str]:
    """Give the question back as it came, without what it leaves open."""
    channel = asked.channel.value if asked.channel is not None else ""
    every = {"channel": channel, "line": asked.line, "inbox": asked.inbox, "named": asked.named, "name": asked.name}
    return {name: text for name, text in every.items() if text}
