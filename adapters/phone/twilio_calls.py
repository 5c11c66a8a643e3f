"""The door for calls over Twilio: signed webhooks in, TwiML out.

Belongs here: which webhooks there are and what Twilio gets when we fail; `twilio_door` says who is heard. It promises
that nothing unsigned reaches the gateway and that our own fault puts the caller through (THREATS T1-T4).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.phone.call import CallProgress, DialEnded, IncomingCall, Pressed, Recording, Turn
from adapters.phone.twilio_door import Alarm, TwilioDoor, twiml
from adapters.phone.twilio_events import (
    parse_dial_ended,
    parse_incoming,
    parse_pressed,
    parse_progress,
    parse_recording,
    parse_turn,
)
from adapters.phone.twilio_settings import TwilioSettings
from adapters.phone.twiml import (
    DIAL_ENDED,
    NUMBERED,
    PRESSED,
    RECORDED,
    STATUS,
    render_answer,
    render_ending,
    render_fallback,
    render_hangup,
)

__all__ = [
    "INCOMING",
    "Calls",
    "TwilioSettings",
    "render_answer",
    "render_ending",
    "render_fallback",
    "render_hangup",
    "routes",
]

INCOMING = "/calls"

# The parameters that we act on.
_READ = frozenset(
    {
        *("AccountSid", "CallSid", "From", "To", "StirVerstat", "ParentCallSid"),
        *("DialCallSid", "DialCallStatus", "DialCallDuration", "CallStatus", "CallDuration", "SequenceNumber"),
        *("RecordingSid", "RecordingUrl", "RecordingDuration", "Digits"),
    }
)


class Calls(Protocol):
    """Name what the gateway does with calls; every method may be asked again about what it already knows (T2)."""

    async def incoming(self, call: IncomingCall) -> str:
        """Decide once per sid and give the document; asked again, give the stored one, byte for byte."""
        ...

    async def pressed(self, pressed: Pressed) -> str:
        """Give the document for a key of the menu; a key that says nothing leads on like silence."""
        ...

    async def numbered(self, pressed: Pressed) -> str:
        """Take the number that a caller keyed in, decide by it once, and give the document."""
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


def routes(settings: TwilioSettings, calls: Calls, *, alarm: Alarm | None = None) -> list[Route]:
    """Build the webhooks: POST only, signed only.

    When `calls` fails or takes too long, an incoming call and one whose caller pressed keys get the fallback document
    with status 200, anything else 503 with an empty body.
    """
    door = _Door(settings, calls, alarm)
    return [
        Route(INCOMING, door.incoming, methods=["POST"]),
        Route(PRESSED, door.pressed, methods=["POST"]),
        Route(NUMBERED, door.numbered, methods=["POST"]),
        Route(DIAL_ENDED, door.dial_ended, methods=["POST"]),
        Route(STATUS, door.status, methods=["POST"]),
        Route(RECORDED, door.recorded, methods=["POST"]),
    ]


class _Door:
    def __init__(self, settings: TwilioSettings, calls: Calls, alarm: Alarm | None) -> None:
        self._settings = settings
        self._calls = calls
        self._twilio = TwilioDoor(settings, about="call", key="CallSid", read=_READ, alarm=alarm)
        self._fallback = render_fallback(settings)  # now, so that nothing can go wrong when it is needed

    async def incoming(self, request: Request) -> Response:
        async def answer(form: dict[str, str]) -> str:
            return await self._calls.incoming(parse_incoming(form, self._settings.region))

        return await self._twilio.hear(request, answer, on_fault=lambda: twiml(self._fallback))

    async def pressed(self, request: Request) -> Response:
        return await self._keys(request, self._calls.pressed)

    async def numbered(self, request: Request) -> Response:
        return await self._keys(request, self._calls.numbered)

    async def _keys(self, request: Request, calls: Callable[[Pressed], Awaitable[str]]) -> Response:
        async def answer(form: dict[str, str]) -> str:
            return await calls(parse_pressed(form, _turn(request), self._settings.region))

        return await self._twilio.hear(request, answer, on_fault=lambda: twiml(self._fallback))

    async def dial_ended(self, request: Request) -> Response:
        turn = _turn(request)
        return await self._twilio.hear(request, lambda form: self._calls.dial_ended(parse_dial_ended(form, turn)))

    async def status(self, request: Request) -> Response:
        turn = _turn(request)
        return await self._twilio.hear(request, lambda form: self._calls.status(parse_progress(form, turn)))

    async def recorded(self, request: Request) -> Response:
        turn = _turn(request)
        return await self._twilio.hear(request, lambda form: self._calls.recorded(parse_recording(form, turn)))


def _turn(request: Request) -> Turn:
    """Read where in the call it is; the address is signed with all the rest, so nobody else wrote it."""
    return parse_turn(request.query_params)
