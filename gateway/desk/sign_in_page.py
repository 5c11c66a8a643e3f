"""Coming in and going: a token opens a session, by a form that no other site can send, and leads to what was asked for.

Belongs here: those pages.
"""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.api.door import client_of
from gateway.api.room import Room
from gateway.desk.door import ROOT, SIGN_IN, Cookies, is_page
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
        """Show the form, with a secret of its own that the answer must fit.

        A link in a mail that is read in a browser comes from another site, and no cookie with it: whoever is signed in
        goes on by a link of ours.
        """
        elsewhere = request.headers.get("sec-fetch-site") == "cross-site"
        return self._form(200, request.query_params.get("to", ""), elsewhere=elsewhere)

    async def open(self, request: Request) -> Response:
        """Open a session with a new secret, whatever the browser showed before (THREATS W2: fixation)."""
        shown, to = request.state.form.get("token", "").strip(), request.state.form.get("to", "")
        client, wrong = client_of(request.scope), self._room.wrong
        if wait := wrong.wait_s(client, shown):
            return self._form(429, to, _TOO_MANY, {"Retry-After": str(wait)})
        secret = await self._room.aside(lambda: self._sessions.begin(shown))
        if secret is None:
            wrong.wrong(client)
            return self._form(401, to, _WRONG)
        wrong.right(shown)
        answer = RedirectResponse(f"{ROOT}{to if is_page(to) else '/'}", 303)
        self._cookies.put(answer, self._cookies.session, secret)
        self._cookies.drop(answer, self._cookies.form)
        return answer

    async def close(self, request: Request) -> Response:
        """End the session, here and on record."""
        await self._room.aside(lambda: self._sessions.end(request.state.secret))
        answer = RedirectResponse(ROOT + SIGN_IN, 303)
        self._cookies.drop(answer, self._cookies.session)
        return answer

    def _form(
        self,
        status: int,
        to: str,
        fault: str = "",
        headers: dict[str, str] | None = None,
        *,
        elsewhere: bool = False,
    ) -> Response:
        secret = secrets.token_urlsafe(32)
        answer = self._pages.page(
            "sign_in.html",
            f"{'Error: ' if fault else ''}Sign in",
            secret=secret,
            status=status,
            headers=headers,
            fault=fault,
            to=to if is_page(to) else "",
            elsewhere=elsewhere,
        )
        self._cookies.put(answer, self._cookies.form, secret)
        return answer
