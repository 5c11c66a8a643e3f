"""Compares what the public was told with what is on the disk. Every difference is a finding, in words.

Belongs here: the promises of DESIGN.md, "Never losing, never doubling" and "The human clock", and nothing of how they
are kept. What DESIGN.md allows (inbound mail at least once, where nobody was told) is counted, not found fault with.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.crash.callers import states_of
from tests.crash.disk import Copy, Disk
from tests.crash.ledger import Call, Ledger, Letter, now_us
from tests.crash.office import ALERTS, FILED_TO, KINDS, RELEASED
from tests.crash.senders import ON_THE_WAY, STRANGERS, UNCERTAIN, expected_places

_LET_THROUGH = ("deliver", "route")
_STATES = {STRANGERS: ("delivered",), UNCERTAIN: ("held",)} | {name: kind.mail for name, kind in KINDS.items()}
# The default policy: contacts in a rolling window, all of them longer than a run; and minutes of talk in a week.
_THRESHOLDS = {"call": (3, 5, 10), "email": (5, 15)}
_TALK_S = 120 * 60
LEAST_COUNTED_S = 30


@dataclass
class Verdict:
    """Hold the findings, and the counts of what is allowed."""

    findings: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def find(self, what: str) -> None:
        """Note a broken promise."""
        self.findings.append(what)


class Oracle:
    """Judge one office after its last clean stop; `maildir` tells whether delivery is idempotent by name."""

    def __init__(self, ledger: Ledger, disk: Disk, *, maildir: bool, kills: int) -> None:
        """Prepare."""
        self._ledger, self._disk, self._maildir, self._kills = ledger, disk, maildir, kills
        self._now_us = now_us()
        self._by_sid = {row["sid"]: row for row in disk.calls}
        self.verdict = Verdict()
        self._find = self.verdict.find

    def judge(self) -> Verdict:
        """Look at everything."""
        self._record()
        self._letters()
        self._refusals_and_strays()
        self._limits()
        self._own_mail()
        self._calls()
        self._flags()
        self._copies_in_all()
        return self.verdict

    def _count(self, what: str, how_many: int = 1) -> None:
        self.verdict.counts[what] += how_many

    def _record(self) -> None:
        """Whole, its chain of acts unbroken, its keys unique."""
        if self._disk.integrity != "ok":
            self._find(f"the record is damaged: {self._disk.integrity}")
        head = ""
        for number, act in enumerate(self._disk.acts, 1):
            linked = [head, act["seq"], act["at"], act["who"], act["act"], act["about"], act["detail"]]
            head = hashlib.sha256(json.dumps(linked).encode()).hexdigest()
            if act["seq"] != number or act["hash"] != head:
                self._find(f"the chain of acts breaks at {number}")
                break
        for key, count in Counter(row["key"] for row in self._disk.contacts.values() if row["key"]).items():
            if count > 1:
                self._find(f"{count} contacts have the key {key}")
        self.verdict.findings += self._disk.strange

    # Mail

    def acknowledged(self) -> Verdict:
        """Look only whether what was acknowledged is there: on record, and its octets where the record says."""
        for letter in self._ledger.letters:
            for number in letter.ids:
                self._acknowledged(letter, number)
        for call in self._ledger.calls:
            if call.documents and self._by_sid.get(call.sid) is None:
                self._find(f"call {call.sid} was answered and is not on record")
        on_record = {row["sid"] for row in self._disk.texts}
        for text in self._ledger.texts:
            if text.documents and text.sid not in on_record:
                self._find(f"text {text.number} was answered and is not on record")
        return self.verdict

    def _acknowledged(self, letter: Letter, number: str) -> dict[str, Any] | None:
        contact = self._disk.contacts.get(number)
        if contact is None:
            self._find(f"message {letter.number} ({letter.kind}) was acknowledged as {number}, which is not on record")
            return None
        octets = (letter.raw, ON_THE_WAY + letter.raw)
        where = contact["state"]
        if where in ("held", "returned", "filed", "unclear") and self._disk.raw.get(number) not in octets:
            self._find(f"message {letter.number} ({letter.kind}) is {where} and not kept as it was sent")
        if where in ("delivered", "filed"):
            for recipient, outcome, to, done in contact["targets"]:
                self._one_goal(letter, number, recipient, outcome, to, done)
        return contact

    def _one_goal(self, letter: Letter, number: str, recipient: str, outcome: str, to: str, done: bool) -> None:
        filed = outcome == "file"
        expected = expected_places(letter, recipient, outcome)
        inbox = FILED_TO if filed and not self._maildir else to
        if to != expected:
            self._find(f"message {letter.number} ({letter.kind}) for {recipient} went to {to}, not to {expected}")
        copies = [copy for copy in self._at(letter, inbox, filed) if copy.id == number]
        if not copies or not done:
            what = "is not there" if not copies else "is not said to be done"
            self._find(f"message {letter.number} ({letter.kind}): {outcome} to {to} ({number}) {what}")
        for copy in copies:
            if copy.message not in (letter.raw, ON_THE_WAY + letter.raw):
                self._find(f"message {letter.number} is not what was sent")
            if copy.outcome != outcome or (filed and not copy.read):
                self._find(f"message {letter.number} lies in {inbox} as {copy.outcome}, read: {copy.read}")

    def _at(self, letter: Letter, inbox: str, filed: bool) -> list[Copy]:
        return [c for c in self._disk.copies.get(letter.number, ()) if (c.inbox, c.filed) == (inbox, filed)]

    def _letters(self) -> None:
        """Every message that was acknowledged is one contact, in a lawful state, for all whom it was taken for."""
        for letter in self._ledger.letters:
            if len(letter.ids) > 1:
                self._find(f"message {letter.number} ({letter.kind}) was acknowledged as {len(letter.ids)} contacts")
            if letter.ids and letter.refused:
                self._find(f"message {letter.number} ({letter.kind}) was both taken and refused")
            if not letter.answered:
                self._find(f"message {letter.number} ({letter.kind}) was put off {letter.put_off} times, to no end")
            for number in letter.ids:
                contact = self._acknowledged(letter, number)
                if contact is not None:
                    self._lawful(letter, contact)

    def _lawful(self, letter: Letter, contact: dict[str, Any]) -> None:
        self._count(f"mail on record as {contact['state']}")
        put_off = letter.kind in RELEASED and contact["state"] == "held" and contact["release_at"] > self._now_us
        if contact["state"] not in _STATES[letter.kind] and not (put_off and not self._maildir):
            self._find(f"message {letter.number} ({letter.kind}) is {contact['state']} ({contact['id']})")
        missing = letter.taken - {recipient for recipient, *_ in contact["targets"]}
        if missing:
            self._find(f"message {letter.number} ({letter.kind}) was taken for {missing}, which the record forgot")
        if letter.party and letter.party in self._disk.parties.values():
            known = self._disk.parties.get(contact["party_id"])
            if known != letter.party:
                self._find(f"message {letter.number} of {letter.party} is on record as of {known}")

    def _refusals_and_strays(self) -> None:
        """As many contacts as messages; what was refused is on record once, and nowhere else."""
        told = {number for letter in self._ledger.letters for number in letter.ids}
        refused = Counter(letter.mail_from for letter in self._ledger.letters if letter.refused)
        on_record: Counter[str] = Counter()
        for contact in self._disk.contacts.values():
            if contact["channel"] != "email" or contact["id"] in told:
                continue
            if contact["state"] == "refused":
                on_record[contact["sender"].partition(":")[2]] += 1
            else:
                self._find(f"contact {contact['id']} is {contact['state']}, and nobody was told of it")
        for sender in refused | on_record:
            if refused[sender] != on_record[sender]:
                self._find(f"{refused[sender]} messages of {sender} were refused, {on_record[sender]} are on record")
        for letter in self._ledger.letters:
            if letter.refused and letter.kind != "refused":
                self._find(f"message {letter.number} ({letter.kind}) was refused")
            if letter.refused and self._disk.copies.get(letter.number):
                self._find(f"message {letter.number} was refused, and lies in a mailbox")
        self._count("mail on record as refused", sum(on_record.values()))

    def _copies_in_all(self) -> None:
        """No copy but those on record, save what a try left that nobody was told of (DESIGN: at least once)."""
        released = 0
        for letter in self._ledger.letters:
            expected: Counter[tuple[str, bool]] = Counter()
            for number in letter.ids:
                contact = self._disk.contacts.get(number, {"targets": (), "state": ""})
                for recipient, outcome, to, _ in contact["targets"]:
                    filed = outcome == "file"
                    if outcome in (*_LET_THROUGH, "file") and recipient:
                        if filed and not self._maildir:  # one for each transaction, at most one for each recipient
                            expected[FILED_TO, True] += 1
                        else:
                            expected[to, filed] = 1
            found = Counter((copy.inbox, copy.filed) for copy in self._disk.copies.get(letter.number, ()))
            extra = sum((found - expected).values())
            if not extra:
                continue
            twice = [place for place, count in found.items() if count > 1]
            # While anything is on a party, its id is on record before it is delivered; what held the held has an end.
            if self._maildir and twice and letter.kind not in (STRANGERS, "held"):
                self._find(f"message {letter.number} ({letter.kind}) lies twice in {twice}")
            elif letter.kind in RELEASED and not self._maildir:
                released += extra
            elif extra <= (letter.lost + letter.put_off) * len(letter.taken or letter.recipients):
                self._count("copies left by tries that nobody was told of", extra)
            else:
                self._find(f"message {letter.number} ({letter.kind}) lies {extra} times too often: {dict(found)}")
        self._count("copies of releases that were cut off", released)
        if released > self._kills:
            self._find(f"{released} copies of released messages too many, at {self._kills} kills")

    def _limits(self) -> None:
        """No more is counted or let through than the limit says."""
        counted: Counter[str] = Counter()
        late = {self._by_sid[call.sid]["contact_id"] for call in self._ledger.calls if self._put_through_late(call)}
        for contact in self._disk.contacts.values():
            if contact["id"] in late:
                continue
            if contact["counted_at"] is not None and contact["party_id"] is not None:
                counted[self._disk.parties[contact["party_id"]]] += 1
        through: Counter[str] = Counter()
        leaked: Counter[str] = Counter()
        for letter in self._ledger.letters:
            if letter.party and KINDS.get(letter.kind) and KINDS[letter.kind].limit is not None:
                states = [self._disk.contacts[n]["state"] for n in letter.ids if n in self._disk.contacts]
                through[letter.party] += "delivered" in states
                inbox = any(not copy.filed for copy in self._disk.copies.get(letter.number, ()))
                leaked[letter.party] += inbox and "delivered" not in states
        for call in self._ledger.calls:
            if call.party and (call.talk_s or 0) >= LEAST_COUNTED_S:
                through[call.party] += 1
        self._count("messages over a limit left in an inbox by tries that nobody was told of", sum(leaked.values()))
        for party in through:
            kind = party.rpartition(" ")[0]
            limit = KINDS[kind].limit if kind in KINDS else None
            if limit is None:
                continue
            if through[party] > limit or counted[party] > limit:
                self._find(f"{party}: {through[party]} passed and {counted[party]} are counted; the limit is {limit}")
            if counted[party] != through[party]:
                self._find(f"{party}: {through[party]} passed, and {counted[party]} are counted")
        talked: Counter[str] = Counter()
        for call in self._ledger.calls:
            # DESIGN: calls of under 30 seconds are not counted against a limit.
            talked[call.party] += call.talk_s if call.talk_s is not None and call.talk_s >= LEAST_COUNTED_S else 0
        for party, seconds in talked.items():
            minutes = KINDS.get(party.rpartition(" ")[0], KINDS["filed"]).minutes
            if minutes is not None and seconds > minutes * 60:
                self._find(f"{party} talked for {seconds} s; the limit is {minutes} minutes")

    # Our own mail

    def _own_mail(self) -> None:
        """What a party would notice left at most once; what did not is queued or before a person."""
        found = Counter(mail.message_id for mail in self._disk.own)
        known = {row["message_id"]: row for row in self._disk.outbox}
        for message_id, count in found.items():
            row = known.get(message_id)
            if row is None:
                self._find(f"{message_id} left and is not on record")
            elif count > 1 and (row["kind"] != "alert" or self._maildir):
                self._find(f"{row['kind']} {row['id']} left {count} times")
            elif row["state"] not in ("sent", "unclear") and not (row["kind"] == "alert" and row["attempts"]):
                self._find(f"{row['kind']} {row['id']} left and is {row['state']}")
        for row in self._disk.outbox:
            self._count(f"own mail: {row['kind']} {row['state']}")
            if row["state"] == "sent" and not found[row["message_id"]]:
                self._find(f"{row['kind']} {row['id']} is said to be sent and did not leave")
            # Queued may be what the other server asked for later; nothing may be on its way any more.
            if row["state"] in ("sending", "failed") or (row["kind"] == "alert" and row["state"] == "unclear"):
                self._find(f"{row['kind']} {row['id']} is {row['state']} when all is done")
        answered = Counter(mail.in_reply_to for mail in self._disk.own if mail.in_reply_to and mail.recipient != ALERTS)
        for message_id, count in answered.items():
            if count > 1:
                self._find(f"{message_id} was answered {count} times")
        self._answers()

    def _answers(self) -> None:
        """Each return has one letter; each limit that ran out was told of once."""
        once = Counter(row["once"] for row in self._disk.outbox)
        for contact in self._disk.contacts.values():
            letters = once[f"return:{contact['id']}"]
            by_mail = contact["channel"] == "email"  # a text is answered by text
            if by_mail and contact["state"] == "returned" and letters != 1:
                self._find(f"contact {contact['id']} is returned, with {letters} letters")
        for what, count in once.items():
            if count > 1:
                self._find(f"{count} letters are to be said once: {what}")
        notes = Counter(
            self._disk.contacts[row["contact_id"]]["party_id"] for row in self._disk.outbox if row["kind"] == "note"
        )
        for party, count in notes.items():
            if count > 1:
                self._find(f"party {party} got {count} notes about one window")

    # Calls

    def _calls(self) -> None:
        """One contact a call, the same document each time, and its end as the provider told it."""
        for call in self._ledger.calls:
            self._count("calls that got the fallback", call.fallbacks)
            if len(call.documents) > 1:
                self._find(f"call {call.sid} got {len(call.documents)} documents")
            row = self._by_sid.get(call.sid)
            if row is None:
                if call.documents:
                    self._find(f"call {call.sid} was answered and is not on record")
                continue
            if call.documents and row["document"].encode() not in call.documents:
                self._find(f"call {call.sid} has another document on record")
            contact = self._disk.contacts.get(row["contact_id"])
            if contact is None:
                self._find(f"call {call.sid} has no contact")
            elif call.finished:
                self._ended(call, contact)
        contacts = [contact for contact in self._disk.contacts.values() if contact["channel"] == "call"]
        if {contact["id"] for contact in contacts} != {row["contact_id"] for row in self._disk.calls} or len(
            contacts
        ) != len(self._disk.calls):
            self._find(f"{len(contacts)} contacts by phone, {len(self._disk.calls)} calls")

    def _ended(self, call: Call, contact: dict[str, Any]) -> None:
        if self._put_through_late(call):
            # Decided too late for the provider, who did what the fallback says and reported nothing of what we said.
            self._count("calls on record that the fallback put through")
            return
        self._count(f"calls on record as {contact['state']}")
        if contact["state"] not in states_of(call):
            self._find(f"call {call.sid} ({call.kind}) is {contact['state']}, not {states_of(call)}")
        if call.reported and (contact["talk_s"] or 0) != (call.talk_s or 0):
            self._find(f"call {call.sid} lasted {call.talk_s} s, on record {contact['talk_s']}")
        if contact["reserved_s"] is not None and call.reported:
            self._find(f"call {call.sid} is over and still holds {contact['reserved_s']} s")

    def _put_through_late(self, call: Call) -> bool:
        """Tell of a call on record that the fallback put through: nobody reported how it ended (issue 5 asks)."""
        return call.sid in self._by_sid and call.fallbacks > 0 and not (call.reported or call.recorded)

    def _flags(self) -> None:
        """A threshold that a level reached is flagged once, with one alert; no other is."""
        contacts: Counter[tuple[str, str]] = Counter()
        talk: Counter[str] = Counter()
        for contact in self._disk.contacts.values():
            # Withheld numbers and uncertain senders are nobody's: their sum is no level of anybody.
            if contact["counts"] and contact["sender"]:
                contacts[contact["whose"], contact["channel"]] += 1
                talk[contact["whose"]] += (contact["talk_s"] or 0) if contact["channel"] == "call" else 0
        expected = set(_reached(contacts, talk))
        found = Counter((flag["whose"], flag["threshold"].split("/")[0]) for flag in self._disk.flags)
        for what, count in found.items():
            if count > 1 or what not in expected:
                level = contacts[what[0], what[1].split(":")[0]]
                self._find(f"flag {what} was raised {count} times, at {level} contacts")
        for what in expected - found.keys():
            self._find(f"flag {what} was never raised")
        alerts = {row["once"] for row in self._disk.outbox}
        for flag in self._disk.flags:
            if f"flag:{flag['id']}" not in alerts:
                self._find(f"flag {flag['id']} told nobody")
        self._count("flags", len(self._disk.flags))


def _reached(contacts: Counter[tuple[str, str]], talk: Counter[str]) -> Iterator[tuple[str, str]]:
    for (whose, channel), count in contacts.items():
        yield from ((whose, f"{channel}:{least}") for least in _THRESHOLDS.get(channel, ()) if count >= least)
    yield from ((whose, "call:120min") for whose, seconds in talk.items() if seconds >= _TALK_S)
