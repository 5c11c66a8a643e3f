"""Builds the web side: health, calls, the API.

Belongs here: which part is given what; see gateway/build.py.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route

from adapters.phone.twilio_calls import TwilioSettings, routes
from gateway import failpoints
from gateway.build_desk import casework_of, highlights_of, notices_of
from gateway.calls import CallReception, Lines
from gateway.casework.evidence import EvidenceRoom
from gateway.casework.register import Register
from gateway.clock import Clock, utc_now
from gateway.config import FILE_NAME, ConfigError, Settings
from gateway.letters import Letters
from gateway.levels import Levels
from gateway.tokens import Tokens
from storage.faults import RecordUnavailable
from storage.record import Record

if TYPE_CHECKING:
    from gateway.api.room import Room


def api_of(settings: Settings, record: Record, *, clock: Clock = utc_now) -> Mount:
    """Build the API, mounted at /api."""
    from gateway.api.app import api  # only who serves needs FastAPI, which takes a while to load

    return mounted(api(room_of(settings, record, clock=clock)))


def mounted(app: Starlette) -> Mount:
    """Mount the API at /api: all that is beneath is its to answer, also a path with a line feed in it."""
    mount = Mount("/api", app)
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount


def room_of(settings: Settings, record: Record, *, clock: Clock = utc_now) -> Room:
    """Build what every route of the API is given."""
    from gateway.api.room import Room  # as above

    casework = casework_of(settings, record, clock=clock)
    register, tokens = Register(record, settings, clock), Tokens(record, settings, clock)
    notices = notices_of(settings, record, clock=clock)
    evidence = EvidenceRoom(record, casework, settings.policy)
    highlights = highlights_of(settings, record, clock=clock)
    folder = settings.config.state
    return Room(record, settings.policy, casework, register, tokens, notices, evidence, highlights, folder, clock)


def web_of(
    settings: Settings,
    record: Record,
    levels: Levels,
    letters: Letters,
    clock: Clock,
    node: str,
    failpoint: failpoints.Failpoint,
) -> Starlette:
    async def healthy(request: Request) -> PlainTextResponse:
        try:
            await record.read(lambda reader: reader.setting("observe"))
        except RecordUnavailable:
            return PlainTextResponse("the record cannot be read", 503)
        return PlainTextResponse("ok")

    all_routes: list[BaseRoute] = [Route("/health", healthy)]
    phone = settings.config.phone
    if phone.configured:
        twilio = _twilio(settings)
        lines = Lines(phone.switchboard or "", phone.lines)
        calls = CallReception(
            record,
            settings.policy,
            levels,
            letters,
            twilio,
            lines,
            settings.config.office.name,
            clock=clock,
            node=node,
            failpoint=failpoint,
        )
        all_routes += routes(twilio, calls)
    if settings.config.api.enabled and settings.config.api.listen is None:
        all_routes.append(api_of(settings, record, clock=clock))
    return _app(all_routes)


def own_api_of(settings: Settings, record: Record, clock: Clock) -> Starlette | None:
    """Build the API as an application of its own, where it has an address of its own."""
    api = settings.config.api
    return _app([api_of(settings, record, clock=clock)]) if api.enabled and api.listen is not None else None


def _app(all_routes: list[BaseRoute]) -> Starlette:
    app = Starlette(routes=all_routes)
    app.router.redirect_slashes = False  # redirects would use the Host header
    return app


def _twilio(settings: Settings) -> TwilioSettings:
    phone = settings.config.phone
    try:
        return TwilioSettings(
            public_url=phone.public_url,
            account_sid=phone.account,
            auth_tokens=tuple(token.get_secret_value() for token in phone.tokens),
            fallback_number=phone.switchboard or "",
        )
    except ValueError as refused:
        raise ConfigError(f"{settings.config.state / FILE_NAME}: phone: {refused}") from None
