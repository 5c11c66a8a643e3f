"""Random casework: people with and without the right to do so try every act on a party, while time goes by.

Belongs here: what is tried. The product accepts or refuses; after every step the law looks at what is enforced, and at
the end the chain of acts is verified, and found broken once a character of it is changed.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.casework.desk import Casework, Stale
from gateway.casework.effects import party_effects
from gateway.casework.parties import not_merged
from gateway.casework.sheet import not_too_many
from gateway.config import read_policy
from rules import identity
from rules.casework import catalogue
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from rules.standing import PartyKind
from storage.record import Record
from tests.casework.law import Done, Journal, judge
from tests.casework.laws import LAWS

_BEGIN = datetime(2026, 8, 31, 9, 0, tzinfo=UTC)
_NOBODY = "0" * 22
_MEASURES = st.lists(
    st.sampled_from(
        [
            {"kind": "block"},
            {"kind": "block", "email": "file"},
            {"kind": "block", "channels": ["call", "letter", "visit", "web", "online"]},
            {"kind": "channel_only", "allowed": ["letter"]},
            {"kind": "channel_only", "allowed": ["email"], "email": "file"},
            {"kind": "automated_line", "message": "Please write to us."},
            {"kind": "return_letters"},
            {"kind": "file_unanswered", "channels": ["email"]},
            {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"},
        ]
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda data: data["kind"],
)
_WHICH = st.integers(0, 30)
_DAYS = st.none() | st.integers(-2, 400)


class Clock:
    """Tell the time of one run."""

    def __init__(self) -> None:
        self.now = _BEGIN

    def __call__(self) -> datetime:
        return self.now


@cache
def template() -> Path:
    """Make an empty record once; every run begins with a copy."""
    place = Path(tempfile.mkdtemp(prefix="parley-casework-"))
    Record.open(f"sqlite:///{place / 'parley.db'}", now=lambda: _BEGIN).close()
    return place / "parley.db"


class CaseworkMachine(RuleBasedStateMachine):
    """Try acts on one party of one office."""

    def __init__(self) -> None:
        super().__init__()
        self._place = tempfile.TemporaryDirectory(prefix="parley-casework-")
        self._db = Path(self._place.name) / "parley.db"
        shutil.copy(template(), self._db)
        self._clock = Clock()
        self._record = Record.open(f"sqlite:///{self._db}", now=self._clock)
        self._ids: dict[str, list[str]] = {}
        self._stale = 0

    @initialize(policy=st.sampled_from(sorted(LAWS)), kind=st.sampled_from(list(PartyKind)), known=st.booleans())
    def open_the_file(self, policy: str, kind: PartyKind, known: bool) -> None:
        """A party comes, whose address is known or not."""
        self._law = LAWS[policy]
        self._policy = read_policy(policy, self._db.parent)
        self._casework = Casework(
            self._record,
            self._policy,
            self._clock,
            guards=(not_merged, not_too_many(self._policy.guard.most_others)),
            effects=party_effects(self._policy),
        )
        self._journal = Journal(kind.value)
        self._staff = [Actor(f"{role} {n}", frozenset({role})) for role in sorted(self._policy.roles) for n in (1, 2)]

        def begin(tx: Any) -> int:
            party = tx.add_party("R. Example", kind)
            address = identity.email("r.example@example.org")
            if known and address is not None:
                tx.add_identifier(address, party, how="told", by="test")
            return int(party)

        self._party = self._record.write_now(begin)

    # What is tried

    def _try(self, who: int, name: str, **fields: object) -> str | None:
        """Have everybody try it, from `who` on, until the product lets somebody; gives the paper's id."""
        given = {key: value for key, value in fields.items() if value is not None}
        try:
            act = catalogue.parse(name, given)
        except ValueError:
            return None
        for offset in range(len(self._staff)):
            number = self._one_tries(self._staff[(who + offset) % len(self._staff)], name, act, given)
            if number is not None:
                return number
        return None

    def _one_tries(self, by: Actor, name: str, act: Any, given: dict[str, object]) -> str | None:
        try:
            done = self._casework.do_now(self._party, act, by)
        except Refused as refused:
            assert refused.why
            return None
        paper = done.paper
        asked = {key: getattr(act, key) for key in given}
        self._journal.done.append(Done(paper.id, paper.at, by.name, by.roles, name, asked))
        self._ids.setdefault(name, []).append(paper.id)
        return paper.id

    def _one(self, which: int, *names: str) -> str:
        """Choose a paper by one of these acts; one that does not exist where there is none."""
        ids = [number for name in names for number in self._ids.get(name, [])]
        return ids[-1 - which % len(ids)] if ids else _NOBODY

    def _day(self, days: int | None) -> str | None:
        return None if days is None else (self._clock.now + timedelta(days=days)).date().isoformat()

    @rule(days=st.sampled_from([0, 0, 1, 1, 3, 14, 40, 100, 183]), minutes=st.integers(1, 1200))
    def wait(self, days: int, minutes: int) -> None:
        """Time goes by."""
        self._clock.now += timedelta(days=days, minutes=minutes)

    @rule(who=_WHICH, days=st.sampled_from([None, None, 0, -1, -30, 1]), ground=st.sampled_from(["", "", "none"]))
    def note_incident(self, who: int, days: int | None, ground: str) -> None:
        """Something happens."""
        grounds = sorted(self._policy.grounds)
        category = ground or grounds[who % len(grounds)]
        self._try(who, "note_incident", category=category, what="Eleven calls in a morning", day=self._day(days))

    @rule(who=_WHICH, which=_WHICH, spoken=st.booleans(), days=st.sampled_from([None, None, 0, -3, 2]))
    def warn(self, who: int, which: int, spoken: bool, days: int | None) -> None:
        """Somebody warns."""
        incident = self._one(which, "note_incident")
        self._try(who, "warn", incidents=[incident], text="Please call once a day.", spoken=spoken, day=self._day(days))

    @rule(who=_WHICH, which=_WHICH, days=st.sampled_from([None, None, 0, -3, 2]))
    def communicate(self, who: int, which: int, days: int | None) -> None:
        """A warning's letter leaves."""
        self._try(who, "communicate_warning", warning=self._one(which, "warn"), day=self._day(days))

    @rule(
        who=_WHICH,
        which=_WHICH,
        measures=_MEASURES,
        starts=st.sampled_from([None, None, None, 0, 5, -1]),
        ends=st.sampled_from([None, None, None, 3, 60, 180, -2, 3000]),
        severe=st.booleans(),
        police=st.booleans(),
        unknown=st.booleans(),
    )
    def draft(
        self,
        who: int,
        which: int,
        measures: list[dict[str, object]],
        starts: int | None,
        ends: int | None,
        severe: bool,
        police: bool,
        unknown: bool,
    ) -> None:
        """Somebody drafts a restriction."""
        mild = sorted(set(self._policy.grounds) - {"zero_tolerance"})
        self._try(
            who,
            "draft_restriction",
            measures=measures,
            ground="zero_tolerance" if severe else mild[which % len(mild)],
            reason="It keeps us from other work.",
            incidents=[self._one(which, "note_incident")],
            starts=self._day(starts),
            ends=self._day(ends),
            adjustments_considered="Asked; none needed.",
            police="Not told; decided by the head." if police else None,
            not_recognised=unknown,
        )

    @rule(
        who=_WHICH,
        measures=_MEASURES,
        ends=st.sampled_from([None, None, 60, 180, 2]),
        basis=st.sampled_from(["warning", "none", "warning", "zero_tolerance", "exception", "none"]),
        left_out=st.sampled_from(["", "", "", "", "approval", "notice"]),
    )
    def go_the_whole_way(
        self, who: int, measures: list[dict[str, object]], ends: int | None, basis: str, left_out: str
    ) -> None:
        """A restriction is made as it should be, or nearly."""
        mild = sorted(set(self._policy.grounds) - {"zero_tolerance"})
        ground = "zero_tolerance" if basis == "zero_tolerance" else mild[who % len(mild)]
        incident = self._try(who, "note_incident", category=ground, what="Eleven calls in a morning")
        if basis == "warning":
            self._try(who, "warn", incidents=[incident], text="Please call once a day.", spoken=True)
        draft = self._try(
            who,
            "draft_restriction",
            measures=measures,
            ground=ground,
            reason="It keeps us from other work.",
            incidents=[incident],
            ends=self._day(ends),
            adjustments_considered="Asked; none needed.",
            police="Not told; decided by the head.",
            not_recognised=True,
        )
        if draft is None:
            return
        self._try(who, "propose_restriction", restriction=draft, exception="Now." if basis == "exception" else None)
        if left_out != "approval":
            self._try(who, "approve_restriction", restriction=draft, reason="Proportionate.", fallback=None)
            self._try(who, "approve_restriction", restriction=draft, reason="Proportionate.", fallback="Away.")
        if left_out != "notice":
            self._try(who, "send_notice", about=draft)

    @rule(
        who=_WHICH,
        which=_WHICH,
        what=st.sampled_from(["extend", "extend", "amend", "appeal"]),
        outcome=st.sampled_from(["upheld", "varied", "dismissed"]),
        measures=_MEASURES,
        told=st.booleans(),
    )
    def go_on(
        self, who: int, which: int, what: str, outcome: str, measures: list[dict[str, object]], told: bool
    ) -> None:
        """Weeks later it happens again, or it is reviewed, or the party appeals."""
        self._clock.now += timedelta(days=20)
        number = self._one(which, "draft_restriction")
        fallback = {"fallback": "Away."} if told else {}
        if what == "extend":
            incident = self._try(who, "note_incident", category=sorted(self._policy.grounds)[0], what="Again")
            change = self._try(who, "extend_restriction", restriction=number, incident=incident, **fallback)
        elif what == "amend":
            given = {"outcome": "amend", "reason": "Looked at.", "measures": measures}
            change = self._try(who, "review_restriction", restriction=number, **given, **fallback)
        else:
            appeal = self._try(who, "appeal", restriction=number, grounds="It is too much.")
            varied = measures if outcome == "varied" else None
            change = self._try(who, "decide_appeal", appeal=appeal, outcome=outcome, reason="Seen.", measures=varied)
        if told and change is not None:
            self._try(who, "send_notice", about=change)

    @rule(who=_WHICH, which=_WHICH, measures=st.none() | _MEASURES, ends=_DAYS)
    def change(self, who: int, which: int, measures: list[dict[str, object]] | None, ends: int | None) -> None:
        """Somebody changes a draft."""
        draft = self._one(which, "draft_restriction")
        self._try(who, "change_draft", restriction=draft, measures=measures, ends=self._day(ends))

    @rule(who=_WHICH, which=_WHICH, exception=st.booleans())
    def propose(self, who: int, which: int, exception: bool) -> None:
        """Somebody proposes."""
        why = "It cannot wait." if exception else None
        self._try(who, "propose_restriction", restriction=self._one(which, "draft_restriction"), exception=why)

    @rule(who=_WHICH, which=_WHICH, fallback=st.booleans())
    def approve(self, who: int, which: int, fallback: bool) -> None:
        """Somebody approves."""
        number = self._one(which, "propose_restriction", "draft_restriction")
        proposed = {done.id: str(done.fields["restriction"]) for done in self._journal.of("propose_restriction")}
        self._try(
            who,
            "approve_restriction",
            restriction=proposed.get(number, number),
            reason="It is proportionate.",
            fallback="The others are away." if fallback else None,
        )

    @rule(who=_WHICH, which=_WHICH)
    def decline(self, who: int, which: int) -> None:
        """Somebody says no."""
        self._try(who, "decline_restriction", restriction=self._one(which, "draft_restriction"), reason="Too much.")

    @rule(who=_WHICH, which=_WHICH, how=st.sampled_from(["send_notice", "send_notice", "record_no_notice"]))
    def tell(self, who: int, which: int, how: str) -> None:
        """The party is told, or the reason for not telling is recorded."""
        about = self._one(which, "draft_restriction", "extend_restriction", "review_restriction", "decide_appeal")
        self._try(who, how, about=about, **({"reason": "No address."} if how == "record_no_notice" else {}))

    @rule(who=_WHICH, which=_WHICH)
    def come_back(self, who: int, which: int) -> None:
        """A notice bounces."""
        about = self._one(which, "draft_restriction", "extend_restriction", "review_restriction", "warn")
        self._try(who, "notice_came_back", about=about)

    @rule(who=_WHICH, which=_WHICH, ends=_DAYS, fallback=st.booleans())
    def extend(self, who: int, which: int, ends: int | None, fallback: bool) -> None:
        """It happened again."""
        self._try(
            who,
            "extend_restriction",
            restriction=self._one(which, "draft_restriction", "protect_interim"),
            incident=self._one(0, "note_incident"),
            ends=self._day(ends),
            fallback="The others are away." if fallback else None,
        )

    @rule(who=_WHICH, which=_WHICH, outcome=st.sampled_from(["continue", "amend", "lift"]), measures=_MEASURES)
    def review(self, who: int, which: int, outcome: str, measures: list[dict[str, object]]) -> None:
        """Somebody looks at it again."""
        amended = measures if outcome == "amend" else None
        number = self._one(which, "draft_restriction")
        self._try(who, "review_restriction", restriction=number, outcome=outcome, reason="Looked at.", measures=amended)

    @rule(who=_WHICH, which=_WHICH)
    def lift(self, who: int, which: int) -> None:
        """It is not needed any more."""
        number = self._one(which, "draft_restriction", "protect_interim")
        self._try(who, "lift_restriction", restriction=number, reason="Better now.")

    @rule(who=_WHICH, which=_WHICH)
    def appeal(self, who: int, which: int) -> None:
        """The party appeals."""
        self._try(who, "appeal", restriction=self._one(which, "draft_restriction"), grounds="It is too much.")

    @rule(
        who=_WHICH,
        which=_WHICH,
        outcome=st.sampled_from(["upheld", "varied", "dismissed"]),
        measures=_MEASURES,
    )
    def decide(self, who: int, which: int, outcome: str, measures: list[dict[str, object]]) -> None:
        """Somebody decides an appeal."""
        varied = measures if outcome == "varied" else None
        number = self._one(which, "appeal")
        self._try(who, "decide_appeal", appeal=number, outcome=outcome, reason="Looked at.", measures=varied)

    @rule(who=_WHICH, which=_WHICH)
    def protect(self, who: int, which: int) -> None:
        """Colleagues are protected at once."""
        self._try(who, "protect_interim", incident=self._one(which, "note_incident"), reason="A threat.")

    @rule(who=_WHICH, channel=st.sampled_from(["call", "email", "letter"]), ends=_DAYS)
    def adjust(self, who: int, channel: str, ends: int | None) -> None:
        """An adjustment is agreed."""
        self._try(who, "agree_adjustment", need="Cannot write", open=[channel], ends=self._day(ends))

    @rule(who=_WHICH, which=_WHICH)
    def close_again(self, who: int, which: int) -> None:
        """An adjustment is to end."""
        self._try(
            who,
            "end_adjustment",
            adjustment=self._one(which, "agree_adjustment"),
            advice="Taken from the adviser.",
            route="By letter.",
            asked_by=self._staff[which % len(self._staff)].name,
        )

    @rule(who=_WHICH, behind=st.integers(1, 3))
    def too_late(self, who: int, behind: int) -> None:
        """Somebody acts on a file that has changed since they read it."""
        version = self._casework_version() - behind
        act = catalogue.parse("ask", {"text": "Please call less.", "distress": "Not said.", "adjustments": "None."})
        try:
            self._casework.do_now(self._party, act, self._staff[who % len(self._staff)], version=version)
        except (Stale, Refused):
            return
        raise AssertionError("an act on an older file was taken")

    def _casework_version(self) -> int:
        file = self._record.read_now(lambda reader: reader.case_file(self._party))
        assert file is not None
        return file.version

    # What is looked at

    def _rows(self, table: str) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self._db)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]  # our own names

    @invariant()
    def nothing_unlawful_is_in_force(self) -> None:
        """The law holds, as the record has it."""
        if not hasattr(self, "_party"):
            return
        wrong = judge(self._law, self._journal, self._rows("restrictions"), self._rows("adjustments"), self._clock.now)
        assert not wrong, wrong

    def teardown(self) -> None:
        """The chain is whole; with one character of it changed, it is not."""
        try:
            if hasattr(self, "_party"):
                self._verify()
        finally:
            self._record.close()
            self._place.cleanup()

    def _verify(self) -> None:
        assert self._broken() == []
        papers = self._rows("papers")
        if not papers:
            return
        victim = papers[len(self._journal.done) % len(papers)]
        for table, column, key in (("papers", "data", "seq"), ("papers", "written_by", "seq"), ("acts", "who", "seq")):
            row = next(row for row in self._rows(table) if row[key] == victim["seq"])
            changed = ("x" if row[column][:1] != "x" else "y") + row[column][1:]
            self._set(table, column, changed, row[key])
            assert self._broken() != [], f"{table}.{column} was changed and nobody noticed"
            self._set(table, column, row[column], row[key])

    def _set(self, table: str, column: str, value: str, seq: int) -> None:
        with closing(sqlite3.connect(self._db)) as connection, connection:
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE seq = ?", (value, seq))  # as above

    def _broken(self) -> list[str]:
        chain = self._record.read_now(lambda reader: reader.verify_acts())
        papers = self._record.read_now(lambda reader: reader.verify_papers())
        return [*([f"chain at {chain.broken_at}"] if chain.broken_at else []), *papers]
