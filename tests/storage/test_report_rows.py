"""What reports read of the record, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rules import identity, measures
from rules.casework import catalogue
from rules.casework.file import Paper
from rules.contact import Assurance, Channel
from rules.decision import Outcome, Reason
from rules.standing import Adjustment, Restriction
from storage.entries import Entry, State
from storage.report_rows import LookOwed, Restricted

NOW = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def entry(number: int, party: int | None, *, outcome=Outcome.FILE, carried=None, named="r1", **more) -> Entry:
    """Give a contact on which a restriction bore, unless `named` is empty."""
    given = {"at": NOW, "channel": Channel.EMAIL, "state": State.FILED} | more
    reasons = (Reason(named, "block", "PHSO-M12", 'says "no"'),)
    return Entry(
        id=f"c{number}",
        whose="x",
        decided=outcome,
        carried=carried or outcome,
        party_id=party,
        reasons=reasons,
        **given,
    )


def test_numbers_and_handles_of_parties_are_given_with_whose_they_are(record):
    """What one party is told must not show another's; mail addresses are known by their form."""

    def put(tx) -> None:
        for number, ways in ((1, ("+441632960001", "r@example.org")), (2, ("chirp:r_example", "+441632960002"))):
            assert tx.add_party(f"Party {number}") == number
            for way in ways:
                tx.add_identifier(identity.anything(way), number)

    record.write_now(put)
    found = [(number, one.value) for number, one in record.read_now(lambda reader: reader.identifiers_of_parties())]
    assert found == [(1, "+441632960001"), (2, "+441632960002"), (2, "chirp:r_example")]


def test_restricted_contacts_are_those_on_which_a_restriction_bore(record):
    """Contacts outside the period, forged, taken back, of nobody, or decided for another reason are no part of it."""

    def put(tx) -> None:
        party = tx.add_party("R. Example")
        for one in (
            entry(1, party),
            entry(2, party, at=NOW + DAY - timedelta(microseconds=1)),
            entry(3, party, carried=Outcome.DELIVER),
            entry(4, party, outcome=Outcome.CONNECT, channel=Channel.CALL, state=State.ANSWERED),
            entry(5, party, at=NOW - timedelta(microseconds=1)),
            entry(6, party, at=NOW + DAY),
            entry(7, party, named=""),
            entry(8, party, assurance=Assurance.FAILED),
            entry(9, party, state=State.TAKEN_BACK),
            entry(10, None),
        ):
            tx.add_contact(one)

    record.write_now(put)
    assert set(record.read_now(lambda reader: reader.restricted_contacts(NOW, NOW + DAY))) == {
        Restricted(Channel.EMAIL, Outcome.FILE, Outcome.FILE, 2),
        Restricted(Channel.EMAIL, Outcome.FILE, Outcome.DELIVER, 1),
        Restricted(Channel.CALL, Outcome.CONNECT, Outcome.CONNECT, 1),
    }


def test_looks_owed_say_when_they_were_taken_and_what_still_waits(record):
    """What has no look-by time is owed no look; what went another way waits no more."""

    def put(tx) -> None:
        party = tx.add_party("R. Example")
        tx.add_contact(entry(1, party, look_by=NOW + DAY))
        tx.add_contact(entry(2, party, look_by=NOW + DAY, looked_at=NOW + 2 * DAY, state=State.LOOKED_AT))
        tx.add_contact(entry(3, party, look_by=NOW + DAY, state=State.DELIVERED))
        tx.add_contact(entry(4, party))

    record.write_now(put)
    assert set(record.read_now(lambda reader: reader.looks_owed(NOW, NOW + DAY))) == {
        LookOwed(NOW, NOW + DAY, None, True),
        LookOwed(NOW, NOW + DAY, NOW + 2 * DAY, False),
        LookOwed(NOW, NOW + DAY, None, False),
    }


def test_files_are_those_with_such_an_act_or_with_something_imported(record):
    """A party on whom nothing was ever decided is not read; one that was merged is read as what it became."""
    act = catalogue.parse("decline_adjustment", {"need": "a car", "advice": "asked", "reason": "no"})

    def put(tx) -> None:
        numbers = [tx.add_party(f"Party {number}") for number in range(1, 6)]
        tx.add_paper(numbers[0], Paper("p1", NOW, "Ada", "manager", act), 1)
        tx.add_adjustment(numbers[1], Adjustment("a need", frozenset({Channel.CALL})))
        block = Restriction("r1", (measures.parse({"kind": "block"}),), NOW, NOW + DAY, approved_by="Head")
        tx.add_restriction(numbers[2], block)
        tx.add_adjustment(numbers[3], Adjustment("a need", frozenset({Channel.CALL})))
        tx.merge_parties("p1", numbers[4], numbers[3])

    record.write_now(put)
    found = record.read_now(lambda reader: reader.files_with(["decline_adjustment"]))
    assert found == (1, 2, 3, 5)
    assert record.read_now(lambda reader: reader.files_with(["draft_restriction"])) == (2, 3, 5)
