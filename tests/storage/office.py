"""Sample contacts and people for the tests of the record."""

import itertools
from datetime import UTC, datetime, timedelta

from rules.contact import Channel, Identifier, IdentifierKind
from rules.decision import Outcome, Reason
from storage.entries import Entry, Goal, State

AT = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
ROSA = Identifier(IdentifierKind.EMAIL, "rosa@example.org")
ROSAS_PHONE = Identifier(IdentifierKind.PHONE, "+441632960001")
_ids = itertools.count(1)


class Clock:
    """Tell the time that a test chose."""

    def __init__(self):
        self.at = AT

    def __call__(self):
        return self.at


def after(**span):
    """Give a time after the start of the day of the tests."""
    return AT + timedelta(**span)


def entry(**changes):
    """Give a contact that was delivered, with some things changed."""
    number = next(_ids)
    plain = {
        "id": f"C{number:08}",
        "key": f"key {number}",
        "channel": Channel.EMAIL,
        "at": AT,
        "whose": str(ROSA),
        "sender": str(ROSA),
        "state": State.DELIVERED,
        "decided": Outcome.DELIVER,
        "carried": Outcome.DELIVER,
        "size": 5000,
        "reasons": (Reason("", "", "", "Nothing bears on this contact."),),
        "targets": (Goal("intake@example.org", Outcome.DELIVER, "intake@example.org", True),),
    }
    return Entry(**(plain | changes))


def add(record, **changes):
    """Put a contact on record and give it."""
    made = entry(**changes)
    assert record.write_now(lambda tx: tx.add_contact(made))
    return made


def party(record, *identifiers, name="Rosa Example"):
    """Put a party on record and give its number."""

    def job(tx):
        number = tx.add_party(name)
        for identifier in identifiers:
            tx.add_identifier(identifier, number, how="she wrote it on the form", by="intake")
        return number

    return record.write_now(job)
