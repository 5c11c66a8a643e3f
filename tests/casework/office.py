"""The office in which the proof acts: one record, three parties, staff of every role, a clock that the run sets.

Belongs here: trying an act until somebody may do it, what was tried of each, asking what would happen to a contact, and
reading what is on record past the product.
"""

from __future__ import annotations

import atexit
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from gateway.casework.desk import Casework
from gateway.casework.effects import party_effects
from gateway.casework.evidence import needs_its_bytes
from gateway.casework.parties import not_merged
from gateway.casework.reach import not_too_many
from gateway.casework.requests import names_own_contact
from gateway.config import read_policy
from gateway.standing import standing_of
from rules import identity, measures
from rules.casework import catalogue
from rules.casework.actor import Actor
from rules.casework.acts.act import permitted
from rules.casework.refused import Refused
from rules.contact import Channel, Contact
from rules.decide import decide
from rules.decision import Outcome
from rules.policies import Policy
from rules.standing import PartyKind
from storage.entries import Entry, Goal, State
from storage.record import Record
from tests.casework.law import Done, Journal, judge
from tests.casework.law_of_acts import judge_act, must_be_let
from tests.casework.law_of_contacts import Met, judge_contact
from tests.casework.laws import LAWS

BEGIN = datetime(2026, 8, 31, 9, 0, tzinfo=UTC)
NOBODY = "0" * 22
SENDERS = (
    "email:r.example@example.org",
    "phone:+441632960001",
    "email:house@example.org",
    "email:clerk@r.example.net",
    "email:s.sample@example.org",
)
"""Addresses that come and go between the parties; the fourth may be known by its domain."""
DOMAIN = "domain:r.example.net"
INBOXES = ("intake@example.org", "a.colleague@example.org", "b.colleague@example.org")
CASES = ("", "HS-1234")
_CONTENT = b"A recording."
# Memory, where a sync costs nothing; on a disk that others use, syncs were two thirds of the time.
_QUICK = "/dev/shm" if Path("/dev/shm").is_dir() else None


class Clock:
    """Tell the time of one run."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now


@cache
def template() -> Path:
    """Make an empty record once; every run begins with a copy."""
    place = Path(tempfile.mkdtemp(prefix="parley-casework-", dir=_QUICK))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    Record.open(f"sqlite:///{place / 'parley.db'}", now=lambda: BEGIN).close()
    return place / "parley.db"


def forget_template() -> None:
    """Remove the empty record: processes of a pool end without saying so."""
    shutil.rmtree(template().parent, ignore_errors=True)
    template.cache_clear()


@cache
def policy_of(name: str) -> Policy:
    """Read a policy once."""
    return read_policy(name, template().parent)


class Office(RuleBasedStateMachine):
    """Hold one office, and what was accepted there; what is tried is in the classes that stand on this one."""

    tally: Counter[tuple[str, str, str]] | None = None
    """How often each act was tried, accepted and refused under each policy, where somebody counts."""

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory(prefix="parley-casework-", dir=_QUICK)
        self.db = Path(self.place.name) / "parley.db"
        shutil.copy(template(), self.db)
        self.clock = Clock()
        self.record = Record.open(f"sqlite:///{self.db}", now=self.clock)
        self.raw = sqlite3.connect(self.db, isolation_level=None)
        self.raw.row_factory = sqlite3.Row
        self.ids: dict[str, list[str]] = {}
        self.contacts: list[str] = []
        self.asked = 0
        self.is_open = False

    def found(self, policy: str, kinds: list[PartyKind], known: bool) -> None:
        """Open the office: parties with and without what they are known by, and two colleagues in every role."""
        self.law, self.policy = LAWS[policy], policy_of(policy)
        guards = (not_merged, names_own_contact(self.policy), not_too_many(self.policy))
        effects = (needs_its_bytes, *party_effects(self.policy))
        self.casework = Casework(self.record, self.policy, self.clock, guards=guards, effects=effects)
        self.staff = [Actor(f"{role} {n}", frozenset({role})) for role in sorted(self.policy.roles) for n in (1, 2)]

        def begin(tx: Any) -> list[int]:
            return [tx.add_party(f"Party {number}", kind) for number, kind in enumerate(kinds, 1)]

        self.parties = self.record.write_now(begin)
        self.party = self.parties[0]
        kind_of = {party: kind.value for party, kind in zip(self.parties, kinds, strict=True)}
        self.journal = Journal(kind_of)
        self.journal.files.marks = {party: {} for party in self.parties}
        self.is_open = True
        if known:
            for party, sender in zip(self.parties, SENDERS, strict=False):
                self.one_tries(self.staff[0], "add_identifier", {"identifier": sender, "how": "Told."}, party)

    # Trying

    def attempt(self, who: int, name: str, /, **fields: object) -> str | None:
        """Have everybody try it, from `who` on, until the product lets somebody; gives the paper's id.

        The first goes through the desk; of the others only those whom the rules would let.
        """
        given = {key: value for key, value in fields.items() if value is not None}
        number = None
        for by in self._willing(who, name, given):
            number = self.one_tries(by, name, given, self.party)
            if number is not None:
                break
        if self.tally is not None:
            kind = "accepted" if number else "refused"
            self.tally[self.policy.name, name, kind] += 1
        if number is None and must_be_let(self.journal, self.party, name, given):
            raise AssertionError(f"any colleague may {name}, and nobody was let")
        return number

    def _willing(self, who: int, name: str, given: dict[str, object]) -> Iterator[Actor]:
        try:
            act = catalogue.parse(name, given)
        except ValueError:
            return
        row = [self.staff[(who + offset) % len(self.staff)] for offset in range(len(self.staff))]
        yield row[0]
        file = self.record.read_now(lambda reader: reader.case_file(self.party))
        assert file is not None
        for by in row[1:]:
            try:
                permitted(act, self.policy, by)
                act.judge(file, self.policy, by, now=self.clock.now)
            except Refused:
                continue
            yield by
            return

    def one_tries(self, by: Actor, name: str, given: dict[str, object], party: int) -> str | None:
        """Have one colleague try it on one party; what is accepted is judged and goes into the journal."""
        act = catalogue.parse(name, given)
        desk = self.casework.also(*_ROOM[name]) if self._in_the_room(name, given) else self.casework
        try:
            paper = desk.do_now(party, act, by).paper
        except Refused as refused:
            assert refused.why
            return None
        asked = {key: _plain(getattr(act, key)) for key in given}
        done = Done(paper.id, paper.at, by.name, by.roles, name, asked, party)
        wrong = judge_act(self.law, self.journal, done)
        assert not wrong, wrong
        self.journal.enter(self.law, done)
        self.ids.setdefault(name, []).append(paper.id)
        return paper.id

    @staticmethod
    def _in_the_room(name: str, given: dict[str, object]) -> bool:
        return name == "open_evidence" or (name == "seal_evidence" and bool(given.get("size")))

    def live(self, which: int) -> str:
        """Choose a restriction, mostly one of this party's that was in force when somebody last looked."""
        seen = self.journal.seen
        latest = max(seen.values(), default=None)
        live = [one for one, when in seen.items() if when == latest and self.journal.files.on[one] == self.party]
        return live[which % len(live)] if live and which % 4 else self.one(which, "draft_restriction")

    def one(self, which: int, *names: str) -> str:
        """Choose a paper by one of these acts, mostly of this party's; one that does not exist where there is none."""
        ids = [number for name in names for number in self.ids.get(name, [])]
        own = [number for number in ids if self.journal.files.on[number] == self.party]
        if own and which % 8 != 7:
            return own[-1 - which % len(own)]
        return ids[-1 - which % len(ids)] if ids else NOBODY

    def day(self, days: int | None) -> str | None:
        """Write the day that is so many days from now."""
        return None if days is None else (self.clock.now + timedelta(days=days)).date().isoformat()

    # Contacts

    def comes_in(self, which: int) -> str:
        """Put a message on record, mostly from this party, as it fell to whom it is from."""
        number, marks = f"C{len(self.contacts):08}", self.journal.files.marks[self.party]
        own = [name for name in SENDERS if marks.get(name) == "own"]
        sender = own[which % len(own)] if own and which % 4 else SENDERS[which % len(SENDERS)]
        party = self.journal.files.holder(sender)
        entry = Entry(
            id=number,
            channel=Channel.CALL if sender.startswith("phone") else Channel.EMAIL,
            at=self.clock.now,
            whose=f"party:{party}" if party else sender,
            party_id=party,
            sender=sender,
            state=State.FILED if which % 3 else State.DELIVERED,
            decided=Outcome.FILE if which % 3 else Outcome.DELIVER,
            carried=Outcome.FILE if which % 3 else Outcome.DELIVER,
            targets=(Goal(INBOXES[0], Outcome.DELIVER, INBOXES[0], True),),
        )
        self.record.write_now(lambda tx: tx.add_contact(entry))
        self.contacts.append(number)
        return number

    def meets(self, sender: str, to: str, case: str) -> Met:
        """Ask the product what would happen to a contact at this moment."""
        kind, _, value = sender.partition(":")
        call = kind == "phone"
        known = identity.phone(value) if call else identity.email(value)
        assert known is not None
        contact = Contact(
            id="probe",
            channel=Channel.CALL if call else Channel.EMAIL,
            at=self.clock.now,
            sender=known,
            candidates=(known,),
            recipients=() if call else (to,),
            subject=case,
        )
        standing = self.record.read_now(lambda reader: standing_of(reader, contact, self.policy, now=contact.at))
        decision = decide(contact, standing, self.policy, now=contact.at)
        return Met(
            sender,
            contact.channel.value,
            to,
            case,
            decision.outcome.value,
            tuple(target.to for target in decision.targets),
            tuple((reason.restriction, reason.measure) for reason in decision.reasons),
            decision.counts,
        )

    # What is looked at

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Read a table past the product."""
        return [dict(row) for row in self.raw.execute(f"SELECT * FROM {table}")]  # our own names

    def wrong(self) -> list[str]:
        """Say what is unlawful at this moment: in force, on record, or about to happen to somebody who writes or calls.

        Of the contacts that might come, a few are asked about each time.
        """
        rows, now = self.rows("restrictions"), self.clock.now
        found = judge(self.law, self.journal, rows, now)
        found += self._misplaced(now)
        for _ in range(3):
            self.asked += 1
            sender, to = SENDERS[self.asked % len(SENDERS)], INBOXES[self.asked % len(INBOXES)]
            met = self.meets(sender, to, CASES[self.asked % 3 == 0])
            found += judge_contact(self.law, self.journal, rows, met, now)
        return found

    def _misplaced(self, now: datetime) -> Iterator[str]:
        files = self.journal.files
        marks = {
            (row["party_id"], f"{row['kind']}:{row['value']}", _mark(row))
            for row in self.raw.execute("SELECT party_id, kind, value, shared, exception FROM identifiers")
        }
        if marks != files.rows():
            yield f"I6, W10: identifiers on record {sorted(marks)}, and should be {sorted(files.rows())}"
        at = int(now.timestamp() * 1_000_000)
        standing = Counter(
            (row["party_id"], row["open"])
            for row in self.raw.execute("SELECT party_id, open, agreed, ends FROM adjustments")
            if (row["agreed"] or 0) <= at and (row["ends"] is None or at < row["ends"])
        )
        meant = Counter((one.party, _written(one.channels)) for one in files.opened if one.stands(now))
        if standing != meant:
            yield f"W10: adjustments on record {standing}, and should be {meant}"

    def teardown(self) -> None:
        """Close the office."""
        self.raw.close()
        self.record.close()
        self.place.cleanup()


def _plain(value: Any) -> Any:
    """Give channels, measures and the like as plain words, for the law knows no values of the product."""
    if isinstance(value, tuple) and value and isinstance(value[0], measures.Measure):
        return [measures.dump(one) for one in value]
    return frozenset(map(str, value)) if isinstance(value, frozenset) else value


def _mark(row: sqlite3.Row) -> str:
    return "excepted" if row["exception"] else "shared" if row["shared"] else "own"


def _written(channels: frozenset[str]) -> str:
    return "[" + ", ".join(f'"{one}"' for one in sorted(channels)) + "]"


def _brings_bytes(tx: Any, done: Any) -> None:
    tx.keep_evidence(done.paper.id, _CONTENT)


def _gives_bytes(tx: Any, done: Any) -> None:
    tx.act(done.paper.by, "evidence given", done.paper.id)


_ROOM = {"seal_evidence": (_brings_bytes,), "open_evidence": (_gives_bytes,)}
"""What the evidence room adds to the desk; without it sealing and opening are refused."""


def sealed() -> dict[str, object]:
    """Give digest and size of what is sealed here."""
    return {"digest": sha256(_CONTENT).hexdigest(), "size": len(_CONTENT)}


def all_acts() -> frozenset[str]:
    """Name every act of the catalogue."""
    return frozenset(catalogue.ACTS)
