"""How far a message's sender is known to be who they say: by the border's word, else by checks of our own.

Belongs here: which of the two, and when it is asked. The border's word is read of every message, which costs no wait;
checks of our own wait for the DNS, and are made only where the sender is on record.
"""

from __future__ import annotations

from dataclasses import replace

from adapters.mail.alignment import named_domain
from adapters.mail.authentication_results import Border, reported
from adapters.mail.message import Incoming
from adapters.mail.verdict import verdict_of
from adapters.mail.verifying import Verifying
from gateway.mail_message import Message
from rules.contact import Assurance, Contact
from rules.standing import Standing


class Vouching:
    """Say what speaks for a sender; with neither border nor checks nothing does."""

    def __init__(self, border: Border | None = None, checks: Verifying | None = None) -> None:
        self._border = border
        self._checks = checks if border is None else None

    def at_once(self, contact: Contact, incoming: Incoming) -> Contact:
        """Give a contact with what the border says of its sender; never raises, never waits."""
        if self._border is None or contact.sender is None:
            return contact
        verdict = verdict_of(reported(incoming.raw, self._border), named_domain(contact.sender.value))
        return contact if verdict.assurance is contact.assurance else replace(contact, assurance=verdict.assurance)

    async def looked_up(self, mail: Message, standing: Standing) -> Message:
        """Give a message with what checks of our own say of its sender: a party, or who speaks for one.

        Nobody else waits for it: they are under no restriction, and are never written to.
        """
        sender = mail.contact.sender
        on_record = standing.party is not None or standing.speaks_for
        if self._checks is None or not on_record or sender is None:
            return mail
        verdict = await self._checks.verdict(mail.incoming, named_domain(sender.value))
        if verdict.assurance is Assurance.CLAIMED:
            return mail
        return replace(mail, contact=replace(mail.contact, assurance=verdict.assurance))
