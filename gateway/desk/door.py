"""The door of the desk: strict headers on every answer, nobody inside without a session, no form without its token.

Belongs here: what holds for every page, whatever it is. A page that nobody thought of is closed (THREATS W1, W2).
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.room import Room
from gateway.desk import ROOT as ROOT
from gateway.desk.pages import Pages
from gateway.desk.sessions import Sessions, is_form_token
from gateway.incident import where
from gateway.serials import serial
from rules.casework.actor import Actor
from storage.faults import RecordUnavailable

SIGN_IN, STYLE = "/sign-in", "/style.css"
OPEN = frozenset({SIGN_IN, STYLE})
MOST_BYTES = 64 * 1024
_MOST_FIELDS = 40
_LONGEST_PATH = 200
_PAGE = re.compile(r"(?:/[0-9A-Za-z][0-9A-Za-z_-]*){1,4}")
_SAME_SITE = frozenset({"same-origin", "none"})
PAGE_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": PAGE_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

log = structlog.get_logger()


class Cookies:
    """Name and set the cookies: of a session, and of the form that opens one; never read by any script."""

    def __init__(self, *, plain_http: bool) -> None:
        prefix = "" if plain_http else "__Secure-"
        self.session, self.form = f"{prefix}parley_desk", f"{prefix}parley_sign_in"
        self._secure = not plain_http

    def put(self, answer: Response, name: str, value: str) -> None:
        """Give a browser a cookie that it forgets when it is closed."""
        answer.set_cookie(name, value, path=ROOT, secure=self._secure, httponly=True, samesite="strict")

    def drop(self, answer: Response, name: str) -> None:
        """Have a browser forget a cookie."""
        answer.delete_cookie(name, path=ROOT, secure=self._secure, httponly=True, samesite="strict")


class Door:
    """Let requests through to the pages with whose they are and what their form holds in `state`."""

    def __init__(self, app: ASGIApp, *, room: Room, sessions: Sessions, cookies: Cookies, pages: Pages) -> None:
        self._app = app
        self._room = room
        self._sessions = sessions
        self._cookies = cookies
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or have it answered."""
        if scope["type"] != "http":
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            answer = await self._refusal(scope, receive)
            await (answer or self._app)(scope, receive, sending)
        except ClientDisconnect:
            log.info("desk_caller_left")
        except RecordUnavailable as fault:
            log.warning("desk_record_unavailable", **where(fault))
            if started:
                raise
            await self._pages.sorry(503)(scope, receive, sending)
        except Exception as fault:
            incident = serial(self._room.clock())
            log.error("desk_fault", incident=incident, **where(fault))
            if started:
                raise
            await self._pages.sorry(503, incident)(scope, receive, sending)

    async def _refusal(self, scope: Scope, receive: Receive) -> Response | None:
        """Give the answer to whom the door stays shut; else note who comes in, and with which form."""
        request = Request(scope, receive)
        path = inside(scope)
        secret = request.cookies.get(self._cookies.session, "")
        actor = await self._room.aside(lambda: self._sessions.whose(secret)) if path not in OPEN else None
        if path not in OPEN and actor is None:
            back = f"?to={path}" if request.method == "GET" and is_page(path) else ""
            return RedirectResponse(f"{ROOT}{SIGN_IN}{back}", 303)
        request.state.actor, request.state.secret = actor, secret
        if request.method in ("GET", "HEAD"):
            return None
        if request.method != "POST":
            return self._pages.sorry(405)
        shown = secret if path != SIGN_IN else request.cookies.get(self._cookies.form, "")
        try:
            form = await _form(request)
        except HTTPException as refused:
            return self._pages.sorry(refused.status_code)
        other = request.headers.get("sec-fetch-site", "none") not in _SAME_SITE
        if other or not is_form_token(form.get("form", ""), shown):
            return self._pages.sorry(403)
        request.state.form = form
        return None


async def _form(request: Request) -> dict[str, str]:
    """Read a form; raises HTTPException for one too large, or that cannot be read."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise HTTPException(413)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise HTTPException(400) from None
    return {name: value.replace("\r\n", "\n") for name, value in pairs}


def is_page(path: str) -> bool:
    """Tell whether somebody may be led there after signing in: names and ids beneath /desk, and no other site."""
    return len(path) <= _LONGEST_PATH and _PAGE.fullmatch(path) is not None


def inside(scope: Scope) -> str:
    """Give the path beneath /desk."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(root) :] if root and path.startswith(root) else path


def caller(request: Request) -> Actor:
    """Say who asks; the door lets nobody else in."""
    actor = request.state.actor
    assert isinstance(actor, Actor)
    return actor
