"""An office of some years, made up: its files by the acts of the product itself, its contacts by chance.

Belongs here: what reports are counted on. The same seed gives the same office.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from rules import measures
from rules.casework import catalogue
from rules.casework.actor import Actor
from rules.casework.acts.act import permitted
from rules.casework.file import CaseFile, Mark, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import RestrictionState, shelf_of
from rules.contact import Assurance, Channel, Identifier, IdentifierKind
from rules.decision import Outcome, Reason
from rules.policies import Policy
from rules.standing import Party, PartyKind, Restriction, Told
from storage.entries import Entry, State
from storage.record import Record

NOW = datetime(2026, 10, 30, 12, 0, tzinfo=UTC)
ADA = Actor("Ada", frozenset({"caseworker"}))
MAX = Actor("Max", frozenset({"manager"}))
HILD = Actor("Hild", frozenset({"head"}))
_PEOPLE = (ADA, MAX, HILD)
_MEASURES = (
    [{"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}],
    [{"kind": "block"}],
    [{"kind": "block", "channels": ["email"]}, {"kind": "call_length_limit", "minutes": 10}],
    [{"kind": "channel_only", "allowed": ["letter"]}],
    [{"kind": "file_unanswered"}],
    [{"kind": "named_contact", "inbox": "named@office.example.org"}],
    [{"kind": "meeting", "on": "2026-01-05"}],
)
_GROUNDS = ("persistent_contact", "abusive_language", "zero_tolerance", "repeated_matters")


@dataclass
class _File:
    """Write one party's file from day to day; what the policy refuses is left out."""

    file: CaseFile
    policy: Policy
    by_chance: Random
    number: int

    def do(self, at: datetime, name: str, by: Actor, **fields) -> str:
        """Do an act; gives the paper's id, empty where it was refused."""
        act = catalogue.parse(name, fields)
        try:
            role = permitted(act, self.policy, by)
            judged = act.judge(self.file, self.policy, by, now=at)
        except Refused:
            return ""
        paper = Paper(f"p{self.number}-{len(self.file.papers)}", at, by.name, role, judged)
        self.file = self.file.with_paper(paper)
        return paper.id

    def day(self, at: datetime) -> None:
        """Do what comes up on one day."""
        chance, shelf = self.by_chance, shelf_of(self.file, self.policy)
        by = chance.choice(_PEOPLE)
        for number, one in shelf.restrictions.items():
            if not one.imported or chance.random() < 0.1:  # so that some last for years
                self._on(number, one.state(at), one, at, by)
        for appeal in list(shelf.open_appeals()):
            outcome = chance.choice(("upheld", "dismissed", "varied"))
            varied = {"measures": [{"kind": "file_unanswered"}]} if outcome == "varied" else {}
            self.do(at, "decide_appeal", HILD, appeal=appeal.id, outcome=outcome, reason="looked at anew", **varied)
        if chance.random() < 0.25:
            self._new(at, by)
        if chance.random() < 0.1:
            self._adjust(at, by, list(shelf.adjustments))

    def _new(self, at: datetime, by: Actor) -> None:
        chance = self.by_chance
        ground = chance.choice(_GROUNDS)
        incident = self.do(at, "note_incident", by, category=ground, what="it happened")
        if chance.random() < 0.1:
            self.do(at, "protect_interim", by, incident=incident, reason="it cannot wait")
            return
        months = chance.choice((1, 6, 12))
        self.do(
            at,
            "draft_restriction",
            by,
            measures=list(chance.choice(_MEASURES)),
            ground=ground,
            reason="it happened",
            incidents=[incident],
            ends=(at + timedelta(days=30 * months)).date().isoformat(),
            adjustments_considered="asked",
            police="not told" if ground == "zero_tolerance" else "",
            **({"no_review": "it is short"} if chance.random() < 0.3 else {}),
        )

    def _on(self, number: str, state: RestrictionState, one, at: datetime, by: Actor) -> None:
        chance, roll = self.by_chance, self.by_chance.random()
        if state is RestrictionState.DRAFT:
            self.do(at, "propose_restriction", by, restriction=number, exception="it cannot wait")
        elif state is RestrictionState.AWAITING_APPROVAL:
            name = "approve_restriction" if roll < 0.85 else "decline_restriction"
            self.do(at, name, chance.choice((MAX, HILD)), restriction=number, reason="judged")
        elif state is RestrictionState.AWAITING_NOTICE:
            self._tell(at, number, by, roll)
        elif state in (RestrictionState.IN_FORCE, RestrictionState.AHEAD):
            for change, _ in one.untold:
                self._tell(at, change, by, roll)
            self._in_force(number, at, by, roll)

    def _tell(self, at: datetime, about: str, by: Actor, roll: float) -> None:
        if roll < 0.85:
            self.do(at, "send_notice", by, about=about, how="by post")
        elif roll < 0.95:
            self.do(at, "record_no_notice", by, about=about, reason="no address")

    def _in_force(self, number: str, at: datetime, by: Actor, roll: float) -> None:
        if roll < 0.06:
            self.do(at, "lift_restriction", by, restriction=number, reason="not needed")
        elif roll < 0.3:
            outcome = self.by_chance.choice(("continue", "amend", "lift"))
            amended = {"measures": list(self.by_chance.choice(_MEASURES))} if outcome == "amend" else {}
            self.do(at, "review_restriction", HILD, restriction=number, outcome=outcome, reason="seen", **amended)
        elif roll < 0.7:
            again = self.do(at, "note_incident", by, category="persistent_contact", what="again")
            later = at + timedelta(seconds=1)
            self.do(later, "extend_restriction", MAX, restriction=number, incident=again)
        elif roll < 0.8:
            self.do(at, "appeal", by, restriction=number, grounds="it is unfair")

    def _adjust(self, at: datetime, by: Actor, agreed: list[str]) -> None:
        roll = self.by_chance.random()
        if roll < 0.5:
            self.do(at, "agree_adjustment", by, need="cannot write", open=["call"])
        elif roll < 0.75:
            self.do(at, "decline_adjustment", MAX, need="a car", advice="asked", reason="not ours to give")
        elif agreed:
            self.do(at, "end_adjustment", MAX, adjustment=agreed[0], advice="asked", route="letter", asked_by="Ada")


def made_up(record: Record, policy: Policy, *, seed: int, parties: int, years: int, contacts: int) -> None:
    """Put an office on record that has worked for some years up to NOW."""
    chance = Random(seed)
    start = NOW - timedelta(days=365 * years)
    files = [_written(number, policy, chance, start) for number in range(1, parties + 1)]
    for first in range(0, len(files), 50):
        record.write_now(lambda tx, some=files[first : first + 50]: [_put(tx, one) for one in some])
    entries = [_contact(number, parties, chance, start) for number in range(contacts)]
    for first in range(0, len(entries), 5000):
        record.write_now(lambda tx, some=entries[first : first + 5000]: [tx.add_contact(one) for one in some])


def _written(number: int, policy: Policy, chance: Random, start: datetime) -> CaseFile:
    kind = chance.choice((PartyKind.PERSON, PartyKind.PERSON, PartyKind.PROFESSIONAL, PartyKind.ORGANISATION))
    imported = (_imported(number, chance, start),) if chance.random() < 0.4 else ()
    own = Mark(Identifier(IdentifierKind.EMAIL, f"p{number}@example.org"), established=start)
    file = CaseFile(Party(number, f"Party {number}", kind), 1, (), (own,), imported)
    writing = _File(file, policy, chance, number)
    at = start + timedelta(days=chance.randrange(200), seconds=chance.randrange(86400))
    while at < NOW:
        writing.day(at)
        at += timedelta(days=chance.randrange(2, 75), seconds=chance.randrange(86400))
    return writing.file


def _imported(number: int, chance: Random, start: datetime) -> Restriction:
    begins = start - timedelta(days=chance.randrange(900))
    return Restriction(
        f"old-{number}",
        (measures.parse({"kind": "block", "channels": ["call"]}),),
        begins,
        begins + timedelta(days=chance.choice((900, 1500, 2700))),
        reason="from before",
        ground="persistent_contact",
        approved_by="Head",
        told=chance.choice((Told.YES, Told.UNKNOWN, Told.NO)),
        review_at=begins + timedelta(days=200) if chance.random() < 0.5 else None,
    )


def _put(tx, file: CaseFile) -> None:
    number = tx.add_party(file.party.name, file.party.kind)
    assert number == file.party.id
    tx.add_identifier(file.marks[0].identifier, number, how="it says so", by="test")
    version = 2 + len(file.imported)
    for one in file.imported:
        tx.add_restriction(number, one)
    for paper in file.papers:
        tx.add_paper(number, paper, version)
        version += 1


def _contact(number: int, parties: int, chance: Random, start: datetime) -> Entry:
    channel = chance.choice((Channel.EMAIL, Channel.EMAIL, Channel.CALL, Channel.LETTER))
    mail = (Outcome.DELIVER, Outcome.FILE, Outcome.HOLD, Outcome.REFUSE, Outcome.RETURN)
    call = (Outcome.CONNECT, Outcome.AUTOMATED_LINE, Outcome.VOICEMAIL)
    outcome = chance.choice(call if channel is Channel.CALL else mail)
    lately = timedelta(days=10) if chance.random() < 0.05 else NOW - start
    at = NOW - lately * chance.random()
    filed = outcome is Outcome.FILE
    look_by = at + timedelta(days=chance.choice((3, 30))) if filed else None
    looked = at + timedelta(hours=chance.randrange(1, 200)) if filed and chance.random() < 0.6 else None
    looked = looked if looked and looked < NOW else None
    named = chance.random() < 0.7
    reasons = (
        (Reason("p1-1" if named else "", "block", "PHSO-M12", 'it is "blocked"'),) if chance.random() < 0.8 else ()
    )
    observed = chance.random() < 0.1
    open_outcome = Outcome.CONNECT if channel is Channel.CALL else Outcome.DELIVER
    states = (
        (State.LOOKED_AT,) if looked else (State.FILED, State.FILED, State.DELIVERED) if filed else (State.REFUSED,)
    )
    party = chance.randrange(1, parties + 1)
    return Entry(
        id=f"c{number}",
        channel=channel,
        at=at,
        whose=f"party:{party}",
        state=State.TAKEN_BACK if chance.random() < 0.02 else chance.choice(states),
        decided=outcome,
        carried=open_outcome if observed else outcome,
        party_id=party if chance.random() < 0.9 else None,
        assurance=chance.choice((*[Assurance.VERIFIED] * 9, Assurance.FAILED)),
        reasons=reasons,
        look_by=look_by,
        looked_at=looked,
        looked_by="Ada" if looked else "",
    )
