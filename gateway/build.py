"""The composition root: puts doors, record, rules and jobs of one installation together with plain arguments.

Belongs here: which part is given what. Nothing is decided here, and nothing else builds these parts.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette

from adapters.mail.maildir import Maildir
from adapters.mail.next_hop import NextHop
from adapters.mail.smtp_in import SmtpDoor
from gateway import failpoints
from gateway.build_alerts import alert_jobs
from gateway.build_desk import bounces_of, fate_of, letters_of, traces_of, webhooks_of
from gateway.build_mail import (
    DiskRoom,
    border_of,
    mailboxes_of,
    next_hop_of,
    onward_of,
    outbound_of,
    path_offers,
    smtp_settings,
    vouching_of,
)
from gateway.build_phone import phone_jobs, rest_of
from gateway.build_web import own_api_of, web_of
from gateway.casework.events import EventPost
from gateway.clock import Clock, utc_now
from gateway.config import FILE_NAME, MOST_WORKERS, Config, ConfigError, Settings
from gateway.config_mailbox import Mailbox
from gateway.delivery import Delivery
from gateway.ending import Ending
from gateway.escalation import EVERY_S as LOOK_EVERY_S
from gateway.escalation import Escalation
from gateway.flag_round import ROUND_S, FlagRound
from gateway.holds import Holds
from gateway.jobs import Job, Jobs
from gateway.letter_reports import LetterReports
from gateway.letters import Letters
from gateway.levels import Levels
from gateway.mail_kind import MailKinds
from gateway.mailboxes import Mailboxes
from gateway.outbox import Outbox, recover
from gateway.page_count import PageCount
from gateway.reception import Reception
from gateway.retention import EVERY_S, Retention
from gateway.serials import serial
from gateway.shunt import Shunt
from gateway.silent_calls import LeftCalls, SilentCalls
from gateway.sorting import OnTheSpot
from gateway.watcher import Watcher
from gateway.watching import Watching
from storage.record import Record
from storage.transaction import Transaction


@dataclass(frozen=True)
class Gateway:
    """Hold one installation's parts, ready to be started."""

    settings: Settings
    record: Record
    smtp: SmtpDoor
    web: Starlette
    api: Starlette | None
    jobs: Jobs
    holds: Holds
    outbox: Outbox
    delivery: Delivery
    next_hop: NextHop | None
    ending: Ending
    node: str
    pages: PageCount
    watchers: tuple[Watcher, ...] = ()
    mailboxes: Mailboxes | None = None


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


@asynccontextmanager
async def desk_holds(settings: Settings, record: Record, *, clock: Clock = utc_now) -> AsyncIterator[Holds]:
    """Build what releases a message by hand, beside a gateway that may be running: nothing of its work is touched."""
    next_hop = next_hop_of(settings.config)
    traces = traces_of(record)
    mailboxes = mailboxes_of(settings.config, record, clock)
    onward = onward_of(settings.config, clock)
    place, filed_to = Maildir(settings.config.maildir), settings.config.mail.filed_to
    delivery = Delivery(traces.field, place, next_hop, filed_to, mailboxes=mailboxes, onward=onward)
    try:
        yield Holds(record, settings.policy, delivery, letters_of(settings, traces), clock=clock)
    finally:
        if mailboxes is not None:
            mailboxes.close()
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
    next_hop = next_hop_of(config)
    mailboxes, onward = mailboxes_of(config, record, clock), onward_of(config, clock)
    delivery = Delivery(traces.field, maildir, next_hop, config.mail.filed_to, mailboxes=mailboxes, onward=onward)
    on_the_spot = OnTheSpot(traces.field, maildir, next_hop, config.mail.filed_to, mailboxes=mailboxes, onward=onward)
    levels = Levels(policy, letters, serial)
    shunt = Shunt(record, letters, levels, node)
    kinds, pages = MailKinds(record, (config.office.address,)), PageCount(record, levels)

    def reception_of(mailbox: Mailbox | None) -> Reception:
        """Build the reception of the SMTP door, or of a watched mailbox, where nothing can be refused."""
        return Reception(
            record,
            policy
            if mailbox is None or border_of(config, mailbox) is None
            else policy.with_changes(answer_claimed=False),
            delivery if mailbox is None else on_the_spot,
            levels,
            letters,
            traces,
            shunt,
            kinds,
            domains=frozenset(config.office.domains),
            host=config.office.domains[0],
            ending=ending,
            clock=clock,
            node=node,
            failpoint=failpoint,
            vouching=vouching_of(config, border_of(config, mailbox) if mailbox is not None else None),
            pages=pages,
            refuses=mailbox is None,
        )

    reception = reception_of(None)
    holds = Holds(record, policy, delivery, letters, clock=clock, node=node, failpoint=failpoint)
    outbox = Outbox(
        record,
        maildir,
        next_hop,
        outbound_of(config, clock),
        mailboxes=mailboxes,
        clock=clock,
        node=node,
        failpoint=failpoint,
    )
    smtp = SmtpDoor(
        smtp_settings(config),
        take_recipient=reception.recipient,
        take_message=reception.message,
        ready=DiskRoom(config, clock, ending),
        now=clock,
        offers=lambda: path_offers(next_hop),
    )
    web = web_of(settings, record, levels, letters, clock, node, failpoint)
    watching = Watching(config if worker == 1 else None, record, reception_of, letters, ending, clock, node)
    # One worker releases what was held, so that nothing is released twice at once.
    more: tuple[Job, ...] = (("pages", pages.run, 1),)
    if worker == 1:
        by_phone = phone_jobs(settings, record, letters, levels, clock, node)
        alerting = alert_jobs(settings, record, letters, rest_of(config), clock, node, failpoint)
        flagging: Job = ("flags", FlagRound(record, levels, clock, most_s=ROUND_S).run, 1)
        left: Job = ("what others left", outbox.recover_left, 300)
        more += (*_more_jobs(settings, record, letters, clock), left, flagging, *alerting, *by_phone, *watching.jobs)
    jobs = Jobs(record, outbox, holds if worker == 1 else None, ending, clock=clock, more=more)
    api = own_api_of(settings, record, clock)
    return Gateway(
        settings,
        record,
        smtp,
        web,
        api,
        jobs,
        holds,
        outbox,
        delivery,
        next_hop,
        ending,
        node,
        pages,
        watching.watchers,
        mailboxes,
    )


def _more_jobs(settings: Settings, record: Record, letters: Letters, clock: Clock) -> tuple[Job, ...]:
    """Name what one worker does for all by the clock, each with its seconds between."""
    fate, bounces = fate_of(settings, record, clock=clock), bounces_of(settings, record, clock=clock)
    returned = LetterReports(record, bounces.bounced, letters, clock)
    jobs: tuple[Job, ...] = (
        ("notices", fate.follow, 2),
        ("returned letters", returned.follow, 2),
        ("retention", Retention(record, settings.policy, clock).daily, EVERY_S),
        ("overdue", Escalation(record, settings.policy, letters, clock).run, LOOK_EVERY_S),
    )
    if settings.config.phone.configured:
        jobs += (("calls that callers left", LeftCalls(record, clock).settle_due, 60),)
    if settings.config.sip.tokens:
        jobs += (("calls of a PBX", SilentCalls(record, clock).settle_due, 60),)
    if hooks := webhooks_of(settings.config):
        sending = EventPost(record, hooks, letters, clock=clock)
        jobs += (("events", sending.send_due, 2), ("old events", sending.forget_sent, 3600))
    return jobs


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
