"""Coming in and going: a token opens a session, by a form that no other site can send. Belongs here: those pages."""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.api.door import client_of
from gateway.api.room import Room
from gateway.desk.door import ROOT, SIGN_IN, Cookies
from gateway.desk.pages import Pages
from gateway.desk.sessions import Sessions

_WRONG = "This token opens nothing. Ask whoever gave it to you."
_TOO_MANY = "Too many wrong tokens came from where you are. Try again in a minute."


class SignInPage:
    """Ask for a token, open a session, close it."""

    def __init__(self, room: Room, pages: Pages, sessions: Sessions, cookies: Cookies) -> None:
        self._room = room
        self._pages = pages
        self._sessions = sessions
        self._cookies = cookies

    async def ask(self, request: Request) -> Response:
        """Show the form, with a secret of its own that the answer must fit."""
        return self._form(200)

    async def open(self, request: Request) -> Response:
        """Open a session with a new secret, whatever the browser showed before (THREATS W2: fixation)."""
        shown = request.state.form.get("token", "").strip()
        client, wrong = client_of(request.scope), self._room.wrong
        if wait := wrong.wait_s(client, shown):
            return self._form(429, _TOO_MANY, {"Retry-After": str(wait)})
        secret = await self._room.aside(lambda: self._sessions.begin(shown))
        if secret is None:
            wrong.wrong(client)
            return self._form(401, _WRONG)
        wrong.right(shown)
        answer = RedirectResponse(f"{ROOT}/", 303)
        self._cookies.put(answer, self._cookies.session, secret)
        self._cookies.drop(answer, self._cookies.form)
        return answer

    async def close(self, request: Request) -> Response:
        """End the session, here and on record."""
        await self._room.aside(lambda: self._sessions.end(request.state.secret))
        answer = RedirectResponse(ROOT + SIGN_IN, 303)
        self._cookies.drop(answer, self._cookies.session)
        return answer

    def _form(self, status: int, fault: str = "", headers: dict[str, str] | None = None) -> Response:
        secret = secrets.token_urlsafe(32)
        title = f"{'Error: ' if fault else ''}Sign in"
        answer = self._pages.page("sign_in.html", title, secret=secret, status=status, headers=headers, fault=fault)
        self._cookies.put(answer, self._cookies.form, secret)
        return answer
