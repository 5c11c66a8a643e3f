"""Builds the doors of mail, in and out, from the settings.

Belongs here: which part is given what; see gateway/build.py. What cannot work is a ConfigError with a sentence.
"""

from __future__ import annotations

import shutil
import ssl
from datetime import datetime, timedelta
from functools import partial

from adapters.mail.authentication_results import GOOGLE, MICROSOFT_365, Border
from adapters.mail.certificate import Certificate
from adapters.mail.dns_answers import DnsResolver
from adapters.mail.next_hop import NextHop, NextHopSettings
from adapters.mail.send import Outbound, OutboundSettings
from adapters.mail.smtp_commands import Offers
from adapters.mail.smtp_in import SmtpDoorSettings
from adapters.mail.smtp_in_pace import Pace
from adapters.mail.verifying import Verifying
from gateway.clock import Clock
from gateway.config import Config, ConfigError
from gateway.config_mailbox import Mailbox
from gateway.config_parts import Mail, host_port
from gateway.delivery import Onward
from gateway.ending import Ending
from gateway.mail_contact import LATER
from gateway.mailboxes import Mailboxes
from gateway.sign_ins import of_outbound, sign_in_of
from gateway.vouching import Vouching
from rules.answers import Answer, Delivered, Temporary
from storage.record import Record

MAILBOX_OFFERS = Offers(utf8=True)
"""What the path can do where messages end in mailboxes on disk: they take any octets, and report nothing."""

UNKNOWN_OFFERS = Offers(dsn=True, utf8=True)
"""Before the next hop was met: to refuse a parameter for good because of our own outage would lose mail."""


def path_offers(next_hop: NextHop | None) -> Offers:
    """Say what the path behind our door can do (THREATS S11)."""
    if next_hop is None:
        return MAILBOX_OFFERS
    return next_hop.offers if next_hop.met else UNKNOWN_OFFERS


def next_hop_of(config: Config) -> NextHop | None:
    if config.mail.next_hop is None:
        return None
    host, port = host_port(config.mail.next_hop)
    mail = config.mail
    settings = NextHopSettings(
        host,
        port,
        config.office.domains[0],
        connect_timeout_s=min(10.0, mail.reply_timeout_s),
        reply_timeout_s=mail.reply_timeout_s,
        data_timeout_s=mail.data_timeout_s,
        lmtp=mail.next_hop_protocol == "lmtp",
        security=mail.next_hop_security,
        authorities=str(mail.next_hop_authorities or ""),
    )
    try:
        return NextHop(settings)
    except (OSError, ssl.SSLError) as fault:
        why = fault.strerror or type(fault).__name__
        raise ConfigError(f"mail: next_hop_authorities cannot be used ({why}); it must be a PEM file.") from None


def mailboxes_of(config: Config, record: Record, clock: Clock) -> Mailboxes | None:
    return Mailboxes(config, record, clock=clock) if config.mailbox else None


def onward_of(config: Config, clock: Clock) -> Onward | None:
    """Build what sends mail on where there are only mailboxes: what bounces comes back to the office."""
    outbound = outbound_of(config, clock)
    if not config.mailbox or config.mail.next_hop is not None or outbound is None:
        return None
    return partial(outbound.send, config.office.address)


def border_of(config: Config, mailbox: Mailbox) -> Border | None:
    """Say who checked the senders of a mailbox's mail: its provider, unless the settings name a border."""
    if config.mail.border:
        return None
    return {
        "microsoft-app": Border(MICROSOFT_365),
        "microsoft": Border(MICROSOFT_365),
        "google-app": Border(GOOGLE),
        "google": Border(GOOGLE),
    }.get(mailbox.sign_in)


def vouching_of(config: Config, provider: Border | None = None) -> Vouching:
    """Build what says how far senders are known: the border's word where there is a border, else checks of our own.

    Of a mailbox's mail, `provider` is its border.
    """
    mail = config.mail
    if provider is not None:
        return Vouching(provider)
    if mail.border:
        return Vouching(Border(mail.border, below=mail.border_results == "below", relays=frozenset(mail.relays)))
    if not mail.check_senders:
        return Vouching()
    return Vouching(
        None, Verifying(DnsResolver([host_port(server) for server in mail.dns]), seconds=mail.dns_timeout_s)
    )


def outbound_of(config: Config, clock: Clock) -> Outbound | None:
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
        ),
        token=sign_in_of(config, of_outbound(outbound), clock) if outbound.sign_in != "password" else None,
    )


def smtp_settings(config: Config) -> SmtpDoorSettings:
    mail = config.mail
    host, port = host_port(mail.listen)
    return SmtpDoorSettings(
        host=host,
        port=port,
        hostname=config.office.domains[0],
        most_message_bytes=mail.largest_mb * 1024 * 1024,
        most_bytes_held=max(128, 2 * mail.largest_mb) * 1024 * 1024,
        most_connections=-(-mail.connections // config.workers),
        most_connections_per_client=mail.connections_per_client,
        most_recipients=mail.recipients,
        shared=config.workers > 1,
        tls=mail.tls,
        tls_required=mail.tls_required,
        certificate=_certificate(mail),
        pace=Pace(mail.connections_per_minute, mail.messages_per_minute, mail.recipients_per_minute),
        xforward_from=mail.xforward_from,
        proxy_from=mail.proxy_from,
    )


def _certificate(mail: Mail) -> Certificate | None:
    if mail.certificate is None or mail.key is None:
        return None
    try:
        return Certificate(mail.certificate, mail.key)
    except (OSError, ssl.SSLError) as fault:
        why = fault.strerror or type(fault).__name__
        raise ConfigError(f"mail: certificate and key cannot be used ({why}); they must be PEM files.") from None


class DiskRoom:
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
