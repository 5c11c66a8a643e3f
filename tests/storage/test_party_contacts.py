"""What waits of one party or sender: made due, claimed by one node, listed."""

import pytest

from rules.contact import Channel, Identifier, IdentifierKind
from rules.decision import Outcome
from storage.entries import State
from storage.record import Record
from tests.storage.office import AT, ROSA, ROSAS_PHONE, add, after, party

MINUTES = {"minutes": 15}


def held(record, number, **changes):
    """Put a held contact of a party on record."""
    plain = {"whose": f"party:{number}", "party_id": number, "state": State.HELD, "release_at": after(days=1)}
    return add(record, **(plain | changes))


def claim(record, contact, node="a", at=AT, **more):
    """Claim a release."""
    until = at + (after(**MINUTES) - AT)
    return record.write_now(lambda tx: tx.claim_hold(contact.id, node, at, until, **more))


def due(record, at=AT):
    """List what is due."""
    return [entry.id for entry in record.read_now(lambda reader: reader.due_holds(at, 99))]


def test_what_is_held_of_a_party_becomes_due_in_order_of_arrival(record):
    """All that the clock would release later is due now, the oldest first; of another party nothing is."""
    rosa, omar = party(record, ROSA), party(record, name="Omar")
    late, early = held(record, rosa, at=after(minutes=2)), held(record, rosa, at=after(minutes=1))
    held(record, omar)
    assert record.write_now(lambda tx: tx.release_now(rosa, AT)) == 2
    assert due(record) == [early.id, late.id]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"release_at": None}, id="what waits for a person"),
        pytest.param({"node": "hold:a"}, id="what a node is releasing at this moment"),
        pytest.param({"state": State.FILED}, id="what is filed"),
    ],
)
def test_what_does_not_become_due(record, changes):
    """The clock leaves to a person what is a person's, and to a node what it is doing."""
    rosa = party(record, ROSA)
    held(record, rosa, **changes)
    assert record.write_now(lambda tx: tx.release_now(rosa, AT)) == 0


def test_what_is_held_of_a_sender_of_nobodys_becomes_due(record):
    """Once an address is nobody's any more, what was held of it is due as well."""
    one = held(record, 1, whose=str(ROSA), party_id=None)
    assert record.write_now(lambda tx: tx.release_sender_now(ROSA, AT)) == 1
    assert due(record) == [one.id]


def test_a_release_is_claimed_once(record):
    """Whoever comes second does not have it, until the claim has run out."""
    one = held(record, party(record, ROSA), release_at=AT)
    assert claim(record, one, "a")
    assert not claim(record, one, "b")
    assert not claim(record, one, "b", by_hand=True)
    assert due(record) == []
    assert due(record, after(**MINUTES)) == [one.id]
    assert claim(record, one, "b", after(**MINUTES))


@pytest.mark.parametrize(
    ("changes", "by_clock", "by_hand"),
    [
        pytest.param({"release_at": AT}, True, True, id="what is due"),
        pytest.param({}, False, True, id="what is not due yet"),
        pytest.param({"release_at": None}, False, True, id="what waits for a person"),
        pytest.param({"node": "here"}, False, True, id="what another node took in"),
        pytest.param({"state": State.DELIVERED, "release_at": AT}, False, False, id="what is held no more"),
    ],
)
def test_who_may_claim(record, changes, by_clock, by_hand):
    """The clock claims what is due; a person may claim whatever is held."""
    rosa = party(record, ROSA)
    assert claim(record, held(record, rosa, **changes)) is by_clock
    assert claim(record, held(record, rosa, **changes), by_hand=True) is by_hand


def test_claims_of_a_process_that_ended(record):
    """What a node was releasing is due again when it comes back; what another one does is left to it."""
    rosa = party(record, ROSA)
    mine, others = held(record, rosa, release_at=AT), held(record, rosa, release_at=AT)
    claim(record, mine, "a")
    claim(record, others, "b")
    assert record.write_now(lambda tx: tx.unclaim_holds("a", AT)) == 1
    assert due(record) == [mine.id]


def test_two_nodes_that_claim_at_once(postgres_url, clock):
    """On PostgreSQL two nodes want one release in the same moment: one has it, the other waits and then has not."""
    with Record.open(postgres_url, now=clock) as one, Record.open(postgres_url, now=clock) as other:
        wanted = [held(one, party(one, ROSA), release_at=AT)] + [held(one, 1, release_at=AT) for _ in range(20)]
        import concurrent.futures

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            theirs = [
                pool.submit(lambda record, node: [claim(record, each, node) for each in wanted], record, node)
                for record, node in ((one, "a"), (other, "b"))
            ]
            first, second = (each.result() for each in theirs)
        assert [a + b for a, b in zip(first, second, strict=True)] == [1] * len(wanted)


def test_what_came_from_an_identifier_as_a_partys(record):
    """By state, oldest first; other senders of the party, and the same sender as nobody's, are left out."""
    rosa = party(record, ROSA, ROSAS_PHONE)
    mine = {"whose": f"party:{rosa}", "party_id": rosa}
    late = add(record, state=State.FILED, at=after(minutes=1), decided=Outcome.FILE, **mine)
    early = add(record, state=State.HELD, **mine)
    add(record, state=State.HELD, sender=str(ROSAS_PHONE), channel=Channel.CALL, **mine)
    add(record, state=State.HELD)
    add(record, **mine)
    found = record.read_now(lambda reader: reader.of_sender(ROSA, rosa, (State.HELD, State.FILED)))
    assert [entry.id for entry in found] == [early.id, late.id]


def test_what_came_from_a_domain_as_a_partys(record):
    """Addresses of the domain, but for those that are on record by themselves."""
    domain = Identifier(IdentifierKind.DOMAIN, "example.org")
    council = party(record, domain, ROSA, name="Council")
    mine = {"whose": f"party:{council}", "party_id": council, "state": State.HELD}
    one = add(record, sender="email:a@example.org", **mine)
    add(record, **mine)
    add(record, sender="email:a@not-example.org", **mine)
    found = record.read_now(lambda reader: reader.of_sender(domain, council, (State.HELD,)))
    assert [entry.id for entry in found] == [one.id]


def test_senders_whom_nobody_knows(record):
    """Unknown addresses with how often they wrote, the newest first; forged mail and known parties are left out."""
    rosa = party(record, ROSAS_PHONE)
    for number in range(3):
        add(record, at=after(minutes=number))
    add(record, sender="email:new@example.org", whose="email:new@example.org", at=after(hours=1))
    add(record, sender="email:forged@example.org", counts=False)
    add(record, sender="email:r@example.org", whose=f"party:{rosa}", party_id=rosa)
    found = record.read_now(lambda reader: reader.unknown_senders())
    assert [(one.value, times) for one, times in found] == [("new@example.org", 1), ("rosa@example.org", 3)]
