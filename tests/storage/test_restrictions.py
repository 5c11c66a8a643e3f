"""The file of a party: restrictions, adjustments, and a copy of it that is never stale."""

import dataclasses

import pytest

from rules import measures
from rules.contact import Channel
from rules.standing import Adjustment, PartyKind, Restriction, Told
from storage.entries import PartyFile
from storage.faults import RecordRefused
from storage.record import Record
from tests.storage.office import AT, ROSA, ROSAS_PHONE, after, party

LIMIT = measures.parse({"kind": "volume_limit", "channels": ["email", "call"], "count": 2, "per": "week"})
BLOCK = measures.parse({"kind": "block", "channels": ["call"]})
RESTRICTION = Restriction(
    id="R1",
    measures=(LIMIT, BLOCK),
    starts=AT,
    ends=after(days=90),
    reason="Eleven calls on 3 March",
    ground="persistent_contact",
    approved_by="Head of Casework",
    told=Told.UNKNOWN,
    review_at=after(days=28),
    contract_agreed=after(days=3),
)
ADJUSTMENT = Adjustment("cannot manage written channels", frozenset({Channel.CALL, Channel.VISIT}), AT, after(days=365))


def file(record, party_id):
    """Read a party's file."""
    return record.read_now(lambda reader: reader.party_file(party_id))


def test_a_file_holds_all_that_stands_on_a_party(record):
    """Restrictions with their measures and adjustments come back as they went in, in the order of their start."""
    rosa = party(record, ROSA)
    later = dataclasses.replace(RESTRICTION, id="R0", starts=after(days=1), told=Told.NO, review_at=None)
    bare = Adjustment("longer calls", frozenset())

    def job(tx):
        for each in (later, RESTRICTION):
            tx.add_restriction(rosa, each)
        for each in (ADJUSTMENT, bare):
            tx.add_adjustment(rosa, each)

    record.write_now(job)
    found = file(record, rosa)
    assert found.restrictions == (RESTRICTION, later)
    assert found.adjustments == (ADJUSTMENT, bare)
    assert (found.party.name, found.party.identifiers) == ("Rosa Example", frozenset({ROSA}))


def test_every_kind_of_measure_can_be_kept(record):
    """Whatever the catalogue has, its parameters at their defaults come back alike."""
    made = []
    for kind in measures.KINDS:
        for more in (
            {},
            {"count": 1, "per": "day", "channels": ["call"]},
            {"minutes": 5, "per": "day"},
            {"minutes": 5},
        ):
            try:
                made.append(measures.parse({"kind": kind, **more}))
            except ValueError:
                continue
            break
    assert len(made) >= 5
    rosa = party(record)
    record.write_now(lambda tx: tx.add_restriction(rosa, dataclasses.replace(RESTRICTION, measures=tuple(made))))
    assert file(record, rosa).restrictions[0].measures == tuple(made)


def test_nobody_has_no_file(record):
    """A party that is not on record has no file, and nothing can be put into it."""
    assert file(record, 99) is None
    for job in (lambda tx: tx.add_restriction(99, RESTRICTION), lambda tx: tx.add_adjustment(99, ADJUSTMENT)):
        with pytest.raises(RecordRefused, match="no party 99"):
            record.write_now(job)


def test_an_id_is_given_once(record):
    """Two restrictions cannot have one id."""
    rosa = party(record)
    record.write_now(lambda tx: tx.add_restriction(rosa, RESTRICTION))
    with pytest.raises(RecordRefused):
        record.write_now(lambda tx: tx.add_restriction(rosa, RESTRICTION))


def test_a_file_read_again_is_the_same_one(record):
    """Nothing is read from the database and parsed twice while nothing changes."""
    rosa = party(record, ROSA)
    assert file(record, rosa) is file(record, rosa)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda tx, rosa: tx.add_restriction(rosa, RESTRICTION), id="a restriction is added"),
        pytest.param(
            lambda tx, rosa: tx.put_restriction(rosa, dataclasses.replace(RESTRICTION, id="R9", ends=after(days=1))),
            id="a restriction ends earlier",
        ),
        pytest.param(lambda tx, rosa: tx.add_adjustment(rosa, ADJUSTMENT), id="an adjustment is added"),
        pytest.param(lambda tx, rosa: tx.add_identifier(ROSAS_PHONE, rosa), id="an identifier is added"),
        pytest.param(lambda tx, rosa: tx.reassign(ROSA, tx.add_party("Omar")), id="an identifier is taken away"),
    ],
)
def test_a_change_is_seen_at_once_everywhere(url, clock, change):
    """A change by one process is in the next file that another one reads, though that had read it before."""
    with Record.open(url, now=clock) as one, Record.open(url, now=clock) as other:
        rosa = party(one, ROSA)
        one.write_now(lambda tx: tx.add_restriction(rosa, dataclasses.replace(RESTRICTION, id="R9")))
        before = file(other, rosa)
        one.write_now(lambda tx: change(tx, rosa))
        assert file(other, rosa) == file(one, rosa) != before


def test_what_was_undone_is_never_kept(record):
    """A file read inside work that is then undone does not stand in for the one that comes to be instead.

    Both have the same version number: this is why a transaction keeps no copies.
    """
    rosa = party(record)
    seen = []

    def undone(tx):
        tx.add_restriction(rosa, RESTRICTION)
        seen.append(tx.party_file(rosa))
        raise LookupError

    with pytest.raises(LookupError):
        record.write_now(undone)
    record.write_now(lambda tx: tx.add_adjustment(rosa, ADJUSTMENT))
    assert seen[0].restrictions == (RESTRICTION,)
    assert (file(record, rosa).restrictions, file(record, rosa).adjustments) == ((), (ADJUSTMENT,))


def test_copies_of_files_are_bounded(record, monkeypatch):
    """However many parties are read, memory is not filled with their files."""
    monkeypatch.setattr("storage.restrictions._MOST_FILES", 3)
    numbers = [party(record, name=f"Party {number}") for number in range(8)]
    for number in numbers * 2:
        assert file(record, number).party.id == number
    assert len(record.read_now(lambda reader: dict(reader.files))) <= 3


def test_a_restriction_is_put_as_it_is_now(record):
    """What is not there is added, what is there is changed."""
    rosa = party(record)
    for ends in (after(days=9), after(days=3)):
        record.write_now(lambda tx, ends=ends: tx.put_restriction(rosa, dataclasses.replace(RESTRICTION, ends=ends)))
        assert [one.ends for one in file(record, rosa).restrictions] == [ends]


def test_an_adjustment_is_put_as_it_is_now(record):
    """One that a paper agreed is there once, however often it is put."""
    rosa = party(record)
    for ends in (None, after(days=3)):
        record.write_now(
            lambda tx, ends=ends: tx.put_adjustment(rosa, "P1", dataclasses.replace(ADJUSTMENT, ends=ends))
        )
        assert [one.ends for one in file(record, rosa).adjustments] == [ends]


def test_W10_an_imported_adjustment_ends_by_its_name_on_its_own_file(record):
    """One that a paper agreed, and one of another party, cannot be meant."""
    rosa = party(record)
    other = record.write_now(lambda tx: tx.add_party("R. Other"))
    record.write_now(lambda tx: tx.add_adjustment(rosa, ADJUSTMENT))
    record.write_now(lambda tx: tx.add_adjustment(rosa, ADJUSTMENT))
    record.write_now(lambda tx: tx.put_adjustment(rosa, "P1", ADJUSTMENT))
    names = [name for name, _ in record.read_now(lambda reader: reader.case_file(rosa)).imported_adjustments]
    over = after(days=3)
    record.write_now(lambda tx: tx.end_imported(rosa, names[1], over))
    assert [one.ends for one in file(record, rosa).adjustments] == [ADJUSTMENT.ends, over, ADJUSTMENT.ends]
    agreed = f"imported-{1 + max(int(name.removeprefix('imported-')) for name in names)}"
    for number, name in ((other, names[1]), (rosa, agreed)):
        with pytest.raises(RecordRefused, match="no adjustment"):
            record.write_now(lambda tx, number=number, name=name: tx.end_imported(number, name, over))


def test_a_measure_that_cannot_be_read_is_not_passed_over(record):
    """A restriction written by hand or by a newer version is an error, never no restriction."""
    rosa = party(record)
    record.write_now(lambda tx: tx.add_restriction(rosa, RESTRICTION))
    record.write_now(lambda tx: tx.link.plain("""UPDATE restrictions SET measures = '[{"kind": "exile"}]'""", {}))
    with pytest.raises(ValueError, match="no measure 'exile'"):
        file(record, rosa)


def test_files_are_values(record):
    """A file holds values of the rules, not rows."""
    rosa = party(record)
    found = file(record, rosa)
    assert isinstance(found, PartyFile)
    assert found.party.kind is PartyKind.PERSON
