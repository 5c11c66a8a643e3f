"""The page of what waits for a look: contacts that were held or filed, and what is to do on files.

Belongs here: that page. It lists, and shows nobody's words; what is done about it is done elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from gateway.api.room import Room
from gateway.casework.overview import everything_that_waits
from gateway.cli import words
from gateway.desk.door import caller
from gateway.desk.pages import Pages
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
    """Show what waits for a person."""

    def __init__(self, room: Room, pages: Pages) -> None:
        self._room = room
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """Show it, what is overdue first and said in words."""
        now = self._room.clock()
        contacts, files = await self._room.aside(
            lambda: self._room.record.read_now(
                lambda reader: (
                    [self._contact(reader, one, now) for one in reader.queue(limit=_MOST)],
                    everything_that_waits(reader, self._room.policy, now),
                )
            )
        )
        contacts.sort(key=lambda one: (not one.overdue, one.at))
        return self._pages.page(
            "waiting.html",
            "What waits",
            by=caller(request),
            secret=request.state.secret,
            contacts=contacts,
            files=[(one, one.waiting.overdue(now)) for one in files[:_MOST]],
            more=max(len(files) - _MOST, 0),
            full=len(contacts) == _MOST,
        )

    def _contact(self, reader: Reader, one: Entry, now: datetime) -> _Contact:
        # The command line's words for what is filed say the day too, which the page says by itself.
        what = "filed" if one.state is State.FILED else words.what(one, self._room.policy.zone, now)
        overdue = one.look_by is not None and one.look_by <= now
        return _Contact(one.id, words.who(reader, one), what, words.CHANNELS[one.channel], one.at, one.look_by, overdue)
