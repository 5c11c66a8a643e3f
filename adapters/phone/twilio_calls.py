"""The door for calls over Twilio: signed webhooks in, TwiML out.

Belongs here: what a request must be to be heard, and what Twilio gets when we fail. It promises that nothing unsigned
reaches the gateway, that no input is a 500, and that our own fault puts the caller through (THREATS T1-T4).
"""

from __future__ import annotations

import asyncio
import re
import traceback
from collections.abc import Awaitable, Callable
from typing import Protocol
from urllib.parse import parse_qsl

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.phone.call import CallProgress, DialEnded, IncomingCall, Recording
from adapters.phone.signature import Signatures
from adapters.phone.twilio_events import parse_dial_ended, parse_incoming, parse_progress, parse_recording
from adapters.phone.twilio_settings import TwilioSettings
from adapters.phone.twiml import (
    DIAL_ENDED,
    RECORDED,
    STATUS,
    render_answer,
    render_fallback,
    render_hangup,
    render_thanks,
)

__all__ = [
    "INCOMING",
    "Calls",
    "TwilioSettings",
    "render_answer",
    "render_fallback",
    "render_hangup",
    "render_thanks",
    "routes",
]

INCOMING = "/calls"

_SID = re.compile(r"[A-Za-z0-9]{1,64}")
_MOST_PARAMETERS = 200  # Twilio sends about 40
# The parameters that we act on: any of them with two values is nobody's honest request.
_READ = frozenset(
    {
        *("AccountSid", "CallSid", "From", "To", "StirVerstat", "ParentCallSid"),
        *("DialCallSid", "DialCallStatus", "DialCallDuration", "CallStatus", "CallDuration", "SequenceNumber"),
        *("RecordingSid", "RecordingUrl", "RecordingDuration"),
    }
)

_log = structlog.get_logger(__name__)


class Calls(Protocol):
    """Name what the gateway does with calls; every method may be asked again about what it already knows (T2)."""

    async def incoming(self, call: IncomingCall) -> str:
        """Decide once per sid and give the document; asked again, give the stored one, byte for byte."""
        ...

    async def dial_ended(self, ended: DialEnded) -> str:
        """Settle the talk time and give the document for what follows."""
        ...

    async def status(self, status: CallProgress) -> None:
        """Take a report, which may be late or repeated."""
        ...

    async def recorded(self, recording: Recording) -> str:
        """Take note of a message and give the closing document."""
        ...


def routes(settings: TwilioSettings, calls: Calls) -> list[Route]:
    """Build the webhooks: POST only, signed only.

    When `calls` fails or takes too long, an incoming call gets the fallback document with status 200, anything else
    503 with an empty body.
    """
    door = _Door(settings, calls)
    return [
        Route(INCOMING, door.incoming, methods=["POST"]),
        Route(DIAL_ENDED, door.dial_ended, methods=["POST"]),
        Route(STATUS, door.status, methods=["POST"]),
        Route(RECORDED, door.recorded, methods=["POST"]),
    ]


class _RefusedError(Exception):
    """Say why a request is not heard, for the log, and with which status."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class _Door:
    def __init__(self, settings: TwilioSettings, calls: Calls) -> None:
        self._settings = settings
        self._calls = calls
        self._signatures = Signatures(settings.public_url, settings.auth_tokens)
        self._fallback = render_fallback(settings)  # now, so that nothing can go wrong when it is needed
        self._refused_in_a_row = 0

    async def incoming(self, request: Request) -> Response:
        async def answer(form: dict[str, str]) -> str:
            return await self._calls.incoming(parse_incoming(form, self._settings.region))

        return await self._hear(request, answer, on_fault=lambda: _twiml(self._fallback))

    async def dial_ended(self, request: Request) -> Response:
        return await self._hear(request, lambda form: self._calls.dial_ended(parse_dial_ended(form)))

    async def status(self, request: Request) -> Response:
        return await self._hear(request, lambda form: self._calls.status(parse_progress(form)))

    async def recorded(self, request: Request) -> Response:
        return await self._hear(request, lambda form: self._calls.recorded(parse_recording(form)))

    async def _hear(
        self,
        request: Request,
        answer: Callable[[dict[str, str]], Awaitable[str | None]],
        on_fault: Callable[[], Response] = lambda: Response(status_code=503),
    ) -> Response:
        try:
            form = await self._admit(request)
        except _RefusedError as refusal:
            return self._refuse(refusal)
        self._refused_in_a_row = 0
        try:
            async with asyncio.timeout(self._settings.answer_within_s):
                document = await answer(form)
            return Response(status_code=204) if document is None else _twiml(document)
        except Exception as fault:  # the one broad except of this door: whatever broke, a caller is waiting
            _log.error("call_fault", call=form["CallSid"], path=request.scope["path"], **_where(fault))
            return on_fault()

    async def _admit(self, request: Request) -> dict[str, str]:
        """Give the form of a request that is signed, ours and clear; otherwise say why it is refused."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise _RefusedError(415, "content type")
        pairs = _pairs(await self._body(request))
        signatures = request.headers.getlist("x-twilio-signature")
        if len(signatures) != 1:
            raise _RefusedError(403, "no signature" if not signatures else "two signatures")
        if not self._signatures.valid(_target(request), pairs, signatures[0].encode("latin-1")):
            raise _RefusedError(403, "signature")
        form = _form(pairs)
        if form.get("AccountSid") != self._settings.account_sid:
            raise _RefusedError(403, "account")
        if not _SID.fullmatch(form.get("CallSid", "")):
            raise _RefusedError(403, "call id")
        return form

    async def _body(self, request: Request) -> bytes:
        """Read the body under a cap and a deadline; Twilio's own are about a kilobyte."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._settings.body_within_s):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > self._settings.largest_body:
                        raise _RefusedError(413, "too large")
        except TimeoutError:
            raise _RefusedError(408, "too slow") from None
        except ClientDisconnect:
            raise _RefusedError(400, "gone") from None
        return bytes(body)

    def _refuse(self, refusal: _RefusedError) -> Response:
        """Refuse without a word; a run of 403s means a wrong address or token, and is said once (THREATS T1)."""
        if refusal.status == 403:
            self._refused_in_a_row += 1
            if self._refused_in_a_row == self._settings.alarm_after:
                _log.error("twilio_refused_in_a_row", run=self._refused_in_a_row, last=refusal.why)
        return Response(status_code=refusal.status)


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError:  # not UTF-8, or too many
        raise _RefusedError(403, "form") from None


def _form(pairs: list[tuple[str, str]]) -> dict[str, str]:
    form = dict(pairs)
    if len(form) != len(pairs) and any(name in _READ and form[name] != value for name, value in pairs):
        raise _RefusedError(403, "two values")
    return form


def _target(request: Request) -> bytes:
    """Give path and query as they were on the wire, less what a mount or proxy put before our own path."""
    scope = request.scope
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    path = path.removeprefix(scope.get("root_path", "").encode())
    return path + b"?" + query if query else path


def _twiml(document: str) -> Response:
    return Response(document, media_type="text/xml")


def _where(fault: Exception) -> dict[str, str]:
    """Say what broke and where, without the message, which may hold a number or a text."""
    last = traceback.extract_tb(fault.__traceback__)[-1]
    return {"fault": type(fault).__name__, "at": f"{last.name}:{last.lineno}"}
