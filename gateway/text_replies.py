"""Our own texts: which words, to whom, and when none goes although one is meant (THREATS T5, T6).

Belongs here: one text to a number in a period, so many and so much money in a day, counted on record by all machines
together. Whoever holds the phone learns nothing about a person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.phone.text_message import parts
from rules.contact import Contact
from rules.decision import Decision, Outcome, Reason
from rules.policies import Policy
from storage.transaction import Transaction

_DAY = timedelta(days=1)
_SPENT = "As many texts as the policy allows in a day have left, so it is filed and not returned"
_TOLD = "This number had a text from us a short while ago, so none goes with this one"
_SIGNPOST = "signpost:"


@dataclass(frozen=True, slots=True)
class Reply:
    """Hold a text of ours; without words there is none. `once` is the key under which it is said once."""

    words: str = ""
    once: str | None = None

    @property
    def parts(self) -> int:
        """Count what it costs."""
        return parts(self.words) if self.words else 0


NO_REPLY = Reply()


class TextReplies:
    """Say what a text is answered; within the transaction that records the answer."""

    def __init__(self, policy: Policy, office: str) -> None:
        self._policy = policy
        self._office = office

    def reply(self, tx: Transaction, contact: Contact, decision: Decision, now: datetime) -> tuple[Decision, Reply]:
        """Give the text that goes with a decision, and the decision as it is where none may go.

        What would be returned without a word is filed for a person; not so where its sender was told before.
        """
        meant = self._meant(decision)
        if contact.sender is None or not meant.words:
            return decision, NO_REPLY
        tx.lock_texts()
        if self._told(tx, contact.sender.value, meant, now):
            known = replace(decision, reasons=(*decision.reasons, Reason("", "", "", _TOLD)))
            return known if decision.carried is Outcome.RETURN else decision, NO_REPLY
        sent, sent_parts = tx.texts_sent(now - _DAY)
        if not self._policy.texting.affords(sent, sent_parts, meant.parts):
            return filed(decision, _SPENT) if decision.carried is Outcome.RETURN else decision, NO_REPLY
        return decision, meant

    def _meant(self, decision: Decision) -> Reply:
        if decision.carried is Outcome.RETURN:
            return Reply(self._named(decision.sender_text))
        if decision.note is None:
            return NO_REPLY
        return Reply(self._named(decision.note.text), f"{decision.party}:{decision.note.once}")

    def _named(self, words: str) -> str:
        return words.replace("{office}", self._office)

    def _told(self, tx: Transaction, number: str, meant: Reply, now: datetime) -> bool:
        """Tell whether it was said, or the number had a text lately; whom to turn to is said all the same (PHSO-27)."""
        if meant.once is not None and tx.text_said(meant.once):
            return True
        if meant.once is not None and _SIGNPOST in meant.once:
            return False
        return tx.text_sent_to(number, now - timedelta(hours=self._policy.texting.hours_between))


def filed(decision: Decision, why: str) -> Decision:
    """File for a person what would be sent away, and say why."""
    targets = tuple(replace(target, outcome=Outcome.FILE) for target in decision.targets)
    return replace(
        decision,
        outcome=Outcome.FILE,
        carried=Outcome.FILE,
        targets=targets,
        reasons=(*decision.reasons, Reason("", "", "", why)),
        note=None,
        sender_text="",
    )
