"""The desk: an act goes on the file and is enforced in one transaction, or nothing of it is done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.casework.alerts import Alerts
from gateway.casework.desk import Casework, NoSuchParty, Stale
from gateway.casework.overview import everything_that_waits
from gateway.casework.reach import not_too_many
from gateway.casework.sheet import as_data, sheet
from gateway.letters import Letters, Sender
from rules import identity, measures
from rules.casework import catalogue
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from rules.contact import Channel
from rules.decision import Outcome
from rules.standing import Restriction
from storage.entries import Entry, Goal, LetterState, State
from storage.record import Record
from tests.rules.casework.acts.clerk import policy

NOW = datetime(2026, 3, 11, 10, 0, tzinfo=UTC)
CLERK, MANAGER = Actor("A. Clerk", frozenset({"caseworker"})), Actor("M. Manager", frozenset({"manager"}))
LIMIT = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}
OFFICE = Sender("The Office", "office@office.example.org", "alerts@office.example.org")


class Place:
    """An office's record with a party on it, and a clock that a test sets."""

    def __init__(self, record: Record, clock: list[datetime]) -> None:
        self.record, self._clock = record, clock
        self.policy = policy("phso")
        letters = Letters(OFFICE, self.policy, lambda number, message: b"")
        self.desk = Casework(
            record, self.policy, lambda: clock[0], guards=(not_too_many(self.policy),), effects=(Alerts(letters),)
        )
        self.party = self.add("Rosa Example", "rosa@example.org")

    def add(self, name: str, *ways: str) -> int:
        """Put a party on record."""

        def job(tx):
            number = tx.add_party(name)
            for way in ways:
                known = identity.email(way) if "@" in way else identity.domain(way)
                tx.add_identifier(known, number, how="told", by="test")
            return number

        return self.record.write_now(job)

    def do(self, name: str, by: Actor = CLERK, *, version: int | None = None, party: int | None = None, **fields):
        """Do one act, and give its paper's id."""
        act = catalogue.parse(name, fields)
        return self.desk.do_now(party or self.party, act, by, version=version).paper.id

    def restrict(self, *kinds: dict[str, object]) -> str:
        """Make a restriction that is in force."""
        incident = self.do("note_incident", category="levels_of_contact", what="Nine calls.")
        self.do("warn", incidents=[incident], text="Please call once a day.", spoken=True)
        incident = self.do("note_incident", category="levels_of_contact", what="Nine calls again.")
        number = self.do(
            "draft_restriction",
            measures=list(kinds),
            ground="levels_of_contact",
            reason="It keeps us from other work.",
            incidents=[incident],
            adjustments_considered="Asked; none needed.",
        )
        self.do("propose_restriction", restriction=number)
        self.do("send_notice", about=number)
        return number

    def enforced(self) -> tuple[Restriction, ...]:
        """Give what decisions are made by."""
        return self.record.read_now(lambda reader: reader.party_file(self.party)).restrictions

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self._clock[0] += timedelta(**span)

    def version(self) -> int:
        """Give the version of the party's file."""
        return self.record.read_now(lambda reader: reader.case_file(self.party)).version


@pytest.fixture
def place(tmp_path):
    """An office's record in a folder."""
    clock = [NOW]
    with Record.open(f"sqlite:///{tmp_path / 'parley.db'}", now=lambda: clock[0]) as record:
        yield Place(record, clock)


def test_what_is_decided_is_enforced(place):
    """A restriction is what decisions are made by once it is told of, and until it is lifted."""
    number = place.restrict(LIMIT)
    (one,) = place.enforced()
    assert (one.id, one.in_force(NOW), one.approved_by) == (number, True, CLERK.name)
    place.wait(days=3)
    place.do("lift_restriction", restriction=number, reason="Better now.")
    (one,) = place.enforced()
    assert not one.in_force(NOW + timedelta(days=3))


def test_who_acts_on_an_older_file_is_told(place):
    """The second of two who read the same file is told, and nothing of theirs is done."""
    version = place.version()
    place.do("note_incident", category="levels_of_contact", what="Nine calls.", version=version)
    with pytest.raises(Stale, match="Read it again"):
        place.do("note_incident", category="levels_of_contact", what="Ten calls.", version=version)
    assert len(place.record.read_now(lambda reader: reader.case_file(place.party)).papers) == 1


def test_what_is_refused_leaves_nothing(place):
    """No paper, no act in the chain, no letter."""
    before = place.version(), place.record.read_now(lambda reader: reader.acts())
    with pytest.raises(Refused):
        place.do("note_incident", category="rudeness", what="Nine calls.")
    assert (place.version(), place.record.read_now(lambda reader: reader.acts())) == before


def test_there_is_no_file_of_nobody(place):
    """An act on a party that is not on record is a fault of whoever asks."""
    with pytest.raises(NoSuchParty):
        place.do("note_incident", category="levels_of_contact", what="Nine calls.", party=99)


def test_PHSO_24_the_manager_is_told_at_once(place):
    """An incident puts one alert into the outbox, which names the party and nothing of what happened."""
    place.do("note_incident", category="levels_of_contact", what="Shouted at a named colleague.")
    (letter,) = place.record.read_now(lambda reader: reader.letters(LetterState.QUEUED))
    assert letter.rcpt == OFFICE.alerts
    assert b"Rosa Example" in letter.message
    assert b"Shouted" not in letter.message


def test_SPSO_65_every_act_has_an_author_a_time_and_a_place_in_the_chain(place):
    """A paper that somebody changes in the database is found."""
    number = place.restrict(LIMIT)
    assert place.record.read_now(lambda reader: reader.verify_papers()) == ()
    change = "UPDATE papers SET data = replace(data, 'levels_of_contact', 'zero_tolerance') WHERE id = :id"
    place.record.write_now(lambda tx: tx.link.plain(change, {"id": number}))
    assert place.record.read_now(lambda reader: reader.verify_papers()) == (number,)


def test_an_imported_restriction_is_told_of_and_lifted_like_any_other(place):
    """What came by import has no paper, and is acted on all the same."""
    restriction = Restriction(
        "imported-1",
        (measures.parse(LIMIT),),
        NOW - timedelta(days=9),
        NOW + timedelta(days=90),
        reason="Nine calls.",
        ground="levels_of_contact",
        approved_by="The head of casework",
    )
    place.record.write_now(lambda tx: tx.add_restriction(place.party, restriction))
    place.do("lift_restriction", restriction="imported-1", reason="Not needed.")
    (one,) = place.enforced()
    assert one.ends == NOW
    with pytest.raises(Refused, match="is lifted"):
        place.do("lift_restriction", restriction="imported-1", reason="Again.")


def test_what_waits_is_listed_over_all_files(place):
    """The earliest due comes first, with the party it is about."""
    other = place.add("Samir Example", "samir@example.org")
    incident = place.do("note_incident", category="levels_of_contact", what="Nine.", party=other)
    place.do("warn", incidents=[incident], text="Please stop.", party=other)
    place.wait(days=1)
    place.do("warn", incidents=[place.do("note_incident", category="levels_of_contact", what="Ten.")], text="Stop.")
    now = NOW + timedelta(days=9)
    found = place.record.read_now(lambda reader: everything_that_waits(reader, place.policy, now))
    assert {one.name for one in found} == {"Rosa Example", "Samir Example"}
    assert all(one.waiting.overdue(now) for one in found)


def _entry(place, number, channel, at, sender="email:rosa@example.org", **more):
    call = channel is Channel.CALL
    fields = {
        "state": State.ANSWERED if call else State.DELIVERED,
        "decided": Outcome.CONNECT if call else Outcome.DELIVER,
        "carried": Outcome.CONNECT if call else Outcome.DELIVER,
        "talk_s": 300 if call else None,
        "targets": (Goal("+441632960999" if call else "office@office.example.org", Outcome.DELIVER, ""),),
    } | more
    entry = Entry(f"c{number}", channel, at, f"party:{place.party}", party_id=place.party, sender=sender, **fields)
    place.record.write_now(lambda tx: tx.add_contact(entry))


def test_SPSO_15_the_sheet_shows_what_measures_would_have_done(place):
    """Over the last thirty days, beside two milder sets; and whether anything stays open."""
    for number in range(6):
        _entry(place, number, Channel.EMAIL, NOW - timedelta(days=number, hours=1))
    _entry(place, 8, Channel.EMAIL, NOW - timedelta(days=40))
    block = measures.parse({"kind": "block"})
    found = sheet(place.record, place.party, [block], place.policy, CLERK, now=NOW)
    assert found.contacts == {"email": 6}
    assert found.total_block
    assert [dict(one.outcomes) for one in found.would_have] == [
        {"refuse": 6},
        {"file": 6},
        {"deliver": 2, "file": 4},
    ]


@pytest.mark.parametrize(
    "meant",
    [
        pytest.param([{"kind": "stop_case", "case": "HS-1234"}], id="work on a case stops"),
        pytest.param([{"kind": "issue_limit", "subjects": ["the drains"]}, LIMIT], id="an issue beside a limit"),
        pytest.param([{"kind": "refuse_new"}], id="nothing new"),
        pytest.param([{"kind": "time_out", "until": "2026-04-01"}], id="a time out"),
    ],
)
def test_SPSO_15_what_hangs_on_subjects_is_not_called_harmless(place, meant):
    """No subject is kept: nobody can say what such a measure would have done to mail, and milder ones are told."""
    calls = [_entry(place, number, Channel.CALL, NOW - timedelta(days=2, hours=number)) for number in range(2)]
    wanted = [measures.parse(one) for one in meant]
    found = sheet(place.record, place.party, wanted, place.policy, CLERK, now=NOW)
    assert sum(found.would_have[0].outcomes.values()) == len(calls)
    _entry(place, 3, Channel.EMAIL, NOW - timedelta(days=1))
    found = sheet(place.record, place.party, wanted, place.policy, CLERK, now=NOW)
    assert found.would_have[0].outcomes is None
    assert as_data(found)["would_have"][0]["outcomes"] is None
    assert all(sum(one.outcomes.values()) == 3 for one in found.would_have[1:])


def test_SPSO_14_our_own_part_stands_beside_the_figures(place):
    """Looks that are overdue, calls that nobody answered, an adjustment that was not kept."""
    place.do("agree_adjustment", need="Cannot write", open=["call"])
    _entry(place, 1, Channel.CALL, NOW - timedelta(days=1), state=State.MISSED)
    late = {"state": State.FILED, "decided": Outcome.FILE, "carried": Outcome.FILE}
    _entry(place, 2, Channel.EMAIL, NOW - timedelta(days=9), look_by=NOW - timedelta(days=6), **late)
    refused = {"state": State.AUTOMATED_LINE, "decided": Outcome.AUTOMATED_LINE, "carried": Outcome.AUTOMATED_LINE}
    _entry(place, 3, Channel.CALL, NOW - timedelta(days=2), **refused)
    ours = sheet(place.record, place.party, [measures.parse(LIMIT)], place.policy, CLERK, now=NOW).ours
    assert (ours.overdue_looks, ours.missed_calls, ours.adjustments_broken) == (1, 1, 1)


def test_identifiers_that_meet_too_many_others_are_refused(place):
    """A domain on a party that recognised several people would restrict them all: a draft is refused with the way."""
    place.party = place.add("Example and Partners", "partners.example.org")
    for number in range(3):
        sender = f"email:p{number}@partners.example.org"
        _entry(place, number, Channel.EMAIL, NOW - timedelta(days=number + 1), sender=sender)
    found = sheet(place.record, place.party, [measures.parse(LIMIT)], place.policy, CLERK, now=NOW)
    assert found.met == 3
    with pytest.raises(Refused, match="recognised 3 other people"):
        place.restrict(LIMIT)
