"""The pages of the desk as one application, to be mounted at /desk: which page is where, and who may ask for it.

Belongs here: routes and their rights, the same as the API's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.alerts.desk import ALERTS
from gateway.api.room import Room
from gateway.brief import BRIEF
from gateway.casework.outline import READ_FILE
from gateway.config import Settings
from gateway.desk.alerts_page import AlertsPage
from gateway.desk.brief_page import BriefPage
from gateway.desk.door import OPEN, SIGN_IN, STYLE, Cookies, Door, caller
from gateway.desk.flags_page import FlagsPage
from gateway.desk.log_page import LogPage
from gateway.desk.pages import HERE, Pages
from gateway.desk.party_page import PartyPage
from gateway.desk.sessions import Sessions
from gateway.desk.sign_in_page import SignInPage
from gateway.desk.voicemail_page import VoicemailPage
from gateway.desk.waiting_page import WaitingPage
from gateway.flags import DISMISS
from gateway.hand_log import LOG
from gateway.voicemail import HEAR
from rules.casework.acts.act import allowed
from rules.casework.acts.note_incident import NoteIncident
from rules.casework.refused import Refused

Page = Callable[[Request], Awaitable[Response]]


def desk(room: Room, settings: Settings) -> Starlette:
    """Build the pages."""
    pages = Pages(settings)
    sessions = Sessions(room.record, room.tokens, room.clock)
    cookies = Cookies(plain_http=settings.config.desk.plain_http)
    sign_in, log = SignInPage(room, pages, sessions, cookies), LogPage(room, pages)
    brief, party = BriefPage(room, pages), PartyPage(room, pages)
    waiting, voicemail = WaitingPage(room, pages), VoicemailPage(room, pages)
    alerts, flags = AlertsPage(room, pages), FlagsPage(room, pages)
    may = partial(_may, room, pages)

    def told(page: Page) -> Page:
        """An alert names the party that it is about, as a file does (SPSO-68)."""
        return may(ALERTS, may(READ_FILE, page))

    app = Starlette(
        routes=[
            Route(STYLE, _style, methods=["GET"]),
            Route(SIGN_IN, sign_in.ask, methods=["GET"]),
            Route(SIGN_IN, sign_in.open, methods=["POST"]),
            Route("/sign-out", sign_in.close, methods=["POST"]),
            Route("/", may(BRIEF, brief.show), methods=["GET"]),
            Route("/today.pdf", may(BRIEF, brief.print), methods=["GET"]),
            Route("/log", may(LOG, log.ask), methods=["GET"]),
            Route("/log", may(LOG, log.take), methods=["POST"]),
            Route("/log/{entry:str}", may(LOG, log.show), methods=["GET"]),
            Route("/log/{entry:str}/take-back", may(LOG, log.take_back), methods=["POST"]),
            Route("/parties/{party:str}", may(READ_FILE, party.show), methods=["GET"]),
            Route("/waiting", may(READ_FILE, waiting.show), methods=["GET"]),
            Route("/waiting/{contact:str}", may(READ_FILE, waiting.one), methods=["GET"]),
            Route("/waiting/{contact:str}/looked", may(READ_FILE, waiting.look), methods=["POST"]),
            Route("/alerts", may(READ_FILE, alerts.show), methods=["GET"]),
            Route("/alerts/{alert:str}", told(alerts.one), methods=["GET"]),
            Route("/alerts/{alert:str}/acknowledge", told(alerts.take), methods=["POST"]),
            Route("/alerts/{alert:str}/settle", told(alerts.settle), methods=["POST"]),
            Route("/flags/{flag:str}", may(READ_FILE, flags.one), methods=["GET"]),
            Route("/flags/{flag:str}/act", may(READ_FILE, may(NoteIncident.name, flags.act)), methods=["POST"]),
            Route("/flags/{flag:str}/dismiss", may(READ_FILE, may(DISMISS, flags.dismiss)), methods=["POST"]),
            Route("/voicemail", may(HEAR, voicemail.show), methods=["GET"]),
            Route("/voicemail/{call:str}", may(HEAR, voicemail.one), methods=["GET"]),
            Route("/voicemail/{call:str}/looked", may(HEAR, voicemail.look), methods=["POST"]),
            Route("/voicemail/{call:str}/{recording:str}/hear", may(HEAR, voicemail.hear), methods=["POST"]),
            Route("/voicemail/{call:str}/{recording:str}/sound", may(HEAR, voicemail.sound), methods=["GET"]),
        ],
        exception_handlers={HTTPException: partial(_other, pages)},
    )
    app.router.redirect_slashes = False  # redirects would use the Host header
    app.add_middleware(Door, room=room, sessions=sessions, cookies=cookies, pages=pages)
    return app


def _may(room: Room, pages: Pages, right: str, page: Page) -> Page:
    """Have a page answered to those alone whom [may] of the policy names (THREATS W2)."""

    async def answer(request: Request) -> Response:
        by = caller(request)
        try:
            allowed(right, room.policy, by)
        except Refused as refused:
            return pages.page(
                "sorry.html",
                "This is for others",
                by=by,
                secret=request.state.secret,
                status=403,
                words=str(refused),
                incident="",
            )
        return await page(request)

    return answer


async def _other(pages: Pages, request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)  # it is registered for no other
    return pages.sorry(fault.status_code)


async def _style(request: Request) -> Response:
    text = (HERE / "style.css").read_text("utf-8")
    return Response(text, media_type="text/css", headers={"Cache-Control": "max-age=600"})


__all__ = ["OPEN", "desk"]
