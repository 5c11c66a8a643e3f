"""The composition root: puts doors, record, rules and jobs of one installation together with plain arguments.

Belongs here: which part is given what. Nothing is decided here, and nothing else builds these parts.
"""

from __future__ import annotations

import re
import secrets
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route

from adapters.mail.maildir import Maildir
from adapters.mail.next_hop import NextHop, NextHopSettings
from adapters.mail.send import Outbound, OutboundSettings
from adapters.mail.smtp_in import SmtpDoor, SmtpDoorSettings
from adapters.phone.twilio_calls import TwilioSettings, routes
from adapters.webhooks import Endpoint
from gateway import failpoints
from gateway.calls import CallReception, Lines
from gateway.casework.alerts import Alerts
from gateway.casework.desk import Casework, Effect
from gateway.casework.effects import party_effects
from gateway.casework.events import EventPost, Events, Webhook
from gateway.casework.evidence import needs_its_bytes
from gateway.casework.notice_fate import NoticeFate
from gateway.casework.notices import Notices
from gateway.casework.parties import not_merged
from gateway.casework.register import Register
from gateway.casework.requests import names_own_contact
from gateway.casework.sheet import not_too_many
from gateway.clock import Clock, utc_now
from gateway.config import FILE_NAME, MOST_WORKERS, Config, ConfigError, Settings, host_port
from gateway.delivery import Delivery
from gateway.ending import Ending
from gateway.holds import Holds
from gateway.jobs import Job, Jobs
from gateway.letters import Letters, Sender
from gateway.levels import Levels
from gateway.mail_contact import LATER
from gateway.outbox import Outbox, recover
from gateway.reception import Reception
from gateway.serials import serial
from gateway.shunt import Shunt
from gateway.tokens import Tokens
from gateway.trace import Traces
from rules.answers import Answer, Delivered, Temporary
from storage.faults import RecordUnavailable
from storage.record import Record
from storage.transaction import Transaction

TRACE_SECRET = "trace_secret"


@dataclass(frozen=True)
class Gateway:
    """Hold one installation's parts, ready to be started."""

    settings: Settings
    record: Record
    smtp: SmtpDoor
    web: Starlette
    jobs: Jobs
    holds: Holds
    outbox: Outbox
    delivery: Delivery
    next_hop: NextHop | None
    ending: Ending
    node: str


def open_record(
    config: Config, *, clock: Clock = utc_now, failpoint: failpoints.Failpoint = failpoints.nothing
) -> Record:
    """Open the installation's record; makes the state folder and the record where they are missing."""
    try:
        config.state.mkdir(parents=True, exist_ok=True)
        return Record.open(config.record_url, now=clock, failpoint=failpoint)
    except ValueError as refused:
        raise ConfigError(f"{config.state / FILE_NAME}: record.url: {refused}.") from None
    except OSError as fault:
        raise ConfigError(f"{config.state} cannot be used ({fault.strerror}).") from None


def casework_of(settings: Settings, record: Record, *, clock: Clock = utc_now) -> Casework:
    """Build the desk of casework, with what is looked at before an act and what follows from it."""
    letters = letters_of(settings, traces_of(record))
    guards = (not_merged, names_own_contact(settings.policy), not_too_many(settings.policy.guard.most_others))
    events = Events(webhooks_of(settings.config))
    effects: tuple[Effect, ...] = (needs_its_bytes, *party_effects(settings.policy), Alerts(letters), events)
    return Casework(record, settings.policy, clock, guards=guards, effects=effects)


def webhooks_of(config: Config) -> tuple[Webhook, ...]:
    """Give the webhooks of the settings with the keys that sign."""
    return tuple(
        Webhook(
            one.name,
            Endpoint(one.url, config.webhook_key(one)),
            frozenset(one.events),
            timedelta(days=one.give_up_days),
        )
        for one in config.webhook
    )


def notices_of(settings: Settings, record: Record, *, clock: Clock = utc_now) -> Notices:
    """Build what people do with notices."""
    casework = casework_of(settings, record, clock=clock)
    return Notices(record, settings, casework, traces_of(record).own, clock)


def fate_of(settings: Settings, record: Record, *, clock: Clock = utc_now) -> NoticeFate:
    """Build what follows notices to their end."""
    casework, letters = casework_of(settings, record, clock=clock), letters_of(settings, traces_of(record))
    return NoticeFate(record, casework, letters, clock)


def api_of(settings: Settings, record: Record, *, clock: Clock = utc_now) -> Mount:
    """Build the API, mounted at /api."""
    from gateway.api.app import api  # only who serves needs FastAPI, which takes a while to load
    from gateway.api.room import Room

    casework = casework_of(settings, record, clock=clock)
    register, tokens = Register(record, settings, clock), Tokens(record, settings, clock)
    notices = notices_of(settings, record, clock=clock)
    mount = Mount("/api", api(Room(record, settings.policy, casework, register, tokens, notices, clock)))
    # All that is beneath is the API's to answer, also a path with a line feed in it.
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount


def letters_of(settings: Settings, traces: Traces) -> Letters:
    """Build the writer of our own mail."""
    office = settings.config.office
    return Letters(Sender(office.name, office.address, office.alerts), settings.policy, traces.own)


def traces_of(record: Record) -> Traces:
    """Build the traces with the record's secret, which is made at the first start."""
    return Traces(bytes.fromhex(record.write_now(_secret)))


def _secret(tx: Transaction) -> str:
    known = tx.setting(TRACE_SECRET)
    if known is None:
        known = secrets.token_hex(32)
        tx.set_setting(TRACE_SECRET, known)
    return known


@asynccontextmanager
async def desk_holds(settings: Settings, record: Record, *, clock: Clock = utc_now) -> AsyncIterator[Holds]:
    """Build what releases a message by hand, beside a gateway that may be running: nothing of its work is touched."""
    next_hop = _next_hop(settings.config)
    traces = traces_of(record)
    delivery = Delivery(traces.field, Maildir(settings.config.maildir), next_hop, settings.config.mail.filed_to)
    try:
        yield Holds(record, settings.policy, delivery, letters_of(settings, traces), clock=clock)
    finally:
        if next_hop is not None:
            await next_hop.close()


def build(settings: Settings, record: Record, *, clock: Clock = utc_now, worker: int = 1) -> Gateway:
    """Build everything of one installation over an open record, for one of its workers, which are numbered from 1."""
    config, policy = settings.config, settings.policy
    failpoint = failpoints.planned(config.failpoints)
    node, ending = _node(config, worker), Ending()
    record.write_now(lambda tx: _recover_all(config, worker, tx))
    traces = traces_of(record)
    letters = letters_of(settings, traces)
    maildir = Maildir(config.maildir)
    next_hop = _next_hop(config)
    delivery = Delivery(traces.field, maildir, next_hop, config.mail.filed_to)
    levels = Levels(policy, letters, serial)
    reception = Reception(
        record,
        policy,
        delivery,
        levels,
        letters,
        traces,
        Shunt(record, letters, node),
        domains=frozenset(config.office.domains),
        ending=ending,
        clock=clock,
        node=node,
        failpoint=failpoint,
    )
    holds = Holds(record, policy, delivery, letters, clock=clock, node=node, failpoint=failpoint)
    outbox = Outbox(record, maildir, next_hop, _outbound(config), clock=clock, node=node, failpoint=failpoint)
    smtp = SmtpDoor(
        _smtp_settings(config),
        take_recipient=reception.recipient,
        take_message=reception.message,
        ready=_Room(config, clock, ending),
        now=clock,
    )
    web = _web(settings, record, levels, letters, clock, node, failpoint)
    # One worker releases what was held, so that nothing is released twice at once.
    fate = fate_of(settings, record, clock=clock)
    more: tuple[Job, ...] = (("notices", fate.follow, 2), *_event_jobs(settings, record, letters, clock))
    more = more if worker == 1 else ()
    jobs = Jobs(record, outbox, holds if worker == 1 else None, ending, clock=clock, more=more)
    return Gateway(settings, record, smtp, web, jobs, holds, outbox, delivery, next_hop, ending, node)


def _event_jobs(settings: Settings, record: Record, letters: Letters, clock: Clock) -> tuple[Job, ...]:
    hooks = webhooks_of(settings.config)
    if not hooks:
        return ()
    sending = EventPost(record, hooks, letters, clock=clock)
    return (("events", sending.send_due, 2), ("old events", sending.forget_sent, 3600))


def _recover_all(config: Config, worker: int, tx: Transaction) -> None:
    """Account for what this worker left; the first one does so for those too that the office has no more."""
    left = range(config.workers + 1, MOST_WORKERS + 1) if worker == 1 else ()
    for number in (worker, *left):
        recover(_node(config, number), tx)


def _node(config: Config, worker: int) -> str:
    """Name a process's place among equals: host and number, so that a restart finds what the last process left.

    A SQLite record is one machine's alone, so its host has one name for good: a container's changes with every start.
    """
    host = "here" if config.record_url.startswith("sqlite") else socket.gethostname()
    return host if worker == 1 else f"{host}#{worker}"


def _next_hop(config: Config) -> NextHop | None:
    if config.mail.next_hop is None:
        return None
    host, port = host_port(config.mail.next_hop)
    mail = config.mail
    return NextHop(
        NextHopSettings(
            host,
            port,
            config.office.domains[0],
            connect_timeout_s=min(10.0, mail.reply_timeout_s),
            reply_timeout_s=mail.reply_timeout_s,
            data_timeout_s=mail.data_timeout_s,
        )
    )


def _outbound(config: Config) -> Outbound | None:
    outbound = config.mail.outbound
    if outbound is None:
        return None
    host, port = host_port(outbound.server)
    return Outbound(
        OutboundSettings(
            host,
            port,
            outbound.security,
            username=outbound.username,
            password=outbound.password.get_secret_value(),
            helo=config.office.domains[0],
        )
    )


def _smtp_settings(config: Config) -> SmtpDoorSettings:
    host, port = host_port(config.mail.listen)
    return SmtpDoorSettings(
        host=host,
        port=port,
        hostname=config.office.domains[0],
        most_message_bytes=config.mail.largest_mb * 1024 * 1024,
        most_bytes_held=max(128, 2 * config.mail.largest_mb) * 1024 * 1024,
        most_connections=-(-config.mail.connections // config.workers),
        most_connections_per_client=config.mail.connections_per_client,
        most_recipients=config.mail.recipients,
        shared=config.workers > 1,
    )


class _Room:
    """Say whether there is room on the disk for another message (THREATS S17), looking once a second at most.

    There is none any more in a process that has to end.
    """

    def __init__(self, config: Config, clock: Clock, ending: Ending) -> None:
        self._state, self._reserve = config.state, config.mail.reserve_mb * 1024 * 1024
        self._clock = clock
        self._ending = ending
        self._looked: datetime | None = None
        self._answer: Answer = Delivered()

    def __call__(self) -> Answer:
        if self._ending.required:
            return Temporary(LATER)
        now = self._clock()
        if self._looked is None or not timedelta() <= now - self._looked < timedelta(seconds=1):
            enough = shutil.disk_usage(self._state).free >= self._reserve
            self._looked, self._answer = now, Delivered() if enough else Temporary(LATER)
        return self._answer


def _web(
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
    if settings.config.api.enabled:
        all_routes.append(api_of(settings, record, clock=clock))
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
