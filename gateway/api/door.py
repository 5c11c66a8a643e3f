"""The door of the API: nobody comes past it without a token, nor with more than we read, and no fault gets out of it.

Belongs here: what holds for every route, whatever it is. A route that nobody thought of is closed (THREATS W2).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.problems import problem, unavailable
from gateway.clock import Clock
from gateway.incident import where
from gateway.serials import serial
from gateway.wrong_tokens import WrongTokens
from rules.casework.actor import Actor
from storage.faults import RecordUnavailable

OPEN = frozenset({"/health", "/openapi.json"})
MOST_BYTES = 1024 * 1024
TOO_LARGE = f"A request has {MOST_BYTES} bytes at most."
LATER = "This cannot be done now. Nothing of it was done; try again in a few seconds."
_TOO_MANY = "Too many tokens that open nothing came from where you are. Try again later."
_CLOSED = "Send a token that is valid, as Authorization: Bearer parley_..."
# What was not read is still on its way: the connection cannot be used again.
_CLOSE = {"Connection": "close"}
_UPLOAD = re.compile(r"/parties/[0-9]+/evidence")
# What is answered is about people: no cache keeps it, and no browser shows it as a page (THREATS W1).
_ALWAYS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
}

log = structlog.get_logger()


class Door:
    """Let requests through to the app with their caller in `state`; `holder` says whose a token is.

    `upload` is how large a file may be where one is brought in, and the sentence for one that is larger.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        holder: Callable[[str], Awaitable[Actor | None]],
        wrong: Callable[[], WrongTokens],
        clock: Clock,
        upload: tuple[int, str] = (MOST_BYTES, TOO_LARGE),
    ) -> None:
        self._app = app
        self._holder = holder
        self._wrong = wrong
        self._clock = clock
        self._upload = upload

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
            most, sentence = self._most(scope)
            answer = await self._refusal(scope, most, sentence)
            await (answer or self._app)(scope, _measured(receive, most, sentence), sending)
        except ClientDisconnect:
            log.info("api_caller_left")
        except RecordUnavailable as fault:
            log.warning("api_record_unavailable", **where(fault))
            if started:
                raise
            await unavailable(LATER)(scope, receive, sending)
        except Exception as fault:
            incident = serial(self._clock())
            log.error("api_fault", incident=incident, **where(fault))
            if started:
                raise
            await unavailable(LATER, incident=incident)(scope, receive, sending)

    def _most(self, scope: Scope) -> tuple[int, str]:
        """Say how many bytes are read of a request, and what whoever brings more is told."""
        brought = scope["method"] == "POST" and _UPLOAD.fullmatch(_inside(scope))
        return self._upload if brought else (MOST_BYTES, TOO_LARGE)

    async def _refusal(self, scope: Scope, most: int, sentence: str) -> Response | None:
        """Give the answer to whom the door stays shut; else note who comes in."""
        headers = Headers(scope=scope)
        if _inside(scope) not in OPEN:
            shown, client, wrong = _token(headers), client_of(scope), self._wrong()
            if wait := wrong.wait_s(client, shown):
                return problem(429, _TOO_MANY, headers={"Retry-After": str(wait)})
            actor = await self._holder(shown)
            if actor is None:
                if shown:  # to show none is no try
                    wrong.wrong(client)
                return problem(401, _CLOSED, headers={"WWW-Authenticate": "Bearer"})
            wrong.right(shown)
            scope.setdefault("state", {})["actor"] = actor
        length = headers.get("content-length", "0")
        if length.isascii() and length.isdigit() and int(length[:20]) > most:
            return problem(413, sentence, headers=_CLOSE)
        return None


def _measured(receive: Receive, most: int, sentence: str) -> Receive:
    """Give what brings in a request, up to as much as we read."""
    total = 0

    async def receiving() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > most:
            raise HTTPException(413, sentence, _CLOSE)
        return message

    return receiving


def client_of(scope: Scope) -> str:
    """Give the address that a request came from: behind a proxy the proxy's."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _inside(scope: Scope) -> str:
    """Give the path beneath /api."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(root) :] if root and path.startswith(root) else path


def _token(headers: Headers) -> str:
    given = headers.getlist("authorization")
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    return token.strip() if scheme.lower() == "bearer" else ""
