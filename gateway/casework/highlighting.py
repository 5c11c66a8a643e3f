"""Messages that go back with passages marked: the effect of the act, and what leads up to it (PHSO-M3).

Belongs here: what only the record can tell (is the message kept, do the words stand in it, may its sender be answered)
and what follows. The letter is on record with the act, before anything leaves (THREATS W6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from adapters.mail.line_ends import to_crlf
from adapters.mail.message import Incoming, read
from adapters.mail.text import Shown, show
from adapters.mail.trace import content_key, without_traces
from gateway.casework.desk import Casework, Done
from gateway.casework.outline import READ_FILE
from gateway.highlighted_return import Written, written
from gateway.letters import Letters
from gateway.mail_contact import contact_of
from gateway.resent import Beside, beside
from gateway.shunt import key_sender
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.acts.highlight import Highlight
from rules.casework.passages import Passage, marked
from rules.casework.refused import Refused
from rules.contact import Channel, Contact, Nature
from rules.decide import may_answer
from rules.policies import Policy
from storage.entries import Entry, Raw, State
from storage.record import Record
from storage.transaction import Reader, Transaction

MOST_WORDS = 2_000
"""Characters of one passage that is named by its words."""
_CLAIM = timedelta(minutes=15)
_DESK = "desk"
_GOES_BACK = frozenset(
    {
        *(State.DELIVERED, State.HELD, State.FILED, State.FILED_UNREAD, State.LOOKED_AT, State.UNCLEAR),
        State.RETURNED,
    }
)
_LOOKED_FOR = frozenset({State.FILED, State.UNCLEAR})
_GIVE = "Save it from the inbox as a file, and give that: parley queue highlight NUMBER --message FILE."


class Highlighting:
    """Send a message back with what an act marked in it; for letters of one office."""

    def __init__(self, letters: Letters, policy: Policy, office: str) -> None:
        self._letters = letters
        self._policy = policy
        self._office = office

    def __call__(self, tx: Transaction, done: Done) -> None:
        """Put the letter into the outbox and the contact where it is now; raises Refused, and nothing is done."""
        act = done.paper.act
        if not isinstance(act, Highlight):
            return
        entry, raw = _kept(tx, act.contact)
        to = _addressee(entry, raw, self._policy)
        text = self.written(raw, act.passages, act.note)
        heading = read(raw.message)
        if not tx.enqueue(self._letters.highlighted(entry.id, to, heading, text.text, text.html, done.paper.at)):
            raise Refused("This message went back with passages marked before.")
        _returned(tx, entry, done)

    def written(self, raw: Raw, passages: Sequence[Passage], note: str) -> Written:
        """Write what the party reads; raises Refused where a passage is not where it is said to be."""
        shown = show(raw.message)
        if not all(one.stands_in(shown.text) for one in passages):
            raise Refused(
                "A passage does not stand in the text of the message.", way="Read the message again, and mark it anew."
            )
        return written(shown, passages, note, self._policy.texts, self._office)


def _kept(reader: Reader, number: str) -> tuple[Entry, Raw]:
    entry, raw = reader.contact(number), reader.raw(number)
    if entry is None or entry.channel is not Channel.EMAIL:
        raise Refused("Only a message can go back with passages marked.")
    if entry.state not in _GOES_BACK:
        raise Refused(f"It is {entry.state.value.replace('_', ' ')}, so it cannot go back.")
    if raw is None:
        raise Refused("The record keeps no copy of this message.", way=_GIVE)
    return entry, raw


def _addressee(entry: Entry, raw: Raw, policy: Policy) -> str:
    """Give to whom it goes back: who sent it, where they may be answered (THREATS C4, I5)."""
    if not may_answer(_contact(entry, raw), policy):
        raise Refused(
            "Whoever sent this may not be answered: nothing vouches for the address, or a program sent it.",
            way="Tell the person by a way that is known to be theirs.",
        )
    return raw.mail_from


def _contact(entry: Entry, raw: Raw) -> Contact:
    """Read a message on record as the contact that it was, as far as answering it goes."""
    recipients = tuple(goal.recipient for goal in entry.targets)
    found = contact_of(Incoming("", "", raw.mail_from, recipients, raw.message), read(raw.message), entry.id, entry.at)
    by_person = found.answerable and entry.nature is Nature.PERSON and str(found.sender) == entry.sender
    return replace(found, assurance=entry.assurance, answerable=by_person)


def _returned(tx: Transaction, entry: Entry, done: Done) -> None:
    """Say that it went back: it waits for nobody any more, and whoever sent it back has looked at it."""
    now = done.paper.at
    if entry.state is State.HELD and not tx.claim_hold(entry.id, _DESK, now, now + _CLAIM, by_hand=True):
        raise Refused("It is being released just now.", way="Look where it went, then decide.")
    if entry.state in _LOOKED_FOR:
        tx.look(entry.id, done.paper.by, now)
    tx.settle(entry.id, state=State.RETURNED, release_at=None, look_by=None, owner="", node="")


@dataclass(frozen=True, slots=True)
class Text:
    """Hold what staff see of a message, where passages are marked in `shown.text`, and what was marked in it before."""

    entry: Entry
    shown: Shown
    passages: tuple[Passage, ...]


class Highlights:
    """Read messages, mark passages in them by their words, and see what came back. Its methods wait."""

    def __init__(self, record: Record, casework: Casework, highlighting: Highlighting, policy: Policy) -> None:
        self._record = record
        self._casework = casework
        self._highlighting = highlighting
        self._policy = policy

    def text(self, party: int, number: str, by: Actor) -> Text:
        """Show a message of a party; that somebody read it is on record (THREATS W4). Raises Refused."""
        allowed(READ_FILE, self._policy, by)

        def job(tx: Transaction) -> Text:
            entry, raw = _kept(tx, _own(tx, party, number).id)
            tx.act(by.name, READ_FILE, f"party:{party}", {"of": "message", "contact": number})
            file = tx.case_file(party)
            acts = [act for _, act in file.of(Highlight) if act.contact == number] if file else []
            return Text(entry, show(raw.message), acts[0].passages if acts else ())

        return self._record.write_now(job)

    def beside(self, party: int, number: str, by: Actor) -> Beside:
        """Show a message beside the one that went back; on record as reading. Raises Refused."""
        allowed(READ_FILE, self._policy, by)

        def job(tx: Transaction) -> Beside:
            found = beside(tx, _own(tx, party, number))
            tx.act(by.name, READ_FILE, f"party:{party}", {"of": "versions", "contact": number})
            return found

        return self._record.write_now(job)

    def meant(
        self, party: int, number: str, words: Sequence[str], note: str, message: bytes | None = None
    ) -> Highlight:
        """Give the act that marks these words wherever they stand in the message; raises Refused.

        `message` is the message as it lies in an inbox, where the record keeps no copy of it.
        """
        self._record.read_now(lambda reader: _own(reader, party, number))
        raw = self._raw(number, message)
        if any(len(one) > MOST_WORDS for one in words):
            raise Refused(f"A passage has {MOST_WORDS} characters at most.", way="Mark it as several.")
        try:
            passages = marked(show(raw.message).text, words)
        except ValueError as wrong:
            raise Refused(f"{str(wrong)[:1].upper()}{str(wrong)[1:]}.", way="Copy them from the message.") from None
        return Highlight(contact=number, passages=passages, note=note)

    def preview(self, act: Highlight, message: bytes | None = None) -> Written:
        """Give what the party would read; nothing is done. Raises Refused where it could not go."""
        raw = self._raw(act.contact, message)
        entry = self._record.read_now(lambda reader: reader.contact(act.contact))
        assert entry is not None  # _raw saw to it
        _addressee(entry, raw, self._policy)
        return self._highlighting.written(raw, act.passages, act.note)

    def do(
        self, party: int, act: Highlight, by: Actor, *, message: bytes | None = None, version: int | None = None
    ) -> Done:
        """Mark and send back in one step; raises what `Casework.do` raises."""
        if message is None:
            return self._casework.do_now(party, act, by, version=version)
        raw = self._raw(act.contact, message)

        def keep(tx: Transaction, _: Done) -> None:
            tx.keep_raw(raw.contact_id, raw.mail_from, raw.message)

        return self._casework.also(keep).do_now(party, act, by, version=version)

    def _raw(self, number: str, message: bytes | None) -> Raw:
        entry, kept = self._record.read_now(lambda reader: (reader.contact(number), reader.raw(number)))
        if kept is None and entry is not None and message is not None:
            return same_message(entry, message)
        _, kept = self._record.read_now(partial(_kept, number=number))
        return kept


def _own(reader: Reader, party: int, number: str) -> Entry:
    entry = reader.contact(number)
    if entry is None or entry.party_id != party:
        raise Refused(f"There is no contact {number} of this party on record.")
    return entry


def same_message(entry: Entry, message: bytes) -> Raw:
    """Give a message from an inbox as the one that a contact is; raises Refused where it is another, or nobody knows.

    Who its envelope named is not in it: it goes back to its author, who is the sender on record.
    """
    raw = without_traces(to_crlf(message))
    author = read(raw).sender
    if entry.key is None:
        raise Refused("It came so long ago that nobody can tell whether this is the message.")
    if author is None or content_key(key_sender(author, ""), raw) != entry.key:
        raise Refused("The file is not this message, or a program has changed it.", way="Save it as it came, as .eml.")
    return Raw(entry.id, author, raw)
