"""The page of one flag: what was exceeded, by which contacts; noting the incident, or dismissing it with a reason.

Belongs here: that page. A flag restricts nobody, and what is typed is kept where something is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.api.room import Room
from gateway.casework.desk import NoSuchParty, Stale
from gateway.cli.words import CHANNELS
from gateway.desk import ROOT
from gateway.desk.door import caller
from gateway.desk.pages import Pages
from gateway.flags import DISMISS, MOST_WHY, FlagDesk, Raised, draft
from rules.casework.acts.act import may
from rules.casework.acts.note_incident import NoteIncident
from rules.casework.refused import Refused
from rules.sentences import each
from storage.entries import FlagState

_MOST_WORDS = 8000
_STALE = "Somebody else wrote on this file just now. Send it again."


class FlagsPage:
    """Show a flag, act on it, dismiss it."""

    def __init__(self, room: Room, pages: Pages) -> None:
        self._room = room
        self._pages = pages
        self._flags = FlagDesk(room.record, room.policy, room.casework, room.clock)

    async def one(self, request: Request) -> Response:
        """Show one flag with the incident that can be drafted from it; that somebody read it is put on record."""
        return await self._one(request, {})

    async def act(self, request: Request) -> Response:
        """Note the incident in a person's words; sent twice it is noted once."""
        by, number, form = caller(request), str(request.path_params["flag"]), request.state.form
        given = {"what": form.get("what", "").strip()[:_MOST_WORDS], "category": form.get("category", "")}
        return await self._done(request, lambda: self._flags.act(number, by, **given), given, "what")

    async def dismiss(self, request: Request) -> Response:
        """Dismiss it with the reason; sent twice it is dismissed once."""
        by, number = caller(request), str(request.path_params["flag"])
        why = request.state.form.get("why", "").strip()
        return await self._done(request, lambda: self._flags.dismiss(number, why, by), {"why": why}, "why")

    async def _done(
        self, request: Request, act: Callable[[], object], given: Mapping[str, str], field: str
    ) -> Response:
        by, number = caller(request), str(request.path_params["flag"])
        try:
            await self._room.aside(act)
        except (Refused, ValidationError, NoSuchParty, Stale) as refused:
            if not await self._room.aside(lambda: self._is_done(number, by.name)):
                return await self._one(request, given, _said(refused), field)
        return RedirectResponse(f"{ROOT}/flags/{number}", 303)

    def _is_done(self, number: str, name: str) -> bool:
        flag = self._room.record.read_now(lambda reader: reader.flag(number))
        return flag is not None and flag.state is not FlagState.OPEN and flag.settled_by == name

    async def _one(self, request: Request, given: Mapping[str, str], fault: str = "", field: str = "") -> Response:
        by, number, policy = caller(request), str(request.path_params["flag"]), self._room.policy
        try:
            found: Raised = await self._room.aside(lambda: self._flags.one(number, by))
        except Refused as refused:
            return self._pages.sorry(404, why=str(refused), by=by)
        drafted, is_open = draft(found, policy), found.flag.state is FlagState.OPEN
        typed = {"what": drafted.what, "category": drafted.category, "why": "", **given}
        return self._pages.page(
            "flag.html",
            f"{'Error: ' if fault else ''}Level of contact",
            by=by,
            secret=request.state.secret,
            status=409 if fault else 200,
            found=found,
            flag=found.flag,
            clause=(found.threshold.clause if found.threshold is not None else "") or policy.clause("threshold"),
            channels=CHANNELS,
            grounds=policy.grounds,
            acts=is_open and may(NoteIncident.name, policy, by),
            dismisses=is_open and may(DISMISS, policy, by),
            known=found.flag.whose.startswith("party:"),
            sleeps=policy.flag_sleep.days,
            longest={"what": _MOST_WORDS, "why": MOST_WHY},
            typed=typed,
            fault=fault,
            field=field,
        )


def _said(refused: Exception) -> str:
    if isinstance(refused, ValidationError):
        return " ".join(f"{one}." for one in each(refused))
    if isinstance(refused, Stale):
        return _STALE
    return str(refused.args[0] if isinstance(refused, NoSuchParty) else refused)
