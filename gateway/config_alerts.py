"""The settings of alerts: who is told of what, when it waits, how often it is repeated.

Belongs here: what [alerts] may say; each fault is refused in a sentence. Without it all goes to the staff address.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.config_mailbox import Mailbox
from gateway.config_parts import Address, Number, Part, Person, Phone, Webhook
from rules.alerts import ALWAYS_URGENT, AlertKind, Severity

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class AlertRow(Part):
    """Hold who is told of alerts of these kinds and severities (none named: all), `after_minutes` unacknowledged.

    `role` stands for the people who have it and a mail address in the settings.
    """

    kinds: tuple[AlertKind, ...] = ()
    severities: tuple[Severity, ...] = ()
    mail: tuple[Address, ...] = ()
    text: tuple[Number, ...] = ()
    webhook: tuple[str, ...] = ()
    role: str = ""
    after_minutes: Annotated[int, Field(ge=0, le=7 * 1440)] = 0

    @model_validator(mode="after")
    def _reaches_somebody(self) -> Self:
        if not (self.mail or self.text or self.webhook or self.role):
            raise ValueError("a row of alerts.to names nobody; give it mail, text, webhook or role")
        return self


class Alerts(Part):
    """Hold how staff are alerted. What is urgent leaves at once, and is repeated until somebody acknowledges it.

    `soon` and `routine` say when the others leave; `quiet_from` to `quiet_to` are hours in which those wait that leave
    at once and are not urgent. Hours are the office's. `text_from` is the number of ours that texts leave from.
    """

    to: tuple[AlertRow, ...] = ()
    severity: dict[AlertKind, Severity] = Field(default_factory=dict)
    soon: Literal["at_once", "daily", "weekly"] = "at_once"
    routine: Literal["at_once", "daily", "weekly"] = "daily"
    repeat_minutes: Annotated[int, Field(ge=5, le=1440)] = 30
    quiet_from: time | None = None
    quiet_to: time | None = None
    digest_at: time = time(8)
    weekly_on: Day = "mon"
    text_from: Number | None = None

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        if (self.quiet_from is None) != (self.quiet_to is None):
            raise ValueError("quiet_from and quiet_to belong together")
        if self.quiet_from is not None and self.quiet_from == self.quiet_to:
            raise ValueError("quiet_from and quiet_to are the same, so that nothing would ever leave; leave them out")
        if any(one is not None and one.tzinfo is not None for one in (self.quiet_from, self.quiet_to, self.digest_at)):
            raise ValueError("hours are those of the office; write them as 22:00")
        for kind, severity in self.severity.items():
            if kind in ALWAYS_URGENT and severity is not Severity.URGENT:
                raise ValueError(f"severity: {kind.value} is always urgent")
        return self


def check_read(staff: str, alerts: Alerts, people: Sequence[Person], mailboxes: Sequence[Mailbox]) -> None:
    """Refuse addresses of alerts to which no mail of an office leaves that has mailboxes and no server to send by.

    Raises ValueError with a sentence: such an alert would lie in a folder that nobody reads.
    """
    ours = {one.key for one in mailboxes}
    named = [("office.alerts", staff), *(("alerts.to", to) for row in alerts.to for to in row.mail)]
    named += [("people", one.mail) for one in people if one.mail]
    for where, to in named:
        if to.lower() not in ours:
            raise ValueError(f"{where}: {to} is no [[mailbox]], and without mail.outbound no alert can be sent there")


def check_alerts(alerts: Alerts, phone: Phone, webhooks: Sequence[Webhook], people: Sequence[Person]) -> None:
    """Refuse rows that reach nobody; raises ValueError with a sentence."""
    names = {one.name for one in webhooks}
    for row in alerts.to:
        for name in row.webhook:
            if name not in names:
                raise ValueError(f"alerts.to: there is no webhook {name!r}")
        if row.text and (alerts.text_from is None or not phone.configured or not phone.api_url):
            raise ValueError("alerts.to: a text needs alerts.text_from, and [phone] with the provider's account")
        if row.role and not any(row.role in one.roles and one.mail for one in people):
            raise ValueError(f"alerts.to: nobody in [[people]] has the role {row.role!r} and a mail address")
