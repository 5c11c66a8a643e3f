"""What staff are alerted of, in words: they name the thing, and never its contents; a command shows it.

Belongs here: one method for each thing that alerts, with the key under which it is raised once. Nothing that a sender
chose stands in them unescaped.
"""

from __future__ import annotations

import json
import shlex
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from gateway.alerts.routes import for_role
from rules.alerts import AlertKind, Severity
from rules.casework.waiting import Waiting
from rules.policies import Policy
from rules.policies.overdue import Step
from rules.standing import Party
from rules.windows import in_words
from storage.alerts import Raised
from storage.entries import Flag

_DOCTOR = "parley doctor"
_NO_CALLS = "Calls may not be reaching us"


class AlertWords(ABC):
    """Write alerts; `gateway.letters.Letters` says how they are told."""

    _policy: Policy

    @abstractmethod
    def _raised(
        self,
        kind: AlertKind,
        once: str,
        title: str,
        words: str,
        contact_id: str | None,
        now: datetime,
        *,
        about: str = "",
        severity: Severity | None = None,
        command: str = "",
    ) -> Raised:
        """Give a new alert with what tells of it at once; `command` shows what it is about."""

    def alert_flag(self, flag: Flag, text: str, who: str, now: datetime, severity: Severity | None = None) -> Raised:
        """Tell staff of a level that the policy calls unacceptable; a flag restricts nobody.

        `severity` is what the policy says of this threshold; None where it says nothing.
        """
        body = (
            f"{who}: {text}, reached on {in_words(flag.at, self._policy.zone)}.\n\n"
            "This is a level of contact that the policy calls unacceptable. Nothing has been restricted: please look "
            "at it and decide.\n"
        )
        return self._raised(
            AlertKind.FLAG,
            f"flag:{flag.id}",
            "A level of contact to look at",
            body,
            flag.contact_id,
            now,
            about=f"flag:{flag.id}",
            severity=severity,
            command=f"parley flags show {flag.id}",
        )

    def alert_held(self, contact_id: str, why: str, now: datetime) -> Raised:
        """Tell staff of a message that needs a person because of a fault of ours."""
        body = f"A message is held and waits for a person: {why}\n"
        return self._raised(
            AlertKind.HELD,
            f"held:{contact_id}",
            "A message waits for a person",
            body,
            contact_id,
            now,
            about=f"contact:{contact_id}",
            command=f"parley queue show {contact_id}",
        )

    def alert_suspended(
        self, restriction: str, measure: str, why: str, party: Party, owner: str, now: datetime
    ) -> Raised:
        """Tell a restriction's owner that a measure of it lets contact through; once for the `measure` as it stands."""
        body = (
            f"{why.partition(';')[0]}.\n\n"
            f"This is in restriction {restriction} on {party.name}.\nIts owner: {owner or 'nobody is named'}.\n\n"
            "Until the restriction is amended, what they send us themselves is let through. Please find out who "
            "speaks for them now, and review it.\n"
        )
        return self._raised(
            AlertKind.SUSPENDED,
            f"suspended:{restriction}:{measure}",
            "A restriction needs its owner",
            body,
            None,
            now,
            about=f"party:{party.id}",
            command=f"parley party show {shlex.quote(party.name)}",
        )

    def alert_paper(self, paper_id: str, what: str, party: Party | None, now: datetime, *, ground: str = "") -> Raised:
        """Tell staff that something was put on a party's file which a manager must hear of (PHSO-2, PHSO-24).

        It is urgent where its `ground` is one that needs no warning. What is nobody's has no party.
        """
        body = f"On the file of {party.name}: {what}.\n" if party is not None else f"{what}.\n"
        command = f"parley party show {shlex.quote(party.name)}" if party is not None else ""
        about = f"party:{party.id}" if party is not None else f"paper:{paper_id}"
        kind = AlertKind.ZERO_TOLERANCE if ground in self._policy.no_warning_grounds else AlertKind.PAPER
        return self._raised(kind, f"paper:{paper_id}", what, body, None, now, about=about, command=command)

    def alert_safeguard(
        self,
        contact_id: str,
        whose: str,
        what: str,
        once: str,
        now: datetime,
        *,
        risk: bool,
        kept: bool,
        forged: bool,
        by_hand: bool = False,
    ) -> Raised:
        """Tell staff of a message that must reach a person whatever is restricted; it says nobody's words or name."""
        where = (
            "It was kept from its inbox by a restriction, and waits for a person to look at it now."
            if kept
            else "It went to its inbox as it was sent. Please make sure that somebody has read it."
        )
        if by_hand:
            where = "A colleague logged it by hand. Please make sure that somebody acts on it now."
        doubt = " Its sender's address may be forged." if forged else ""
        body = (
            f"A message was recognised by its words: {what}.\n{where}{doubt}\n\n"
            "Words are all that was compared: it may mean something else, and other messages may mean this without "
            "saying so. More from the same person may make no further alert.\n"
        )
        kind = AlertKind.RISK_TO_LIFE if risk else AlertKind.SAFEGUARD
        title = "A message must be read by a person"
        command = f"parley queue show {contact_id}" if kept else f"parley contacts --whose {whose}"
        return self._raised(kind, once, title, body, contact_id, now, about=f"contact:{contact_id}", command=command)

    def alert_danger(self, contact_id: str, once: str, now: datetime) -> Raised:
        """Tell staff that a caller pressed the key for danger, whatever is restricted; it names nobody."""
        body = (
            "A caller on the recorded line pressed the key that says that somebody is in danger. "
            "They heard the words for an emergency. Please see to it now.\n"
        )
        return self._raised(
            AlertKind.DANGER,
            once,
            "A caller says that somebody is in danger",
            body,
            contact_id,
            now,
            about=f"contact:{contact_id}",
            command=f"parley queue show {contact_id}",
        )

    def alert_mailbox(self, mailbox: str, synced: datetime | None, why: str, now: datetime) -> Raised:
        """Tell staff that a watched mailbox is not being read; once a day for each (THREATS M2)."""
        last = f"since {in_words(synced, self._policy.zone)}" if synced else "since it is to be watched"
        body = (
            f"The mailbox {mailbox} has not been read {last}. {why}\n\n"
            "Until it is, restrictions are not applied to what comes into it, and its limits count nothing.\n"
        )
        day = now.astimezone(self._policy.zone).date()
        return self._raised(
            AlertKind.MAILBOX,
            f"mailbox:{mailbox}:{day}",
            "A mailbox is not being read",
            body,
            None,
            now,
            about=f"mailbox:{mailbox}",
            command=f"parley mailbox check {mailbox}",
        )

    def alert_recording(self, contact_id: str, recording: str, why: str, now: datetime) -> Raised:
        """Tell staff of a message left by phone that we could not fetch; once for each."""
        body = (
            f"Somebody left a message by phone, and it could not be fetched: {why}.\n\n"
            f"The phone provider knows it as {recording}; it may still be heard there.\n"
        )
        return self._raised(
            AlertKind.RECORDING,
            f"recording:{recording}",
            "A message by phone could not be fetched",
            body,
            contact_id,
            now,
            about=f"contact:{contact_id}",
            command=f"parley queue show {contact_id}",
        )

    def alert_provider(self, why: str, now: datetime) -> Raised:
        """Tell staff that the phone provider could not be asked for a day; once a day (THREATS T7)."""
        body = (
            f"The phone provider does not answer us: {why}.\n\n"
            "Until it does, messages that were left by phone are not fetched, and calls and texts that came while we "
            "were down are not entered. It is asked again all the time; nothing is lost meanwhile.\n"
        )
        day = now.astimezone(self._policy.zone).date()
        title = "The phone provider does not answer us"
        return self._raised(AlertKind.PROVIDER, f"provider:{day}", title, body, None, now, command=_DOCTOR)

    def alert_not_entered(self, sid: str, now: datetime) -> Raised:
        """Tell staff of a call or text of the phone provider's log that we failed at; once for each."""
        body = (
            "A call or a text came while Parley could not be asked, and it could not be put on record afterwards.\n\n"
            f"The phone provider knows it as {sid}: please look there who it was.\n"
        )
        return self._raised(
            AlertKind.NOT_ENTERED, f"not entered:{sid}", "A call or text is not on record", body, None, now
        )

    def alert_phone(self, run: int, why: str, now: datetime) -> Raised:
        """Tell staff that request after request to the phone door was refused; once a day (THREATS T1)."""
        body = (
            f"{run} requests to the address for calls and texts were refused one after the other ({why}).\n\n"
            "Either somebody tries it out, or the address or the token is set up wrongly; then every call is refused "
            "here and goes where the phone provider's fallback sends it.\n"
        )
        day = now.astimezone(self._policy.zone).date()
        return self._raised(AlertKind.PHONE, f"phone refused:{day}", _NO_CALLS, body, None, now, command=_DOCTOR)

    def alert_signature(self, found: str, cure: str, now: datetime) -> Raised:
        """Tell staff that our own door refuses what is signed as the provider signs; once a day (THREATS T1)."""
        body = (
            f"Parley tried its own public address. {found} "
            "Calls are then refused here and go where the phone provider's fallback sends them.\n\n"
            f"{cure}\n"
        )
        day = now.astimezone(self._policy.zone).date()
        return self._raised(AlertKind.PHONE, f"phone signature:{day}", _NO_CALLS, body, None, now, command=_DOCTOR)

    def alert_webhook(self, hook: str, why: str, now: datetime) -> Raised:
        """Tell staff that another system does not take our events; once a day for each."""
        body = (
            f"The webhook {hook} has not taken an event for so long that it was given up ({why}). "
            "What that system knows of our casework is out of date from then on. Its events can be tried again.\n"
        )
        day = now.astimezone(self._policy.zone).date()
        title = "Another system does not take our events"
        return self._raised(
            AlertKind.WEBHOOK, f"webhook:{hook}:{day}", title, body, None, now, command="parley events list"
        )

    def alert_overdue(self, things: Sequence[Waiting], role: str, step: Step, now: datetime) -> Raised:
        """Tell a role of what is overdue, or will be, as the policy says; it names kinds and days, and nobody."""
        zone = self._policy.zone
        listed = sorted((one.what.value, one.about, one.due.isoformat()) for one in things)
        digest = sha256(json.dumps(listed).encode()).hexdigest()[:16]
        title = f"What waits for a person {'falls due' if step.ahead else 'is overdue'}"
        says = "by" if step.ahead else "since"
        first = {one.what: one.due for one in sorted(things, key=lambda one: one.due, reverse=True)}
        counts = Counter(one.what for one in things)
        lines = "".join(
            f"  {counts[what]}: {what.words}, {'the first ' * (counts[what] > 1)}{says} {in_words(due, zone)}\n"
            for what, due in sorted(first.items(), key=lambda each: each[1])
        )
        body = (
            f"For: {role}. {title}, the first due first:\n\n{lines}\n"
            "The same is not told again at this step. Nothing has been restricted or released by it.\n"
        )
        once, about = f"overdue:{step.name}:{digest}", for_role(step.role)
        return self._raised(AlertKind.OVERDUE, once, title, body, None, now, about=about, command="parley waiting")
