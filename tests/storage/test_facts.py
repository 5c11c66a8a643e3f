"""The facts of a party's file on record: written whole, read with the file, counted answers among them."""

import pytest

from rules.contact import Assurance, Channel, Identifier, IdentifierKind
from rules.decision import Reason
from rules.facts import NOTHING, Closed, Facts, Span, Voice, Way
from storage.faults import RecordRefused
from tests.storage.office import AT, ROSA, add, after, party

SPAN = Span(AT, after(days=1))
ALL = Facts(
    shields=(Way("clerk@example.org", "head@example.org", Span(AT)), Way("+441632960001", "+441632960002", SPAN)),
    closed=(Closed("HO/2024-123", SPAN), Closed("Größe 1", Span(AT))),
    requests=(Span(AT), SPAN),
    voices=(
        Voice("A. Advocate", frozenset({"email:a@example.org", "phone:+441632960500"}), SPAN, "the appeal"),
        Voice("B. Advocate", frozenset({"email:b@example.org"}), Span(AT)),
    ),
)
SAID = Reason("", "request", "PHSO-26", "It may answer a request of ours")
QUOTED = Reason("", "adjustment", "", 'they wrote ["", "request", "PHSO-26"]')


def known(record, number):
    """Read the facts as a decision does."""
    return record.read_now(lambda reader: reader.party_file(number).facts)


def test_facts_come_back_as_they_were_written(record):
    """With the file, and alone; a party without any has the one value that says so."""
    rosa, omar = party(record, ROSA), party(record, name="Omar")
    record.write_now(lambda tx: tx.keep_facts(rosa, ALL))
    assert known(record, rosa) == record.read_now(lambda reader: reader.facts(rosa)) == ALL
    assert known(record, omar) is NOTHING


def test_facts_are_put_in_the_place_of_those_before(record):
    """A file that was read before is read anew; no row is left where nothing is to be known."""
    rosa = party(record, ROSA)
    assert known(record, rosa) is NOTHING
    for facts in (ALL, Facts(requests=(SPAN,)), NOTHING):
        record.write_now(lambda tx, facts=facts: tx.keep_facts(rosa, facts))
        assert known(record, rosa) == facts
    assert record.read_now(lambda reader: reader.link.plain("SELECT count(*) FROM facts", {})) == [(0,)]


def test_an_advocate_is_found_by_address_for_every_party(record):
    """While the authority holds, and no longer; with the facts that named them they are forgotten."""
    ours, sender = Facts(voices=ALL.voices), Identifier(IdentifierKind.EMAIL, "a@example.org")
    rosa, omar = party(record, ROSA), party(record, name="Omar")
    for number in (rosa, omar):
        record.write_now(lambda tx, number=number: tx.keep_facts(number, ours))

    def found(who=sender, at=AT):
        return record.read_now(lambda reader: reader.speaks_for(who, at))

    assert found() == tuple(sorted((record.read_now(lambda reader: reader.party(rosa)).name, "Omar")))
    assert found(at=after(days=1)) == found(ROSA) == ()
    record.write_now(lambda tx: tx.keep_facts(rosa, NOTHING))
    assert found() == ("Omar",)


def test_nobody_has_no_facts(record):
    """Of a party that does not exist none can be kept, and none are found."""
    with pytest.raises(RecordRefused):
        record.write_now(lambda tx: tx.keep_facts(99, ALL))
    assert record.read_now(lambda reader: reader.facts(99)) is NOTHING


def test_a_file_kept_costs_no_look_up(record):
    """Read once, the facts are kept with the file as long as nothing about the party changes."""
    rosa = party(record, ROSA)
    record.write_now(lambda tx: tx.keep_facts(rosa, ALL))
    first = record.read_now(lambda reader: reader.party_file(rosa))
    assert record.read_now(lambda reader: reader.party_file(rosa)) is first


def test_answers_are_counted(record):
    """By their reason alone, from the request on, of this party, over the channels; the contact asked about is not."""
    rosa, omar = party(record, ROSA), party(record, name="Omar")
    mine = {"whose": f"party:{rosa}", "party_id": rosa, "counts": False, "reasons": (SAID,)}
    own = add(record, **mine)
    add(record, **mine, at=after(hours=1), channel=Channel.LETTER)
    add(record, **mine, at=after(hours=-1))
    add(record, **(mine | {"whose": f"party:{omar}", "party_id": omar}))
    add(record, **(mine | {"reasons": (QUOTED,)}))
    add(record, **(mine | {"reasons": (), "assurance": Assurance.FAILED}))
    add(record, **(mine | {"counts": True, "reasons": ()}))

    def count(since, but_not=""):
        return record.read_now(lambda reader: reader.answers(rosa, since, but_not=but_not))

    assert [count(AT), count(AT, own.id), count(after(hours=-1)), count(after(hours=2))] == [2, 1, 3, 0]
