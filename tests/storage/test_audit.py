"""The chain of acts: whatever is changed in it afterwards is found (THREATS W4)."""

import pytest

from storage.entries import Act, Chain
from tests.storage.office import AT


def write(record, number=1, **changes):
    """Write down an act."""
    plain = {
        "who": "k.jones",
        "what": "observe on",
        "about": "office",
        "detail": {"number": number},
    }
    return record.write_now(lambda tx: tx.act(**(plain | changes)))


def chain(record):
    """Follow the chain."""
    return record.read_now(lambda reader: reader.verify_acts())


def test_acts_come_back_as_they_were_written(record):
    """Who did what to what, when, with its detail; the newest first."""
    first = write(record, detail={"b": [1, 2], "a": "ŵ"}, who="K. Jones\0", about="")
    second = write(record, detail=None)
    assert first == Act(1, AT, "K. Jones\ufffd", "observe on", "", {"b": [1, 2], "a": "ŵ"}, first.hash)
    assert record.read_now(lambda reader: reader.acts()) == (second, first)
    assert record.read_now(lambda reader: reader.acts(limit=1)) == (second,)
    assert chain(record) == Chain(2, second.hash)


def test_an_empty_chain_is_whole(record):
    """Nothing done is nothing wrong."""
    assert chain(record) == Chain(0, "")


def test_a_long_chain_is_followed_in_parts(record, monkeypatch):
    """The chain is not read into memory at once."""
    monkeypatch.setattr("storage.audit._AT_ONCE", 3)
    last = [write(record, number) for number in range(10)][-1]
    assert chain(record) == Chain(10, last.hash)


@pytest.mark.parametrize(
    ("change", "broken_at"),
    [
        pytest.param("UPDATE acts SET who = 'a.nother' WHERE seq = 3", 3, id="somebody else is said to have done it"),
        pytest.param("UPDATE acts SET at = at + 1 WHERE seq = 3", 3, id="another time"),
        pytest.param("UPDATE acts SET act = 'looked' WHERE seq = 1", 1, id="another act"),
        pytest.param("UPDATE acts SET about = 'party:2' WHERE seq = 3", 3, id="about something else"),
        pytest.param("""UPDATE acts SET detail = '{"number":7}' WHERE seq = 3""", 3, id="another detail"),
        pytest.param("UPDATE acts SET hash = '' WHERE seq = 2", 2, id="a hash taken away"),
        pytest.param("DELETE FROM acts WHERE seq = 3", 3, id="one taken out of the middle"),
        pytest.param("DELETE FROM acts WHERE seq = 1", 1, id="the first taken away"),
        pytest.param("UPDATE acts SET seq = 9 WHERE seq = 5", 5, id="the last moved"),
    ],
)
def test_what_is_changed_afterwards_is_found(record, change, broken_at):
    """The first act that is not as it was written is named."""
    for number in range(5):
        write(record, number)
    record.write_now(lambda tx: tx.link.plain(change, {}))
    found = chain(record)
    assert (found.broken_at, found.length) == (broken_at, broken_at - 1)


def test_a_chain_cut_at_its_end_has_another_head(record):
    """The last acts taken away leave a whole chain: only a head kept elsewhere shows it."""
    heads = [write(record, number).hash for number in range(5)]
    assert chain(record).head == heads[4]
    record.write_now(lambda tx: tx.link.plain("DELETE FROM acts WHERE seq > 3", {}))
    assert chain(record) == Chain(3, heads[2])
