"""Confidential records: kept whole, in the chain by their digest alone, and what was changed is found."""

import dataclasses

import pytest

from storage.confidential import Confidential
from storage.faults import RecordRefused
from tests.storage.office import AT

ONE = Confidential("K1", AT, "M. Manager", "A. Clerk", "A platform", "They wrote where I live.")


def put(record, one=ONE):
    """Put a record down."""
    record.write_now(lambda tx: tx.add_confidential(one))


def wrong(record):
    """Name the records that are not as they were written."""
    return record.read_now(lambda reader: reader.verify_confidential())


def test_SPSO_71_a_record_comes_back_as_it_went_in(record):
    """One by its id, all in order; of another id there is none."""
    other = dataclasses.replace(ONE, id="K0", words="\u00e9\U0001f600")
    put(record)
    put(record, other)
    assert record.read_now(lambda reader: reader.confidential("K1")) == ONE
    assert record.read_now(lambda reader: reader.all_confidential()) == (ONE, other)
    assert record.read_now(lambda reader: reader.confidential("K2")) is None
    assert wrong(record) == ()


def test_SPSO_71_what_cannot_be_kept_is_replaced_and_still_verifies(record):
    """A NUL is a character that PostgreSQL has no room for."""
    put(record, dataclasses.replace(ONE, words="a\0b"))
    assert record.read_now(lambda reader: reader.confidential("K1")).words == "a\ufffdb"
    assert wrong(record) == ()


def test_SPSO_71_the_chain_holds_no_word_of_it(record):
    """Neither the colleague's name nor what was written stands in the acts."""
    put(record)
    (act,) = record.read_now(lambda reader: reader.acts())
    assert (act.about, act.who, set(act.detail)) == ("confidential:K1", "M. Manager", {"digest"})
    assert len(act.detail["digest"]) == 64


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE confidential SET words = 'x' WHERE id = 'K1'", id="its words were changed"),
        pytest.param("UPDATE confidential SET colleague = 'x' WHERE id = 'K1'", id="its colleague was changed"),
        pytest.param("UPDATE confidential SET written_by = 'x' WHERE id = 'K1'", id="its author was changed"),
        pytest.param("UPDATE confidential SET at = at + 1 WHERE id = 'K1'", id="its time was changed"),
        pytest.param("DELETE FROM confidential WHERE id = 'K1'", id="it was taken away"),
    ],
)
def test_SPSO_75_what_was_done_past_the_chain_is_found(record, statement):
    """The record is named, and no other."""
    put(record)
    put(record, dataclasses.replace(ONE, id="K2"))
    record.write_now(lambda tx: tx.link.plain(statement, {}))
    assert wrong(record) == ("K1",)


def test_SPSO_75_one_that_was_added_past_the_chain_is_found(record):
    """Under somebody else's act it stands out."""
    act = record.write_now(lambda tx: tx.act("M. Manager", "something else"))
    statement = "INSERT INTO confidential VALUES (:seq, 'K9', 0, 'x', 'x', 'x', 'x', NULL)"
    if record.read_now(lambda reader: reader.link.dialect.name) == "postgresql":
        statement = statement.replace(":seq", "%(seq)s")
    record.write_now(lambda tx: tx.link.plain(statement, {"seq": act.seq}))
    assert wrong(record) == ("K9",)


def test_SPSO_71_an_id_is_taken_once(record):
    """A second record under it is refused, and the first stays."""
    put(record)
    with pytest.raises(RecordRefused):
        put(record, dataclasses.replace(ONE, words="other"))
    assert record.read_now(lambda reader: reader.confidential("K1")) == ONE
