"""Two parties become one and are parted again: nothing is lost, and what came goes back exactly."""

import json
from datetime import UTC

import pytest

from rules import measures
from rules.casework.acts.merge import Merge
from rules.casework.file import Paper
from rules.contact import Channel, Identifier, IdentifierKind
from rules.standing import Adjustment, Restriction
from storage.entries import Flag, State
from storage.merges import digest_of
from tests.storage.office import AT, ROSA, ROSAS_PHONE, add, after, party

OTHER = Identifier(IdentifierKind.EMAIL, "r.other@example.org")
DOMAIN = Identifier(IdentifierKind.DOMAIN, "example.org")
HOUSE = Identifier(IdentifierKind.PHONE, "+441632960020")
LIMIT = measures.parse({"kind": "volume_limit", "channels": ["email"], "count": 2, "per": "week"})


def restriction(number):
    """Give a restriction that was imported."""
    return Restriction(number, (LIMIT,), AT, after(days=90), approved_by="Head of Casework")


def snapshot(record):
    """Give all that is on record of parties, but for versions, papers' order and what was moved."""
    tables = ("identifiers", "restrictions", "adjustments", "contacts", "flags", "threads")

    def job(tx):
        rows = {name: sorted(map(repr, tx.link.plain(f"SELECT * FROM {name}", {}))) for name in tables}
        return rows | {"parties": tx.link.plain("SELECT id, name, merged_into FROM parties ORDER BY id", {})}

    return record.write_now(job)


def two(record):
    """Put two parties on record, each with all that a party can have; gives their numbers."""
    rosa = party(record, ROSA, ROSAS_PHONE)
    other = party(record, OTHER, name="R. Other")
    first = add(record, whose=f"party:{rosa}", party_id=rosa)
    second = add(record, whose=f"party:{other}", party_id=other, sender=str(OTHER), counted_at=AT)

    def job(tx):
        for number, who, contact in (("F1", rosa, first), ("F2", other, second)):
            tx.add_flag(Flag(number, f"party:{who}", "5 a day", AT, contact.id, 5))
        for number, who in (("R1", rosa), ("R2", other)):
            tx.add_restriction(who, restriction(number))
            tx.add_adjustment(who, Adjustment(f"need of {who}", frozenset({Channel.CALL}), AT))
            tx.keep_thread(who, f"<{number}@example.org>", ["case"], AT)
            tx.add_identifier(HOUSE, who, shared=True, how=f"said {who}")

    record.write_now(job)
    return rosa, other


def merge(record, survivor, other, number="M1"):
    """Merge the other into the survivor under a paper."""

    def job(tx):
        version = tx.case_file(survivor).version
        paper = Paper(number, AT.astimezone(UTC), "k.jones", "", Merge(other=other, reason="one address"))
        tx.add_paper(survivor, paper, version)
        return tx.merge_parties(number, survivor, other)

    return record.write_now(job)


def split(record, survivor, other, number="M1", followers=()):
    """Part them again."""
    record.write_now(lambda tx: tx.give_back(number, survivor, other, followers=followers, merged_at=AT))


def test_everything_follows(record):
    """Identifiers, contacts, levels, flags, restrictions and adjustments of the other are the survivor's (W10)."""
    rosa, other = two(record)
    brought = merge(record, rosa, other)
    file = record.read_now(lambda reader: reader.party_file(rosa))
    assert {one.id for one in file.restrictions} == {"R1", "R2"}
    assert {one.need for one in file.adjustments} == {f"need of {rosa}", f"need of {other}"}
    assert file.party.identifiers == {ROSA, ROSAS_PHONE, OTHER, HOUSE}
    assert len(record.read_now(lambda reader: reader.contacts(whose=f"party:{rosa}"))) == 2
    assert {flag.id for flag in record.read_now(lambda reader: reader.flags(whose=f"party:{rosa}"))} == {"F1", "F2"}
    assert record.read_now(lambda reader: reader.newest(f"party:{rosa}", None, 9)) == (AT, AT)
    gone = record.read_now(lambda reader: reader.case_file(other))
    assert (gone.papers, gone.marks, gone.imported, gone.imported_adjustments) == ((), (), (), ())
    assert {what: len(each) for what, each in brought.items()} == {
        **{"contact": 1, "identifier": 1, "restriction": 1, "adjustment": 1, "set_aside": 1},
    }
    assert record.read_now(lambda reader: reader.thread_matters(rosa, ["<R2@example.org>"])) == ("case",)


def test_a_merged_party_stays_findable(record):
    """Its name leads to the survivor; it is in no list, and its number says what it became."""
    rosa, other = two(record)
    merge(record, rosa, other)
    assert record.read_now(lambda reader: reader.party_by_name("R. Other")).id == rosa
    assert [one.id for one in record.read_now(lambda reader: reader.parties())] == [rosa]
    assert record.read_now(lambda reader: (reader.merged_into(other), reader.merged_into(rosa))) == (rosa, None)
    assert record.read_now(lambda reader: reader.aliases(rosa)) == ((other, "R. Other"),)


def test_a_name_that_both_had_leads_to_the_one_that_still_is(record):
    """Where an older party of the same name was merged away, the name finds the one that stands by itself."""
    first, second = party(record, ROSA), party(record, OTHER)
    merge(record, second, first)
    assert record.read_now(lambda reader: reader.party_by_name("Rosa Example")).id == second


def test_a_split_gives_back_exactly_what_came(record):
    """After merge and split every table says what it said before, threads that the survivor learnt set aside."""
    rosa, other = two(record)
    before = snapshot(record)
    merge(record, rosa, other)
    assert snapshot(record) != before
    split(record, rosa, other)
    after_it = snapshot(record)
    assert {name: rows for name, rows in after_it.items() if name != "threads"} == {
        name: rows for name, rows in before.items() if name != "threads"
    }
    assert set(before["threads"]) <= set(after_it["threads"])


def test_contacts_that_came_since_go_by_their_identifier(record):
    """What came after the merge from an address that goes back goes with it; the rest stays."""
    rosa, other = two(record)
    merge(record, rosa, other)
    mine = {"whose": f"party:{rosa}", "party_id": rosa, "at": after(hours=1)}
    theirs, ours, visit = add(record, sender=str(OTHER), **mine), add(record, **mine), add(record, sender="", **mine)
    split(record, rosa, other)
    contacts = [record.read_now(lambda reader, each=each: reader.contact(each.id)) for each in (theirs, ours, visit)]
    found = [one.party_id for one in contacts]
    assert found == [other, rosa, rosa]


def test_what_was_added_since_stays(record):
    """An identifier and a restriction of after the merge stay with the survivor; what was taken off is on neither."""
    rosa, other = two(record)
    merge(record, rosa, other)
    new = Identifier(IdentifierKind.EMAIL, "new@example.org")
    record.write_now(lambda tx: tx.add_identifier(new, rosa))
    record.write_now(lambda tx: tx.remove_identifier(OTHER, rosa))
    record.write_now(lambda tx: tx.add_restriction(rosa, restriction("R3")))
    split(record, rosa, other)
    assert [one.id for one in record.read_now(lambda reader: reader.party_file(rosa)).restrictions] == ["R1", "R3"]
    assert record.read_now(lambda reader: reader.party(other)).identifiers == {HOUSE}
    assert new in record.read_now(lambda reader: reader.party(rosa)).identifiers


def test_an_exception_gives_way_to_the_address_and_comes_back(record):
    """An address that was no part of the survivor's domain is the party's once they are one, and not after."""
    council, omar = party(record, DOMAIN, name="Council"), party(record, OTHER, name="Omar")
    record.write_now(lambda tx: tx.add_identifier(OTHER, council, exception=True, how="he left"))
    before = snapshot(record)
    merge(record, council, omar)
    assert [one.party_id for one in record.read_now(lambda reader: reader.holders((OTHER,)))] == [council]
    split(record, council, omar)
    assert snapshot(record) == before


def test_a_merge_into_a_merged_party_is_parted_in_either_order(record):
    """A into B, B into C: parting B first brings A's along with B, parting A then gives A its own."""
    a, b, c = party(record, ROSA, name="A"), party(record, OTHER, name="B"), party(record, ROSAS_PHONE, name="C")
    before = snapshot(record)
    merge(record, b, a, "M1")
    merge(record, c, b, "M2")
    assert record.read_now(lambda reader: reader.aliases(c)) == ((a, "A"), (b, "B"))
    split(record, c, b, "M2")
    assert record.read_now(lambda reader: reader.party(b)).identifiers == {ROSA, OTHER}
    assert record.read_now(lambda reader: reader.merged_into(a)) == b
    split(record, b, a, "M1")
    assert snapshot(record) == before
    merge(record, b, a, "M3")
    merge(record, c, b, "M4")
    split(record, c, a, "M3")
    split(record, c, b, "M4")
    assert snapshot(record) == before


@pytest.mark.parametrize("change", ["taken away", "added"])
def test_the_digest_of_what_moved_finds_a_change(record, change):
    """One item more or less than the chain of acts says has another digest."""
    rosa, other = two(record)
    brought = merge(record, rosa, other)
    assert json.loads(brought["set_aside"][0])["how"] == f"said {other}"
    statement = {
        "taken away": "DELETE FROM moves WHERE what = 'contact'",
        "added": "INSERT INTO moves (paper, what, which) VALUES ('M1', 'restriction', 'R1')",
    }[change]
    record.write_now(lambda tx: tx.link.plain(statement, {}))
    assert digest_of(record.read_now(lambda reader: reader.moved("M1"))) != digest_of(brought)


def test_what_came_at_the_moment_of_the_merge(record):
    """Decided before and recorded after it: it is brought to the survivor, with its flag, and to nobody twice."""
    rosa, other = two(record)
    merge(record, rosa, other)
    late = add(record, whose=f"party:{other}", party_id=other, sender=str(OTHER), at=after(seconds=1))
    record.write_now(lambda tx: tx.add_flag(Flag("F3", f"party:{other}", "5 a day", AT, late.id, 5)))
    assert [record.write_now(lambda tx: tx.gather_strays()) for _ in range(2)] == [1, 0]
    assert record.read_now(lambda reader: reader.contact(late.id)).party_id == rosa
    assert {flag.whose for flag in record.read_now(lambda reader: reader.flags())} == {f"party:{rosa}"}
    split(record, rosa, other)
    assert record.read_now(lambda reader: reader.contact(late.id)).party_id == other


def test_held_mail_of_the_other_is_the_survivors(record):
    """What is held of the other is the survivor's to release, and stays held meanwhile."""
    rosa, other = two(record)
    held = add(record, whose=f"party:{other}", party_id=other, state=State.HELD, release_at=after(days=1))
    merge(record, rosa, other)
    assert record.write_now(lambda tx: tx.release_now(rosa, after(hours=1))) == 1
    (due,) = record.read_now(lambda reader: reader.due_holds(after(hours=1), 9))
    assert due.id == held.id
