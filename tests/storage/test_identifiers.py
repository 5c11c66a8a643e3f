"""An identifier is taken off a party, confirmed, shared: contacts, levels and flags follow it."""

import pytest

from rules.contact import Identifier, IdentifierKind
from storage.entries import Flag
from storage.faults import RecordRefused
from tests.storage.office import AT, ROSA, ROSAS_PHONE, add, after, party

DOMAIN = Identifier(IdentifierKind.DOMAIN, "example.org")


def write(record, job):
    """Do a job."""
    return record.write_now(job)


def fallen_to(record, *entries):
    """Ask to whom contacts fall: levels, and limits."""
    found = [record.read_now(lambda reader, each=each: reader.contact(each.id)) for each in entries]
    return [(one.whose, one.party_id) for one in found]


def test_what_is_taken_off_leaves_with_its_contacts(record):
    """Contacts and flags of the address fall to the address; those of the number stay."""
    rosa = party(record, ROSA, ROSAS_PHONE)
    mine = {"whose": f"party:{rosa}", "party_id": rosa, "counted_at": AT}
    mail, call = add(record, **mine), add(record, sender=str(ROSAS_PHONE), **mine)
    for number, contact in (("F1", mail), ("F2", call)):
        raised = Flag(number, f"party:{rosa}", "5 a day", AT, contact.id, 5)
        write(record, lambda tx, raised=raised: tx.add_flag(raised))
    before = record.read_now(lambda reader: reader.case_file(rosa)).version
    assert write(record, lambda tx: tx.remove_identifier(ROSA, rosa))
    assert not write(record, lambda tx: tx.remove_identifier(ROSA, rosa))
    assert fallen_to(record, mail, call) == [(str(ROSA), None), (f"party:{rosa}", rosa)]
    assert {flag.id: flag.whose for flag in record.read_now(lambda reader: reader.flags())} == {
        "F1": str(ROSA),
        "F2": f"party:{rosa}",
    }
    assert record.read_now(lambda reader: reader.holders((ROSA,))) == ()
    assert record.read_now(lambda reader: reader.case_file(rosa)).version > before


def test_an_address_whose_domain_stays_stays(record):
    """Where the domain still leads to the party, its contacts are the party's, until it is excepted."""
    council = party(record, DOMAIN, ROSA, name="Council")
    mail = add(record, whose=f"party:{council}", party_id=council)
    write(record, lambda tx: tx.remove_identifier(ROSA, council))
    assert fallen_to(record, mail) == [(f"party:{council}", council)]
    write(record, lambda tx: tx.add_identifier(ROSA, council, exception=True))
    write(record, lambda tx: tx.leave_party(ROSA, council))
    assert fallen_to(record, mail) == [(str(ROSA), None)]


def test_a_domain_that_is_taken_off(record):
    """Each sender of it is nobody's again, save the addresses that are the party's own."""
    council = party(record, DOMAIN, ROSA, name="Council")
    mine = {"whose": f"party:{council}", "party_id": council}
    own, other = add(record, **mine), add(record, sender="email:a@example.org", **mine)
    write(record, lambda tx: tx.remove_identifier(DOMAIN, council))
    assert fallen_to(record, own, other) == [(f"party:{council}", council), ("email:a@example.org", None)]


def test_when_it_was_last_confirmed(record):
    """The mark says how, by whom and when it was established, and when last confirmed."""
    rosa = party(record, ROSA)
    assert write(record, lambda tx: tx.confirm_identifier(ROSA, rosa, after(days=3)))
    assert not write(record, lambda tx: tx.confirm_identifier(ROSAS_PHONE, rosa, AT))
    (mark,) = record.read_now(lambda reader: reader.marks(rosa))
    assert (mark.identifier, mark.how, mark.by) == (ROSA, "she wrote it on the form", "intake")
    assert (mark.established, mark.confirmed) == (AT, after(days=3))


def test_one_that_others_use_too(record):
    """Shared, its contacts are nobody's; then another may have it; alone again, they come back."""
    rosa, omar = party(record, ROSAS_PHONE), party(record, name="Omar")
    call = add(record, sender=str(ROSAS_PHONE), whose=f"party:{rosa}", party_id=rosa)
    assert write(record, lambda tx: tx.share_identifier(ROSAS_PHONE, rosa, shared=True))
    assert fallen_to(record, call) == [(str(ROSAS_PHONE), None)]
    write(record, lambda tx: tx.add_identifier(ROSAS_PHONE, omar, shared=True))
    with pytest.raises(RecordRefused, match="stands on Omar too"):
        write(record, lambda tx: tx.share_identifier(ROSAS_PHONE, rosa, shared=False))
    write(record, lambda tx: tx.remove_identifier(ROSAS_PHONE, omar))
    assert write(record, lambda tx: tx.share_identifier(ROSAS_PHONE, rosa, shared=False))
    assert fallen_to(record, call) == [(f"party:{rosa}", rosa)]
    assert not write(record, lambda tx: tx.share_identifier(ROSA, rosa, shared=True))
