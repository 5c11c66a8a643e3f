"""Messages that callers left, on pages: the list, one call with its player, hearing, marking as looked at.

Belongs here: those pages. A player gets a sound in parts, and only after its opening is on record.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.api.room import Room
from gateway.cli.voicemail import WHERE
from gateway.desk.door import PAGE_POLICY, ROOT, caller
from gateway.desk.pages import Pages
from gateway.desk.sound import player, sound
from gateway.voicemail import LISTENS_FOR
from rules.casework.acts.open_evidence import OpenEvidence
from rules.casework.refused import Refused

_MOST = 200
_MOST_WORDS = 8000
_WITH_SOUND = {"Content-Security-Policy": f"{PAGE_POLICY}; media-src 'self'"}


class VoicemailPage:
    """Show what waits to be heard, give it to be heard, and note who did."""

    def __init__(self, room: Room, pages: Pages) -> None:
        self._room = room
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """Show the messages that wait, the oldest first; a look at the list is no hearing."""
        by, now = caller(request), self._room.clock()
        found = await self._room.aside(lambda: self._room.voicemail.waiting(by, limit=_MOST))
        late = {one.call.id for one in found if one.call.look_by is not None and one.call.look_by <= now}
        return self._pages.page(
            "voicemail.html",
            "Messages",
            by=by,
            secret=request.state.secret,
            found=found,
            late=late,
            where=WHERE,
            full=len(found) == _MOST,
        )

    async def one(self, request: Request) -> Response:
        """Show one call: what was left, with a player for what was opened a moment ago."""
        return await self._one(request)

    async def hear(self, request: Request) -> Response:
        """Open one recording, which is put on record, and show its player; what is sealed wants a reason first."""
        by, call, form = caller(request), str(request.path_params["call"]), request.state.form
        recording, reason = str(request.path_params["recording"]), form.get("reason", "").strip()[:_MOST_WORDS]
        if "warned" in form and not reason:
            return await self._one(request, "Say why you must hear it.", f"reason-{recording}")
        try:
            await self._room.aside(
                lambda: self._room.voicemail.hear(
                    call, by, recording=recording, reason=reason, warned=form.get("warned") == "yes"
                )
            )
        except Refused as refused:
            return await self._one(request, str(refused), f"recording-{recording}")
        return RedirectResponse(f"{ROOT}/voicemail/{call}#recording-{recording}", 303)

    async def sound(self, request: Request) -> Response:
        """Give the sound to the player of whoever opened it a moment ago, whole or a part of it (RFC 9110, 14)."""
        by, call, recording = caller(request), str(request.path_params["call"]), str(request.path_params["recording"])
        try:
            heard = await self._room.aside(lambda: self._room.voicemail.sound(call, recording, by))
        except Refused as refused:
            return self._pages.sorry(403, why=str(refused), by=by)
        return sound(heard, request.headers.get("range", ""))

    async def look(self, request: Request) -> Response:
        """Note that somebody looked at it; sent twice it is noted once."""
        by, call = caller(request), str(request.path_params["call"])
        try:
            await self._room.aside(lambda: self._room.voicemail.look(call, by))
        except Refused as refused:
            return await self._one(request, str(refused), "look")
        return RedirectResponse(f"{ROOT}/voicemail/{call}", 303)

    async def _one(self, request: Request, fault: str = "", field: str = "") -> Response:
        by, call, policy = caller(request), str(request.path_params["call"]), self._room.policy
        try:
            found = await self._room.aside(lambda: self._room.voicemail.message(call, by))
        except Refused as refused:
            return self._pages.sorry(404, why=str(refused), by=by)
        return self._pages.page(
            "message.html",
            f"{'Error: ' if fault else ''}Message left by phone",
            by=by,
            secret=request.state.secret,
            status=409 if fault else 200,
            headers=_WITH_SOUND,
            found=found,
            where=WHERE,
            player=player,
            minutes=int(LISTENS_FOR.total_seconds() // 60),
            opens=" or ".join(sorted(policy.roles.get(one, one) for one in policy.may(OpenEvidence.name))),
            fault=fault,
            field=field,
            reason=request.state.form.get("reason", "") if fault else "",
        )
