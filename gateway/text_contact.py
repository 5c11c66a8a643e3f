"""Turns a text into a contact and into mail for staff, and reads both back from what the record keeps.

Belongs here: which inbox a line's texts go to, and what staff are told beside the words. What the sender wrote stands
under our own lines, so that it cannot pass for one of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes

from adapters.mail.opening import LONGEST_OPENING
from adapters.mail.own_mail import OwnMail, clean_line, render_own
from adapters.phone.text_message import IncomingText, Wish
from gateway.config import Config
from gateway.letters import Sender
from gateway.serials import serial
from rules import identity
from rules.contact import Caller, Channel, Contact
from rules.policies import Policy
from rules.windows import in_words
from storage.entries import Entry, Raw, State

ON_ITS_WAY = "on its way to its inbox"
"""The detail of a text that was decided on, and that no mailbox has yet."""
_LINE_ENDS = re.compile("\r\n|[\r\n\v\f\x85\u2028\u2029]")
_WITHOUT = {
    Caller.WITHHELD: "a number that is withheld",
    Caller.UNAVAILABLE: "a number that is not available",
}
_WISHES = {
    Wish.STOP: "It asks for no more texts. Parley sends none to this number until it sends START.",
    Wish.START: "It asks for texts again. Parley may answer this number by text from now on.",
}


@dataclass(frozen=True, slots=True)
class TextInboxes:
    """Hold which inbox texts go to: the one that serves a line, or the one for all others."""

    inbox: str
    by_line: Mapping[str, str]

    def serving(self, line: str) -> str:
        """Give the inbox of the texts to `line`."""
        return self.by_line.get(line_of(line), self.inbox)


def inboxes_of(config: Config) -> TextInboxes:
    """Give the inboxes of an office's settings; where they name none, texts go to the inbox of alerts."""
    return TextInboxes(config.phone.texts or config.office.alerts, config.phone.text_lines)


def line_of(line: str) -> str:
    """Give a line of the office as settings and policy write it."""
    known = identity.phone(line)
    return known.value if known else line


def contact_of(text: IncomingText, inbox: str, now: datetime, *, answerable: bool) -> Contact:
    """Read a text that came at `now` to the inbox of its line; a sender without a number is nobody's (THREATS T5)."""
    sender = identity.phone(text.number) if text.caller is Caller.NUMBER else None
    return Contact(
        id=serial(now),
        channel=Channel.SMS,
        at=now,
        sender=sender,
        candidates=(sender,) if sender else (),
        caller=text.caller if sender or text.caller is not Caller.NUMBER else Caller.UNAVAILABLE,
        recipients=(inbox,),
        size=len(text.words.encode("utf-8", "replace")),
        answerable=answerable,
    )


def mail_of(text: IncomingText, contact: Contact, office: Sender, policy: Policy) -> bytes:
    """Write a text as mail from the office's own address: our lines, an empty one, then what the sender wrote."""
    who = contact.sender.value if contact.sender else _without_number(text, contact)
    when = in_words(contact.at, policy.zone)
    lines = [
        f"Text message from {who} to {clean_line(line_of(text.to)[:40])}, {when}.",
        "Nobody knows from a number alone who holds the phone. An answer to this mail does not reach it.",
    ]
    if text.media:
        what = "One picture or other file" if text.media == 1 else f"{text.media} pictures or other files"
        lines.append(f"{what} came with it: Parley does not fetch them; the provider has them, message {text.sid}.")
    if text.wish is not Wish.NONE:
        lines.append(_WISHES[text.wish])
    words = "\n".join(_LINE_ENDS.split(text.words)).strip() or "(no words)"
    return render_own(
        OwnMail(
            sender=office.address,
            name=office.name,
            to=contact.recipients[0],
            subject=f"Text message from {who}",
            text="\n".join(lines) + f"\n\n{words}",
            message_id=f"<{contact.id}@{office.domain}>",
            at=contact.at.astimezone(policy.zone),
            automatic="auto-generated",
        )
    )


def _without_number(text: IncomingText, contact: Contact) -> str:
    name = clean_line(text.shown)
    known = _WITHOUT.get(contact.caller)
    return known or (f"{name} (a name or short code, no number)" if name else "an unknown sender")


def words_of(raw: bytes) -> str:
    """Give what the sender wrote, from the mail that `mail_of` made."""
    octets = message_from_bytes(raw).get_payload(decode=True)
    text = octets.decode("utf-8", "replace") if isinstance(octets, bytes) else ""
    return "\n".join(_LINE_ENDS.split(text)).partition("\n\n")[2].strip()


def contact_again(entry: Entry, raw: Raw) -> Contact:
    """Read a held text as the contact that it is for those whom it has not reached; it came when it came."""
    sender = identity.phone(entry.sender.partition(":")[2]) if entry.sender else None
    return Contact(
        id=entry.id,
        channel=Channel.SMS,
        at=entry.at,
        sender=sender,
        candidates=(sender,) if sender else (),
        assurance=entry.assurance,
        caller=Caller.NUMBER if sender else Caller.UNAVAILABLE,
        recipients=tuple(goal.recipient for goal in entry.targets if not goal.done),
        size=entry.size,
        opening=words_of(raw.message)[:LONGEST_OPENING],
    )


def on_its_way(entry: Entry) -> bool:
    """Tell whether a text was decided on, and only has to be brought to its inbox."""
    return entry.channel is Channel.SMS and entry.state is State.HELD and entry.detail == ON_ITS_WAY
