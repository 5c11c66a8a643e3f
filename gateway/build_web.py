"""Builds the web side: health, calls, the API.

Belongs here: which part is given what; see gateway/build.py.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import BaseRoute, Mount, Route

from adapters.phone import sip
from adapters.phone.sip import SipSettings
from adapters.phone.sounds import Sound, sound_routes
from adapters.phone.twilio_calls import TwilioSettings, routes
from adapters.phone.twilio_texts import text_routes
from gateway import failpoints
from gateway.build_desk import briefing_of, casework_of, hand_log_of, highlights_of, notices_of, voicemail_of
from gateway.call_danger import CallDanger
from gateway.call_decision import CallDecisions, Lines
from gateway.call_script import CallScript
from gateway.call_sounds import sounds_of, spoken_languages
from gateway.call_words import CallWords
from gateway.calls import CallReception
from gateway.casework.evidence import EvidenceRoom
from gateway.casework.overview import FilesRead
from gateway.casework.register import Register
from gateway.clock import Clock, utc_now
from gateway.config import FILE_NAME, ConfigError, Settings
from gateway.desk import ROOT as DESK
from gateway.late_calls import LateCalls
from gateway.letters import Letters, Sender
from gateway.levels import Levels
from gateway.looks import Looks
from gateway.phone_alarm import PhoneAlarm
from gateway.sip_calls import LATE, PUT_THROUGH, SipReception
from gateway.text_contact import inboxes_of
from gateway.texts import TextReception
from gateway.tokens import Tokens
from gateway.wrong_tokens import WrongTokens
from storage.faults import RecordUnavailable
from storage.record import Record

if TYPE_CHECKING:
    from gateway.api.room import Room


def api_of(settings: Settings, record: Record, *, clock: Clock = utc_now) -> Mount:
    """Build the API, mounted at /api."""
    from gateway.api.app import api  # only who serves needs FastAPI, which takes a while to load

    return mounted(api(room_of(settings, record, clock=clock)))


def mounted(app: Starlette, at: str = "/api") -> Mount:
    """Mount an application: all that is beneath is its to answer, also a path with a line feed in it."""
    mount = Mount(at, app)
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
    files = FilesRead()
    return Room(
        record,
        settings,
        casework,
        register,
        tokens,
        notices,
        evidence,
        highlights,
        briefing_of(settings, record, files),
        hand_log_of(settings, record, clock=clock),
        voicemail_of(settings, record, clock=clock),
        Looks(record, settings.policy, clock),
        WrongTokens(clock),
        clock,
        files=files,
    )


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
        twilio = twilio_of(settings)
        lines = Lines(phone.switchboard or "", phone.lines)
        decisions = CallDecisions(settings.policy, levels, letters, lines, node=node)
        script, sounds = script_of(settings, clock)
        danger = CallDanger(settings.policy, letters)
        calls = CallReception(record, decisions, danger, script, twilio, clock=clock, failpoint=failpoint)
        alarm = PhoneAlarm(record, letters, clock)
        all_routes += sound_routes(sounds)
        all_routes += routes(twilio, calls, alarm=alarm)
        texts = texts_of(settings, record, levels, letters, clock, node, failpoint)
        all_routes += text_routes(twilio, texts, alarm=alarm)
    if settings.config.sip.tokens:
        all_routes += sip_routes_of(settings, record, levels, letters, clock, node, failpoint)
    if settings.config.api.listen is None:
        all_routes += rooms_of(settings, record, clock)
    return _app(all_routes)


def script_of(settings: Settings, clock: Clock) -> tuple[CallScript, tuple[Sound, ...]]:
    """Build what is heard on calls, with the office's own recordings that we serve. Raises ConfigError."""
    phone = settings.config.phone
    recordings, sounds = sounds_of(settings.config)
    phrases = spoken_languages(settings.config, clock().date())
    words = CallWords(settings.policy.texts, settings.config.office.name, recordings, phrases, phone.line_languages)
    return CallScript(settings.policy, words, Lines(phone.switchboard or "", phone.lines)), sounds


def sip_routes_of(
    settings: Settings,
    record: Record,
    levels: Levels,
    letters: Letters,
    clock: Clock,
    node: str,
    failpoint: failpoints.Failpoint,
) -> list[Route]:
    """Build the door for a PBX that asks. It knows its own lines: what is put through is rung as it was dialled."""
    phone, office = settings.config.phone, settings.config.office.name
    decisions = CallDecisions(settings.policy, levels, letters, Lines("", {}), node=node)
    # A PBX fetches a recording from anywhere but from us, whose address it has no certain way to.
    recordings = {name: address for name, address in phone.recordings.items() if "://" in address}
    phrases = spoken_languages(settings.config, clock().date())
    words = CallWords(settings.policy.texts, office, recordings, phrases, phone.line_languages)
    late = LateCalls(settings.policy, levels, node=node, why=LATE, document=PUT_THROUGH)
    calls = SipReception(record, decisions, late, words, settings.config.sip.refusal, clock=clock, failpoint=failpoint)
    tokens = tuple(token.get_secret_value() for token in settings.config.sip.tokens)
    return sip.routes(SipSettings(tokens), calls, WrongTokens(clock))


def texts_of(
    settings: Settings,
    record: Record,
    levels: Levels,
    letters: Letters,
    clock: Clock,
    node: str,
    failpoint: failpoints.Failpoint = failpoints.nothing,
) -> TextReception:
    """Build what decides on texts, whether the provider brings them or its log is read."""
    office = settings.config.office
    inboxes = inboxes_of(settings.config)
    sender = Sender(office.name, office.address, office.alerts)
    policy = settings.policy
    if any(row.text for row in settings.config.alerts.to):
        policy = policy.with_changes(texting=policy.texting.for_replies())
    return TextReception(record, policy, levels, letters, inboxes, sender, clock=clock, node=node, failpoint=failpoint)


def own_api_of(settings: Settings, record: Record, clock: Clock) -> Starlette | None:
    """Build the API as an application of its own, where it has an address of its own."""
    return _app([*rooms_of(settings, record, clock)]) if settings.config.api.listen is not None else None


def rooms_of(settings: Settings, record: Record, clock: Clock) -> list[BaseRoute]:
    """Build what people and programs come in by with a token: the API, and beside it the pages of the desk."""
    if not (settings.config.api.enabled or settings.config.desk.enabled):
        return []
    from gateway.api.app import api  # as below

    room = room_of(settings, record, clock=clock)
    rooms: list[BaseRoute] = [mounted(api(room))] if settings.config.api.enabled else []
    if settings.config.desk.enabled:
        from gateway.desk.app import desk

        rooms += [Route(DESK, _inside), mounted(desk(room, settings), DESK)]
    return rooms


async def _inside(request: Request) -> RedirectResponse:
    """Send whoever leaves the last stroke out to the pages themselves, by a path of ours."""
    return RedirectResponse(f"{DESK}/", 303)


def _app(all_routes: list[BaseRoute]) -> Starlette:
    app = Starlette(routes=all_routes)
    app.router.redirect_slashes = False  # redirects would use the Host header
    return app


def twilio_of(settings: Settings) -> TwilioSettings:
    """Give what the doors for Twilio must be told; raises ConfigError."""
    phone = settings.config.phone
    try:
        return TwilioSettings(
            public_url=phone.public_url,
            account_sid=phone.account,
            auth_tokens=tuple(token.get_secret_value() for token in phone.tokens),
            shared_keys=tuple((name, secret.get_secret_value()) for name, secret in phone.shared_keys.items()),
            fallback_number=phone.switchboard or "",
        )
    except ValueError as refused:
        raise ConfigError(f"{settings.config.state / FILE_NAME}: phone: {refused}") from None
