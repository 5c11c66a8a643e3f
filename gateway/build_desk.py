"""Builds the desk of casework and the writers of our own mail, for a gateway and for a command line beside it.

Belongs here: which part is given what; see gateway/build.py.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from adapters.webhooks import Endpoint
from gateway.brief import Briefing
from gateway.build_alerts import routes_of
from gateway.build_mail import border_of
from gateway.casework.alerts import Alerts
from gateway.casework.deciders import decided_with_who_may
from gateway.casework.desk import Casework, Effect
from gateway.casework.effects import party_effects
from gateway.casework.events import Events, Webhook
from gateway.casework.evidence import EvidenceRoom, needs_its_bytes
from gateway.casework.highlighting import Highlighting, Highlights
from gateway.casework.notice_bounces import NoticeBounces
from gateway.casework.notice_fate import NoticeFate
from gateway.casework.notices import Notices
from gateway.casework.overview import FilesRead
from gateway.casework.parties import not_merged
from gateway.casework.reach import not_everybodys, not_too_many
from gateway.casework.requests import names_own_contact
from gateway.clock import Clock, utc_now
from gateway.config import Config, Settings
from gateway.hand_log import HandLog
from gateway.letters import Letters, Sender
from gateway.levels import Levels
from gateway.notices.position import Office
from gateway.serials import serial
from gateway.suspensions import Suspending
from gateway.trace import Traces
from gateway.voicemail import Voicemail
from storage.record import Record
from storage.transaction import Transaction

TRACE_SECRET = "trace_secret"
ALERTS = "alerts"
"""Which is no act: what a webhook wants to hear of that is told alerts only."""


def casework_of(settings: Settings, record: Record, *, clock: Clock = utc_now) -> Casework:
    """Build the desk of casework, with what is looked at before an act and what follows from it."""
    letters = letters_of(settings, traces_of(record))
    guards = (
        not_merged,
        names_own_contact(settings.policy),
        not_everybodys(settings.policy, frozenset(settings.config.office.domains)),
        not_too_many(settings.policy),
        decided_with_who_may(settings.config.people, settings.policy),
    )
    events = Events(webhooks_of(settings.config))
    suspending = Suspending(letters, settings.policy)
    effects: tuple[Effect, ...] = (
        needs_its_bytes,
        highlighting_of(settings, letters),
        *party_effects(settings.policy),
        suspending,
        Alerts(letters),
        events,
    )
    return Casework(record, settings.policy, clock, guards=guards, effects=effects)


def highlighting_of(settings: Settings, letters: Letters) -> Highlighting:
    """Build what sends messages back with passages marked.

    Which door a message came by is not on record: behind any border, nobody is answered for whom nothing vouches (I5).
    """
    config, policy = settings.config, settings.policy
    if any(border_of(config, one) is not None for one in config.mailbox):
        policy = policy.with_changes(answer_claimed=False)
    return Highlighting(letters, policy, config.office.name)


def highlights_of(settings: Settings, record: Record, *, clock: Clock = utc_now) -> Highlights:
    """Build what people do with passages of a message."""
    highlighting = highlighting_of(settings, letters_of(settings, traces_of(record)))
    return Highlights(record, casework_of(settings, record, clock=clock), highlighting, settings.policy)


def webhooks_of(config: Config) -> tuple[Webhook, ...]:
    """Give the webhooks of the settings with the keys that sign."""
    return tuple(
        Webhook(
            one.name,
            Endpoint(one.url, config.webhook_key(one)),
            frozenset(one.events or ([ALERTS] if one.alerts_only else [])),
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


def bounces_of(settings: Settings, record: Record, *, clock: Clock = utc_now) -> NoticeBounces:
    """Build what puts on file that a notice came back."""
    casework, letters = casework_of(settings, record, clock=clock), letters_of(settings, traces_of(record))
    return NoticeBounces(record, casework, letters, clock)


def hand_log_of(settings: Settings, record: Record, *, clock: Clock = utc_now) -> HandLog:
    """Build the log of what comes by no door."""
    letters = letters_of(settings, traces_of(record))
    return HandLog(record, settings.policy, Levels(settings.policy, letters, serial), letters, clock)


def briefing_of(settings: Settings, record: Record, files: FilesRead | None = None) -> Briefing:
    """Build what tells those at the phones; `files` is what was read of files before."""
    config = settings.config
    phone = config.phone.switchboard or ""
    office = Office(config.office.name, config.office.address, phone, channels=settings.policy.ways_in)
    return Briefing(record, settings.policy, office, files=files or FilesRead())


def voicemail_of(settings: Settings, record: Record, *, clock: Clock = utc_now) -> Voicemail:
    """Build what gives staff the messages that callers left."""
    evidence = EvidenceRoom(record, casework_of(settings, record, clock=clock), settings.policy)
    return Voicemail(record, settings.policy, evidence, clock)


def letters_of(settings: Settings, traces: Traces) -> Letters:
    """Build the writer of our own mail."""
    office = settings.config.office
    sender = Sender(office.name, office.address, office.alerts)
    return Letters(sender, settings.policy, traces.own, routes_of(settings))


def traces_of(record: Record) -> Traces:
    """Build the traces with the record's secret, which is made at the first start."""
    return Traces(bytes.fromhex(record.write_now(_secret)))


def _secret(tx: Transaction) -> str:
    known = tx.setting(TRACE_SECRET)
    if known is None:
        known = secrets.token_hex(32)
        tx.set_setting(TRACE_SECRET, known)
    return known
