"""Puts alerts into letters, texts and events: one alert by itself, several together, never the contents of a thing.

Belongs here: how they are written. A text and an event name no person; a letter leads to the page or the command that
shows the thing. No link or command acts by being opened: scanners open links.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from adapters.phone.text_message import parts
from gateway.alerts.routes import Routes, Row
from rules.alerts import Severity
from rules.windows import in_words
from storage.alerts import TEXT, WEBHOOK, Alert, NewPost, Telling
from storage.entries import Letter

MOST_LISTED = 100
"""Alerts in one letter; of more it says how many there are."""
_LONGEST_TEXT = 160
_ORDER = (Severity.URGENT, Severity.SOON, Severity.ROUTINE)
_WORDS = {Severity.URGENT: "Urgent", Severity.SOON: "To be seen to", Severity.ROUTINE: "For your attention"}

Write = Callable[[str, str, str, str, str | None, datetime], Letter]
"""Write a letter: to whom, subject, text, once-key, contact, time."""


class Tellings:
    """Write what tells of alerts to the people of rows."""

    def __init__(self, routes: Routes, office: str, write: Write) -> None:
        self._routes = routes
        self._office = office
        self._write = write

    def first(self, alert: Alert, rows: Iterable[Row], now: datetime) -> Telling:
        """Tell of a new alert; its first letter has the alert's own key."""
        mail, texts, hooks = _everybody(rows)
        keys = [alert.once, *(f"{alert.once}|{to}" for to in mail[1:])]
        body = self._body(alert)
        letters = [
            self._write(to, alert.title, body, key, alert.contact_id, now) for to, key in zip(mail, keys, strict=False)
        ]
        return Telling(tuple(letters), self._posts([alert], texts, hooks, now))

    def again(self, alerts: Sequence[Alert], rows: Iterable[Row], now: datetime) -> Telling:
        """Tell once more, or for the first time together, of alerts whose `times` counts this telling."""
        mail, texts, hooks = _everybody(rows)
        subject, body = self._gathered(alerts)
        key = f"alert:{alerts[0].id}:{alerts[0].times}"
        contact = alerts[0].contact_id if len(alerts) == 1 else None
        letters = [self._write(to, subject, body, f"{key}:{to}", contact, now) for to in mail]
        return Telling(tuple(letters), self._posts(alerts, texts, hooks, now))

    def digest(self, name: str, alerts: Sequence[Alert], to: str, due: datetime, now: datetime) -> Telling:
        """Tell one address of what gathered; `name` is `daily` or `weekly`."""
        day = due.astimezone(self._routes.zone).date()
        subject = "Alerts of the day" if name == "daily" else "Alerts that are still open"
        return Telling((self._write(to, subject, self._list(alerts), f"digest:{name}:{day}:{to}", None, now),))

    def instead(self, alerts: Sequence[Alert], post: str, why: str, now: datetime) -> Telling:
        """Tell the staff address of alerts that a text or webhook may not have told."""
        subject, body = self._gathered(alerts)
        body = f"{body}\nThis was to reach somebody by another way, which did not work: {why}.\n"
        key = f"alert:{alerts[0].id}:instead:{post}"
        contact = alerts[0].contact_id if len(alerts) == 1 else None
        return Telling((self._write(self._routes.staff, subject, body, key, contact, now),))

    def recipients(self, alert: Alert) -> tuple[str, ...]:
        """Give the mail addresses to which an alert goes at once or in a digest."""
        first = [row for row in self._routes.rows_of(alert) if not row.after]
        return _everybody(first)[0] or (self._routes.staff,)

    def _gathered(self, alerts: Sequence[Alert]) -> tuple[str, str]:
        if len(alerts) > 1:
            return f"{len(alerts)} alerts: {alerts[0].title}, and others", self._list(alerts)
        (alert,) = alerts
        if alert.times == 1:
            return alert.title, self._body(alert)
        since = in_words(alert.raised_at, self._routes.zone)
        again = f"This was first said on {since}, and nobody has acknowledged it.\n\n"
        return f"Not acknowledged: {alert.title}", f"{again}{self._body(alert)}"

    def _body(self, alert: Alert) -> str:
        return "\n".join([alert.words, *self._ways(alert), ""])

    def _ways(self, alert: Alert) -> list[str]:
        """Say where it is seen, and taken on: pages of the desk, else commands."""
        links = self._routes.links
        see = links.about(alert) or alert.command
        take = links.alert(alert) or f"parley alerts acknowledge {alert.id}"
        return [*([f"To look into it:  {see}"] if see else []), f"When somebody has taken it on:  {take}"]

    @property
    def _all_open(self) -> str:
        return self._routes.links.all_open or "parley alerts --open"

    def _list(self, alerts: Sequence[Alert]) -> str:
        lines = []
        for severity in _ORDER:
            some = [one for one in alerts if one.severity is severity]
            if some:
                lines += [_WORDS[severity], ""]
            for one in some[:MOST_LISTED]:
                lines += [f"{in_words(one.raised_at, self._routes.zone)}: {one.title}"]
                lines += [f"    {line}".rstrip() for line in one.words.splitlines() if line]
                lines += [*(f"    {line}" for line in self._ways(one)), ""]
            if len(some) > MOST_LISTED:
                lines += [f"... and {len(some) - MOST_LISTED} more.", ""]
        return "\n".join([*lines, f"All that are open:  {self._all_open}", ""])

    def _posts(
        self, alerts: Sequence[Alert], texts: Iterable[str], hooks: Iterable[str], now: datetime
    ) -> tuple[NewPost, ...]:
        """Write them; each has an id that is the same whoever writes it, so that it is on record once."""
        words, event = self._text(alerts), json.dumps(self._event(alerts, now), separators=(",", ":"))
        told = f"alt_{alerts[0].id}_{alerts[0].times}"
        found = [NewPost(f"{told}_t{n}", TEXT, number, words, parts(words)) for n, number in enumerate(texts)]
        return tuple(found + [NewPost(f"{told}_w{n}", WEBHOOK, name, event) for n, name in enumerate(hooks)])

    def _text(self, alerts: Sequence[Alert]) -> str:
        """Say it in one part; no person is named: whoever holds the phone reads it (THREATS T5)."""
        more = f" ({len(alerts)} alerts)" if len(alerts) > 1 else ""
        first = alerts[0].raised_at.astimezone(self._routes.zone)
        again = f" Nobody has taken it on since {first.day} {first:%b %H:%M}." if alerts[0].times > 1 else ""
        end = f"{again} See: {self._all_open}"
        title = alerts[0].title[: _LONGEST_TEXT - len(more) - len(end) - 1]
        room = _LONGEST_TEXT - len(title) - len(more) - len(end) - 3
        office = f"{self._office[:room]}: " if room > 0 else ""
        return f"{office}{title}{more}.{end}"

    def _event(self, alerts: Sequence[Alert], now: datetime) -> dict[str, object]:
        """Say it to another system: ids, kinds and times; no contents, names, addresses or numbers."""
        told = [
            {
                "id": one.id,
                "kind": one.kind.value,
                "severity": one.severity.value,
                "about": one.about,
                "raised_at": _utc(one.raised_at),
                "times": one.times,
            }
            for one in alerts
        ]
        return {"type": "alert", "timestamp": _utc(now), "data": {"alerts": told}}


def _everybody(rows: Iterable[Row]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Give the addresses, numbers and webhooks of rows, each once."""
    listed = tuple(rows)
    mail = tuple(dict.fromkeys(one for row in listed for one in row.mail))
    text = tuple(dict.fromkeys(one for row in listed for one in row.text))
    webhook = tuple(dict.fromkeys(one for row in listed for one in row.webhook))
    return mail, text, webhook


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
