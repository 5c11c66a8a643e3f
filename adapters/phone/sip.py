"""The door for a PBX that asks over HTTP what happens to a call, and says how it ended: JSON in and out, by token.

Belongs here: what a question must be to be heard, and the answers' form. A 4xx is the PBX's own mistake and never what
a caller chose; our fault is 503, upon which the PBX puts the caller through (THREATS T2, T4).
"""

from __future__ import annotations

import asyncio
import hmac
import json
import re
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.phone.call import IncomingCall, Spoken
from rules import identity
from rules.decision import Outcome

DECIDE = "/calls/sip/decide"
ENDED = "/calls/sip/ended"
BUSY, DECLINE = 486, 603  # RFC 3261 21.4.24, 21.6.2
# A Twilio id has no colon: a PBX's id never is another provider's.
PREFIX = "sip:"
NOTHING = Spoken()

_CALL_ID = re.compile(r"[!-~]{1,200}")
_LONGEST_TEXT = 320
_LONGEST_ATTESTATION = 64
_LONGEST_CALL_S = 7 * 86400
_LATEST = 4_102_444_800  # 2100: what is later is no time of a call

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SipSettings:
    """Hold the tokens, any of which opens the door while one is changed, and the door's manners; times are seconds.

    `answer_within_s` is less than the PBX waits.
    """

    tokens: tuple[str, ...] = field(repr=False)
    region: str = "GB"
    answer_within_s: float = 1.5
    body_within_s: float = 1.0
    largest_body: int = 16 * 1024


@dataclass(frozen=True, slots=True)
class SipAnswer:
    """Hold what a PBX is told about a call.

    `target` is a number of the office's own, "" for the line that was called; `limit_s` the longest call in seconds;
    `status` the SIP status of a refusal. `said` is what the recorded line says; `person` tells that by an adjustment it
    leads to a person, whom whoever stays on the line reaches.
    """

    outcome: Outcome
    id: str
    status: int | None = None
    target: str = ""
    limit_s: int | None = None
    said: Spoken = NOTHING
    person: bool = False

    @property
    def announcement(self) -> str:
        """Name what the PBX plays, "" where it plays nothing."""
        if self.outcome.lets_through or self.outcome is Outcome.REFUSE:
            return ""
        then = self.person and self.outcome is Outcome.AUTOMATED_LINE
        return f"{self.outcome.value}{'_then_person' if then else ''}"


@dataclass(frozen=True, slots=True)
class SipEnded:
    """Hold how a call ended: `duration_s` is talk time in seconds.

    `call` and `at`, aware UTC, are the call itself and when it came, where the PBX says so: it may have been put
    through while we could not be asked (THREATS T7).
    """

    sid: str
    answered: bool
    duration_s: int
    call: IncomingCall | None = None
    at: datetime | None = None


class SipCalls(Protocol):
    """Name what the gateway does with a PBX's calls; both may be asked again about what they know (THREATS T2)."""

    async def decide(self, call: IncomingCall) -> str:
        """Decide once per sid and give the JSON; asked again, give the stored one, byte for byte."""
        ...

    async def ended(self, ended: SipEnded) -> bool:
        """Settle the talk time, once; False where the call is not known and the PBX does not say what it was."""
        ...


class WrongTokens(Protocol):
    """Name what keeps the pace of wrong tokens, by who shows them; right ones always pass here."""

    def wait_s(self, client: str, shown: str) -> int:
        """Say in how many seconds a client may try again."""
        ...

    def wrong(self, client: str) -> None:
        """Note a wrong token."""
        ...


class NotClear(ValueError):
    """Say in a sentence, for whoever set the PBX up, what a question lacks."""


def parse_question(given: object, region: str = "GB") -> IncomingCall:
    """Read what a PBX asks about a call; raises NotClear for the PBX's mistakes alone.

    What stands in `from` and `to` may be the caller's own choice, and is taken: what is no number is odd.
    """
    fields = _object(given)
    told = {name: _text(fields, name) for name in ("from", "to")}
    caller, number = identity.caller(told["from"], region)
    return IncomingCall(
        sid=_call_id(fields),
        account="sip",
        caller=caller,
        number=number.value if number else "",
        to=told["to"],
        attestation=_text(fields, "attestation", "")[:_LONGEST_ATTESTATION],
    )


def parse_ended(given: object, region: str = "GB") -> SipEnded:
    """Read what a PBX says of a call that is over; raises NotClear. With `to` it has all that the question had."""
    fields = _object(given)
    answered, duration_s, at = fields.get("answered"), fields.get("duration_s", 0), fields.get("at")
    if not isinstance(answered, bool):
        raise NotClear("answered must be true or false.")
    if type(duration_s) is not int or not 0 <= duration_s <= _LONGEST_CALL_S:
        raise NotClear("duration_s must be the whole seconds of talk, from 0 to a week of them.")
    if at is not None and (type(at) is not int or not 0 <= at <= _LATEST):
        raise NotClear("at must be when the call came, in whole seconds since 1970 in UTC.")
    call = parse_question(fields, region) if "to" in fields else None
    came = None if at is None else datetime.fromtimestamp(at, UTC)
    return SipEnded(_call_id(fields), answered, duration_s, call, came)


def render_decision(answer: SipAnswer) -> str:
    """Write the answer; a call that is put through to another number of the office's own is `connect` with a target."""
    connected = answer.outcome.lets_through
    return json.dumps(
        {
            "id": answer.id,
            "outcome": (Outcome.CONNECT if connected else answer.outcome).value,
            "status": None if connected else answer.status,
            "target": answer.target or None,
            "limit_s": answer.limit_s,
            "announcement": answer.announcement or None,
            "say": answer.said.say or None,
            "play": answer.said.play or None,
            "language": answer.said.language or None,
        }
    )


def routes(settings: SipSettings, calls: SipCalls, wrong_tokens: WrongTokens) -> list[Route]:
    """Build the two addresses: POST only, by token only."""
    door = _Door(settings, calls, wrong_tokens)
    return [Route(DECIDE, door.decide, methods=["POST"]), Route(ENDED, door.ended, methods=["POST"])]


class _RefusedError(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class _Door:
    def __init__(self, settings: SipSettings, calls: SipCalls, wrong_tokens: WrongTokens) -> None:
        self._settings = settings
        self._calls = calls
        self._wrong_tokens = wrong_tokens
        self._tokens = tuple(token.encode() for token in settings.tokens)

    async def decide(self, request: Request) -> Response:
        async def answer(given: object) -> Response:
            document = await self._calls.decide(parse_question(given, self._settings.region))
            return Response(document, media_type="application/json")

        return await self._hear(request, answer)

    async def ended(self, request: Request) -> Response:
        async def answer(given: object) -> Response:
            known = await self._calls.ended(parse_ended(given, self._settings.region))
            return JSONResponse({}) if known else _said(404, "No call of this call_id was asked about.")

        return await self._hear(request, answer)

    async def _hear(self, request: Request, answer: Callable[[object], Awaitable[Response]]) -> Response:
        try:
            given = await self._admit(request)
            async with asyncio.timeout(self._settings.answer_within_s):
                return await answer(given)
        except _RefusedError as refusal:
            return _said(refusal.status, refusal.sentence)
        except NotClear as fault:
            return _said(422, str(fault))
        except Exception as fault:  # the one broad except of this door: whatever broke, a caller is waiting
            last = traceback.extract_tb(fault.__traceback__)[-1]
            at = f"{last.name}:{last.lineno}"
            _log.error("sip_fault", path=request.scope["path"], fault=type(fault).__name__, at=at)
            return _said(503, "This cannot be answered now: put the call through.")

    async def _admit(self, request: Request) -> object:
        """Give what a request that may be heard says; otherwise say why it is refused."""
        self._check_token(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise _RefusedError(415, "Send JSON, as Content-Type: application/json.")
        body = await self._body(request)
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise _RefusedError(400, "This is not JSON.") from None

    def _check_token(self, request: Request) -> None:
        given = request.headers.getlist("authorization")
        scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        shown = token.strip().encode("latin-1")  # as the header came
        # All are compared, so that the time it takes tells nothing of which was nearly right.
        right = [hmac.compare_digest(shown, valid) for valid in self._tokens]
        if scheme.lower() == "bearer" and any(right):
            return
        client = request.client.host if request.client else ""
        if self._wrong_tokens.wait_s(client, token):
            raise _RefusedError(429, "Too many wrong tokens: try again in a minute.")
        self._wrong_tokens.wrong(client)
        _log.warning("sip_wrong_token")
        raise _RefusedError(401, "Send one of the tokens of [sip] in parley.toml, as Authorization: Bearer ...")

    async def _body(self, request: Request) -> bytes:
        body = bytearray()
        try:
            async with asyncio.timeout(self._settings.body_within_s):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > self._settings.largest_body:
                        raise _RefusedError(413, f"A question has {self._settings.largest_body} bytes at most.")
        except TimeoutError:
            raise _RefusedError(408, "The question took too long to come.") from None
        except ClientDisconnect:
            raise _RefusedError(400, "The question ended early.") from None
        return bytes(body)


def _said(status: int, sentence: str) -> Response:
    headers = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "60"}}.get(status)
    return JSONResponse({"error": sentence}, status, headers)


def _object(given: object) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise NotClear("A question is a JSON object.")
    return given


def _call_id(fields: Mapping[str, Any]) -> str:
    given = fields.get("call_id")
    if not isinstance(given, str) or not _CALL_ID.fullmatch(given):
        raise NotClear("call_id must be the PBX's own id of the call: 1 to 200 ASCII characters without blanks.")
    return PREFIX + given


def _text(fields: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """Give a text less what no record can hold; null is none."""
    given = fields.get(name, default) if default is not None or name in fields else 0
    if given is None:
        return ""
    if not isinstance(given, str):
        raise NotClear(f"{name} must be there, as a text; it may be empty.")
    return "".join(sign for sign in given[:_LONGEST_TEXT] if sign.isprintable())
