"""Writes our own mail: notes and returns to senders, alerts to staff. Neutral, plain, and said once.

Belongs here: what is said and from whom. Sending is the outbox's. Nothing that a sender chose stands in it unescaped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from adapters.mail.delivery_report import DeliveryReport, Undelivered, header_of, reportable, wished
from adapters.mail.message import Heading, thread
from adapters.mail.own_mail import OwnMail, clean_line, render_own
from gateway.alerts.routes import Routes
from gateway.alerts.telling import Tellings
from gateway.alerts.words import AlertWords
from gateway.mail_message import Message
from gateway.serials import serial
from rules.alerts import AlertKind, Severity
from rules.contact import Assurance
from rules.decision import Decision
from rules.policies import Policy
from storage.alerts import Alert, Raised
from storage.entries import Entry, Letter, State
from storage.transaction import Transaction

NOTE = "note"
RETURN = "return"
HIGHLIGHTED = "highlighted"
"""A message that went back with passages marked by staff (PHSO-M3)."""
ALERT = "alert"

_DAY = timedelta(days=1)


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


class Letters(AlertWords):
    """Compose letters; each has a stable Message-ID that is on record before it leaves (THREATS W6)."""

    def __init__(
        self, sender: Sender, policy: Policy, trace: Callable[[str, bytes], bytes], routes: Routes | None = None
    ) -> None:
        self._sender = sender
        self._policy = policy
        self._trace = trace
        self.routes = routes or Routes(sender.alerts, policy.zone)
        self.tellings = Tellings(self.routes, sender.name, self._alert)

    def tell(self, tx: Transaction, mail: Message, entry: Entry, decision: Decision) -> None:
        """Put into the outbox what the sender is told, in the same commit as what happened."""
        mail = replace(mail, contact=replace(mail.contact, id=entry.id))
        if entry.state is State.RETURNED:
            tx.enqueue(self.returned(mail, decision))
        elif decision.note is not None and self.within_caps(tx, mail.incoming.mail_from, entry.party_id, mail.now):
            tx.enqueue(self.note(mail, decision))

    def note(self, mail: Message, decision: Decision) -> Letter:
        """Write the note that goes with what is filed or held; once per party, measure and window."""
        assert decision.note is not None
        return self._answer(NOTE, f"note:{decision.party}:{decision.note.once}", decision.note.text, mail)

    def returned(self, mail: Message, decision: Decision) -> Letter:
        """Write the covering note of a message that is returned; once per message.

        It is a delivery report where the sender asked for one (`wished` says when that is right).
        """
        undelivered = wished(mail.contact.recipients, mail.incoming.wishes)
        report = self._report(mail, undelivered) if undelivered else None
        return self._answer(RETURN, f"return:{mail.contact.id}", decision.sender_text, mail, report)

    def not_returnable(self, tx: Transaction, mail: Message, party: int | None) -> str:
        """Say why a message cannot be returned, so that it is refused in the session; empty where it can."""
        if not reportable(mail.contact.recipients, mail.incoming.wishes):
            return "The sender wishes to hear of no failure, so it is refused in the session and not returned"
        if not self.within_caps(tx, mail.incoming.mail_from, party, mail.now):
            return "As much as the policy allows in a day was sent back already, so it is refused and not returned"
        return ""

    def within_caps(self, tx: Transaction, to: str, party: int | None, now: datetime) -> bool:
        """Tell whether one more note or return may go: caps per party, address, domain, and in all (C4).

        What staff send back with passages marked counts, and is not held up: a person decided it.
        """
        most = self._policy.replies
        sent = [one for kind in (NOTE, RETURN, HIGHLIGHTED) for one in tx.written_to(now - _DAY, kind, most.everybody)]
        address, domain = to.lower(), to.rpartition("@")[2].lower()
        return (
            len(sent) < most.everybody
            and sum(whose == party for _, whose in sent if whose is not None) < most.party
            and sum(rcpt.lower() == address for rcpt, _ in sent) < most.address
            and sum(rcpt.lower().endswith(f"@{domain}") for rcpt, _ in sent) < most.domain
        )

    def highlighted(self, contact_id: str, to: str, heading: Heading, text: str, html: str, now: datetime) -> Letter:
        """Write the return of a message in which staff marked passages; once per message (PHSO-M3, W6).

        A person decided it, so that it is from the office's own address, as a notice is: a bounce of it is heard of.
        """
        subject = self._policy.texts.note_subject.replace("{office}", self._sender.name)
        answers = (heading.message_id, heading.message_id)
        letter = self._compose(to, subject, text, now, answers=answers, automatic="auto-generated", html=html)
        once = f"{HIGHLIGHTED}:{contact_id}"
        sender = self._sender.address
        return Letter(
            letter.id, HIGHLIGHTED, sender, to, letter.message_id, letter.message, now, once, contact_id or None
        )

    def _answer(self, kind: str, once: str, text: str, mail: Message, report: DeliveryReport | None = None) -> Letter:
        """Write an answer by the manners of RFC 3834: from nobody, to the envelope sender, who is the author (4)."""
        to, now = mail.incoming.mail_from, mail.now
        body = f"{text}\n\n{self._policy.texts.ending}\n\n{self._sender.name}\n".replace("{office}", self._sender.name)
        answers = (mail.heading.message_id, references(mail.heading, mail.incoming.raw))
        subject = self._subject(mail)
        letter = self._compose(to, subject, body, now, answers=answers, automatic="auto-replied", report=report)
        return Letter(letter.id, kind, "<>", to, letter.message_id, letter.message, now, once, mail.contact.id)

    def _subject(self, mail: Message) -> str:
        """Name the message that is answered by its own subject (RFC 3834 3.1.5).

        A sender whom nothing vouches for may have put another's address in: they are sent none of the words (I5).
        """
        own = clean_line(mail.heading.subject) if mail.contact.assurance is Assurance.VERIFIED else ""
        return f"Auto: {own or self._policy.texts.note_subject.replace('{office}', self._sender.name)}"

    def _report(self, mail: Message, undelivered: tuple[Undelivered, ...]) -> DeliveryReport:
        known = mail.contact.assurance is Assurance.VERIFIED
        return DeliveryReport(
            self._sender.domain,
            undelivered,
            mail.now.astimezone(self._policy.zone),
            mail.incoming.wishes.envelope_id,
            header_of(mail.incoming.raw) if known else b"",
        )

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
        """Give an alert, told at once where it may leave now; else the clock tells it."""
        severity = severity or self.routes.severity(kind)
        alert = Alert(serial(now), once, kind, severity, title, words, now, about, contact_id, command)
        if self.routes.leaves(severity) != "at_once":
            return Raised(alert)
        quiet = self.routes.held_back(severity, now)
        if quiet is not None:
            return Raised(replace(alert, next_at=quiet))
        rows = self.routes.reached(alert, now)
        alert = replace(alert, told_at=now, last_at=now, times=1, step=len(rows))
        alert = replace(alert, next_at=self.routes.next_at(alert, now))
        return Raised(alert, self.tellings.first(alert, rows, now))

    def _alert(self, to: str, subject: str, body: str, once: str, contact_id: str | None, now: datetime) -> Letter:
        letter = self._compose(to, subject, body, now, automatic="auto-generated")
        return Letter(letter.id, ALERT, "<>", to, letter.message_id, letter.message, now, once, contact_id)

    def _compose(
        self,
        to: str,
        subject: str,
        text: str,
        now: datetime,
        *,
        answers: tuple[str, str] = ("", ""),
        automatic: Literal["auto-replied", "auto-generated"],
        html: str = "",
        report: DeliveryReport | None = None,
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
            in_reply_to=answers[0],
            references=answers[1],
            automatic=automatic,
            html=html,
            report=report,
        )
        message = render_own(mail)
        return _Composed(number, mail.message_id, self._trace(number, message) + message)


def references(heading: Heading, raw: bytes) -> str:
    """Give what stands in References of an answer: those of the message, else what it answers (RFC 5322 3.6.4)."""
    return " ".join([*reversed(thread(raw).answers), heading.message_id]).strip()


@dataclass(frozen=True, slots=True)
class _Composed:
    id: str
    message_id: str
    message: bytes
