"""Whose identifier it is: look-ups, domains with exceptions, shared ones, and levels that follow."""

import pytest

from rules.contact import Identifier, IdentifierKind
from rules.standing import Party, PartyKind
from storage.entries import Flag, Holder
from storage.faults import RecordRefused
from tests.storage.office import AT, ROSA, ROSAS_PHONE, add, after, party

DOMAIN = Identifier(IdentifierKind.DOMAIN, "example.org")
OMAR = Identifier(IdentifierKind.EMAIL, "omar@example.org")


def holders(record, *identifiers):
    """Ask whose identifiers these are."""
    return record.read_now(lambda reader: reader.holders(identifiers))


def names(record, *identifiers):
    """Ask who holds identifiers, by name."""
    return [holder.name for holder in holders(record, *identifiers)]


def identify(record, identifier, party_id, **changes):
    """Say that an identifier is a party's."""
    record.write_now(lambda tx: tx.add_identifier(identifier, party_id, **changes))


def reassign(record, identifier, party_id):
    """Give an identifier to a party."""
    record.write_now(lambda tx: tx.reassign(identifier, party_id, how="by phone", by="k.jones"))


def whose(record, *contacts):
    """Ask who contacts fall to."""
    return [record.read_now(lambda reader, each=each: reader.contact(each.id)).whose for each in contacts]


def test_a_party_is_found_by_each_of_its_identifiers(record):
    """An address and a number lead to the party that has them, others to nobody."""
    rosa = party(record, ROSA, ROSAS_PHONE)
    party(record, OMAR, name="Omar Example")
    assert holders(record, ROSA) == (Holder(rosa, "Rosa Example", False, ROSA),)
    assert names(record, ROSAS_PHONE) == ["Rosa Example"]
    assert names(record, Identifier(IdentifierKind.EMAIL, "nobody@example.org")) == []
    assert names(record) == []


def test_several_candidates_are_asked_in_their_order(record):
    """Every party that a candidate stands on is found once, in the order of the candidates."""
    party(record, ROSA, ROSAS_PHONE)
    party(record, OMAR, name="Omar Example")
    assert names(record, OMAR, ROSA, ROSAS_PHONE, OMAR) == ["Omar Example", "Rosa Example"]


def test_an_address_is_found_by_its_domain(record):
    """An organisation has its domain, but not the addresses that are said not to be its own."""
    council = party(record, DOMAIN, name="Example Council")
    identify(record, OMAR, council, exception=True)
    assert holders(record, ROSA) == (Holder(council, "Example Council", False, DOMAIN),)
    assert names(record, OMAR) == []
    assert names(record, Identifier(IdentifierKind.EMAIL, "rosa@other.example.org")) == []


def test_an_address_comes_before_its_domain(record):
    """Where a person has an address of an organisation's domain, both are found, the person first."""
    party(record, DOMAIN, name="Example Council")
    party(record, ROSA)
    assert names(record, ROSA) == ["Rosa Example", "Example Council"]


def test_an_exception_of_one_party_is_nothing_to_another(record):
    """An address that is no longer the council's may be a person's."""
    council = party(record, DOMAIN, name="Example Council")
    party(record, OMAR, name="Omar Example")
    identify(record, OMAR, council, exception=True)
    assert names(record, OMAR) == ["Omar Example"]


def test_an_identifier_on_two_parties_is_refused(record):
    """One address on two parties is refused with a sentence, and nothing of it is kept."""
    party(record, ROSA)
    omar = party(record, name="Omar Example")
    with pytest.raises(RecordRefused, match=r"email:rosa@example\.org stands on Rosa Example"):
        identify(record, ROSA, omar)
    with pytest.raises(RecordRefused, match="only where it is shared on both"):
        identify(record, ROSA, omar, shared=True)
    with pytest.raises(RecordRefused, match="already"):
        identify(record, ROSA, 1)
    assert names(record, ROSA) == ["Rosa Example"]


def test_a_shared_identifier_may_stand_on_several_parties(record):
    """A household's number is found on each of its people, marked as shared."""
    rosa, omar = party(record), party(record, name="Omar Example")
    identify(record, ROSAS_PHONE, rosa, shared=True)
    identify(record, ROSAS_PHONE, omar, shared=True)
    assert [(holder.name, holder.shared) for holder in holders(record, ROSAS_PHONE)] == [
        ("Rosa Example", True),
        ("Omar Example", True),
    ]


def test_a_party_that_is_not_there_is_refused(record):
    """Nothing can be put on a party that is not on record."""
    for job in (
        lambda tx: tx.add_identifier(ROSA, 99),
        lambda tx: tx.reassign(ROSA, 99),
    ):
        with pytest.raises(RecordRefused):
            record.write_now(job)


def test_parties_are_listed_and_found_by_name(record):
    """A party comes back with its kind and all its identifiers, though not with what is not its own."""
    council = record.write_now(lambda tx: tx.add_party("Example Council", PartyKind.ORGANISATION))
    identify(record, DOMAIN, council)
    identify(record, OMAR, council, exception=True)
    rosa = party(record, ROSA, ROSAS_PHONE)
    everybody = (
        Party(council, "Example Council", PartyKind.ORGANISATION, frozenset({DOMAIN})),
        Party(rosa, "Rosa Example", PartyKind.PERSON, frozenset({ROSA, ROSAS_PHONE})),
    )
    assert record.read_now(lambda reader: reader.parties()) == everybody
    assert record.read_now(lambda reader: reader.parties(limit=1)) == everybody[:1]
    assert record.read_now(lambda reader: reader.parties(after=council)) == everybody[1:]
    assert record.read_now(lambda reader: reader.party_by_name("Rosa Example")) == everybody[1]
    assert record.read_now(lambda reader: (reader.party_by_name("Nobody"), reader.party(99))) == (None, None)


def test_levels_fall_to_whoever_the_address_turns_out_to_be(record):
    """What came before anybody knew whose address it was falls to the party, flags as well."""
    early, other = add(record), add(record, whose=str(OMAR), sender=str(OMAR))
    record.write_now(lambda tx: tx.add_flag(Flag("F1", str(ROSA), "5 a day", AT, early.id, 5)))
    rosa = party(record, ROSA)
    assert whose(record, early, other) == [f"party:{rosa}", str(OMAR)]
    assert record.read_now(lambda reader: reader.contact(early.id)).party_id == rosa
    assert record.read_now(lambda reader: reader.last_flag(f"party:{rosa}", "5 a day")).id == "F1"
    assert record.read_now(lambda reader: reader.newest(f"party:{rosa}", None, 1)) == (AT,)


def test_levels_stay_with_an_identifier_that_is_shared(record):
    """A shared number suggests a party: what came from it does not become theirs."""
    early = add(record)
    rosa = party(record)
    identify(record, ROSA, rosa, shared=True)
    assert whose(record, early) == [str(ROSA)]


def test_levels_follow_an_address_to_another_party(record):
    """Where an address was on the wrong party, its contacts go along, and only those."""
    rosa = party(record, ROSA, ROSAS_PHONE)
    theirs = {"whose": f"party:{rosa}", "party_id": rosa}
    mail, call = add(record, **theirs), add(record, sender=str(ROSAS_PHONE), **theirs)
    record.write_now(lambda tx: tx.add_flag(Flag("F1", f"party:{rosa}", "5 a day", AT, mail.id, 5)))
    record.write_now(lambda tx: tx.add_flag(Flag("F2", f"party:{rosa}", "5 a day", after(hours=1), call.id, 5)))
    omar = party(record, name="Omar Example")
    reassign(record, ROSA, omar)
    assert whose(record, mail, call) == [f"party:{omar}", f"party:{rosa}"]
    assert names(record, ROSA) == ["Omar Example"]
    flags = record.read_now(lambda reader: reader.flags())
    assert [(flag.id, flag.whose) for flag in flags] == [("F2", f"party:{rosa}"), ("F1", f"party:{omar}")]


def test_an_address_can_be_given_to_its_own_party(record):
    """Saying again whose it is loses nothing, and may make a shared one or an exception the party's own."""
    rosa = party(record, DOMAIN)
    early = add(record, whose=f"party:{rosa}", party_id=rosa)
    identify(record, ROSA, rosa, exception=True)
    reassign(record, ROSA, rosa)
    assert [holder.identifier for holder in holders(record, ROSA)] == [ROSA]
    assert whose(record, early) == [f"party:{rosa}"]


def test_levels_follow_a_domain_but_not_the_addresses_known_by_themselves(record):
    """A domain that becomes a party's takes along what came from it, save from addresses that are on record."""
    made = {
        name: add(record, whose=f"email:{name}", sender=f"email:{name}")
        for name in ("a@example.org", "rosa@example.org", "omar@example.org", "a@not-example.org", "a@x.example.org")
    }
    household = party(record, name="Household")
    identify(record, ROSA, household, shared=True)
    council = party(record, name="Example Council")
    identify(record, OMAR, council, exception=True)
    identify(record, DOMAIN, council)
    moved = [f"party:{council}"] + [each.whose for each in list(made.values())[1:]]
    assert whose(record, *made.values()) == moved
    trust = party(record, name="Example Trust")
    reassign(record, DOMAIN, trust)
    assert whose(record, *made.values()) == [f"party:{trust}", *moved[1:]]


def test_a_flag_that_both_have_stays_where_it_is(record):
    """Where the same contact was flagged under both, moving the one does not break on the other."""
    rosa, omar = party(record, ROSA), party(record, name="Omar Example")
    mail = add(record, whose=f"party:{rosa}", party_id=rosa)
    for number, who in ((1, rosa), (2, omar)):
        record.write_now(
            lambda tx, n=number, w=who: tx.add_flag(Flag(f"F{n}", f"party:{w}", "5 a day", AT, mail.id, 5))
        )
    reassign(record, ROSA, omar)
    assert {flag.id: flag.whose for flag in record.read_now(lambda reader: reader.flags())} == {
        "F1": f"party:{rosa}",
        "F2": f"party:{omar}",
    }
