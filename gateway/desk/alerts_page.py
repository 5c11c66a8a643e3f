"""The page of open flags and alerts, and that of one alert: how it was told, taking it on, settling what is unclear.

Belongs here: those pages. To open one changes nothing; what is done on it is done once, by name.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.alerts.desk import ALERTS, DOUBTFUL, AlertDesk, NoSuchAlert, Shown, ended, in_words_of, told
from gateway.alerts.links import page_of
from gateway.api.room import Room
from gateway.desk import ROOT
from gateway.desk.door import caller
from gateway.desk.pages import Pages
from gateway.flags import FlagDesk
from rules.alerts import Severity
from rules.casework.actor import Actor
from rules.casework.acts.act import may
from rules.casework.refused import Refused
from storage.entries import FlagState

_MOST, _MOST_FLAGS = 200, 100
_LONGEST_NAME = 120


class AlertsPage:
    """Show what is open, take alerts on, settle how they were told."""

    def __init__(self, room: Room, pages: Pages) -> None:
        self._room = room
        self._pages = pages
        self._alerts = AlertDesk(room.record, room.policy, room.clock)
        self._flags = FlagDesk(room.record, room.policy, room.casework, room.clock)

    async def show(self, request: Request) -> Response:
        """Show open flags, and alerts that nobody has taken on to those who may read alerts, the urgent first."""
        by = caller(request)
        flags = await self._room.aside(lambda: self._flags.all(_MOST_FLAGS, by, FlagState.OPEN))
        found = await self._room.aside(lambda: self._alerts.read(by, limit=_MOST)) if self._reads(by) else None
        waiting = [one for one in found or () if one.alert.open]
        waiting.sort(key=lambda one: one.alert.severity is not Severity.URGENT)
        return self._pages.page(
            "alerts.html",
            "Flags and alerts",
            by=by,
            secret=request.state.secret,
            flags=flags,
            reads_alerts=found is not None,
            alerts=waiting,
            unclear=[one for one in found or () if not one.alert.open and _unclear(one)],
            full=len(flags) == _MOST_FLAGS or len(waiting) == _MOST,
            told=told,
        )

    async def one(self, request: Request) -> Response:
        """Show one alert with how it was told."""
        return await self._one(request)

    async def take(self, request: Request) -> Response:
        """Note that somebody takes it on: whoever is signed in, unless another is named; sent twice it is once."""
        by, number = caller(request), str(request.path_params["alert"])
        who = request.state.form.get("who", "").strip()[:_LONGEST_NAME]
        return await self._done(request, lambda: self._alerts.acknowledge(number, by, who), who or by.name)

    async def settle(self, request: Request) -> Response:
        """Note that somebody has seen to what is unclear of how it was told."""
        by, number = caller(request), str(request.path_params["alert"])
        return await self._done(request, lambda: self._alerts.settle(number, by))

    async def _done(self, request: Request, act: Callable[[], Shown], name: str = "") -> Response:
        by, number = caller(request), str(request.path_params["alert"])
        try:
            await self._room.aside(act)
        except NoSuchAlert as nothing:
            return self._pages.sorry(404, why=str(nothing), by=by)
        except Refused as refused:
            known = await self._room.aside(lambda: self._alerts.show(number, by))
            if not name or known.alert.acknowledged_by != name:
                return await self._one(request, str(refused))
        return RedirectResponse(f"{ROOT}/alerts/{number}", 303)

    async def _one(self, request: Request, fault: str = "") -> Response:
        by, number = caller(request), str(request.path_params["alert"])
        try:
            shown = await self._room.aside(lambda: self._alerts.show(number, by))
        except NoSuchAlert as nothing:
            return self._pages.sorry(404, why=str(nothing), by=by)
        page = page_of(shown.alert.about)
        return self._pages.page(
            "alert.html",
            f"{'Error: ' if fault else ''}Alert",
            by=by,
            secret=request.state.secret,
            status=409 if fault else 200,
            alert=shown.alert,
            urgent=shown.alert.severity is Severity.URGENT,
            stands=ended(shown.alert),
            tellings=[(one, in_words_of(one)) for one in shown.tellings],
            unclear=_unclear(shown),
            about=f"{ROOT}{page}" if page else "",
            longest=_LONGEST_NAME,
            fault=fault,
        )

    def _reads(self, by: Actor) -> bool:
        return may(ALERTS, self._room.policy, by)


def _unclear(shown: Shown) -> bool:
    return any(in_words_of(one) == DOUBTFUL for one in shown.tellings)
