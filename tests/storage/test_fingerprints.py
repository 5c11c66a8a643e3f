"""Fingerprints on record: which earlier contacts are like a new one, of one party only, at the same cost for ever."""

import itertools

import pytest

from rules.repeats import Likeness, Repeat, print_of
from storage import fingerprints
from storage.entries import State
from storage.faults import RecordRefused
from storage.record import Record
from storage.statements import SQLITE
from tests.storage.office import ROSA, add, after, party
from tests.storage.test_merges import merge, split

LETTER = " ".join(f"word{number}" for number in range(100))
NEAR = LETTER.replace("word50", "other")
OTHER = " ".join(f"thing{number}" for number in range(100))
_hours = itertools.count()


def keep(record, number, text, *, files=(), repeat=None, over="", **changes):
    """Put a contact of a party on record with what it said; gives its id."""
    at = after(hours=next(_hours))
    one = add(record, whose=f"party:{number}", party_id=number, at=at, **changes)
    record.write_now(
        lambda tx: tx.keep_fingerprint(one.id, number, at, print_of(text), files=files, repeat=repeat, over=over)
    )
    return one.id


def like(record, number, text):
    """Name the contacts that may be like a text."""
    return [each for each, _ in record.read_now(lambda reader: reader.like(number, print_of(text)))]


def test_what_is_like_is_found(record):
    """The same and nearly the same words, whichever came first; no others; as they were kept."""
    rosa = party(record, ROSA)
    same, near, other = keep(record, rosa, LETTER), keep(record, rosa, NEAR), keep(record, rosa, OTHER)
    assert like(record, rosa, LETTER) == [same]
    assert set(like(record, rosa, LETTER + " and more")) == {same, near}
    assert like(record, rosa, OTHER) == [other]
    assert (
        like(record, rosa, "Quite another text, of which nobody has heard in this house so far, as far as we know.")
        == []
    )
    kept = dict(record.read_now(lambda reader: reader.like(rosa, print_of(LETTER + " and more"))))
    assert (kept[same], kept[near]) == (print_of(LETTER), print_of(NEAR))


def test_short_texts_are_found_word_for_word(record):
    """They have no marks; and what says nothing is never looked for."""
    rosa = party(record, ROSA)
    short = keep(record, rosa, "Call me back today")
    keep(record, rosa, "Thanks")
    assert like(record, rosa, "call me back TODAY!") == [short]
    assert like(record, rosa, "Thanks") == []


def test_only_the_same_partys(record):
    """Another party's letter is nobody else's repeat, nor is a contact that went to somebody else since."""
    rosa, omar = party(record, ROSA), party(record, name="Omar")
    keep(record, omar, LETTER)
    assert like(record, rosa, LETTER) == []
    mine = keep(record, rosa, LETTER, sender=str(ROSA))
    assert like(record, rosa, LETTER) == [mine]
    record.write_now(lambda tx: tx.leave_party(ROSA, rosa))
    assert like(record, rosa, LETTER) == []


def test_only_the_newest_are_looked_at(record):
    """However often it came, so many at most for each mark, the newest."""
    rosa = party(record, ROSA)
    ids = [keep(record, rosa, LETTER) for _ in range(fingerprints.NEWEST + 3)]
    assert like(record, rosa, LETTER) == ids[-1:]
    assert like(record, rosa, LETTER + " and more") == ids[: -fingerprints.NEWEST - 1 : -1]
    assert record.read_now(lambda reader: reader.like(rosa, print_of(LETTER), but_not=ids[-1]))[0][0] == ids[-2]


def test_a_file_that_came_before(record):
    """The newest contact that brought it, of this party alone."""
    rosa, omar = party(record, ROSA), party(record, name="Omar")
    keep(record, rosa, LETTER, files=("a", "b"))
    newer = keep(record, rosa, OTHER, files=("b",))
    keep(record, omar, OTHER, files=("c",))
    assert record.read_now(lambda reader: reader.with_file(rosa, ("x", "b"))) == newer
    assert record.read_now(lambda reader: reader.with_file(rosa, ("c",))) is None
    assert record.read_now(lambda reader: reader.with_file(rosa, ())) is None


REPEATS = [None, Repeat("C1", Likeness.NEAR_COPY, 87), Repeat("C1", Likeness.ATTACHMENT, 0)]


@pytest.mark.parametrize("repeat", REPEATS, ids=["none", "a near copy", "a file"])
def test_what_is_known_of_a_contact(record, repeat):
    """How many words, what it repeats, what was not read; nothing of one that was not looked at."""
    rosa = party(record, ROSA)
    number = keep(record, rosa, LETTER, repeat=repeat, over="It is long.")
    known = record.read_now(lambda reader: reader.fingerprint(number))
    assert (known.words, known.repeat, known.over) == (100, repeat, "It is long.")
    assert record.read_now(lambda reader: reader.fingerprint("C0")) is None


def test_a_contact_is_kept_once(record):
    """A retry changes nothing; who is not on record says nothing."""
    rosa = party(record, ROSA)
    number = keep(record, rosa, LETTER)
    record.write_now(lambda tx: tx.keep_fingerprint(number, rosa, after(), print_of(OTHER)))
    assert like(record, rosa, LETTER) == [number]
    with pytest.raises(RecordRefused):
        record.write_now(lambda tx: tx.keep_fingerprint("nobody", rosa, after(), print_of(OTHER)))


def test_merged_and_split(record):
    """What both sent is one history after a merge, and each has its own again after a split."""
    rosa, again = party(record, ROSA), party(record, name="R. Again")
    mine, hers = keep(record, rosa, LETTER), keep(record, again, LETTER, files=("a",))
    merge(record, rosa, again)
    assert set(like(record, rosa, NEAR)) == {mine, hers}
    assert record.read_now(lambda reader: reader.with_file(rosa, ("a",))) == hers
    split(record, rosa, again)
    assert (like(record, rosa, LETTER), like(record, again, LETTER)) == ([mine], [hers])
    assert record.read_now(lambda reader: reader.with_file(again, ("a",))) == hers


def test_it_goes_with_its_contact(record):
    """Where retention deletes a contact, nothing of what it said stays."""
    rosa = party(record, ROSA)
    number = keep(record, rosa, LETTER, files=("a",), state=State.DELIVERED)
    record.write_now(lambda tx: tx.link.plain(f"DELETE FROM contacts WHERE id = '{number}'", {}))
    for table in ("fingerprints", "attached"):
        assert record.read_now(lambda reader, table=table: reader.link.plain(f"SELECT count(*) FROM {table}", {})) == [
            (0,)
        ]


def test_sqlite_finds_by_index(sqlite_url, clock):
    """No statement walks through what a party, or everybody, sent."""
    with Record.open(sqlite_url, now=clock) as record:
        marks = {f"mark_{each}_is": 1 for each in range(4)}
        values = {"party_id": 1, "whose": "party:1", "newest": 4, "exact": "x", "digest": "x", "but_not": "", **marks}
        for statement in (fingerprints._LIKE, fingerprints._SAME, fingerprints._WITH_FILE):
            explained = f"EXPLAIN QUERY PLAN {statement.text(SQLITE)}"
            plan = record.read_now(lambda reader, explained=explained: reader.link.plain(explained, values))
            looked = [
                row[3] for row in plan if "fingerprints" in row[3] or "attached" in row[3] or "contacts" in row[3]
            ]
            assert looked
            assert all(row.startswith("SEARCH") for row in looked), plan
