"""A run of retention over an office: who may, what goes, what is said of it, twice at once, and after a death."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from gateway.alerts.desk import ACKNOWLEDGED, AlertDesk
from gateway.casework.auditing import verified
from gateway.casework.desk import Casework
from gateway.casework.effects import party_effects
from gateway.casework.outline import outline
from gateway.casework.overview import everything_that_waits
from gateway.casework.sheet import sheet
from gateway.config import read_policy
from gateway.exports import taken_out
from gateway.retention import RUN, Retention
from rules import identity, measures
from rules.alerts import AlertKind, Severity
from rules.casework import catalogue
from rules.casework.actor import Actor
from rules.casework.advice import pseudonymised
from rules.casework.refused import Refused
from rules.casework.shelf import shelf_of
from rules.contact import Channel
from rules.decision import Outcome
from rules.policies import parts
from rules.retention import RecordClass, closed_name
from storage.alerts import Alert, Raised
from storage.audit import RETENTION
from storage.confidential import Confidential
from storage.entries import Entry, Letter, State
from storage.record import Record
from tests.gateway.office import NOW, Clock

CLERK = Actor("A. Clerk", frozenset({"caseworker"}))
MANAGER = Actor("M. Manager", frozenset({"manager", "head"}))
MAIL = b"Subject: secret\r\n\r\nWhat he wrote, word by word.\r\n"
YEARS = timedelta(days=366 * 12)


class Kept:
    """Hold an office's record with parties on it, and run retention there."""

    def __init__(self, url, folder):
        self.clock = Clock(NOW)
        self.url = url
        self.record = Record.open(url, now=self.clock)
        self.policy = read_policy("default", folder)
        self.casework = Casework(self.record, self.policy, self.clock, effects=party_effects(self.policy))
        self.said = 0

    def retention(self, kind=Retention, record=None, **changes):
        """Give retention under this office's policy, or one with other months."""
        kept = self.policy.retention.model_copy(update=changes)
        return kind(record or self.record, self.policy.with_changes(retention=kept), self.clock)

    def party(self, address="r.example@example.org"):
        """Put a party on record."""

        def job(tx):
            number = tx.add_party(f"Party of {address}")
            tx.add_identifier(identity.email(address), number, how="told", by="intake")
            return number

        return self.record.write_now(job)

    def do(self, party, name, by=CLERK, **fields):
        """Do one act; gives its paper's id."""
        self.clock.advance(minutes=1)
        return self.casework.do_now(party, catalogue.parse(name, fields), by).paper.id

    def incident(self, party, **more):
        """Note an incident."""
        return self.do(party, "note_incident", category="abusive_language", what="Shouted, word by word.", **more)

    def restriction(self, party):
        """Make a restriction that is in force for six months, and whose end is told."""
        self.do(party, "warn", incidents=[self.incident(party)], text="Please stop.", spoken=True)
        fields = {"ground": "abusive_language", "reason": "Word by word.", "adjustments_considered": "Asked; none."}
        measure = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week"}
        draft = self.do(party, "draft_restriction", measures=[measure], incidents=[self.incident(party)], **fields)
        self.do(party, "propose_restriction", restriction=draft)
        self.do(party, "send_notice", about=draft)
        return draft

    def contact(self, number, party=None, state=State.LOOKED_AT):
        """Put a contact on record with its mail."""

        def job(tx):
            fields = {"decided": Outcome.FILE, "carried": Outcome.FILE, "party_id": party}
            whose = f"party:{party}" if party else "email:x@example.org"
            tx.add_contact(Entry(number, Channel.EMAIL, self.clock(), whose, state, **fields))
            tx.keep_raw(number, "x@example.org", MAIL)

        self.record.write_now(job)
        return number

    def everything(self):
        """Give all that is in the tables that hold words of people, as text."""
        tables = ("papers", "evidence_contents", "confidential", "raw", "contacts", "identifiers", "restrictions")
        return self.record.read_now(
            lambda reader: "".join(
                repr(reader.link.plain(f"SELECT * FROM {name}", {})) for name in (*tables, "parties")
            )
        )

    def acts(self, name):
        """Give the acts of one name."""
        return self.record.read_now(lambda reader: reader.acts_named(name))

    def file(self, party):
        """Read a party's file."""
        return self.record.read_now(lambda reader: reader.case_file(party))


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request, folder):
    """An office on each of the two databases."""
    place = f"sqlite:///{folder / 'state' / 'parley.db'}"
    made = Kept(place if request.param == "sqlite" else request.getfixturevalue("postgres_url"), folder)
    yield made
    made.record.close()


def full(kept):
    """Fill an office with one of everything; gives the party."""
    party = kept.party()
    draft = kept.restriction(party)
    kept.clock.advance(days=300)
    kept.do(party, "record_no_notice", MANAGER, about=draft, reason="No address.")
    kept.do(party, "ask", text="Word by word.", distress="None.", adjustments="None.")
    piece = {"mark": "DISTRESSING 1", "description": "A voicemail", "digest": "0" * 64, "size": 12}
    desk = kept.casework.also(lambda tx, done: tx.keep_evidence(done.paper.id, b"word by word"))
    desk.do_now(party, catalogue.parse("seal_evidence", piece), CLERK)
    kept.contact("0tn5c9x01abcdefghij01", party)
    record = Confidential("K1", kept.clock(), "M. Manager", "A. Reid", "a forum", "Word by word.")
    letter = Letter("L1", "note", "<>", "x@example.org", "<1@x>", MAIL, kept.clock())

    def job(tx):
        tx.add_confidential(record)
        tx.enqueue(letter)

    kept.record.write_now(job)
    return party


async def test_everything_goes_in_its_time_and_the_chain_holds(kept):
    """Years later no word is left; each class is counted; the chain verifies and says how many papers it was."""
    party = full(kept)
    before = len(kept.file(party).papers)
    kept.clock.advance(days=366 * 12)
    outlook = {one.kind: one.due for one in (await kept.retention().outlook()).prospects}
    deleted = await kept.retention().apply(MANAGER)
    counts = {kind: count for kind, count in deleted.counts.items() if count}
    # The party goes once its contacts have; the letter never left, so that it waits for a person.
    assert counts == {kind: count for kind, count in outlook.items() if count}
    kinds = {"warnings", "incidents", "restrictions", "evidence", "messages", "contacts", "confidential"}
    assert {kind.value for kind in counts} == kinds
    assert sum(counts[RecordClass(kind)] for kind in ("warnings", "incidents", "restrictions", "evidence")) == before
    deleted = await kept.retention().apply(MANAGER)
    assert deleted.counts == {RecordClass.PARTIES: 1}
    assert "ord by word" not in kept.everything()
    assert "example.org" not in kept.everything()
    found = verified(kept.record, kept.policy)
    assert found.sound and found.papers_removed == before
    assert [each.detail["counts"] for each in kept.acts(RUN)] == [
        {kind.value: count for kind, count in counts.items()},
        {"parties": 1},
    ]
    assert (await kept.retention().apply(MANAGER)).counts == {}
    assert all(one.due == 0 for one in (await kept.retention().outlook()).prospects)


async def test_what_stays_reads_on(kept):
    """A page, a sheet, what waits, an export and advice cope with papers without contents, and new acts are done."""
    party = full(kept)
    kept.clock.advance(days=366 * 4)
    assert (await kept.retention().apply(MANAGER)).counts
    now, file = kept.clock(), kept.file(party)
    page = outline(file, shelf_of(file, kept.policy), kept.policy, MANAGER, now)
    assert [one["act"] for one in page["history"]["papers"]][:2] == ["note_incident", "warn"]
    assert page["history"]["papers"][0]["data"] == {"contents": "The contents were deleted under retention."}
    meant = [measures.parse({"kind": "return_letters"})]
    assert sheet(kept.record, party, meant, kept.policy, MANAGER, now=now)
    assert kept.record.read_now(lambda reader: everything_that_waits(reader, kept.policy, now)) == ()
    assert taken_out(kept.record, kept.policy, MANAGER, now=now, form="toml")
    assert len(pseudonymised(file, kept.policy, {})["papers"]) == len(file.papers)
    assert shelf_of(file, kept.policy).stage(now).value == "ask"
    kept.restriction(party)
    assert verified(kept.record, kept.policy).sound


async def test_a_changed_byte_and_a_deletion_of_ones_own_are_found(kept):
    """Before and after a run: of what is left, and of what no run deleted."""
    party = full(kept)
    kept.clock.advance(days=366 * 4)
    await kept.retention().apply(MANAGER)
    first, last = kept.file(party).papers[0].id, kept.incident(party)
    assert verified(kept.record, kept.policy).sound
    kept.record.write_now(lambda tx: tx.link.plain(f"UPDATE papers SET at = at + 1 WHERE id = '{first}'", {}))
    assert verified(kept.record, kept.policy).papers_wrong == (first,)
    kept.record.write_now(lambda tx: tx.link.plain(f"UPDATE papers SET at = at - 1 WHERE id = '{first}'", {}))
    kept.record.write_now(lambda tx: tx.remove_papers(party, [last]))
    assert verified(kept.record, kept.policy).papers_wrong == (last,)


async def test_who_may_is_said_by_the_policy(kept):
    """A caseworker is refused with who may; under a policy that names nobody, everybody; nothing was done."""
    full(kept)
    kept.clock.advance(days=366 * 12)
    with pytest.raises(Refused, match="Head of the office or Manager"):
        await kept.retention().apply(CLERK)
    rights = {act: roles for act, roles in kept.policy.rights.items() if act != "retention"}
    kept.policy = kept.policy.with_changes(rights=rights)
    with pytest.raises(Refused, match="names nobody"):
        await kept.retention().apply(MANAGER)
    assert kept.acts(RETENTION) == kept.acts(RUN) == ()
    assert not verified(kept.record, kept.policy).papers_removed


async def test_the_job_runs_once_a_day_where_the_policy_says_so(kept):
    """By default it does nothing; where it does, a second look on the same day does nothing."""
    full(kept)
    kept.clock.advance(days=366 * 12)
    await kept.retention().daily()
    assert kept.acts(RUN) == ()
    await kept.retention(apply=True).daily()
    await kept.retention(apply=True).daily()
    assert len(kept.acts(RUN)) == 1
    kept.clock.advance(days=1)
    await kept.retention(apply=True).daily()
    assert len(kept.acts(RUN)) == 2


async def test_what_a_paper_names_goes_after_the_paper(kept):
    """Mail and contact that an incident names as evidence stay as long as what the incident says."""
    party = kept.party()
    named, other = kept.contact("0tn5c9x01abcdefghij01"), kept.contact("0tn5c9x01abcdefghij02")
    kept.incident(party, evidence=[f"the message {named}"])
    kept.clock.advance(days=366 * 3)
    months = {"incidents": 48}
    await kept.retention(**months).apply(MANAGER)
    assert kept.record.read_now(lambda reader: (reader.raw(named) is None, reader.contact(named) is None)) == (
        False,
        False,
    )
    assert kept.record.read_now(lambda reader: reader.contact(other)) is None
    kept.clock.advance(days=366 * 3)
    await kept.retention(**months).apply(MANAGER)
    assert kept.record.read_now(lambda reader: reader.contact(named)) is None


async def test_what_is_named_while_a_run_goes_on_stays(kept):
    """Somebody notes an old contact as evidence after the run has read the papers."""
    party, named = kept.party(), kept.contact("0tn5c9x01abcdefghij01")
    kept.clock.advance(days=366 * 3)

    class Interrupted(Retention):
        def _one_lot(self, kind, lot, place, by, now, tx):
            if kind is RecordClass.MESSAGES:
                act = catalogue.parse(
                    "note_incident", {"category": "abusive_language", "what": "x", "evidence": [named]}
                )
                paper = kept.casework._do(party, act, CLERK, None, tx)
                assert paper
            super()._one_lot(kind, lot, place, by, now, tx)

    await kept.retention(Interrupted).apply(MANAGER)
    assert kept.record.read_now(lambda reader: reader.raw(named)) is not None
    assert kept.record.read_now(lambda reader: reader.contact(named)) is not None


async def test_two_runs_at_once_delete_everything_once(kept):
    """On two machines over one record: no fault, each paper in one act, counts that add up, a chain that holds."""
    parties = [kept.party(f"p{number}@example.org") for number in range(6)]
    for party in parties:
        kept.restriction(party)
        kept.contact(f"0tn5c9x01abcdefghij{party:02}", party)
    kept.clock.advance(days=300)
    for party in parties:
        draft = next(iter(shelf_of(kept.file(party), kept.policy).restrictions))
        kept.do(party, "record_no_notice", MANAGER, about=draft, reason="No address.")
    papers = sum(len(kept.file(party).papers) for party in parties)
    kept.clock.advance(days=366 * 4)
    with Record.open(kept.url, now=kept.clock) as other:
        await asyncio.gather(kept.retention().apply(MANAGER), kept.retention(record=other).apply(MANAGER))
    named = [number for each in kept.acts(RETENTION) for number in each.detail.get("papers", ())]
    assert len(named) == len(set(named)) == papers
    runs = [sum(each.detail["counts"].values()) for each in kept.acts(RUN)]
    assert sum(runs) == papers + 2 * len(parties)
    assert verified(kept.record, kept.policy).papers_removed == papers
    assert verified(kept.record, kept.policy).sound


async def test_a_run_that_died_is_gone_on_with(kept):
    """What it did stands on record with the act that says so; the next run does the rest and sums up both."""
    for number in range(3):
        kept.incident(kept.party(f"p{number}@example.org"))
    kept.clock.advance(days=366 * 3)

    class Dying(Retention):
        left = 2

        def _one_party(self, number, by, now, tx):
            if not self.left:
                raise RuntimeError("the process died")
            self.left -= 1
            super()._one_party(number, by, now, tx)

    with pytest.raises(RuntimeError):
        await kept.retention(Dying).apply(MANAGER)
    assert (len(kept.acts(RETENTION)), len(kept.acts(RUN))) == (2, 0)
    assert verified(kept.record, kept.policy).sound
    assert (await kept.retention().apply(MANAGER)).counts == {RecordClass.INCIDENTS: 3}


async def test_a_file_that_cannot_be_read_is_named_and_left(kept):
    """Of other parties what is due goes."""
    bad, good = kept.party("bad@example.org"), kept.party("good@example.org")
    for party in (bad, good):
        kept.incident(party)
    kept.record.write_now(lambda tx: tx.link.plain(f"UPDATE papers SET data = '[' WHERE party_id = {bad}", {}))
    kept.clock.advance(days=366 * 3)
    assert (await kept.retention().outlook()).unreadable == (bad,)
    deleted = await kept.retention().apply(MANAGER)
    assert (deleted.unreadable, deleted.counts) == ((bad,), {RecordClass.INCIDENTS: 1})


async def test_a_party_that_went_is_a_stranger_again(kept):
    """Nothing of it is recognised; its number, the names of its acts and their times stay."""
    party = kept.party()
    kept.incident(party)
    kept.clock.advance(days=366 * 7)
    await kept.retention().apply(MANAGER)
    file = kept.file(party)
    assert (file.party.name, file.marks) == (closed_name(party), ())
    assert [paper.act.was for paper in file.papers] == ["note_incident"]
    assert kept.record.read_now(lambda reader: reader.holders((identity.email("r.example@example.org"),))) == ()


async def test_alerts_go_in_their_time_and_the_chain_holds(kept):
    """Two years after somebody took one on; an open one stays with its contact, and who took one on stays on record."""

    def raised(tx, number, contact=None):
        tx.raise_alert(
            Raised(Alert(number, number, AlertKind.HELD, Severity.SOON, "t", "w", kept.clock(), "", contact))
        )

    party = kept.party()
    contact = "0tn5c9x01abcdefghij01"
    kept.contact(contact, party)
    kept.record.write_now(lambda tx: (raised(tx, "a1"), raised(tx, "a2", contact)))
    desk = AlertDesk(kept.record, kept.policy, kept.clock)
    desk.acknowledge("a1", MANAGER)
    kept.clock.advance(days=365 * 2 - 1)
    (early,) = [one for one in (await kept.retention().outlook()).prospects if one.kind is RecordClass.ALERTS]
    assert (early.months, early.due) == (24, 0)
    assert early.next is not None and early.next - kept.clock() < timedelta(days=3)
    kept.clock.advance(days=4)
    deleted = await kept.retention().apply(MANAGER)
    assert (deleted.counts[RecordClass.ALERTS], deleted.counts.get(RecordClass.CONTACTS, 0)) == (1, 0)
    assert [one.alert.id for one in desk.read(MANAGER)] == ["a2"]
    assert [one.about for one in kept.record.read_now(lambda reader: reader.acts_named(ACKNOWLEDGED))] == ["alert:a1"]
    assert verified(kept.record, kept.policy).sound


async def test_a_merge_can_still_be_undone(kept):
    """What was deleted meanwhile goes back as what is left of it, and the chain holds before and after."""
    one, other = kept.party(), kept.party("o@example.org")
    old = [kept.incident(one), kept.incident(other)]
    kept.contact("0tn5c9x01abcdefghij01", other)
    merge = kept.do(one, "merge", other=other, reason="The same person.")
    late = kept.incident(one)
    kept.clock.advance(days=366 * 7)
    deleted = await kept.retention().apply(MANAGER)
    assert deleted.counts[RecordClass.INCIDENTS] == 3
    assert deleted.counts[RecordClass.CONTACTS] == 1
    assert RecordClass.PARTIES not in deleted.counts
    assert verified(kept.record, kept.policy).sound
    split = kept.do(one, "split", merge=merge, reason="Two after all.")
    assert [paper.id for paper in kept.file(one).papers] == [old[0], merge, late, split]
    assert [paper.id for paper in kept.file(other).papers] == [old[1]]
    assert verified(kept.record, kept.policy).sound


async def test_the_months_of_the_policy_decide_when(kept):
    """The outlook says the day on which the next goes; the day before nothing does."""
    party = kept.party()
    kept.incident(party)
    (prospect,) = [one for one in (await kept.retention().outlook()).prospects if one.kind is RecordClass.INCIDENTS]
    assert (prospect.due, prospect.months) == (0, kept.policy.retention.incidents)
    kept.clock.at = prospect.next - timedelta(seconds=1)
    assert (await kept.retention().apply(MANAGER)).counts == {}
    kept.clock.at = prospect.next
    assert (await kept.retention().apply(MANAGER)).counts == {RecordClass.INCIDENTS: 1}


def test_a_policy_without_the_part_has_generous_months():
    """What a file leaves out keeps what is over for at least a year, and deletes nothing by itself."""
    left_out = parts.Retention()
    assert not left_out.apply
    assert min(getattr(left_out, kind.value) for kind in RecordClass) >= 12
