"""What a message asks for that must reach a person whatever is restricted: read on its way in, and told to staff.

Belongs here: whose mail is read for it, and the alert in the contact's own commit. Nobody is read who is no party on
record: their mail reaches its inbox and a person as it is. Of the words nothing goes on record or into a log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from adapters.mail.body import body
from gateway.alerts.keys import unanswered
from gateway.fingerprints import Said
from gateway.incident import where
from gateway.legal_clocks import start_by_words
from gateway.letters import Letters
from gateway.mail_message import Message
from gateway.safeguard_lists import lists_of
from rules.contact import Assurance, Channel, Contact
from rules.decision import Decision
from rules.policies import Policy
from rules.safeguards.bearing import kept_back
from rules.safeguards.kinds import NOT_READ, Kind, in_words, kinds_of
from rules.safeguards.recogniser import Found, recognise
from rules.standing import Standing
from storage.entries import Entry
from storage.transaction import Transaction

_SMALL = 8_000
"""Characters up to which a text is read at once (some milliseconds): a thread beside a busy loop costs more."""
_MOST_ALERTS = 10
"""Alerts on one party in an hour; from then on there is one in a quarter of an hour, whatever it sends."""
_HOUR, _QUARTER_S = timedelta(hours=1), 900

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Text:
    """Hold what a sender wrote now, without quotes, and whether something was left unread.

    Read are the plain text, or else the HTML; HTML that says more than the plain text with it; text files attached. Not
    read: what is quoted or stands beneath a signature, messages forwarded as files, and every other kind of file.
    """

    words: str
    whole: bool = True


def examined(contact: Contact, standing: Standing) -> bool:
    """Tell whether a contact is read: mail and texts that are a party's, or may be a restricted one's; no report."""
    if contact.channel not in (Channel.EMAIL, Channel.SMS) or contact.automatic:
        return False
    return standing.party is not None or standing.restricted_candidates


def was_told(standing: Standing, now: datetime) -> bool:
    """Tell whether a sender was, or may have been, told of a restriction: their appeal is one against it (SPSO-22)."""
    return bool(standing.in_force(now)) or standing.restricted_candidates


class Safeguards:
    """Recognise what must reach a person, and tell staff of it."""

    def __init__(self, policy: Policy, letters: Letters) -> None:
        self._policy = policy
        self._letters = letters
        self._lists = lists_of(policy)

    async def apart(self, mail: Message, standing: Standing) -> Message:
        """Give a message with what it asks for; a long one is read in a thread, so that nobody else waits (C1)."""
        if not examined(mail.contact, standing):
            return mail
        text = await _text(mail.said, lambda: mail.incoming.raw)
        told = was_told(standing, mail.now)
        small = len(text.words) <= _SMALL
        recognised = (
            self.found(mail.contact, text, told=told)
            if small
            else await asyncio.to_thread(self.found, mail.contact, text, told=told)
        )
        return replace(mail, contact=self.marked(mail.contact, recognised, standing, text, mail.now))

    def at_once(self, contact: Contact, standing: Standing, text: Text, now: datetime) -> Contact:
        """Give a contact with what it asks for, in the caller's own time."""
        found = self.found(contact, text, told=was_told(standing, now))
        return self.marked(contact, found, standing, text, now)

    def found(self, contact: Contact, text: Text, *, told: bool) -> tuple[Found, ...]:
        """Recognise what a text and its subject ask for; never raises (THREATS C1)."""
        try:
            return recognise(text.words, contact.subject, self._lists, told=told)
        except Exception as fault:  # none is known; a message is never lost for what it says
            log.error("message not examined", contact=contact.id, **where(fault))
            return (Found(NOT_READ, ""),)

    def marked(
        self, contact: Contact, found: tuple[Found, ...], standing: Standing, text: Text, now: datetime
    ) -> Contact:
        """Put on a contact what was recognised; what was not read whole is a person's, where it might be sent away."""
        said = [one.safeguard for one in found]
        if not text.whole and (standing.restricted_candidates or standing.in_force(now)):
            said.append(NOT_READ)
        return replace(contact, safeguards=tuple(dict.fromkeys((*contact.safeguards, *said)))) if said else contact

    def tell(
        self,
        tx: Transaction,
        contact: Contact,
        entry: Entry,
        decision: Decision,
        now: datetime,
        *,
        by_hand: bool = False,
    ) -> None:
        """Tell staff by mail, in the commit that records the contact: of a risk to life always, else of what was kept.

        What has a time by law starts its clock, whatever became of it. What reached its inbox as it was sent is before
        a person already.
        """
        start_by_words(tx, entry, decision, self._policy, now)
        back = kept_back(decision)
        kinds = [
            kind
            for kind in kinds_of(decision.safeguards)
            if kind in self._policy.safeguards.alert and (back or kind is Kind.RISK_TO_LIFE)
        ]
        if not kinds:
            return
        what = ", ".join(in_words(kind) for kind in kinds)
        forged = contact.assurance is Assurance.FAILED
        once = self._once(tx, entry, kinds, now)
        tx.enqueue(
            self._letters.alert_safeguard(
                entry.id,
                entry.whose,
                what,
                once,
                now,
                risk=Kind.RISK_TO_LIFE in kinds,
                kept=back,
                forged=forged,
                by_hand=by_hand,
            )
        )

    def _once(self, tx: Transaction, entry: Entry, kinds: list[Kind], now: datetime) -> str:
        """Say under which key it is told: a risk to life by itself, as long as there are not too many (THREATS C4)."""
        if Kind.RISK_TO_LIFE not in kinds:
            day = now.astimezone(self._policy.zone).date()
            return unanswered(tx, f"safeguard:{entry.whose}:{'+'.join(kinds)}:{day}")
        if tx.alerts_lately(entry.party_id, now - _HOUR) < _MOST_ALERTS:
            return f"safeguard:{entry.id}"
        return unanswered(tx, f"safeguard:{entry.whose}:{int(now.timestamp()) // _QUARTER_S}")


async def _text(said: Said | None, raw: Callable[[], bytes]) -> Text:
    if said is not None:
        return text_said(said)
    return await asyncio.to_thread(lambda: text_of(raw()))


def text_said(said: Said) -> Text:
    """Give what a message says that was read for its fingerprint already."""
    return Text(f"{said.text}\n\n{said.beside}", not said.over)


def text_of(raw: bytes) -> Text:
    """Read a message for what its sender wrote; whatever the bytes; not for event loops."""
    try:
        read = body(raw, with_attachments=False)
        return Text(f"{read.text}\n\n{read.beside}", not read.over)
    except Exception as fault:  # none is known (THREATS C1)
        log.error("message not read", **where(fault))
        return Text("", whole=False)
