"""Writes our own mail: notes and returns to senders, alerts to staff. Neutral, plain, and said once.

Belongs here: what is said and from whom. Sending is the outbox's. Nothing that a sender chose stands in it unescaped.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from adapters.mail.delivery_report import DeliveryReport, Undelivered, header_of, reportable, wished
from adapters.mail.message import Heading, thread
from adapters.mail.own_mail import OwnMail, clean_line, render_own
from gateway.mail_message import Message
from gateway.serials import serial
from rules.contact import Assurance
from rules.decision import Decision
from rules.policies import Policy
from rules.windows import in_words
from storage.entries import Entry, Flag, Letter, State
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


class Letters:
    """Compose letters; each has a stable Message-ID that is on record before it leaves (THREATS W6)."""

    def __init__(self, sender: Sender, policy: Policy, trace: Callable[[str, bytes], bytes]) -> None:
        self._sender = sender
        self._policy = policy
        self._trace = trace

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

    def alert_safeguard(
        self,
        contact_id: str,
        whose: str,
        what: str,
        once: str,
        now: datetime,
        *,
        kept: bool,
        forged: bool,
        by_hand: bool = False,
    ) -> Letter:
        """Tell staff of a message that must reach a person whatever is restricted; it says nobody's words or name."""
        where = (
            "It was kept from its inbox by a restriction, and waits for a person to look at it now."
            if kept
            else "It went to its inbox as it was sent. Please make sure that somebody has read it."
        )
        if by_hand:
            where = "A colleague logged it by hand. Please make sure that somebody acts on it now."
        doubt = "Its sender's address may be forged.\n" if forged else ""
        body = (
            f"A message was recognised by its words: {what}.\n{where}\n{doubt}\n"
            "Words are all that was compared: it may mean something else, and other messages may mean this without\n"
            "saying so. More from the same person may make no further alert.\n\n"
            f"To see it:  parley {f'queue show {contact_id}' if kept else f'contacts --whose {whose}'}\n"
        )
        return self._alert(once, "A message must be read by a person", body, contact_id, now)

    def alert_danger(self, contact_id: str, once: str, now: datetime) -> Letter:
        """Tell staff that a caller pressed the key for danger, whatever is restricted; it names nobody."""
        body = (
            "A caller on the recorded line pressed the key that says that somebody is in danger.\n"
            "They heard the words for an emergency. Please see to it now.\n\n"
            f"To see the call:  parley queue show {contact_id}\n"
        )
        return self._alert(once, "A caller says that somebody is in danger", body, contact_id, now)

    def alert_mailbox(self, mailbox: str, synced: datetime | None, why: str, now: datetime) -> Letter:
        """Tell staff that a watched mailbox is not being read; once a day for each (THREATS M2)."""
        last = f"since {in_words(synced, self._policy.zone)}" if synced else "since it is to be watched"
        body = (
            f"The mailbox {mailbox} has not been read {last}. {why}\n"
            "Until it is, restrictions are not applied to what comes into it, and its limits count nothing.\n\n"
            f"To see what is wrong:  parley mailbox check {mailbox}\n"
        )
        day = now.astimezone(self._policy.zone).date()
        return self._alert(f"mailbox:{mailbox}:{day}", "A mailbox is not being read", body, None, now)

    def alert_recording(self, contact_id: str, recording: str, why: str, now: datetime) -> Letter:
        """Tell staff of a message left by phone that we could not fetch; once for each."""
        body = (
            f"Somebody left a message by phone, and it could not be fetched: {why}.\n"
            f"The phone provider knows it as {recording}; it may still be heard there.\n\n"
            f"To see the call:  parley queue show {contact_id}\n"
        )
        return self._alert(f"recording:{recording}", "A message by phone could not be fetched", body, contact_id, now)

    def alert_provider(self, why: str, now: datetime) -> Letter:
        """Tell staff that the phone provider could not be asked for a day; once a day (THREATS T7)."""
        body = (
            f"The phone provider does not answer us: {why}.\n"
            "Until it does, messages that were left by phone are not fetched, and calls and texts that came while we\n"
            "were down are not entered. It is asked again all the time; nothing is lost meanwhile.\n\n"
            "To see what is wrong:  parley doctor\n"
        )
        day = now.astimezone(self._policy.zone).date()
        return self._alert(f"provider:{day}", "The phone provider does not answer us", body, None, now)

    def alert_not_entered(self, sid: str, now: datetime) -> Letter:
        """Tell staff of a call or text of the phone provider's log that we failed at; once for each."""
        body = (
            "A call or a text came while Parley could not be asked, and it could not be put on record afterwards.\n"
            f"The phone provider knows it as {sid}: please look there who it was.\n"
        )
        return self._alert(f"not entered:{sid}", "A call or text is not on record", body, None, now)

    def alert_phone(self, run: int, why: str, now: datetime) -> Letter:
        """Tell staff that request after request to the phone door was refused; once a day (THREATS T1)."""
        body = (
            f"{run} requests to the address for calls and texts were refused one after the other ({why}).\n"
            "Either somebody tries it out, or the address or the token is set up wrongly; then every call is refused\n"
            "here and goes where the phone provider's fallback sends it.\n\n"
            "To see which:  parley doctor\n"
        )
        day = now.astimezone(self._policy.zone).date()
        return self._alert(f"phone refused:{day}", "Calls may not be reaching us", body, None, now)

    def alert_signature(self, found: str, cure: str, now: datetime) -> Letter:
        """Tell staff that our own door refuses what is signed as the provider signs; once a day (THREATS T1)."""
        body = (
            f"Parley tried its own public address. {found}\n"
            "Calls are then refused here and go where the phone provider's fallback sends them.\n\n"
            f"{cure}\n\n"
            "To look again:  parley doctor\n"
        )
        day = now.astimezone(self._policy.zone).date()
        return self._alert(f"phone signature:{day}", "Calls may not be reaching us", body, None, now)

    def alert_webhook(self, hook: str, why: str, now: datetime) -> Letter:
        """Tell staff that another system does not take our events; once a day for each."""
        body = (
            f"The webhook {hook} has not taken an event for so long that it was given up ({why}).\n"
            "What that system knows of our casework is out of date from then on.\n\n"
            "To see them, and to have them tried again:  parley events list\n"
        )
        day = now.astimezone(self._policy.zone).date()
        return self._alert(f"webhook:{hook}:{day}", "Another system does not take our events", body, None, now)

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

    def _alert(self, once: str, subject: str, body: str, contact_id: str | None, now: datetime) -> Letter:
        to = self._sender.alerts
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
