"""The page of one party's file: what to do now, requests with a time by law, what waits, what is in force.

Belongs here: that page. The papers themselves are read with `parley party show`, or over the API.
"""

from __future__ import annotations

import re
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from gateway.api.room import Room
from gateway.casework.desk import NoSuchParty
from gateway.casework.outline import Data
from gateway.casework.register import MOST_NUMBER
from gateway.cli.case_file import STATES, clock_in_words, received_in_words
from gateway.desk.door import caller
from gateway.desk.pages import Pages
from rules import measures
from rules.casework.actor import Actor
from rules.waiting_for import WaitingFor
from rules.workdays import in_words
from storage.faults import PaperUnreadable

_NUMBER = re.compile(r"[1-9][0-9]{0,18}")


class PartyPage:
    """Show the file of a party to those who may read files."""

    def __init__(self, room: Room, pages: Pages) -> None:
        self._room = room
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """Show it; that somebody read the file is put on record (THREATS W4)."""
        by, text = caller(request), str(request.path_params["party"])
        if _NUMBER.fullmatch(text) is None or int(text) > MOST_NUMBER:
            return self._pages.sorry(404, by=by)
        try:
            file = await self._room.aside(lambda: self._read(int(text), by))
        except NoSuchParty as refused:
            return self._pages.sorry(404, why=str(refused), by=by)
        except PaperUnreadable:
            why = "This file cannot be read. Ask a manager before you deal with the party."
            return self._pages.sorry(503, why=why, by=by)
        return self._pages.page(
            "party.html",
            file["name"],
            by=by,
            secret=request.state.secret,
            file=file,
            on=_day,
            clocks=[(one, clock_in_words(one)) for one in file["history"]["legal_clocks"]],
            received=received_in_words(file["history"]["received"]),
            waits=[(one, WaitingFor(one["what"]).words) for one in file["history"]["waiting"]],
            restrictions=[(one, _state(one), _words(one)) for one in file["history"]["restrictions"]],
        )

    def _read(self, number: int, by: Actor) -> Data:
        return self._room.outline(self._room.register.read(number, by), by)


def _day(text: str) -> str:
    return in_words(date.fromisoformat(text))


def _state(restriction: Data) -> str:
    state = str(restriction["state"])
    return STATES.get(state, state.replace("_", " "))


def _words(restriction: Data) -> list[str]:
    return [measures.parse(one).staff_words for one in restriction["measures"]]
