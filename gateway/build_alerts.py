"""Builds what tells staff: to whom alerts go, and the clock's work with them.

Belongs here: which part is given what; see gateway/build.py.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from adapters.webhooks import Endpoint
from gateway.alerts.links import Links
from gateway.alerts.posting import AlertPost, Texter, recover
from gateway.alerts.rounds import EVERY_S, Rounds
from gateway.alerts.routes import Routes, Row
from gateway.clock import Clock
from gateway.config import Config, Settings
from gateway.config_alerts import AlertRow
from gateway.failpoints import Failpoint, nothing
from gateway.jobs import Job
from gateway.letters import Letters
from rules.alerts import Quiet
from rules.windows import DAYS
from storage.record import Record

_POST_S = 1


def routes_of(settings: Settings) -> Routes:
    """Read from the settings to whom alerts go, and when."""
    config, alerts = settings.config, settings.config.alerts
    begins, ends = alerts.quiet_from, alerts.quiet_to
    return Routes(
        staff=config.office.alerts,
        zone=settings.policy.zone,
        rows=tuple(_row(one, config) for one in alerts.to),
        severities=dict(alerts.severity),
        soon=alerts.soon,
        routine=alerts.routine,
        repeat=timedelta(minutes=alerts.repeat_minutes),
        quiet=Quiet(begins, ends) if begins is not None and ends is not None else None,
        digest_at=alerts.digest_at,
        weekly_on=DAYS.index(alerts.weekly_on),
        links=Links(config.desk.public_url),
        people={role: _addresses(config, role) for person in config.people for role in person.roles},
    )


def _addresses(config: Config, role: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(person.mail for person in config.people if person.mail and role in person.roles))


def _row(one: AlertRow, config: Config) -> Row:
    return Row(
        mail=tuple(dict.fromkeys((*one.mail, *_addresses(config, one.role)))),
        text=one.text,
        webhook=one.webhook,
        kinds=frozenset(one.kinds),
        severities=frozenset(one.severities),
        after=timedelta(minutes=one.after_minutes),
        role=one.role,
    )


def alert_post_of(
    settings: Settings,
    record: Record,
    letters: Letters,
    texter: Texter | None,
    clock: Clock,
    node: str,
    failpoint: Failpoint = nothing,
) -> AlertPost:
    """Build what sends alerts by text and webhook."""
    config = settings.config
    return AlertPost(
        record,
        letters.tellings,
        settings.policy,
        texter=texter,
        text_from=config.alerts.text_from or "",
        hooks={one.name: Endpoint(one.url, config.webhook_key(one)) for one in config.webhook},
        clock=clock,
        node=node,
        failpoint=failpoint,
    )


def rounds_of(record: Record, letters: Letters, clock: Clock, failpoint: Failpoint = nothing) -> Rounds:
    """Build what repeats, escalates and gathers alerts."""
    return Rounds(record, letters.routes, letters.tellings, clock=clock, failpoint=failpoint)


def alert_jobs(
    settings: Settings,
    record: Record,
    letters: Letters,
    texter: Texter | None,
    clock: Clock,
    node: str,
    failpoint: Failpoint = nothing,
) -> tuple[Job, ...]:
    """Name the clock's work with alerts; what this node was sending when it ended is accounted for first."""
    record.write_now(partial(recover, node, letters.tellings, clock()))
    rounds = rounds_of(record, letters, clock, failpoint)
    posting = alert_post_of(settings, record, letters, texter, clock, node, failpoint)
    return (
        ("alerts", rounds.make, EVERY_S),
        ("alerts by text and webhook", posting.send_due, _POST_S),
    )
