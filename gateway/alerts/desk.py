"""What people do with alerts: read those that are open, and say that somebody has taken one on.

Belongs here: the use cases that command line, API and brief stand over. An acknowledgement is on record with who made
it, in the chain of acts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.casework.outline import READ_FILE
from gateway.clock import Clock
from rules.alerts import Severity
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.refused import Refused
from rules.policies import Policy
from rules.windows import in_words
from storage.alert_posts import PostState
from storage.alerts import Alert, Told
from storage.record import Record
from storage.transaction import Reader, Transaction

ALERTS = "alerts"
ACKNOWLEDGED, SETTLED = "acknowledge_alert", "settle_alert"
_MOST_SAID = 10
_STATES: Mapping[str, str] = {"queued": "waits", "sending": "leaving", "looked_at": "seen to", "dropped": "not needed"}
DOUBTFUL = "unclear"
"""How it is said that a telling may not have arrived, or may have arrived twice."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold an alert with how it was told, one for each way and time."""

    alert: Alert
    tellings: tuple[Told, ...]


class NoSuchAlert(LookupError):
    """Say that no alert has this id."""


class AlertDesk:
    """Read and acknowledge the alerts of one record; its methods wait and are not for event loops."""

    def __init__(self, record: Record, policy: Policy, clock: Clock) -> None:
        self._record = record
        self._policy = policy
        self._clock = clock

    def read(self, by: Actor, *, only_open: bool = False, limit: int = 200) -> tuple[Shown, ...]:
        """List alerts, those open first; raises Refused for whoever may not."""
        self._admit(by)

        def job(reader: Reader) -> tuple[Shown, ...]:
            found = reader.alerts(only_open=only_open, limit=limit)
            return tuple(Shown(one, reader.alert_tellings(one.id)) for one in found)

        return self._record.read_now(job)

    def show(self, number: str, by: Actor) -> Shown:
        """Give one alert; raises NoSuchAlert, and Refused for whoever may not."""
        self._admit(by)

        def job(reader: Reader) -> Shown:
            known = reader.alert(number)
            if known is None:
                raise NoSuchAlert("There is no such alert.")
            return Shown(known, reader.alert_tellings(number))

        return self._record.read_now(job)

    def acknowledge(self, number: str, by: Actor, who: str = "") -> Shown:
        """Note that `who` (else `by`) has taken an alert on: it is not repeated or escalated any more.

        Raises NoSuchAlert, and Refused for whoever may not, or where somebody was faster.
        """
        self._admit(by)
        return self._record.write_now(lambda tx: self._acknowledge(tx, number, by, who.strip() or by.name))

    def settle(self, number: str, by: Actor) -> Shown:
        """Note that `by` has seen to what is unclear of how an alert was told; whether somebody takes it on is apart.

        Raises NoSuchAlert, and Refused for whoever may not, or where nothing is unclear.
        """
        self._admit(by)
        return self._record.write_now(lambda tx: self._settle(tx, number, by))

    def _settle(self, tx: Transaction, number: str, by: Actor) -> Shown:
        known = tx.alert(number)
        if known is None:
            raise NoSuchAlert("There is no such alert.")
        count = tx.settle_tellings(number)
        if not count:
            raise Refused("Nothing of how this alert was told is unclear.", way="Nothing has to be done about it.")
        tx.act(by.name, SETTLED, f"alert:{number}", {"tellings": count})
        return Shown(known, tx.alert_tellings(number))

    def _admit(self, by: Actor) -> None:
        """Refuse whoever may not: an alert names the party that it is about, as a file does (SPSO-68)."""
        for right in (ALERTS, READ_FILE):
            allowed(right, self._policy, by)

    def _acknowledge(self, tx: Transaction, number: str, by: Actor, who: str) -> Shown:
        known = tx.alert(number)
        if known is None:
            raise NoSuchAlert("There is no such alert.")
        if not tx.acknowledge_alert(number, who, self._clock()):
            raise Refused(f"This alert is not open any more: {ended(known)}.", way="Nothing has to be done about it.")
        tx.act(by.name, ACKNOWLEDGED, f"alert:{number}", {"who": who})
        found = tx.alert(number)
        assert found is not None  # alerts are forgotten once they are old
        return Shown(found, tx.alert_tellings(number))


def in_sentences(record: Record, policy: Policy, by: Actor) -> tuple[str, ...]:
    """Say which alerts wait for somebody, the urgent first, naming no person; nothing to whoever may not read them."""
    try:
        allowed(ALERTS, policy, by)
    except Refused:
        return ()
    found = record.read_now(lambda reader: reader.alerts(only_open=True))
    waiting = [one for one in found if one.severity is not Severity.ROUTINE]
    waiting.sort(key=lambda one: one.severity is not Severity.URGENT)
    said = [_sentence(one, policy.zone) for one in waiting[:_MOST_SAID]]
    more = len(waiting) - len(said)
    return (*said, f"{more} more alerts wait.") if more else tuple(said)


def _sentence(alert: Alert, zone: ZoneInfo) -> str:
    word = "Urgent" if alert.severity is Severity.URGENT else "Alert"
    return f"{word}, {in_words(alert.raised_at, zone)}: {alert.title}."


def ended(alert: Alert) -> str:
    """Say how an alert stands, in words."""
    if alert.open:
        return "open, escalated" if alert.escalated_at else "open"
    return f"acknowledged by {alert.acknowledged_by}" if alert.acknowledged_by else "done"


def told(shown: Shown) -> str:
    """Say how an alert was told, in words: `mail sent, text unclear`."""
    if not shown.tellings:
        return "waits for its time" if shown.alert.open else "not told"
    return ", ".join(dict.fromkeys(f"{one.channel} {in_words_of(one)}" for one in shown.tellings))


def in_words_of(one: Told) -> str:
    """Say where one telling stands, in a word or two."""
    if one.doubtful or one.state == PostState.UNCLEAR:
        return DOUBTFUL
    return _STATES.get(one.state, one.state)


def as_data(shown: Shown, zone: ZoneInfo) -> dict[str, Any]:
    """Give an alert in plain data, times in the office's zone; never to whom it went."""

    def said(at: datetime | None) -> str | None:
        return at.astimezone(zone).isoformat() if at is not None else None

    one = shown.alert
    return {
        "id": one.id,
        "kind": one.kind.value,
        "severity": one.severity.value,
        "about": one.about,
        "title": one.title,
        "words": one.words,
        "command": one.command,
        "raised_at": said(one.raised_at),
        "open": one.open,
        "told": one.times,
        "next_at": said(one.next_at) if one.open else None,
        "escalated_at": said(one.escalated_at),
        "acknowledged_at": said(one.acknowledged_at),
        "acknowledged_by": one.acknowledged_by,
        "tellings": [
            {"channel": each.channel, "at": said(each.at), "state": in_words_of(each)} for each in shown.tellings
        ],
    }
