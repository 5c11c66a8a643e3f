"""Contacts logged by hand: letters, visits, calls and mail that no door saw, with the same effect on levels and limits.

Belongs here: writing one down, and taking a mistake back. What was decided is shown to whoever logs it and never keeps
them from logging: it has happened. The note is contents: it goes with its contact, by the policy's retention.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from gateway.casework.outline import LIST_FILES, READ_FILE, sees_history
from gateway.casework.recount import recount
from gateway.casework.register import NotOne, one_meant
from gateway.clock import Clock
from gateway.letters import Letters
from gateway.levels import Levels
from gateway.mail_contact import entry_of
from gateway.particulars import keep_particulars
from gateway.safeguards import Safeguards, Text
from gateway.serials import serial
from gateway.standing import standing_of, standing_of_party
from gateway.suspensions import tell_owners
from rules import identity
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.identifiers import identifier_of
from rules.casework.refused import Refused
from rules.contact import Assurance, Channel, Contact, Identifier, IdentifierKind
from rules.decide import decide
from rules.decision import Decision, Outcome, Reason, Target
from rules.measures.return_letters import ReturnLetters
from rules.policies import Policy
from rules.safeguards.bearing import SAFEGUARD, risks_life
from rules.standing import UNKNOWN, Party, Standing
from rules.windows import in_words
from storage.entries import ByHand, Entry, State
from storage.faults import RecordUnavailable
from storage.record import Record
from storage.transaction import Reader, Transaction

LOG, TAKE_BACK = "log_contact", "take_back"
MOST_MINUTES, MOST_NOTE, MOST_LINE, MOST_PAGES = 24 * 60, 8000, 320, 10_000
OLDEST = timedelta(days=366)
_NOBODY_KNOWS = Reason("", "", "", "Nobody knows who it was, so it counts towards no limit and no level")
_WE_DID = Reason("", "", "", "We contacted them: it counts towards no limit and no level of theirs")


@dataclass(frozen=True, slots=True)
class Slip:
    """Hold what somebody writes down. `at` is aware, None for now; `party` is a party's number.

    `who` are words that mean a party: its number, its name, an address or number of it, where `party` is not given.
    With none of these, nor `identifier`, nobody knows who it was. `to` is the inbox or line that it came to,
    `staff` who dealt with it (empty: whoever logs it), `minutes` how long it took, `ours` that we contacted them. `key`
    is the client's own word for this slip: logged twice, it is one contact. `pages` is how many a letter had.
    """

    channel: Channel
    at: datetime | None = None
    party: int | None = None
    identifier: str = ""
    to: str = ""
    staff: str = ""
    minutes: int | None = None
    note: str = ""
    cases: tuple[str, ...] = ()
    ours: bool = False
    key: str = ""
    pages: int = 0
    who: str = ""


@dataclass(frozen=True, slots=True)
class Logged:
    """Hold a contact that was logged by hand; `name` is the party's, empty where none is known.

    `may_be` names who shares the address or number that was given; `fresh` tells that it was logged just now.
    """

    entry: Entry
    by_hand: ByHand
    name: str = ""
    fresh: bool = True
    may_be: tuple[str, ...] = ()


class HandLog:
    """Keep the log of one installation. Its methods wait; not for event loops."""

    def __init__(self, record: Record, policy: Policy, levels: Levels, letters: Letters, clock: Clock) -> None:
        self._record = record
        self._policy = policy
        self._levels = levels
        self._letters = letters
        self._clock = clock
        self._safeguards = Safeguards(policy, letters)

    def log(self, slip: Slip, by: Actor) -> Logged:
        """Put a contact on record; logged again under the same key, it is the one there is.

        Raises Refused for a time to come, and for another slip under a key that was used; NotOne for words that mean
        no party, or several. What is wrong with the rest is said first, and a look-up that leads to no entry is put on
        record (THREATS W4): nobody learns unseen who is on file.
        """
        allowed(LOG, self._policy, by)
        now = self._clock()
        self._check(slip, now)
        try:
            slip = self._named(slip, by)
            return self._record.write_now(partial(self._log, slip, by, now))
        except Refused as refused:
            found = refused.parties if isinstance(refused, NotOne) else () if slip.party is None else (slip.party,)
            if slip.who.strip() or slip.party is not None:
                looked: dict[str, object] = {"of": "hand_log", "parties": list(found)}
                self._record.write_now(lambda tx: tx.act(by.name, LIST_FILES, "by words", looked))
            raise

    def _named(self, slip: Slip, by: Actor) -> Slip:
        if slip.party is not None or not slip.who.strip():
            return slip
        numbers = sees_history(self._policy, by)
        found = self._record.read_now(partial(one_meant, words=slip.who, numbers=numbers))
        return replace(slip, party=found)

    def take_back(self, number: str, why: str, by: Actor) -> Logged:
        """Have an entry count for nothing, as it was a mistake; who logged it may, else whom the policy names.

        Flags that fall by it are dismissed. Raises Refused where it is no entry by hand, or was taken back before.
        """
        allowed(LOG, self._policy, by)
        why = " ".join(why.split())
        if not why or len(why) > MOST_NOTE:
            raise Refused("Say in a few words why it is taken back.")
        return self._record.write_now(partial(self._take_back, number, why, by, self._clock()))

    def show(self, number: str, by: Actor) -> Logged:
        """Give an entry with its note to whoever logged it, or may read files; that they read it is put on record."""
        return self._record.write_now(partial(self._show, number, by))

    def _check(self, slip: Slip, now: datetime) -> None:
        at = slip.at or now
        if at > now:
            raise Refused("This time is still to come.", way="Log it once it has happened.")
        if now - at > OLDEST:
            raise Refused(
                f"This is more than {OLDEST.days} days ago.", way="Put it on the party's file as an incident."
            )
        if slip.minutes is not None and not 0 <= slip.minutes <= MOST_MINUTES:
            raise Refused(f"Minutes are 0 to {MOST_MINUTES}, or left out where nobody knows.")
        if not 0 <= slip.pages <= MOST_PAGES:
            raise Refused(f"Pages are 0 to {MOST_PAGES}.")
        if len(slip.note) > MOST_NOTE:
            raise Refused(f"A note has {MOST_NOTE} characters at most.", way="Seal what is longer as evidence.")
        lines = (slip.identifier, slip.to, slip.staff, slip.key, *slip.cases)
        if any(len(one) > MOST_LINE or not one.isprintable() for one in lines):
            raise Refused(f"Each of these is one line that can be printed, of {MOST_LINE} characters at most.")
        _identifier(slip.identifier)

    def _log(self, slip: Slip, by: Actor, now: datetime, tx: Transaction) -> Logged:
        key = _key(slip, by)
        earlier = tx.by_hand_with_key(key) if key else None
        if earlier is not None:
            return self._again(tx, earlier, slip)
        contact, party = self._contact(tx, slip, now)
        if party is not None:
            tx.lock_party(party)
        standing = self._standing(tx, contact, party)
        contact = self._safeguards.at_once(contact, standing, Text(slip.note), now)
        decision = _ours(slip) or self._decided(contact, standing)
        entry = self._entry(slip, contact, standing, decision)
        tx.add_contact(entry)
        written = ByHand(entry.id, now, by.name, slip.staff.strip() or by.name, slip.ours, slip.minutes, slip.note, key)
        if not tx.add_by_hand(written):
            raise RecordUnavailable("the same is being logged elsewhere")
        minutes = None if slip.channel is Channel.CALL else slip.minutes  # a call's are talk
        keep_particulars(tx, contact, entry.id, self._policy, pages=slip.pages, minutes=minutes)
        about: dict[str, object] = {"channel": slip.channel.value, "party": entry.party_id, "ours": slip.ours}
        tx.act(by.name, LOG, entry.id, about)
        if not slip.ours:
            self._levels.after_late_contact(tx, contact, entry, now)
            self._safeguards.tell(tx, contact, entry, decision, now, by_hand=True)
            tell_owners(tx, self._letters, standing, decision, self._policy, now)
        return _logged(tx, entry, written)

    def _again(self, tx: Transaction, earlier: ByHand, slip: Slip) -> Logged:
        entry = tx.contact(earlier.contact_id)
        assert entry is not None  # what was written down goes with its contact
        same = (entry.channel, slip.at and entry.at, earlier.minutes, earlier.note, earlier.ours)
        if same != (slip.channel, slip.at, slip.minutes, slip.note, slip.ours):
            raise Refused("Something else was logged under this key.", way="Give each contact a key of its own.")
        return replace(_logged(tx, entry, earlier), fresh=False)

    def _contact(self, tx: Transaction, slip: Slip, now: datetime) -> tuple[Contact, int | None]:
        """Give what came as a contact, and the party that a person named or the identifier leads to."""
        known = _identifier(slip.identifier)
        party = _party(tx, slip.party) if slip.party is not None else None
        sender = known or (stands_for(party, slip.channel) if party is not None else None)
        contact = Contact(
            id=serial(now),
            channel=slip.channel,
            at=slip.at or now,
            sender=sender,
            candidates=(sender,) if sender is not None else (),
            # A colleague says who it was; an address alone is a claim.
            assurance=Assurance.VERIFIED if party is not None else Assurance.CLAIMED,
            recipients=(slip.to.strip(),) if slip.to.strip() else (),
            duration_s=_seconds(slip),
            answerable=False,
            cases=slip.cases,
        )
        if party is not None:
            return contact, party.id
        standing = standing_of(tx, contact, self._policy, now=contact.at, until=contact.at) if sender else UNKNOWN
        return contact, standing.party.id if standing.party is not None else None

    def _standing(self, tx: Transaction, contact: Contact, party: int | None) -> Standing:
        """Load the standing as it was when it came: what came later had used up nothing by then."""
        if contact.sender is None:
            return UNKNOWN
        if party is None:
            return standing_of(tx, contact, self._policy, now=contact.at, until=contact.at)
        return standing_of_party(tx, party, contact, self._policy, now=contact.at, until=contact.at)

    def _decided(self, contact: Contact, standing: Standing) -> Decision:
        """Decide as for any contact of the channel, and say what was done about it: a colleague took it."""
        opened = _opened(contact.channel)
        if contact.sender is None:
            return Decision(opened, opened, (_NOBODY_KNOWS,), counts=False, safeguards=contact.safeguards)
        found = decide(contact, standing, self._policy, now=contact.at)
        targets = tuple(Target(one, opened, one) for one in contact.recipients)
        short = contact.channel is Channel.CALL and contact.duration_s is not None
        counts = found.counts and not (short and (contact.duration_s or 0) < self._policy.counted_call_s)
        counts = counts and not risks_life(contact.safeguards)
        return replace(
            found, carried=opened, targets=targets, safeguards=contact.safeguards, counts=counts, release_at=None
        )

    def _entry(self, slip: Slip, contact: Contact, standing: Standing, decision: Decision) -> Entry:
        state = State.ANSWERED if slip.channel is Channel.CALL else State.DELIVERED
        entry = entry_of(contact, standing, decision, State.OURS if slip.ours else state)
        talk_s = contact.duration_s if slip.channel is Channel.CALL else None
        given = _identifier(slip.identifier)
        entry = replace(entry, sender=str(given) if given else "", talk_s=talk_s, updated_at=None)
        if standing.party is not None:
            entry = replace(entry, party_id=standing.party.id)
        return replace(entry, counts=False, counted_at=None) if slip.ours else entry

    def _take_back(self, number: str, why: str, by: Actor, now: datetime, tx: Transaction) -> Logged:
        entry, written = self._reached(tx, number, TAKE_BACK, by)
        if not tx.take_back(number, by.name, why, now):
            raise Refused("It was taken back before.")
        tx.settle(number, state=State.TAKEN_BACK, counts=False, counted_at=None)
        tx.act(by.name, TAKE_BACK, number, {"logged_by": written.logged_by})
        recount(tx, self._policy, entry.whose, by.name, f"{TAKE_BACK}:{number}")
        return _logged(tx, *_on_record(tx, number))

    def _reached(self, tx: Transaction, number: str, right: str, by: Actor) -> tuple[Entry, ByHand]:
        """Give an entry to who logged it, or has this right; others hear the same where there is none (THREATS W2)."""
        written = tx.by_hand(number)
        if written is None or written.logged_by != by.name:
            allowed(right, self._policy, by)
        return _on_record(tx, number)

    def _show(self, number: str, by: Actor, tx: Transaction) -> Logged:
        entry, written = self._reached(tx, number, READ_FILE, by)
        about = f"party:{entry.party_id}" if entry.party_id is not None else entry.id
        tx.act(by.name, READ_FILE, about, {"of": "hand_log"})
        return _logged(tx, entry, written)


def said(logged: Logged, policy: Policy) -> tuple[str, ...]:
    """Say what whoever logged it needs to know: what is in force, and what it would have met at a door."""
    entry = logged.entry
    found = [one.text for one in entry.reasons if one.measure != "adjustment"]
    if not entry.decided.lets_through:
        found.insert(0, f"{_WOULD[entry.decided]} It is logged all the same: it has happened.")
    if any(one.measure == "adjustment" for one in entry.reasons):
        found.append("An adjustment keeps this channel open to a person")
    if logged.by_hand.taken_back_at is not None:
        when = in_words(logged.by_hand.taken_back_at, policy.zone)
        found.insert(0, f"Taken back on {when} by {logged.by_hand.taken_back_by}: {logged.by_hand.taken_back_why}")
    found += [f"It may be {name}: the address or number is shared" for name in logged.may_be]
    return tuple(each if each.endswith(".") else f"{each}." for each in found)


def return_slip(logged: Logged, policy: Policy) -> tuple[str, ...]:
    """Give the words of the slip that goes back with a letter (PHSO-M8); empty where it is not to be returned.

    What must reach a person is kept, whatever was decided of the party's letters.
    """
    kinds = {one.measure for one in logged.entry.reasons}
    kept = SAFEGUARD in kinds or logged.by_hand.taken_back_at is not None or logged.by_hand.ours
    if ReturnLetters.kind not in kinds or kept:
        return ()
    return ReturnLetters.sender_words, policy.texts.help, policy.texts.emergency


def as_data(logged: Logged, policy: Policy, *, note: bool = False) -> dict[str, object]:
    """Give an entry in plain data, times in the office's zone; with its note only where it may be read."""
    entry, written = logged.entry, logged.by_hand
    back = written.taken_back_at
    return {
        "id": entry.id,
        "channel": entry.channel.value,
        "at": entry.at.astimezone(policy.zone).isoformat(),
        "party": entry.party_id,
        "name": logged.name,
        "from": entry.sender.partition(":")[2],
        "may_be": list(logged.may_be),
        "ours": written.ours,
        "minutes": written.minutes,
        "staff": written.staff,
        "logged_by": written.logged_by,
        "counts": entry.counts,
        "decided": entry.decided.value,
        "says": list(said(logged, policy)),
        "taken_back": back.astimezone(policy.zone).isoformat() if back is not None else None,
        "logged_before": not logged.fresh,
        "slip": list(return_slip(logged, policy)),
        "note": written.note if note else None,
    }


_WOULD = {
    Outcome.HOLD: "Under what is in force it waits for a person.",
    Outcome.VOICEMAIL: "Under what is in force they could have left a message and no more.",
    Outcome.FILE: "Under what is in force it goes on file.",
    Outcome.AUTOMATED_LINE: "Under what is in force they hear the recorded message.",
    Outcome.RETURN: "Under what is in force it goes back to them.",
    Outcome.REFUSE: "Under what is in force it is refused.",
}


def _key(slip: Slip, by: Actor) -> str | None:
    """Give the key as it is on record: one client's key is nobody else's, and cannot be read there."""
    return sha256(f"{by.name}\n{slip.key}".encode()).hexdigest() if slip.key else None


def _identifier(text: str) -> Identifier | None:
    if not text.strip():
        return None
    known = identity.anything(text)
    if known is None:
        raise Refused(
            "This is no address, number or handle that can be read.",
            way="Write it as r@example.org, 01632 960001 or platform:name; leave it out where nobody knows who it was.",
        )
    return known


def _party(reader: Reader, number: int) -> Party:
    found = reader.party(reader.merged_into(number) or number)
    if found is None:
        raise Refused(f"There is no party {number}.", way="Find the party by its name or an address first.")
    return found


_KINDS = {Channel.EMAIL: IdentifierKind.EMAIL, Channel.CALL: IdentifierKind.PHONE, Channel.SMS: IdentifierKind.PHONE}


def stands_for(party: Party, channel: Channel) -> Identifier:
    """Give what stands for the sender where a colleague named the party: one of its own, the channel's kind first."""
    wanted = _KINDS.get(channel)
    ranked = sorted(party.identifiers, key=lambda one: (one.kind is not wanted, one))
    return ranked[0] if ranked else Identifier(IdentifierKind.HANDLE, f"party:{party.id}")


def _seconds(slip: Slip) -> int | None:
    return slip.minutes * 60 if slip.minutes is not None else None


def _opened(channel: Channel) -> Outcome:
    return Outcome.CONNECT if channel is Channel.CALL else Outcome.DELIVER


def _ours(slip: Slip) -> Decision | None:
    opened = _opened(slip.channel)
    return Decision(opened, opened, (_WE_DID,), counts=False) if slip.ours else None


def _on_record(tx: Transaction, number: str) -> tuple[Entry, ByHand]:
    written, entry = tx.by_hand(number), tx.contact(number)
    if written is None or entry is None:
        raise Refused("Nothing that was logged by hand has this number.", way="Look at contacts.")
    return entry, written


def _logged(reader: Reader, entry: Entry, written: ByHand) -> Logged:
    party = reader.party(entry.party_id) if entry.party_id is not None else None
    if party is not None or not entry.sender:
        return Logged(entry, written, party.name if party is not None else "")
    holders = reader.holders((identifier_of(entry.sender),))
    return Logged(entry, written, may_be=tuple(sorted({one.name for one in holders if one.shared})))
