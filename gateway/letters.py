"""Writes our own mail: notes and returns to senders, alerts to staff. Neutral, plain, and said once.

Belongs here: what is said and from whom. Sending is the outbox's. Nothing that a sender chose stands in it unescaped.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from adapters.mail.message import Heading
from adapters.mail.own_mail import OwnMail, render_own
from gateway.mail_message import Message
from gateway.serials import serial
from rules.contact import Contact
from rules.decision import Decision
from rules.policies import Policy
from rules.windows import in_words
from storage.entries import Entry, Flag, Letter, State
from storage.transaction import Transaction

NOTE = "note"
RETURN = "return"
ALERT = "alert"

_DAY = timedelta(days=1)
_MOST_PER_ADDRESS, _MOST_PER_DOMAIN, _MOST_IN_ALL = 10, 100, 500


@dataclass(frozen=True, slots=True)
class Sender:
    """Hold who our mail is from: the office's name and address, where alerts go."""

    name: str
    address: str
    alerts: str

    @property
    def domain(self) -> str:
        """Give the domain of our own Message-IDs."""
        return self.address.rpartition("@")[2]


class Letters:
    """Compose letters; each has a stable Message-ID that is on record before it leaves (THREATS W6)."""

    def __init__(self, sender: Sender, policy: Policy, trace: Callable[[str, bytes], bytes]) -> None:
        self._sender = sender
        self._policy = policy
        self._trace = trace

    def tell(self, tx: Transaction, mail: Message, entry: Entry, decision: Decision) -> None:
        """Put into the outbox what the sender is told, in the same commit as what happened."""
        contact = replace(mail.contact, id=entry.id)
        if entry.state is State.RETURNED:
            tx.enqueue(self.returned(contact, decision, mail.heading, mail.incoming.mail_from, mail.now))
        elif decision.note is not None and self.within_caps(tx, mail.incoming.mail_from, mail.now):
            tx.enqueue(self.note(contact, decision, mail.heading, mail.incoming.mail_from, mail.now))

    def note(self, contact: Contact, decision: Decision, heading: Heading, to: str, now: datetime) -> Letter:
        """Write the note that goes with what is filed or held; once per party, measure and window."""
        assert decision.note is not None
        once = f"note:{decision.party}:{decision.note.once}"
        return self._answer(NOTE, once, decision.note.text, contact, heading, to, now)

    def returned(self, contact: Contact, decision: Decision, heading: Heading, to: str, now: datetime) -> Letter:
        """Write the covering note of a message that is returned; once per message."""
        return self._answer(RETURN, f"return:{contact.id}", decision.sender_text, contact, heading, to, now)

    def within_caps(self, tx: Transaction, to: str, now: datetime) -> bool:
        """Tell whether one more note or return may go to this address today: caps per address, domain, in all (C4)."""
        sent = tx.written_to(now - _DAY, NOTE) + tx.written_to(now - _DAY, RETURN)
        domain = to.rpartition("@")[2].lower()
        return (
            len(sent) < _MOST_IN_ALL
            and sum(one.lower() == to.lower() for one in sent) < _MOST_PER_ADDRESS
            and sum(one.lower().endswith(f"@{domain}") for one in sent) < _MOST_PER_DOMAIN
        )

    def alert_flag(self, flag: Flag, text: str, who: str, now: datetime) -> Letter:
        """Tell staff of a level that the policy calls unacceptable; a flag restricts nobody."""
        body = (
            f"{who}: {text}, reached on {in_words(flag.at, self._policy.zone)}.\n\n"
            "This is a level of contact that the policy calls unacceptable. Nothing has been restricted: please look\n"
            "at it and decide. Open flags, with the contacts that made them:  parley flags\n"
        )
        return self._alert(f"flag:{flag.id}", "A level of contact to look at", body, flag.contact_id, now)

    def alert_held(self, contact_id: str, why: str, now: datetime) -> Letter:
        """Tell staff of a message that needs a person because of a fault of ours."""
        body = f"A message is held and waits for a person: {why}\n\nTo see it:  parley queue show {contact_id}\n"
        return self._alert(f"held:{contact_id}", "A message waits for a person", body, contact_id, now)

    def alert_suspended(self, restriction: str, measure: str, why: str, who: str, owner: str, now: datetime) -> Letter:
        """Tell a restriction's owner that a measure of it lets contact through; once for the `measure` as it stands."""
        body = (
            f"{why.partition(';')[0]}.\n\n"
            f"This is in restriction {restriction} on {who}.\nIts owner: {owner or 'nobody is named'}.\n\n"
            "Until the restriction is amended, what they send us themselves is let through. Please find out who\n"
            f"speaks for them now, and review it.\n\nTo see it:  parley party show {shlex.quote(who)}\n"
        )
        return self._alert(f"suspended:{restriction}:{measure}", "A restriction needs its owner", body, None, now)

    def alert_paper(self, paper_id: str, what: str, who: str, now: datetime) -> Letter:
        """Tell staff that something was put on a party's file which a manager must hear of (PHSO-2, PHSO-24)."""
        body = f"{what}, on the file of {who}.\n\nTo see it:  parley party show {shlex.quote(who)}\n"
        return self._alert(f"paper:{paper_id}", what, body, None, now)

    def alert_webhook(self, hook: str, why: str, now: datetime) -> Letter:
        """Tell staff that another system does not take our events; once a day for each."""
        body = (
            f"The webhook {hook} has not taken an event for so long that it was given up ({why}).\n"
            "What that system knows of our casework is out of date from then on.\n\n"
            "To see them, and to have them tried again:  parley events list\n"
        )
        day = now.astimezone(self._policy.zone).date()
        return self._alert(f"webhook:{hook}:{day}", "Another system does not take our events", body, None, now)

    def _answer(
        self, kind: str, once: str, text: str, contact: Contact, heading: Heading, to: str, now: datetime
    ) -> Letter:
        texts = self._policy.texts
        body = f"{text}\n\n{texts.ending}\n\n{self._sender.name}\n".replace("{office}", self._sender.name)
        subject = texts.note_subject.replace("{office}", self._sender.name)
        letter = self._compose(to, subject, body, now, in_reply_to=heading.message_id, automatic="auto-replied")
        return Letter(letter.id, kind, "<>", to, letter.message_id, letter.message, now, once, contact.id)

    def _alert(self, once: str, subject: str, body: str, contact_id: str | None, now: datetime) -> Letter:
        to = self._sender.alerts
        letter = self._compose(to, subject, body, now, in_reply_to="", automatic="auto-generated")
        return Letter(letter.id, ALERT, "<>", to, letter.message_id, letter.message, now, once, contact_id)

    def _compose(
        self,
        to: str,
        subject: str,
        text: str,
        now: datetime,
        *,
        in_reply_to: str,
        automatic: Literal["auto-replied", "auto-generated"],
    ) -> _Composed:
        number = serial(now)
        mail = OwnMail(
            sender=self._sender.address,
            name=self._sender.name,
            to=to,
            subject=subject,
            text=text,
            message_id=f"<{number}@{self._sender.domain}>",
            at=now.astimezone(self._policy.zone),
            in_reply_to=in_reply_to,
            references=in_reply_to,
            automatic=automatic,
        )
        message = render_own(mail)
        return _Composed(number, mail.message_id, self._trace(number, message) + message)


@dataclass(frozen=True, slots=True)
class _Composed:
    id: str
    message_id: str
    message: bytes
